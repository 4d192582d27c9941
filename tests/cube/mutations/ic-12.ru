# Two observations of the same post and place.
PREFIX w: <urn:world:>

DELETE DATA { w:second w:place w:wales ; w:post w:sergeant } ;
INSERT DATA { w:second w:place w:gwent ; w:post w:chief }
