# A dataset without structure.
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX w: <urn:world:>

DELETE DATA { w:searches qb:structure w:measured }
