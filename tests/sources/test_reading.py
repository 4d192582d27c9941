"""Every way a source file can be wrong has a message with place and remedy."""

import codecs
from pathlib import Path

import pytest

from peelgraph.errors import SourceError
from peelgraph.sources import find_syntax, parse, read_turtle

GRAPH = "https://w3id.org/peelgraph/graph/derbyshire"
HEAD = "@prefix ex: <http://example.org/> .\n"

WRONG = [
    ("ex:a ex:b ex:c .", 1, 1, "prefix ex: has not been declared", "declare it"),
    ("peel:a peel:b peel:c .", 1, 1, "prefix peel:", "@prefix peel: <https://w3id.org/peel"),
    (HEAD + "exx:a ex:b ex:c .", 2, 1, "prefix exx:", "did you mean ex: ?"),
    (HEAD + 'ex:a ex:b "x"\n\nex:d ex:e ex:f .', 4, 1, "dot is expected", "after line 2"),
    (HEAD + 'ex:a ex:b "x .\n', 2, 11, "Unexpected end of file", "close the quotation"),
    (HEAD + "ex:a ex:b ex:c ;", 2, 17, "Unexpected end", "finish it with"),
    (HEAD + "ex:a ex:b <x y> .", 2, 11, "Invalid IRI code point", "%20"),
    (HEAD + "<a> ex:b ex:c .", 2, 1, "No scheme", "the whole IRI"),
    (HEAD + '"a" ex:b ex:c .', 2, 1, "not a valid subject", "begins with an IRI"),
    (HEAD + "ex:a ex:b c .", 2, 11, "not a valid RDF object", "in quotes"),
    (HEAD + "ex:a ex:b True .", 2, 11, "True", "lower case"),
    (HEAD + "ex:a ex:b [ ex:c ex:d .", 2, 23, "']'", "close the '['"),
    (HEAD + 'ex:a ex:b "5"^ex:c .', 2, 14, "^ is not", "two carets"),
    (HEAD + "ex:a ex:b \u201cx\u201d .", 2, 11, "\u201c", "straight quotation"),
    (HEAD + 'ex:a ex:b "\0" .', 2, 12, "NUL", "restore"),
    (HEAD + "ex:a ex:b " + "1" * 1001 + " .", 2, 11, "more than 1000 digits", "quotation marks"),
    (HEAD + "ex:a ex:b 1." + "1" * 1001 + " .", 2, 11, "more than 1000 digits", "quotation marks"),
    (HEAD + "ex:a ex:b " + "(" * 201 + ")" * 201 + " .", 2, 211, "deeper than 200", "IRIs"),
]


@pytest.mark.parametrize("case", WRONG, ids=[case[3] for case in WRONG])
def test_wrong_turtle_is_named_at_its_place(
    tmp_path: Path, case: tuple[str, int, int, str, str]
) -> None:
    text, line, column, message, hint = case
    path = tmp_path / "wrong.ttl"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SourceError) as caught:
        read_turtle(path, GRAPH, Path("data/wrong.ttl"))

    error = caught.value
    assert f"data/wrong.ttl:{line}:{column}: " in error.message
    assert message in error.message
    assert hint in (error.hint or "")


def test_nothing_stated_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "empty.ttl"
    path.write_bytes(b"# only a comment\n")

    with pytest.raises(SourceError, match="states nothing"):
        read_turtle(path, GRAPH)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("é".encode("latin-1"), r":1:1: the byte 0xe9 is not UTF-8"),
        ("<a:b>".encode("utf-16"), "is UTF-16"),
    ],
)
def test_other_encodings_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        parse(content, "ttl", GRAPH, Path("a.ttl"))


def test_missing_folder_and_unknown_suffix_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read_turtle(tmp_path / "none.ttl", GRAPH)
    with pytest.raises(SourceError, match="is a folder"):
        read_turtle(tmp_path, GRAPH)
    with pytest.raises(SourceError, match=r"'\.docx' does not tell"):
        find_syntax(tmp_path / "a.docx")


def test_xml_entities_are_refused_before_parsing() -> None:
    bomb = b'<?xml version="1.0"?>\n<!DOCTYPE r [<!ENTITY a "aaaa">]>\n<r>&a;</r>'

    with pytest.raises(SourceError, match=r"a\.rdf:2:14: declares an XML entity"):
        parse(bomb, "rdf", GRAPH, Path("a.rdf"))


def test_remote_contexts_are_not_fetched() -> None:
    document = b'{"@context": "http://127.0.0.1:9/c", "@id": "http://a/", "http://a/b": 1}'

    with pytest.raises(SourceError) as caught:
        parse(document, "jsonld", GRAPH, Path("a.jsonld"))

    assert "none is fetched" in (caught.value.hint or "")


def test_triple_terms_are_refused() -> None:
    with pytest.raises(SourceError, match=r"RDF 1\.2"):
        parse(b"<a:b> <a:c> <a:d> {| <a:e> <a:f> |} .", "ttl", GRAPH, Path("a.ttl"))


SYNTAXES = {
    "ttl": '<a:s> <a:p> "+005"^^<http://www.w3.org/2001/XMLSchema#integer> .',
    "nt": '<a:s> <a:p> "+005"^^<http://www.w3.org/2001/XMLSchema#integer> .',
    "nq": '<a:s> <a:p> "+005"^^<http://www.w3.org/2001/XMLSchema#integer> <a:g> .',
    "trig": '<a:g> { <a:s> <a:p> "+005"^^<http://www.w3.org/2001/XMLSchema#integer> }',
    "jsonld": '{"@id": "a:s", "a:p": {"@value": "+005",'
    ' "@type": "http://www.w3.org/2001/XMLSchema#integer"}}',
    "rdf": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="a:">'
    '<rdf:Description rdf:about="a:s"><a:p rdf:datatype='
    '"http://www.w3.org/2001/XMLSchema#integer">+005</a:p></rdf:Description></rdf:RDF>',
}


@pytest.mark.parametrize("syntax", sorted(SYNTAXES))
def test_lexical_forms_stay_as_written(syntax: str) -> None:
    source = parse(SYNTAXES[syntax].encode(), syntax, GRAPH, Path("a"))

    expected = b'<a:s> <a:p> "+005"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    assert expected == source.triples


@pytest.mark.parametrize("syntax", sorted(SYNTAXES))
def test_a_byte_order_mark_is_skipped_and_places_stay(syntax: str) -> None:
    content = SYNTAXES[syntax].encode()
    marked = codecs.BOM_UTF8 + content
    plain, read = (parse(each, syntax, GRAPH, Path("a")) for each in (content, marked))

    assert plain.triples == read.triples
    triple = ("<a:s>", "<a:p>", '"+005"^^<http://www.w3.org/2001/XMLSchema#integer>')
    assert plain.positions.of(*triple) == read.positions.of(*triple)


def test_a_text_and_an_iri_may_have_many_digits() -> None:
    digits = "1" * 1001
    text = (
        f'{HEAD}ex:a ex:b "{digits}", "{digits}"@en, <http://example.org/{digits}>, {digits[1:]} .'
    )

    assert 4 == parse(text.encode(), "ttl", GRAPH, Path("x.ttl")).triples.count(b"\n")
