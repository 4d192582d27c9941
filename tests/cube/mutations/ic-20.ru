# A value that the hierarchy does not reach.
PREFIX w: <urn:world:>

DELETE DATA { w:wales w:holds w:gwent }
