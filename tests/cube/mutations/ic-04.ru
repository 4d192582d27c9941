# A dimension without range.
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX w: <urn:world:>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE DATA { w:year rdfs:range xsd:gYear }
