# A structure without measure.
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX w: <urn:world:>

DELETE DATA { w:structure qb:component w:counted }
