# An observation with a measure that it does not name.
PREFIX w: <urn:world:>

INSERT DATA { w:third w:rate 0.1 }
