"""/versions: what is published and what was, who changed it, and what each change was."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, json, render_template, request

from peelgraph import terms
from peelgraph.errors import NoLongerKept, RequestRefused
from peelgraph.http.cells import Cell, cell, link, short
from peelgraph.http.documents import ENDINGS, document, relate
from peelgraph.http.headers import entity_tag, tagged, unchanged
from peelgraph.http.negotiation import GRAPHS, HTML, SHORT, negotiate, with_charset
from peelgraph.http.page_queries import read_names
from peelgraph.http.protocol import read_at, read_version
from peelgraph.http.service import Published, Service
from peelgraph.repository import Version
from peelgraph.repository.diff import Difference, compare
from peelgraph.repository.dumps import dumps_of
from peelgraph.repository.factory import repository_of
from peelgraph.repository.protocol import Repository
from peelgraph.repository.retention import Retention
from peelgraph.repository.version import to_json
from peelgraph.repository.void_dcat import describe_version, located

JSON = "application/json"
QUADS = "application/n-quads"
TEXT = "text/plain"

MOST_VERSIONS = 100

_ENDINGS = {**{name: SHORT[name][1] for name in (*ENDINGS, "html")}, "json": JSON}
_SHORT = {"json": JSON, "html": HTML, "nq": QUADS, "txt": TEXT}
# A page of more lines helps nobody; whoever wants all takes the N-Quads.
MOST_LINES = 1000
_TYPE = terms.VOCABULARIES["rdf"] + "type"
_NAMING = (terms.VOCABULARIES["rdfs"] + "label", terms.VOCABULARIES["skos"] + "prefLabel")

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def version_routes(service: Service) -> Blueprint:
    """The versions of the repository."""
    routes = Blueprint("versions", __name__)
    settings = service.settings
    repository = repository_of(settings)
    retention = Retention(settings.keep_versions, settings.keep_days)

    @routes.get("/versions")
    def listed() -> Response:
        if "from" in request.args or "to" in request.args:
            response = Response(status=303)
            response.headers["Location"] = "/versions/{}..{}".format(*_pair(repository))
            return response
        return _list(repository, service.current(), retention)

    @routes.get("/versions/<int:number>", defaults={"ending": ""})
    @routes.get("/versions/<int:number>.<any(ttl, nt, rdf, jsonld, html, json):ending>")
    def one(number: int, ending: str) -> Response:
        return _one(service, repository.get(number), service.current().number, ending)

    @routes.get("/versions/<int:old>..<int:new>")
    def between(old: int, new: int) -> Response:
        return _between(service, repository.get(old), repository.get(new))

    return routes


def _pair(repository: Repository) -> tuple[int, int]:
    """The two versions that the form asks to compare."""
    found = [read_at(request.args.getlist(name)) for name in ("from", "to")]
    old, new = (repository.get(number or 0).number for number in found)
    return old, new


def _list(repository: Repository, current: Published, retention: Retention) -> Response:
    chosen = _chosen(HTML, JSON)
    given = request.args.get("before", "")
    before = read_version("before", given) if given else None
    numbers = [n for n in repository.numbers() if before is None or n < before]
    newest = numbers[-MOST_VERSIONS:][::-1]
    events = repository.events()[::-1][:MOST_VERSIONS]
    marks = {number: mark for number in newest if (mark := repository.mark_of(number))}
    tag = entity_tag("versions", chosen, current.number, current.created, numbers, events, marks)
    if response := unchanged(tag):
        return response
    damaged = {each.number: each.reason for each in repository.damaged()}
    versions = []
    for number in newest:
        if number not in damaged:
            # The next write may just have removed it.
            with suppress(NoLongerKept):
                versions.append(repository.get(number))
    following = newest[-1] if len(numbers) > len(newest) else None
    if chosen == HTML:
        page = render_template(
            "versions.html",
            versions=versions,
            damaged=sorted(damaged, reverse=True),
            numbers=[number for number in repository.numbers()[::-1] if number not in damaged],
            current=current.number,
            following=following,
            events=events,
            marks=marks,
            retention="" if current.path == Path() else str(retention),
        )
        return tagged(Response(page, mimetype=HTML), tag)
    told: dict[str, Any] = {
        "current": current.number,
        "versions": [
            {**_summary(version), "kept": marks.get(version.number, "")} for version in versions
        ],
        "retention": asdict(retention),
        "damaged": sorted(damaged),
        "events": [asdict(event) for event in events],
    }
    if following:
        told["next"] = f"/versions?before={following}"
    return tagged(_json(told), tag)


def _one(service: Service, version: Version, current: int, ending: str) -> Response:
    chosen = (ending and _ENDINGS[ending]) or _chosen(HTML, JSON, *GRAPHS)
    tag = entity_tag("version", chosen, version.number, version.created, current)
    if response := unchanged(tag):
        return response
    path, url = f"/versions/{version.number}", service.settings.url
    if chosen not in (HTML, JSON):
        triples = located(describe_version(version, dumps_of(version)), url)
        return document(triples, path, chosen, tag, url)
    if chosen == HTML:
        links = {name: link(name) for name in version.graphs if name.startswith(terms.GRAPH)}
        page = render_template("version.html", version=version, current=current, links=links)
        response = Response(page, mimetype=HTML)
        relate(response, path, url)
        return tagged(response, tag)
    return tagged(_json({**to_json(version), "current": version.number == current}), tag)


def _between(service: Service, old: Version, new: Version) -> Response:
    chosen = _chosen(HTML, QUADS, JSON, TEXT)
    part = request.args.get("part", "")
    if part not in ("", "added", "removed"):
        raise RequestRefused(f"part is added or removed, not {part!r}")
    marks = (old.number, old.created, new.number, new.created)
    # A page calls things by the names they have now.
    named = service.current().number if chosen == HTML else 0
    tag = entity_tag("difference", chosen, part, named, *marks)
    if response := unchanged(tag):
        return response
    difference = compare(old, new)
    if part:
        kept = {part: getattr(difference, part)}
        difference = Difference(kept.get("added", ()), kept.get("removed", ()))
    if chosen == HTML:
        return tagged(_page(service, difference, old, new), tag)
    return tagged(_rendered(difference, old, new, chosen, part), tag)


def _page(service: Service, difference: Difference, old: Version, new: Version) -> Response:
    statements = Statements(difference)
    # What is gone is named by the lines that took it away.
    names = {**statements.own_names(), **read_names(service, statements.iris())}
    page = render_template(
        "difference.html",
        old=old,
        new=new,
        added=len(difference.added),
        removed=len(difference.removed),
        changes=read_changes(statements, names),
    )
    return Response(page, mimetype=HTML)


def _rendered(
    difference: Difference, old: Version, new: Version, chosen: str, part: str
) -> Response:
    if chosen == JSON:
        told: dict[str, Any] = {"from": old.number, "to": new.number}
        told["added"] = [line.decode() for line in difference.added]
        told["removed"] = [line.decode() for line in difference.removed]
        return _json(told)
    lines: Iterable[bytes] = difference.patch if chosen == TEXT else difference.quads
    if part == "removed" and chosen == QUADS:
        # Asked for alone, what went can be said in N-Quads.
        lines = difference.removed
    body = b"".join(line + b"\n" for line in lines)
    return Response(body, content_type=with_charset(chosen))


def _summary(version: Version) -> dict[str, Any]:
    told = to_json(version)
    return {**told, "graphs": len(version.graphs), "address": f"/versions/{version.number}"}


def _chosen(*offered: str) -> str:
    """The media type of the answer; a page for a browser, the second one for who states no wish."""
    wish = request.args.get("format", "")
    if wish:
        known = {name: kind for name, kind in _SHORT.items() if kind in offered}
        if wish not in (*known, *SHORT):
            raise RequestRefused(f"format is one of {', '.join(known)}, not {wish!r}")
        return known.get(wish) or negotiate(SHORT[wish][1], offered)
    accept = request.headers.get("Accept", "")
    return negotiate(accept, [*offered[1:], HTML])


def _json(told: dict[str, Any]) -> Response:
    return Response(json.dumps(told, ensure_ascii=False) + "\n", mimetype=JSON)


@dataclass(frozen=True, slots=True)
class Change:
    """What one property of a thing said, and says now."""

    predicate: Cell
    before: tuple[Cell, ...]
    after: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing of one graph: new, gone or changed, and how."""

    thing: Cell
    state: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes by graph; `left_out` counts the lines of N-Quads beyond the page's limit."""

    graphs: tuple[tuple[Cell, tuple[Changed, ...]], ...]
    left_out: int


class Statements:
    """The lines of a difference that a page shows, parsed."""

    def __init__(self, difference: Difference) -> None:
        self.total = len(difference.added) + len(difference.removed)
        # Lines begin with their subject, so what is cut is cut between things or within one.
        marked = sorted(
            [(line, False) for line in difference.removed]
            + [(line, True) for line in difference.added]
        )[:MOST_LINES]
        self.shown = len(marked)
        self.quads = [(quad, is_new) for line, is_new in marked for quad in _parse(line)]

    def iris(self) -> set[str]:
        """Every IRI in them, for whoever looks names up."""
        return {
            term.value
            for quad, _ in self.quads
            for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)
            if isinstance(term, ox.NamedNode)
        }

    def own_names(self) -> dict[str, str]:
        """The names that the lines themselves give or take: of things that are gone, too."""
        return {
            quad.subject.value: quad.object.value
            for quad, _ in self.quads
            if isinstance(quad.subject, ox.NamedNode)
            and isinstance(quad.object, ox.Literal)
            and quad.predicate.value in _NAMING
        }


def read_changes(statements: Statements, names: Mapping[str, str]) -> Changes:
    """The statements by graph, thing and property."""
    graphs: dict[str, dict[Term, list[tuple[ox.Quad, bool]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for quad, is_new in statements.quads:
        name = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        graphs[name][quad.subject].append((quad, is_new))
    told = tuple(
        (
            Cell(short(name), link(name), name) if name else Cell("the default graph"),
            tuple(
                Changed(_cell(thing, names), _state(lines), _changes(lines, names))
                for thing, lines in things.items()
            ),
        )
        for name, things in sorted(graphs.items())
    )
    return Changes(told, statements.total - statements.shown)


def _parse(line: bytes) -> Iterable[ox.Quad]:
    return ox.parse(line, format=ox.RdfFormat.N_QUADS)


def _state(lines: Iterable[tuple[ox.Quad, bool]]) -> str:
    typed = {is_new for quad, is_new in lines if quad.predicate.value == _TYPE}
    return {frozenset({True}): "new", frozenset({False}): "gone"}.get(frozenset(typed), "changed")


def _changes(lines: Iterable[tuple[ox.Quad, bool]], names: Mapping[str, str]) -> tuple[Change, ...]:
    by: dict[ox.NamedNode, tuple[list[Cell], list[Cell]]] = defaultdict(lambda: ([], []))
    for quad, is_new in lines:
        by[quad.predicate][is_new].append(_cell(quad.object, names))
    return tuple(
        Change(_cell(predicate, names), tuple(before), tuple(after))
        for predicate, (before, after) in by.items()
    )


def _cell(term: Term, names: Mapping[str, str]) -> Cell:
    if isinstance(term, ox.NamedNode):
        return cell({"type": "uri", "value": term.value}, names.get(term.value, ""))
    if isinstance(term, ox.Literal):
        found = {"type": "literal", "value": term.value}
        if term.language:
            return cell({**found, "xml:lang": term.language})
        return cell({**found, "datatype": term.datatype.value})
    return Cell(str(term))
