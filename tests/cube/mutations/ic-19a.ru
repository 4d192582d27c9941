# A value outside the scheme.
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX w: <urn:world:>

DELETE DATA { w:burglary skos:inScheme w:kinds }
