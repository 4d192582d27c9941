# An optional dimension.
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX w: <urn:world:>

INSERT DATA { w:by-year qb:componentRequired false }
