# A slice key that no structure has.
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX w: <urn:world:>

DELETE DATA { w:structure qb:sliceKey w:yearly }
