# A dimension of concepts without code list.
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX w: <urn:world:>

DELETE DATA { w:kind qb:codeList w:kinds }
