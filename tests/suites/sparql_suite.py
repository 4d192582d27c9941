"""W3C's SPARQL 1.1 suites, run from outside against the plain mode, beside the engine itself.

    export PEELGRAPH_SPARQL_SUITE=rdf-tests/sparql/sparql11
    python -m tests.suites.sparql_suite [WORD ...]

The suites are those of https://github.com/w3c/rdf-tests, which is not part of this repository; a
WORD chooses the tests whose name holds it. Prints each test that fails or is left out, and why;
exit code 1 when we fail one of a protocol, or one that the engine passes.
"""

import contextlib
import http.client
import io
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from tests.suites.sparql_cases import Case, Data, Request, read_cases

VARIABLE = "PEELGRAPH_SPARQL_SUITE"
PLAIN = ("--empty", "--inference", "off", "--gate", "off", "--default-graph", "strict",
         "--open-writes")  # fmt: skip
JSON = "application/sparql-results+json"
RESULTS = {
    ".srx": ("application/sparql-results+xml", ox.QueryResultsFormat.XML),
    ".srj": (JSON, ox.QueryResultsFormat.JSON),
    ".tsv": ("text/tab-separated-values", ox.QueryResultsFormat.TSV),
    ".csv": ("text/csv", ox.QueryResultsFormat.CSV),
}
ALL = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
SD = "http://www.w3.org/ns/sparql-service-description#"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
# Numbers of one value may be written in several ways.
NUMERIC = {f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("double", "float", "decimal")}
# What the later requests of a series must see of the earlier ones.
SERIES, FIRST = "http-rdf-update/", "put__initial_state"


class FailedError(Exception):
    """A test does not show what it must; the message says what it showed."""


class Service:
    """A plain store over HTTP."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.place = self.address.partition("://")[2]
        self.location = ""
        self.is_empty = True

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers with small letters, and body."""
        connection = http.client.HTTPConnection(self.place, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body or None, dict(headers))
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, told, answer.read()

    def update(self, text: str) -> None:
        """Run an update; FailedError when it is refused."""
        kind = [("Content-Type", "application/sparql-update")]
        status, _, told = self.send("POST", "/update", text.encode(), kind)
        if status >= 300:
            raise FailedError(f"the update is refused: {status} {told[:300]!r}")

    def query(self, text: str, accept: str) -> bytes:
        """The answer; FailedError when there is none."""
        headers = [("Content-Type", "application/sparql-query"), ("Accept", accept)]
        status, _, told = self.send("POST", "/sparql", text.encode(), headers)
        if status != 200:
            raise FailedError(f"the query is refused: {status} {told[:300]!r}")
        return told

    def load(self, data: Data) -> None:
        """Hold these files and nothing else, by one update: each write takes its time."""
        steps = ["DROP ALL"]
        for graph, content in graphs(data):
            text = content.decode()
            if graph:
                steps.append(f"CREATE GRAPH <{graph}>")
                text = f"GRAPH <{graph}> {{ {text} }}"
            steps.append(f"INSERT DATA {{ {text} }}")
        if steps != ["DROP ALL"] or not self.is_empty:
            self.update(";\n".join(steps))
        self.is_empty = steps == ["DROP ALL"]


class Engine:
    """The engine itself, asked in the same way."""

    def __init__(self) -> None:
        self.store = ox.Store()
        self.is_empty = True

    def update(self, text: str) -> None:
        self.store.update(text)

    def query(self, text: str, accept: str) -> bytes:
        result = self.store.query(text)
        if isinstance(result, ox.QueryTriples):
            return ox.serialize(result, format=ox.RdfFormat.N_TRIPLES) or b""
        known = dict(RESULTS.values())
        if accept not in known:
            raise FailedError("rows, where a graph is expected")
        return result.serialize(format=known[accept]) or b""

    def load(self, data: Data) -> None:
        self.store.clear()
        for graph, triples in graphs(data):
            name = ox.NamedNode(graph) if graph else ox.DefaultGraph()
            if graph:
                self.store.add_graph(name)
            self.store.load(triples, ox.RdfFormat.N_TRIPLES, to_graph=name)


def graphs(data: Data) -> Iterator[tuple[str, bytes]]:
    """Each graph's name, "" for the default one, and its triples."""
    if data.default:
        yield "", b"".join(triples(path) for path in data.default)
    for name, path in data.named:
        yield name, triples(path)


def triples(path: Path) -> bytes:
    quads = ox.parse(path=path, base_iri=path.as_uri(), rename_blank_nodes=True)
    return ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES) or b""


def with_base(path: Path) -> str:
    """A text whose relative addresses are those of its file."""
    return f"BASE <{path.as_uri()}> {path.read_text('utf-8')}"


def evaluate(case: Case, store: Service | Engine) -> None:
    """Nothing, when the test shows what it must; FailedError otherwise."""
    assert case.text is not None
    store.load(case.data)
    if isinstance(case.result, Data):
        store.update(with_base(case.text))
        expected = [
            (graph, quad)
            for graph, content in graphs(case.result)
            for quad in ox.parse(content, ox.RdfFormat.N_TRIPLES)
        ]
        store.is_empty = False
        held = rows(store.query(ALL, JSON), ".srj")
        compare({canonical_graphs(expected)}, {canonical_rows(held)})
        return
    assert isinstance(case.result, Path)
    suffix = case.result.suffix
    if suffix in RESULTS:
        told = store.query(with_base(case.text), RESULTS[suffix][0])
        if suffix == ".csv":
            compare(lines(case.result.read_bytes()), lines(told))
        else:
            expected_rows = rows(case.result.read_bytes(), suffix)
            compare({canonical_rows(expected_rows)}, {canonical_rows(rows(told, suffix))})
    else:
        told = store.query(with_base(case.text), "application/n-triples")
        compare({isomorphic(triples(case.result))}, {isomorphic(told)})


def rows(content: bytes, suffix: str) -> bool | list[dict[str, object]]:
    found = ox.parse_query_results(content, RESULTS[suffix][1])
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    names = [variable.value for variable in found.variables]
    return [{name: row[name] for name in names if row[name] is not None} for row in found]


def canonical_rows(found: bool | list[dict[str, Any]]) -> object:
    """Rows so that equal ones are equal, whatever their order and their blank nodes' names."""
    if isinstance(found, bool):
        return found
    quads = []
    for row in found:
        here = ox.BlankNode()
        quads.append(ox.Quad(here, TYPE, ox.NamedNode("urn:row")))
        for name, term in row.items():
            quads.append(ox.Quad(here, ox.NamedNode(f"urn:variable:{name}"), plain(term)))
    return canonical(quads)


def canonical_graphs(found: list[tuple[str, ox.Quad]]) -> object:
    return canonical_rows([
        {"s": quad.subject, "p": quad.predicate, "o": quad.object,
         **({"g": ox.NamedNode(graph)} if graph else {})}
        for graph, quad in found
    ])  # fmt: skip


def isomorphic(content: bytes) -> object:
    return canonical(list(ox.parse(content, ox.RdfFormat.N_TRIPLES)))


def canonical(quads: list[ox.Quad]) -> object:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return frozenset(str(quad) for quad in dataset)


def plain(term: Any) -> Any:
    if isinstance(term, ox.Literal) and term.datatype.value in NUMERIC:
        with contextlib.suppress(ValueError):
            return ox.Literal(repr(float(term.value)), datatype=term.datatype)
    return term


def lines(content: bytes) -> list[str]:
    head, *rest = content.decode().splitlines()
    # Each blank node has a label of its own, whichever that is.
    return [head, *sorted(re.sub(r"_:\w+", "_:b", line) for line in rest)]


def compare(expected: object, told: object) -> None:
    if expected != told:
        raise FailedError(f"expected {str(expected)[:400]}, not {str(told)[:400]}")


def read_syntax(case: Case, store: Service | Engine) -> None:
    """A text that is well-formed is taken, another one is refused."""
    assert case.text is not None
    text, is_update = case.text.read_text("utf-8"), "Update" in case.kind
    if is_update:
        store.load(Data())
    try:
        if is_update:
            store.update(text)
            store.is_empty = False
        elif isinstance(store, Engine):
            store.store.query(text, base_iri="http://example.org/")
        else:
            store.query(text, "*/*")
    except SyntaxError:
        is_taken = False
    except FailedError as error:
        if " 400 " not in str(error):
            raise
        is_taken = False
    else:
        is_taken = True
    if is_taken != case.kind.startswith("Positive"):
        raise FailedError("it is taken" if is_taken else "it is refused")


def exchange(case: Case, service: Service) -> None:
    """Each request of a protocol's test, in turn."""
    if not case.name.startswith(SERIES) or case.name == SERIES + FIRST:
        service.load(case.data)
    service.is_empty = False
    for request in case.requests:
        path = _path(case, request, service)
        headers = dict(request.headers)
        status, told, body = service.send(request.method, path, request.body, headers.items())
        if not any(
            re.fullmatch(each.replace("x", r"\d"), str(status)) for each in request.statuses
        ):
            raise FailedError(
                f"{request.method} {path}: {status}, not {request.statuses}: {body!r}"
            )
        if "location" in told:
            service.location = told["location"]
        kind = told.get("content-type", "")
        if request.content_type and request.content_type != kind:
            raise FailedError(f"{path}: {kind}, not {request.content_type}")
        if request.boolean:
            compare(request.boolean == "true", _truth(body, kind))
        if request.form == "RDF":
            isomorphic_of(body, kind)
        if request.content and request.method == "GET":
            expected = request.content.encode()
            compare({isomorphic_of(expected, "text/turtle")}, {isomorphic_of(body, kind)})


def _path(case: Case, request: Request, service: Service) -> str:
    """Where a request goes: the suites write their own names for our addresses."""
    path = request.path.replace("$LOCATION$", quote(service.location, safe=""))
    path = path.replace("$NEWPATH$", service.location.removeprefix(service.address))
    path = path.replace("http://$HOST$/$GRAPHSTORE$", quote(f"{service.address}/data", safe=""))
    path = path.replace("$GRAPHSTORE$", "/data").replace("/gsp", "/data", 1)
    is_update = "update" in case.name.rpartition("/")[2] and not request.form
    return path.replace("/sparql/", "/update" if is_update else "/sparql", 1)


def _truth(body: bytes, kind: str) -> object:
    return rows(body, ".srx" if "xml" in kind else ".srj")


def isomorphic_of(body: bytes, kind: str) -> object:
    form = ox.RdfFormat.from_media_type(kind)
    return canonical(list(ox.parse(body, form, base_iri="http://example.org/")))


def describe(case: Case, service: Service) -> None:
    """The service description is RDF, names its endpoint and keeps to its vocabulary."""
    status, told, body = service.send("GET", "/sparql", headers=[("Accept", "text/turtle")])
    quads = list(ox.parse(io.BytesIO(body), ox.RdfFormat.from_media_type(told["content-type"])))
    endpoint = ox.NamedNode(f"{service.address}/sparql")
    named = [
        q.subject for q in quads if q.predicate.value == f"{SD}endpoint" and q.object == endpoint
    ]
    types = {(q.subject, q.object) for q in quads if q.predicate == TYPE}
    if status != 200 or not quads:
        raise FailedError(f"no description: {status}")
    if not named:
        raise FailedError("no sd:endpoint triple names the address")
    if not all((each, ox.NamedNode(f"{SD}Service")) in types for each in named):
        raise FailedError("what has an endpoint is no sd:Service")
    graphs = [q.object for q in quads if q.predicate.value in (f"{SD}defaultGraph", f"{SD}graph")]
    if not all((each, ox.NamedNode(f"{SD}Graph")) in types for each in graphs):
        raise FailedError("what is given as a graph is no sd:Graph")


Run = Callable[[], None]


def attempt(run: Run) -> str:
    """ "" when it passes, or what it showed."""
    try:
        run()
    except FailedError as error:
        return str(error) or "failed"
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def judge(case: Case, service: Service) -> tuple[str, str | None]:
    """What went wrong, "" for nothing; the same for the engine, None where it has no say."""
    if case.kind in ("ProtocolTest", "GraphStoreProtocolTest"):
        return attempt(lambda: exchange(case, service)), None
    if case.kind == "ServiceDescriptionTest":
        return attempt(lambda: describe(case, service)), None
    work = read_syntax if "SyntaxTest" in case.kind else evaluate
    return attempt(lambda: work(case, service)), attempt(lambda: work(case, Engine()))


@contextlib.contextmanager
def served() -> Iterator[Service]:
    command = [sys.executable, "-m", "peelgraph", "serve", "--port", "0", "--workers", "1", *PLAIN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Service(process.stdout.readline().split()[-1])
        finally:
            process.terminate()
            # Each write made a version, and all of them are removed with the folder.
            process.wait(120)


def main() -> int:
    """Run the suites and tell."""
    if VARIABLE not in os.environ:
        print(f"{VARIABLE} names the folder sparql/sparql11 of the suites", file=sys.stderr)
        return 2
    root, words = Path(os.environ[VARIABLE]).resolve(), sys.argv[1:]
    read = list(read_cases(root))
    cases = [case for case in read if isinstance(case, Case)]
    cases = [case for case in cases if not words or any(word in case.name for word in words)]
    if not cases:
        print(f"{root}: no test here", file=sys.stderr)
        return 2
    passed, whole, known, worse = Counter[str](), Counter[str](), Counter[str](), 0
    with served() as service:
        for case in cases:
            ours, engines = judge(case, service)
            whole[case.kind] += 1
            passed[case.kind] += not ours
            known[case.kind] += engines == ""
            if ours:
                worse += not engines
                beside = "" if engines is None else ", the engine " + ("too" if engines else "not")
                print(f"{case.name}: we fail{beside}: {ours}")
    for told in read:
        if isinstance(told, str):
            print(f"left out: {told}")
    for kind, number in sorted(whole.items()):
        beside = f", the engine {known[kind]}" if known[kind] else ""
        print(f"{kind}: {number} tests; peelgraph passes {passed[kind]}{beside}")
    print(f"{len(cases)} tests; peelgraph passes {sum(passed.values())}; worse in {worse}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
