"""The RDF documents of things, and what every document says of itself in its headers."""

from flask import Response, request

from peelgraph import terms
from peelgraph.errors import UnknownName
from peelgraph.store import Answer, Question
from peelgraph.web.negotiation import GRAPHS, HTML, SHORT, by_name, negotiate
from peelgraph.web.service import Service

# Ends of a document's address that choose its syntax; in a page they are its downloads.
ENDINGS = ("ttl", "nt", "rdf", "jsonld")

# A hub has thousands of links to it; a page or a document shows the first of them.
MOST_LINKS = 1000

_LICENCE = "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"

LABELS = "rdfs:label|skos:prefLabel"
PREFIXES = (
    f"PREFIX rdfs: <{terms.VOCABULARIES['rdfs']}> PREFIX skos: <{terms.VOCABULARIES['skos']}> "
)
_DESCRIBE = f"""{PREFIXES}
CONSTRUCT {{ ?thing ?p ?o . ?o ?naming ?label . ?s ?q ?thing }}
WHERE {{
  {{
    ?thing ?p ?o .
    OPTIONAL {{ VALUES ?naming {{ rdfs:label skos:prefLabel }} ?o ?naming ?label }}
  }}
  UNION
  {{ SELECT ?s ?q WHERE {{ ?s ?q ?thing }} ORDER BY ?s ?q LIMIT {MOST_LINKS} }}
}}"""


def path_of(iri: str) -> str:
    """The address of the document that describes a thing, without an ending."""
    return "/doc/" + iri.removeprefix(terms.ID)


def choose(name: str) -> tuple[str, str]:
    """The name without its ending, and the media type it or the caller asks for."""
    stem, _, ending = name.rpartition(".")
    if stem and ending in (*ENDINGS, "html"):
        return stem, SHORT[ending][1]
    wish = request.args.get("format", "")
    if wish:
        return name, by_name(wish, rows=False)
    return name, negotiate(request.headers.get("Accept", ""), [*GRAPHS, HTML])


def describe_thing(service: Service, iri: str, media_type: str) -> Answer:
    """What is said of a thing, as RDF; UnknownName when nothing is."""
    question = Question(
        _DESCRIBE,
        graph=GRAPHS[media_type],
        bindings=(("thing", f"<{iri}>"),),
        inference=service.infers(),
    )
    answer = service.reader.query(question)
    if not answer.body.strip(b"[] \n") or _is_bare(answer.body):
        raise unknown(iri)
    return answer


def unknown(iri: str) -> UnknownName:
    """The failure to find anything about `iri`."""
    return UnknownName(
        f"Nothing is said of <{iri}>", hint="Search for its name at /sparql, or start at /"
    )


def _is_bare(body: bytes) -> bool:
    """Whether an RDF/XML document describes nothing."""
    return body.startswith(b"<?xml") and b"<rdf:Description" not in body


def relate(response: Response, path: str) -> None:
    """Say which of the document's syntaxes this is, where the others are, and the licence."""
    for ending in ENDINGS:
        media_type = SHORT[ending][1]
        response.headers.add("Link", f'<{path}.{ending}>; rel="alternate"; type="{media_type}"')
        if response.mimetype == media_type:
            response.headers["Content-Location"] = f"{path}.{ending}"
    response.headers.add("Link", f'<{_LICENCE}>; rel="license"')
