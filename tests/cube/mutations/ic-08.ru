# A slice key with a property that is no component.
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX w: <urn:world:>

INSERT DATA { w:yearly qb:componentProperty w:rate }
