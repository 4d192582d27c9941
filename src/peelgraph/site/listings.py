"""Pages that list the rows of one stored query: monitoring, causes of concern, regional units.

The query's file in `queries/listings/` has the heads of the columns; a view adds what readers may
choose by and how its coverage is told. The CSV has the same rows.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from peelgraph.catalogue.stored_queries import read_term
from peelgraph.errors import RequestRefused
from peelgraph.http.headers import entity_tag, tagged, unchanged
from peelgraph.http.negotiation import HTML
from peelgraph.http.page_queries import Row, evaluate, narrow, read_result
from peelgraph.http.request_scope import given
from peelgraph.http.service import Service, StoredQuestion
from peelgraph.site.csv_download import csv_of
from peelgraph.site.filters import Option
from peelgraph.site.grades import slug_of
from peelgraph.site.tables import table_by_line
from peelgraph.sparql import bind

_NONE = "none"


@dataclass(frozen=True, slots=True)
class View:
    """One page: its address, its query, the variables to choose by, and what it rests on."""

    path: str
    query: str
    filters: tuple[tuple[str, str], ...]
    tell_coverage: Callable[[Sequence[Row]], str]
    # What is asked about the day that a reader chooses; "" where the view knows no day.
    day: str = ""


def _count(rows: Sequence[Row], name: str) -> int:
    return len({row[name] for row in rows if row[name]})


def count_moves(rows: Sequence[Row]) -> str:
    """Of how many forces any period of monitoring is known."""
    known = _count([row for row in rows if row["monitoringPeriod"]], "force")
    periods = _count(rows, "monitoringPeriod")
    return (
        f"{periods} periods of {known} of {_count(rows, 'force')} forces are known. Of the others "
        "no move is in this dataset: each may have been in any phase."
    )


def count_causes(rows: Sequence[Row]) -> str:
    """How many causes of concern are known, and of how many a closing."""
    closed = [row for row in rows if row["closing"][:1].isdigit()]
    return (
        f"{_count(rows, 'demand')} causes of concern of {_count(rows, 'force')} forces are known, "
        f"and of {_count(closed, 'demand')} of them the closing. This list is not complete: "
        "there may be others."
    )


def count_units(rows: Sequence[Row]) -> str:
    """Of how many regional units a grade is known."""
    graded = _count([row for row in rows if row["judgment"]], "unit")
    return f"Grades of {graded} of {_count(rows, 'unit')} units are known."


VIEWS = (
    View(
        "/monitoring",
        "monitoring-on-day",
        (("force", "Force"), ("phase", "Phase"), ("certainty", "In this period on the day")),
        count_moves,
        "Who was in which phase on",
    ),
    View(
        "/causes-of-concern",
        "causes-of-concern",
        (
            ("force", "Force"),
            ("round", "Round"),
            ("question", "Question"),
            ("state", "Status"),
        ),
        count_causes,
        "Which were open on",
    ),
    View(
        "/units",
        "grades-of-regional-units",
        (("round", "Round"), ("question", "Question"), ("grade", "Grade")),
        count_units,
    ),
)


def listing_routes(service: Service) -> Blueprint:
    """The views, each at its address, as a page and as CSV."""
    routes = Blueprint("listings", __name__)
    for view in VIEWS:
        routes.add_url_rule(view.path, view.query, lambda view=view: _answer(service, view))
    return routes


def _answer(service: Service, view: View) -> Response:
    version = service.current()
    tag = entity_tag("listing", request.full_path, version.number, version.created)
    return unchanged(tag) or tagged(_show(service, view), tag)


def _show(service: Service, view: View) -> Response:
    query = service.pages[view.query]
    known = [*(name for name, _ in view.filters), *(["day"] if view.day else []), "format"]
    if unknown := sorted(request.args.keys() - set(known)):
        # Rows that only seem to be chosen would tell something false.
        raise RequestRefused(
            f"{view.path} has no parameter {', '.join(unknown)}",
            hint=f"It has: {', '.join(known)}",
        )
    day = given("day") if view.day else ""
    # Without a day there is nothing to say of it.
    filters = [each for each in view.filters if day or each[0] != "certainty"]
    values = {"day": _read_day(day)} if day else {}
    answer = evaluate(service, query, values)
    every = read_result(answer)
    chosen = {name: given(name) for name, _ in filters}
    rows = [row for row in every if all(_key(row, n) == v for n, v in chosen.items() if v)]
    if given("format") == "csv":
        names = json.loads(answer.body)["head"]["vars"]
        return csv_of(view.path.strip("/"), names, ([row[name] for name in names] for row in rows))
    fields = [(name, value) for name, value in request.args.items() if name != "format"]
    offered = [(name, label, _offer(every, name)) for name, label in filters]
    text = render_template(
        "listing.html",
        view=view,
        table=table_by_line(query, rows),
        day=day,
        chosen=chosen,
        # A choice of one is none.
        offered=[each for each in offered if len(each[2]) > 1 or chosen[each[0]]],
        coverage=view.tell_coverage(every),
        shown=len(rows),
        csv="?" + urlencode([*fields, ("format", "csv")]),
        query=_text(query, day, every, chosen),
    )
    return Response(text, mimetype=HTML)


def _read_day(day: str) -> str:
    try:
        read_term("date", day)
    except RequestRefused as error:
        raise RequestRefused(f"day: {error.message}", hint=error.hint) from error
    return day


def _key(row: Row, name: str) -> str:
    """How an address names the value of a row: the last part of an IRI, words with hyphens."""
    return slug_of(row[name]).lower().replace(" ", "-") or _NONE


def _offer(rows: Sequence[Row], name: str) -> list[Option]:
    """Each value that a row has, with its name, and its round where two have one name."""
    named: dict[str, tuple[str, str]] = {}
    for row in rows:
        named.setdefault(_key(row, name), (row[f"{name}Name"] or row[name], row["roundName"]))
    has_none = named.pop(_NONE, None) is not None
    times = Counter(text for text, _ in named.values())
    options = [
        Option(key, f"{text}, {in_round}" if times[text] > 1 and in_round else text)
        for key, (text, in_round) in named.items()
    ]
    options.sort(key=lambda option: option.text)
    return [*options, *([Option(_NONE, "none stated")] if has_none else [])]


def _text(query: StoredQuestion, day: str, rows: Sequence[Row], chosen: dict[str, str]) -> str:
    """The query that gives the rows shown."""
    text = bind(query.query, [("day", read_term("date", day))]) if day else query.text
    conditions = []
    for name, value in chosen.items():
        found = sorted({row[name] for row in rows if value and _key(row, name) == value})
        is_iri = any(row[f"{name}Name"] for row in rows)
        terms = ", ".join(f"<{one}>" if is_iri else f'"{one}"' for one in found)
        if value == _NONE:
            conditions.append(f"!BOUND(?{name})")
        elif value:
            # Some are optional in the query, so that a condition chooses and no value is given.
            conditions.append(f"?{name} IN ({terms})")
    return narrow(text, {}, *conditions)
