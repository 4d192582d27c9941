# A value outside the collection.
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX w: <urn:world:>

DELETE DATA { w:groups skos:member w:victims }
