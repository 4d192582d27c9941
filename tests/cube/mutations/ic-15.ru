# An observation without the measure that it names.
PREFIX w: <urn:world:>

DELETE DATA { w:third w:count 5 }
