# An observation in two datasets.
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX w: <urn:world:>

INSERT DATA { w:third qb:dataSet w:crimes }
