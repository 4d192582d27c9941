"""`peelgraph dump`: a whole version, the same bytes for the same content."""

import sys
from pathlib import Path

import click
from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse, serialize

from peelgraph import terms
from peelgraph.commands.options import (
    at_option,
    engine_option,
    home_option,
    inference_option,
    option,
)
from peelgraph.formats import cannot_carry, compacted, is_reserved, readable_rdf
from peelgraph.remote import Engine
from peelgraph.repository import canonical_lines
from peelgraph.repository.factory import open_repository
from peelgraph.repository.ntriples import as_quads, lines
from peelgraph.store import Store

_FORMATS = {
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "nt": RdfFormat.N_TRIPLES,
    "ttl": RdfFormat.TURTLE,
    "rdf": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}


@click.command()
@option(
    "--format",
    "style",
    type=click.Choice(list(_FORMATS)),
    default="nq",
    show_default=True,
    help="nq, trig and jsonld keep the named graphs; nt, ttl and rdf merge them.",
)
@inference_option
@at_option
@engine_option
@home_option
def dump(style: str, inference: str, at: int | None, home: Path, engine: Engine | None) -> None:
    """Write a whole version: every graph of data, sorted, blank nodes labelled by RDFC-1.0."""
    with open_repository(home, engine).open(at) as (_, store):
        content = b"".join(line + b"\n" for line in _lines(store, inference == "on"))
    if style != "nq":
        content = _convert(content, _FORMATS[style])
    out = sys.stdout.buffer
    out.write(content)
    out.flush()


def _lines(store: Store, with_inferred: bool) -> list[bytes]:
    quads = []
    for graph in store.graphs():
        if graph in terms.DERIVED and not (graph == terms.INFERRED and with_inferred):
            continue
        quads.append(as_quads(lines(store.read(graph)), graph))
    return canonical_lines([b"".join(quads)])


def _convert(lines: bytes, syntax: RdfFormat) -> bytes:
    quads = list(parse(lines, format=RdfFormat.N_QUADS))
    if not syntax.supports_datasets:
        unnamed = DefaultGraph()
        merged = (Quad(quad.subject, quad.predicate, quad.object, unnamed) for quad in quads)
        quads = sorted(dict.fromkeys(merged), key=str)
    used = {name: ns for name, ns in terms.PREFIXES.items() if f"<{ns}".encode() in lines}
    others = ", ".join(name for name in _FORMATS if name != "rdf")
    try:
        text = serialize(quads, format=syntax, prefixes=used) or b""
    except OSError as error:
        if is_reserved(error):
            raise cannot_carry(f"RDF/XML has no form for a property: {error}", others) from error
        raise
    if syntax == RdfFormat.RDF_XML:
        return readable_rdf(text, others)
    return compacted(text) if syntax == RdfFormat.JSON_LD else text
