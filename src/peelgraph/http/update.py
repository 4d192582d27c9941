"""/update: the update side of the SPARQL 1.1 Protocol; and how every write is answered."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from flask import Blueprint, Response, request

from peelgraph import sparql
from peelgraph.catalogue.graph_names import read_graph_iri
from peelgraph.errors import MediaTypeUnknown, PreconditionFailed, RequestRefused
from peelgraph.http.access import Access, challenge
from peelgraph.http.headers import VERSION
from peelgraph.http.negotiation import HTML, TURTLE, quality, with_charset
from peelgraph.http.problems import PROBLEM, problem_of
from peelgraph.http.protocol import (
    FORM,
    UPDATE,
    is_version,
    read_fields,
    read_single,
    read_timeout,
)
from peelgraph.http.service import Service
from peelgraph.repository.changes import (
    Change,
    Expected,
    Gates,
    Order,
    Update,
    WriteRefused,
    Written,
)
from peelgraph.sparql import Dataset, check_policy
from peelgraph.workers.writer import Writer

_LONGEST = 500  # characters of a message
_ON, _OFF = ("", "on", "true", "1"), ("off", "false", "0")

# Each form of a validation report by its media type; the first is for who states no wish.
_REPORTS = {
    PROBLEM: "json",
    "application/json": "json",
    TURTLE: "turtle",
    "application/ld+json": "jsonld",
    "text/plain": "text",
    HTML: "html",
    "text/csv": "csv",
    "application/sarif+json": "sarif",
}

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Writes:
    """What every route that writes needs: the service, who may write, and what writes."""

    service: Service
    access: Access
    writer: Writer

    def carry_out(
        self, change: Change, by: str, fields: Fields, expected: Expected, location: str = ""
    ) -> Response:
        """The answer to a write: what became of it, or the report of what refused it."""
        media_type = _report_type()
        order = Order(
            change,
            by=by,
            message=read_single(fields, "message")[:_LONGEST],
            gates=Gates.read(tuple(self.service.settings.gate.split())),
            expected=expected,
            dry_run=_is_on(fields, "dry-run"),
            report=_REPORTS[media_type],
            takes_rdf12=self.service.settings.is_plain,
        )
        try:
            written = self.writer.write(order, read_timeout(read_single(fields, "timeout") or None))
        except WriteRefused as refusal:
            return _refused(self.service, refusal, media_type)
        return _done(written, media_type, location)

    def update(self) -> Response:
        """The answer to the update of the request at hand."""
        by = self.access.check()
        fields, text = read_update()
        settings = self.service.settings
        # What LOAD may call is told by whoever runs the update, once the addresses are known.
        check_policy(sparql.Update(text), settings, loads=True)
        base = f"{settings.url}{request.path}"
        change = Update(text, _dataset(fields), base, settings.allow_service)
        return self.carry_out(change, by, fields, Expected(version=_expected()))


def update_routes(writes: Writes) -> Blueprint:
    """The address that takes updates alone."""
    routes = Blueprint("update", __name__)
    routes.after_request(challenge)
    routes.add_url_rule("/update", view_func=writes.update, methods=["POST"])
    return routes


def read_update() -> tuple[list[tuple[str, str]], str]:
    """The parameters of the request, and the update (SPARQL 1.1 Protocol, section 2.2)."""
    fields = read_fields(request.query_string, "address")
    body = read_body(UPDATE, FORM)
    if request.mimetype == FORM:
        fields += read_fields(body.encode(), "body")
    else:
        fields.append(("update", body))
    refused = {"query", "default-graph-uri", "named-graph-uri"} & {name for name, _ in fields}
    if refused:
        raise RequestRefused(f"{', '.join(sorted(refused))}: belongs to a query, not an update")
    updates = [value for name, value in fields if name == "update"]
    if len(updates) != 1:
        raise RequestRefused(f"{len(updates)} updates are in the request; one is read")
    return fields, updates[0]


def read_body(*media_types: str) -> str:
    """The body as text; MediaTypeUnknown where its type is another one, or no UTF-8."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in media_types or charset not in ("utf-8", "utf8"):
        raise MediaTypeUnknown(
            f"The body's Content-Type is {request.headers.get('Content-Type', 'none')}; "
            f"read here: {', '.join(media_types)}, as UTF-8"
        )
    try:
        return request.get_data(cache=False, parse_form_data=False).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestRefused(f"The body is not UTF-8 at byte {error.start}") from error


def _dataset(fields: Fields) -> Dataset:
    default = tuple(read_graph_iri(v, n) for n, v in fields if n == "using-graph-uri")
    named = tuple(read_graph_iri(v, n) for n, v in fields if n == "using-named-graph-uri")
    return Dataset(default, named) if default or named else Dataset()


def _expected() -> tuple[int, ...]:
    """The numbers of versions in If-Match, of which one must be current."""
    if not request.if_match or request.if_match.star_tag:
        return ()
    tags = request.if_match.as_set(include_weak=True)
    numbers = tuple(int(tag) for tag in tags if is_version(tag))
    if not numbers:
        raise PreconditionFailed(
            "If-Match names no version",
            hint=f'Send the number that {VERSION} told, in quotes: If-Match: "12"',
        )
    return numbers


def _is_on(fields: Fields, name: str) -> bool:
    if not any(key == name for key, _ in fields):
        return False
    value = read_single(fields, name)
    if value not in (*_ON, *_OFF):
        raise RequestRefused(f"{name} is on or off, not {value!r}")
    return value in _ON


def _report_type() -> str:
    """The form of a report that the caller likes best; a wish for another form is no obstacle."""
    accept = request.headers.get("Accept", "")
    best = max(_REPORTS, key=lambda media_type: quality(accept, media_type))
    return best if quality(accept, best) > 0 else PROBLEM


def _refused(service: Service, refusal: WriteRefused, media_type: str) -> Response:
    """422 with the report; as a problem it is one member of it."""
    if _REPORTS[media_type] == "json":
        problem = problem_of(refusal).as_dict(service.settings.url, "")
        del problem["instance"]
        body = json.dumps({**problem, "report": json.loads(refusal.report)}, ensure_ascii=False)
        response = Response(body + "\n", mimetype=PROBLEM)
    else:
        response = Response(refusal.report, content_type=with_charset(media_type))
    response.status_code = refusal.status
    return _uncached(response)


def _done(written: Written, media_type: str, location: str) -> Response:
    told = {name: value for name, value in asdict(written).items() if name != "faults"}
    told["version"] = told.pop("number")
    if written.faults:
        is_json = _REPORTS[media_type] == "json"
        told["report"] = json.loads(written.faults) if is_json else written.faults
    response = Response(json.dumps(told, ensure_ascii=False) + "\n", mimetype="application/json")
    is_new = written.created and not written.dry_run
    # What replaced a graph has nothing to tell but its version, unless somebody wants to know.
    is_told = written.faults or written.dry_run or "json" in request.headers.get("Accept", "")
    if request.method == "PUT" and not is_new and not is_told:
        response = Response()
    response.status_code = 201 if is_new else 200 if response.data else 204
    if location and is_new:
        response.headers["Location"] = location
    response.headers[VERSION] = str(written.number)
    return _uncached(response)


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response
