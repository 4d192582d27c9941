# A value that the inverse hierarchy does not reach.
PREFIX w: <urn:world:>

DELETE DATA { w:chief w:heads w:sergeant }
