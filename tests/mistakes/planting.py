"""A copy of the Derbyshire report with mistakes in it, written in every syntax."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox

from peelgraph.embedded import Embedded
from peelgraph.sources import Project, Source, parse_graphs
from peelgraph.terms import PREFIXES, PSH, mint_graph

FOLDER = Path(__file__).parents[2] / "data" / "reports" / "derbyshire-2015-effectiveness"
GRAPH = mint_graph(FOLDER.name)
PLANTS = tomllib.loads(Path(__file__).with_name("plants.toml").read_text(encoding="utf-8"))["plant"]
SYNTAXES = ("ttl", "trig", "nt", "nq", "jsonld", "rdf")
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

Found = tuple[str, str, str, str]


@dataclass(frozen=True)
class Document:
    """One file of the copy: its name, its text, and its syntax."""

    name: str
    text: str
    syntax: str

    def read(self) -> tuple[Source, ...]:
        return parse_graphs(self.text.encode(), self.syntax, GRAPH, Path(self.name))


def expand(name: str) -> str:
    """A prefixed name or a literal as N-Triples writes it; "" stays."""
    if not name:
        return ""
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    (triple,) = ox.parse(f"{head} <a:a> <a:a> {name} .", ox.RdfFormat.TURTLE)
    return str(triple.object)


def expected() -> list[Found]:
    """Shape, subject, predicate and value of every result that the plants must give."""
    return [
        (f"<{PSH}{shape}>", expand(subject), expand(predicate), expand(value))
        for plant in PLANTS
        for shape, subject, predicate, value in plant["found"]
    ]


def plant(plants: Iterable[dict[str, Any]]) -> list[Document]:
    """The report's Turtle files with mistakes in them; each must find its place once."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.ttl"))}
    for one in plants:
        head = re.compile(rf"^{re.escape(one['thing'])} a ", re.MULTILINE)
        (name,) = (name for name, text in texts.items() if head.search(text))
        start = head.search(texts[name]).start()
        end = texts[name].index(" .\n", start) + 3
        block = texts[name][start:end]
        if "old" in one:
            assert 1 == block.count(one["old"]), one["kind"]
            block = block.replace(one["old"], one["new"])
        else:
            block += one["new"]
        texts[name] = texts[name][:start] + block + texts[name][end:]
    return [Document(name, _with_prefixes(text), "ttl") for name, text in texts.items()]


def _with_prefixes(text: str) -> str:
    """The text with the prefixes that a plant brought, all on the first line."""
    used = set(re.findall(r"(?<![\w:/.-])([a-z][a-z-]*):[A-Za-z0-9]", text))
    missing = [p for p in sorted(used & PREFIXES.keys()) if f"@prefix {p}: " not in text]
    return "".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> . " for prefix in missing) + text


def triples(documents: Iterable[Document]) -> list[ox.Triple]:
    return [
        triple
        for document in documents
        for source in document.read()
        for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES)
    ]


def rewrite(stated: list[ox.Triple], syntax: str) -> Document:
    """All triples as one document, one triple a line; TriG and N-Quads name the report's graph."""
    name = f"{FOLDER.name}.{syntax}"
    if syntax == "jsonld":
        return Document(name, _json(stated), syntax)
    if syntax == "rdf":
        lines = [_xml(*map(str, (t.subject, t.predicate, t.object))) for t in stated]
        text = "\n".join([f'<rdf:RDF xmlns:rdf="{RDF}">', *lines, "</rdf:RDF>"])
        return Document(name, text + "\n", syntax)
    ends = {"nt": " .", "nq": f" <{GRAPH}> .", "trig": " ."}
    lines = [f"{t.subject} {t.predicate} {t.object}{ends[syntax]}" for t in stated]
    if syntax == "trig":
        lines = [f"GRAPH <{GRAPH}> {{", *lines, "}"]
    return Document(name, "\n".join(lines) + "\n", syntax)


def _json(stated: list[ox.Triple]) -> str:
    nodes: dict[str, dict[str, Any]] = {}
    context = {"label": "http://www.w3.org/2000/01/rdf-schema#label", "peel": PREFIXES["peel"]}
    for triple in stated:
        node = nodes.setdefault(triple.subject.value, {"@id": triple.subject.value})
        key = "label" if triple.predicate.value == context["label"] else triple.predicate.value
        key = key.replace(context["peel"], "peel:")
        node.setdefault(key, []).append(_json_value(triple.object))
    return json.dumps({"@context": context, "@graph": list(nodes.values())}, indent=1)


def _json_value(term: object) -> dict[str, str]:
    assert isinstance(term, ox.NamedNode | ox.Literal)
    if isinstance(term, ox.NamedNode):
        return {"@id": term.value}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    return {"@value": term.value, "@type": term.datatype.value}


def _xml(subject: str, predicate: str = "", value: str = "") -> str:
    """A triple in a line of RDF/XML, as far as its terms are given."""
    line = f"<rdf:Description rdf:about={quoteattr(subject[1:-1])}>"
    if not predicate:
        return line
    namespace, local = re.fullmatch(r"<(.*[/#])([^/#]+)>", predicate).groups()
    line += f"<p:{local} xmlns:p={quoteattr(namespace)}"
    if not value:
        return line
    if value.startswith("<"):
        return f"{line} rdf:resource={quoteattr(value[1:-1])}/></rdf:Description>"
    (triple,) = ox.parse(f"<a:a> <a:a> {value} .", ox.RdfFormat.N_TRIPLES)
    term = triple.object
    if term.language:
        line += f' xml:lang="{term.language}"'
    else:
        line += f" rdf:datatype={quoteattr(term.datatype.value)}"
    return f"{line}>{escape(term.value)}</p:{local}></rdf:Description>"


def lines_of(documents: Iterable[Document], found: Found) -> Iterator[tuple[str, int]]:
    """File and line at which a result must stand, told from the text alone."""
    _, subject, predicate, value = found
    for document in documents:
        if document.syntax == "ttl":
            yield from _turtle_lines(document, subject, predicate, value)
        elif document.syntax == "jsonld":
            yield from _json_lines(document, subject, predicate, value)
        else:
            head = " ".join(term for term in (subject, predicate, value) if term) + " "
            if document.syntax == "rdf":
                head = _xml(subject, predicate, value)
            for number, line in enumerate(document.text.split("\n"), 1):
                if line.startswith(head):
                    yield document.name, number
                    break


def _turtle_lines(
    document: Document, subject: str, predicate: str, value: str
) -> Iterator[tuple[str, int]]:
    lines = document.text.split("\n")
    head = _short(subject) + " a "
    start = next((n for n, line in enumerate(lines) if line.startswith(head)), None)
    if start is None:
        return
    wanted = " ".join(_short(term) for term in (predicate, value) if term)
    wanted = wanted.replace("rdf:type", "a")
    for number in range(start, len(lines)):
        if not predicate or wanted in lines[number]:
            yield document.name, number + 1
            return


def _short(term: str) -> str:
    """An N-Triples term as the report's Turtle writes it."""
    for prefix, iri in PREFIXES.items():
        term = re.sub(rf"<{re.escape(iri)}([\w-]+)>", rf"{prefix}:\1", term)
    return re.sub(r'"([\d.]+)"\^\^xsd:decimal', r"\1", term)


def _json_lines(
    document: Document, subject: str, predicate: str, value: str
) -> Iterator[tuple[str, int]]:
    """Walks the lines of an indented document; a value's line is the one that opens it."""
    lines = document.text.split("\n")
    at = next(n for n, line in enumerate(lines) if line == f'   "@id": "{subject[1:-1]}",')
    if not predicate:
        yield document.name, at
        return
    name = predicate[1:-1].replace(PREFIXES["peel"], "peel:")
    name = "label" if name.endswith("schema#label") else name
    at = next(n for n in range(at, len(lines)) if lines[n] == f'   "{name}": [')
    if not value:
        yield document.name, at + 1
        return
    plain = value[1:-1] if value.startswith("<") else value[1:].partition('"')[0]
    inside = next(n for n in range(at + 2, len(lines)) if f'": "{plain}' in lines[n])
    yield document.name, inside


def reference(project: Project) -> Embedded:
    """The published graph: everything of the project, the report as it really is among it."""
    store = Embedded.memory()
    for source in (*project.ontology, *project.data):
        store.insert(source.triples, source.graph)
        store.insert(source.triples, "")
    return store
