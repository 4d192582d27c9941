"""The languages that ontology, shapes and data are written in, whose terms W3C fixed."""

import difflib

from rdflib import OWL, RDF, RDFS, SH, XSD

LANGUAGES = (RDF, RDFS, OWL, SH, XSD)


def is_language_term(iri: str) -> bool:
    """Whether `iri` is a term that one of the languages has."""
    for language in LANGUAGES:
        if iri.startswith(str(language)):
            name = iri.removeprefix(str(language))
            # rdf:_1, rdf:_2 and so on are members of a container.
            return name in language or (language is RDF and name[:1] == "_" and name[1:].isdigit())
    return False


def list_terms() -> frozenset[str]:
    """The IRIs of all terms of the languages."""
    return frozenset(str(term) for language in LANGUAGES for term in dir(language))


def suggest_term(iri: str) -> str:
    """The name of the term of the same language most like `iri`; "" when none is."""
    for language in LANGUAGES:
        if iri.startswith(str(language)):
            names = [str(term).removeprefix(str(language)) for term in dir(language)]
            near = difflib.get_close_matches(iri.removeprefix(str(language)), names, n=1)
            return near[0] if near else ""
    return ""
