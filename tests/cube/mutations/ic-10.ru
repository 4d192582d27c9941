# A slice without its year.
PREFIX w: <urn:world:>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE DATA { w:of-2015 w:year "2015"^^xsd:gYear }
