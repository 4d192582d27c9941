# A point of the cube with one of two measures.
PREFIX w: <urn:world:>

DELETE WHERE { w:fourth ?property ?value }
