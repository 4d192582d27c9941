# A slice with two structures.
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX w: <urn:world:>

INSERT DATA { w:of-2015 qb:sliceStructure w:another }
