"""One digest for one content: the same triples give the same digest, whatever their order.

A graph's digest is the SHA-256 of its canonical N-Triples lines, sorted; a version's is the
SHA-256 of the lines `<graph> digest`, sorted, so that a write reads only the graphs it touched.

Literals count by their value: the store keeps `1617` of "1617.0"^^xsd:decimal and `PT1H30M` of
"PT90M"^^xsd:duration, another engine gives `45.0` back of `45`. So a source, the store that
holds it and the engine that it was moved to have one digest.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, Store, parse, serialize

from peelgraph.repository.version import GraphRecord, Version

_TYPED = b"^^<http://www.w3.org/2001/XMLSchema#"


def canonical_lines(documents: Iterable[bytes]) -> list[bytes]:
    """The lines of some N-Triples or N-Quads documents, each once, sorted.

    Literals are spelled as the store gives them back, blank nodes get the labels of RDFC-1.0;
    only lines that hold either are parsed. A blank node is shared by two documents only where
    they are given joined as one.
    """
    lines: set[bytes] = set()
    store = Store()
    for document in documents:
        parsed = []
        for line in document.split(b"\n"):
            if b"_:" in line or _TYPED in line:
                parsed.append(line)
            elif line.strip():
                lines.add(line)
        joined = b"\n".join(parsed)
        store.bulk_extend(parse(joined, format=RdfFormat.N_QUADS, rename_blank_nodes=True))
    blank = []
    for line in (store.dump(format=RdfFormat.N_QUADS) or b"").split(b"\n"):
        if b"_:" in line:
            blank.append(line)
        elif line:
            lines.add(line)
    lines.update(filter(None, labelled(b"\n".join(blank)).split(b"\n")))
    return sorted(lines)


def digest_graph(documents: Iterable[bytes]) -> str:
    """The digest of the graph that these N-Triples documents state together."""
    return _sha256(canonical_lines(documents))


def digest_version(records: Mapping[str, GraphRecord]) -> str:
    """The digest of a version, from the record of each of its graphs; "" is the unnamed one."""
    return _sha256(f"<{name}> {record.digest}".encode() for name, record in sorted(records.items()))


def digested(version: Version, read: Callable[[str], bytes]) -> Version:
    """The record of `version` with digests by value; the same one where it has them.

    Releases before `digests_by_value` digested the spelling of the sources. `read` gives a graph
    of the version as N-Triples.
    """
    if version.digests_by_value:
        return version
    records = {
        name: replace(record, digest=digest_graph([read(name)]))
        for name, record in version.records.items()
    }
    digest = digest_version(records)
    unnamed = records.pop("", None)
    return replace(version, graphs=records, unnamed=unnamed, digest=digest, digests_by_value=True)


def labelled(quads: bytes) -> bytes:
    """These quads with the labels that RDFC-1.0 gives to their blank nodes, sorted."""
    if not quads:
        return b""
    nodes = Dataset(parse(quads, format=RdfFormat.N_QUADS))
    nodes.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    written = serialize(nodes, format=RdfFormat.N_QUADS) or b""
    return b"\n".join(sorted(filter(None, written.split(b"\n"))))


def _sha256(lines: Iterable[bytes]) -> str:
    whole = hashlib.sha256()
    for line in lines:
        whole.update(line + b"\n")
    return whole.hexdigest()
