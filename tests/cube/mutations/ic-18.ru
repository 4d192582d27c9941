# An observation of a slice that names another dataset.
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX w: <urn:world:>

DELETE DATA { w:first qb:dataSet w:crimes } ;
INSERT DATA { w:first qb:dataSet w:searches }
