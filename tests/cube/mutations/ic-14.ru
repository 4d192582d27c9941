# An observation without its count.
PREFIX w: <urn:world:>

DELETE DATA { w:first w:count 3 }
