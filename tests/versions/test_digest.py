"""Digests: the same for the same triples, another for any other."""

import pytest

from peelgraph.repository import canonical_lines, digest_graph

LIST = (
    b'_:%s <p:first> "_: 1" .\n_:%s <p:rest> _:%s .\n_:%s <p:first> "2" .\n<a:a> <p:has> _:%s .\n'
)


def test_order_repetition_and_labels_do_not_count() -> None:
    one = LIST % (b"x", b"x", b"y", b"y", b"x") + b"<a:a> <a:b> <a:c> .\n"
    other = LIST % (b"k", b"k", b"j", b"j", b"k")
    shuffled = b"\n".join(
        [b"<a:a> <a:b> <a:c> .", *reversed(other.splitlines()), *other.splitlines()]
    )

    assert digest_graph([one]) == digest_graph([shuffled])


def test_the_same_label_in_two_documents_is_two_nodes() -> None:
    together = digest_graph([b"_:x <p:p> <a:a> .\n_:x <p:q> <a:a> .\n"])
    apart = digest_graph([b"_:x <p:p> <a:a> .\n", b"_:x <p:q> <a:a> .\n"])

    assert together != apart


@pytest.mark.parametrize("other", [b'<a:a> <a:b> "2" .\n', b'<a:a> <a:b> "1"@en .\n', b""])
def test_another_graph_has_another_digest(other: bytes) -> None:
    assert digest_graph([b'<a:a> <a:b> "1" .\n']) != digest_graph([other])


def test_quads_keep_their_graph_and_a_node_shared_between_graphs_stays_one() -> None:
    quads = b"_:n <p:p> <a:a> <g:1> .\n_:n <p:p> <a:b> <g:2> .\n<a:a> <a:b> <a:c> <g:1> .\n"

    lines = canonical_lines([quads])

    expected = [
        b"<a:a> <a:b> <a:c> <g:1> .",
        b"_:c14n0 <p:p> <a:a> <g:1> .",
        b"_:c14n0 <p:p> <a:b> <g:2> .",
    ]
    assert expected == lines
