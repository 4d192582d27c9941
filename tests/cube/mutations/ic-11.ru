# An observation without its year.
PREFIX w: <urn:world:>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE DATA { w:second w:year "2015"^^xsd:gYear }
