"""The web: SPARQL over HTTP, linked data and plain pages."""
