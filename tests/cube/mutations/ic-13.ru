# An observation without its required unit.
PREFIX w: <urn:world:>

DELETE DATA { w:first w:unit w:crime }
