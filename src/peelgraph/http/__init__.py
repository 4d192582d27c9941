"""The general service: SPARQL over HTTP, linked data, validation, explanation, plain pages."""
