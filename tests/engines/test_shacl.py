"""Jena's SHACL judges as ours does: the cases, a slip for each property, a report with mistakes.

Compared are the shape and the node of each result.
"""

import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import SH

from peelgraph.sources import Project, Source, read_turtle
from peelgraph.terms import mint_graph
from peelgraph.validation import ShapeResult, Validator
from peelgraph.validation.model import flatten
from peelgraph.validation.shapes import load_shapes
from tests.engines.servers import free_port, fuseki_jar, running
from tests.mistakes.planting import GRAPH, PLANTS, plant
from tests.mistakes.planting import reference as published
from tests.test_cases import FILES, expected
from tests.test_closed_properties import FRESH, Generated, Vocabulary

pytestmark = [pytest.mark.installing, pytest.mark.writing]

N_TRIPLES = "application/n-triples"
CONFIGURATION = """\
PREFIX fuseki: <http://jena.apache.org/fuseki#>
PREFIX ja: <http://jena.hpl.hp.com/2005/11/Assembler#>
[] a fuseki:Service ; fuseki:name "judge" ;
    fuseki:endpoint [ fuseki:operation fuseki:gsp-rw ; fuseki:name "data" ] ;
    fuseki:endpoint [ fuseki:operation fuseki:shacl ; fuseki:name "shacl" ] ;
    fuseki:dataset [ a ja:MemoryDataset ] .
"""

Found = set[tuple[str, str]]


class Jena:
    """A Fuseki that judges one graph after another by the project's shapes."""

    def __init__(self, address: str, project: Project) -> None:
        self._address = address
        self._shapes = joined(project.shapes)
        self._ontology = joined(project.ontology)

    def validate(self, *data: bytes) -> Found:
        """Shape and node of each result; the classes of the ontology are known."""
        self._send("PUT", "data?default", b"".join((self._ontology, *data)))
        report = ox.Store()
        report.load(self._send("POST", "shacl?graph=default", self._shapes), ox.RdfFormat.N_TRIPLES)
        rows = report.query(f"SELECT * {{ ?r <{SH.sourceShape}> ?shape ; <{SH.focusNode}> ?node }}")
        return {(str(row["shape"]), named(str(row["node"]))) for row in rows}

    def _send(self, method: str, path: str, body: bytes) -> bytes:
        headers = {"Content-Type": N_TRIPLES, "Accept": N_TRIPLES}
        request = urllib.request.Request(f"{self._address}/{path}", body, headers, method=method)
        with urllib.request.urlopen(request, timeout=300) as answer:
            return bytes(answer.read())


def joined(sources: Iterable[Source]) -> bytes:
    return b"".join(source.triples for source in sources)


def named(node: str) -> str:
    """A node; blank ones have other labels in each engine."""
    return "_" if node.startswith("_:") else node


def pairs(results: Iterable[ShapeResult]) -> Found:
    return {(result.shape, named(result.focus)) for result in flatten(results)}


def subjects(sources: Iterable[Source]) -> set[str]:
    return {
        named(line.split(b" ", 1)[0].decode())
        for source in sources
        for line in source.triples.splitlines()
    }


@pytest.fixture(scope="module")
def jena(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Iterator[Jena]:
    folder, port = tmp_path_factory.mktemp("jena"), free_port()
    (folder / "judge.ttl").write_text(CONFIGURATION, encoding="utf-8")
    command = ["java", "-Xmx2g", "-jar", str(fuseki_jar()), "--ping", "--localhost"]
    command += ["--port", str(port), "--conf", "judge.ttl"]
    address = f"http://127.0.0.1:{port}"
    with running(command, folder, f"{address}/$/ping"):
        yield Jena(f"{address}/judge", project)


@pytest.fixture(scope="module")
def judge_by_jena(jena: Jena, project: Project) -> Callable[[Source], Found]:
    """What Jena finds in a case beside the shared things, of which the tables tell more."""
    shared = joined(s for s in project.data if s.path.parts[:2] == ("data", "reference"))
    known = jena.validate(shared)
    return lambda case: jena.validate(shared, case.triples) - known


def test_the_project_conforms(jena: Jena, project: Project) -> None:
    assert set() == jena.validate(joined(project.data))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_case_breaks_what_it_expects(
    path: Path, judge_by_jena: Callable[[Source], Found]
) -> None:
    found = judge_by_jena(read_turtle(path, mint_graph("case")))

    assert expected(path) == {shape for shape, _ in found}


def test_a_slip_in_each_property_is_judged_alike(
    jena: Jena, project: Project, validator: Validator
) -> None:
    generated = Generated(Vocabulary(project.ontology), load_shapes(project.shapes))
    triples = "\n".join((*generated.lines, "")).encode()
    source = Source.unfiled("generated", f"{FRESH}graph", triples)

    ours = pairs(validator.validate([source]).results)
    assert len(ours) > 3 * len(generated.vocabulary.properties)
    assert ours == jena.validate(triples)


def test_a_report_with_mistakes_is_judged_alike(
    jena: Jena, project: Project, validator: Validator
) -> None:
    report = [source for document in plant(PLANTS) for source in document.read()]
    rest = [s for s in project.data if s.path.parts[:2] != ("data", "reports")]
    # What SHACL has no constraint for is no shape of Jena's.
    (checks,) = (s for s in project.shapes if s.path.name == "checks.ttl")
    beyond = subjects([checks])

    ours = pairs(validator.validate(report, published(project), replaced=[GRAPH]).results)
    theirs = jena.validate(joined(rest), joined(report))
    assert {shape for shape, _ in ours} & beyond
    assert {each for each in ours if each[0] not in beyond} == theirs
