"""One digest for one content: the same triples give the same digest, whatever their order.

A graph's digest is the SHA-256 of its canonical N-Triples lines, sorted; a version's is the
SHA-256 of the lines `<graph> digest`, sorted, so that a write reads only the graphs it touched.
"""

import hashlib
from collections.abc import Iterable, Mapping

from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse, serialize


def canonical_lines(documents: Iterable[bytes]) -> list[bytes]:
    """The lines of some N-Triples or N-Quads documents, each once, sorted.

    Blank nodes get the labels of RDFC-1.0; only lines that hold one are parsed. A blank node
    is shared by two documents only where they are given joined as one.
    """
    lines: set[bytes] = set()
    nodes = Dataset()
    for document in documents:
        unnamed = []
        for line in document.split(b"\n"):
            if b"_:" in line:
                unnamed.append(line)
            elif line.strip():
                lines.add(line)
        joined = b"\n".join(unnamed)
        for quad in parse(joined, format=RdfFormat.N_QUADS, rename_blank_nodes=True):
            nodes.add(quad)
    if len(nodes):
        nodes.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        written = serialize(nodes, format=RdfFormat.N_QUADS) or b""
        lines.update(line for line in written.split(b"\n") if line)
    return sorted(lines)


def digest_graph(documents: Iterable[bytes]) -> str:
    """The digest of the graph that these N-Triples documents state together."""
    return _sha256(canonical_lines(documents))


def digest_version(digests: Mapping[str, str]) -> str:
    """The digest of a version, from the digest of each of its graphs."""
    return _sha256(f"<{graph}> {digest}".encode() for graph, digest in sorted(digests.items()))


def _sha256(lines: Iterable[bytes]) -> str:
    whole = hashlib.sha256()
    for line in lines:
        whole.update(line + b"\n")
    return whole.hexdigest()
