"""Small ontologies and data for the tests of reasoning."""

from pyoxigraph import RdfFormat, parse, serialize

from peelgraph.store import Store
from peelgraph.terms import INFERRED, PEEL, VOCABULARIES
from tests.under_test import reasoning_store

PREFIXES = "".join(
    f"@prefix {name}: <{iri}> .\n"
    for name, iri in {"": "http://example.org/", "peel": PEEL, **VOCABULARIES}.items()
)


def triples(turtle: str) -> bytes:
    """The Turtle as N-Triples, the usual prefixes declared; `:` is example.org."""
    text = serialize(parse(PREFIXES + turtle, format=RdfFormat.TURTLE), format=RdfFormat.N_TRIPLES)
    return text or b""


def store_of(*graphs: bytes) -> Store:
    """A store whose unnamed graph holds all that is given."""
    store = reasoning_store()
    for graph in graphs:
        store.insert(graph, "")
    return store


def lines(graph: bytes) -> set[str]:
    """The triples of N-Triples, one string each."""
    return {line for line in graph.decode().splitlines() if line}


def inferred(store: Store) -> set[str]:
    """The inferred triples."""
    return lines(store.read(INFERRED))


def expect(turtle: str) -> set[str]:
    """The triples of Turtle as the store would write them."""
    return lines(triples(turtle))
