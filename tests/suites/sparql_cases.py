"""The tests of W3C's SPARQL 1.1 suites, as their manifests state them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rdflib import RDF, RDFS, Graph, Namespace
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")

_STATUSES = {"OK": "200", "Created": "201", "NoContent": "204", "NotFound": "404"}
# Tests written as prose: the request and the response under headings of Markdown.
_PROSE = re.compile(r"#### Request\s*\n(.*?)#### Response\s*\n(.*)", re.DOTALL)

# What is left out, by the folder's name, and why.
LEFT_OUT = {
    "entailment": "asks for regimes that plain mode does not offer",
    "service": "calls other endpoints, which are refused unless allowed",
    "syntax-fed": "calls other endpoints, which are refused unless allowed",
}
# Tests that no service can pass, and why; all are marked as superseded by their own suite.
FLAWED = {
    "delete__existing_graph": "deletes a graph that no test before it makes",
    "post__existing_graph": "its body is no Turtle: the last full stop is missing",
    "get_of_post__existing_graph": "expects what the test before it cannot bring about",
    "post__multipart_formdata": "its parts are no Turtle: their last full stops are missing",
    "get_of_post__multipart_formdata": "expects what the test before it cannot bring about",
}


@dataclass(frozen=True)
class Data:
    """Files for the default graph, and files for named ones."""

    default: tuple[Path, ...] = ()
    named: tuple[tuple[str, Path], ...] = ()


@dataclass(frozen=True)
class Request:
    """One HTTP request and what its response must show; a status may end in `xx`."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    statuses: tuple[str, ...]
    boolean: str = ""
    content_type: str = ""
    form: str = ""
    content: str = ""


@dataclass(frozen=True)
class Case:
    """One test: a query, an update, or requests over HTTP."""

    name: str
    kind: str
    data: Data = field(default_factory=Data)
    text: Path | None = None
    result: Path | Data | None = None
    requests: tuple[Request, ...] = ()


def read_cases(root: Path) -> Iterator[Case | str]:
    """Every test below `root`; a string says which is left out, and why."""
    for path in sorted(root.rglob("manifest*.ttl")):
        folder = path.parent.relative_to(root).as_posix()
        graph = Graph().parse(path, format="turtle", publicID=path.as_uri())
        for head in graph.objects(None, MF.entries):
            for entry in graph.items(head):
                name = f"{folder}/{unquote(str(entry)).rpartition('#')[2]}"
                reason = LEFT_OUT.get(folder) or FLAWED.get(name.rpartition("/")[2])
                if reason:
                    yield f"{name}: {reason}"
                else:
                    yield _case(graph, entry, name)


def _case(graph: Graph, entry: Node, name: str) -> Case | str:
    kind = str(graph.value(entry, RDF.type)).rpartition("#")[2]
    action, result = graph.value(entry, MF.action), graph.value(entry, MF.result)
    if kind in ("QueryEvaluationTest", "CSVResultFormatTest"):
        text, data = graph.value(action, QT.query), _data(graph, action, QT)
        return Case(name, kind, data, _path(text), _path(result))
    if kind == "UpdateEvaluationTest":
        request = _path(graph.value(action, UT.request))
        return Case(name, kind, _data(graph, action, UT), request, _data(graph, result, UT))
    if "SyntaxTest" in kind:
        return Case(name, kind, text=_path(action))
    if kind == "ServiceDescriptionTest":
        return Case(name, kind)
    if kind in ("ProtocolTest", "GraphStoreProtocolTest"):
        head = graph.value(action, HT.requests)
        requests = tuple(_request(graph, node) for node in graph.items(head)) if head else ()
        requests = requests or tuple(_written(graph, entry))
        return (
            Case(name, kind, _data(graph, entry, UT), requests=requests)
            if requests
            else f"{name}: states no request"
        )
    return f"{name}: a test of a kind that is not known: {kind}"


def _data(graph: Graph, node: Node | None, space: Namespace) -> Data:
    default = tuple(_path(each) for each in sorted(graph.objects(node, space.data), key=str))
    named = []
    for each in sorted(graph.objects(node, space.graphData), key=str):
        file = graph.value(each, space.graph)
        named.append((str(graph.value(each, RDFS.label) or file or each), _path(file or each)))
    return Data(default, tuple(named))


def _path(node: Node | None) -> Path:
    return Path(unquote(urlsplit(str(node)).path))


def _request(graph: Graph, node: Node) -> Request:
    answer, body = graph.value(node, HT.resp), graph.value(node, HT.body)
    told = dict(_headers(graph, answer))
    return Request(
        method=str(graph.value(node, HT.methodName)),
        path=str(graph.value(node, HT.absolutePath)),
        headers=tuple(_headers(graph, node)),
        body=_text(graph, body, CNT.chars).encode(
            _text(graph, body, CNT.characterEncoding) or "utf-8"
        ),
        statuses=tuple(_status(each) for each in graph.objects(answer, MF.expectedStatus)),
        boolean=_text(graph, answer, MF.expectedBoolean),
        content_type=told.get("content-type", ""),
        form=_text(graph, answer, MF.expectedFormat),
        content=_text(graph, graph.value(answer, HT.body), CNT.chars),
    )


def _text(graph: Graph, node: Node | None, term: Node) -> str:
    """The value as text, "" for none; a literal that is false is one."""
    found = graph.value(node, term)
    return "" if found is None else str(found)


def _headers(graph: Graph, node: Node | None) -> Iterator[tuple[str, str]]:
    head = graph.value(node, HT.headers)
    for each in graph.items(head) if head else ():
        yield str(graph.value(each, HT.fieldName)).lower(), str(graph.value(each, HT.fieldValue))


def _status(node: Node) -> str:
    name = str(node).rpartition("#")[2]
    return _STATUSES.get(name) or name.removeprefix("StatusCode")


def _written(graph: Graph, entry: Node) -> Iterator[Request]:
    """The request that a comment writes out."""
    for comment in graph.objects(entry, RDFS.comment):
        found = _PROSE.search(str(comment))
        if not found:
            continue
        head, _, body = _unindented(found[1]).partition("\n\n")
        line, *rest = head.splitlines()
        method, path, _ = line.split(" ", 2)
        headers = [tuple(part.strip() for part in each.split(":", 1)) for each in rest]
        answer, _, content = _unindented(found[2]).partition("\n\n")
        told = answer.splitlines()
        kind = [each.split(":", 1)[1].strip() for each in told if each.startswith("Content-Type")]
        yield Request(
            method=method,
            path=path,
            headers=tuple(
                (n.lower(), v) for n, v in headers if n not in ("Host", "Content-Length")
            ),
            body=body.encode(),
            statuses=(told[0].split()[0],),
            content_type=kind[0] if kind else "",
            content=content,
        )


def _unindented(text: str) -> str:
    return "\n".join(line.removeprefix("    ") for line in text.strip("\n").splitlines()).strip()
