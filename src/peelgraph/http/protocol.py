"""The query side of the SPARQL 1.1 Protocol: an HTTP request read as a question."""

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.http import parse_options_header
from werkzeug.wsgi import get_input_stream

from peelgraph.catalogue.graph_names import read_graph_iri
from peelgraph.errors import MediaTypeUnknown, RequestRefused
from peelgraph.settings import Settings
from peelgraph.sparql import Dataset, ParseCache, Query
from peelgraph.sparql.policy import check_length

# Where the environment of a request holds what was read from it.
ASKED = "peelgraph.asked"

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

_MANY = ("default-graph-uri", "named-graph-uri")
_UPDATES = ("update", "using-graph-uri", "using-named-graph-uri")
_IS_UPDATE = re.compile(rb"(?:^|&)update=")
# SPARQLWrapper sends one wish under three names, and some of them twice; the first one counts.
_FORMATS = ("format", "output", "results")
_INCLUDED = {"true": "on", "false": "off"}
_MOST_FIELDS = 1000
# The numbers of versions have no more digits.
_DIGITS = 9
_LONGEST_SHOWN = 50

# Bytes of a form for all its fields but the query.
_FIELDS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to the endpoint; `query` is None when it holds none."""

    query: Query | None
    dataset: Dataset
    timeout: float | None
    inference: bool
    format: str
    example: str
    at: int | None = None


def read_request(
    environ: dict[str, Any], settings: Settings, addresses: ParseCache[Asked]
) -> Asked | None:
    """What the request asks; `addresses` are those parsed before, by `read_address`.

    None for an update, whose body is left to be read.

    Errors: RequestRefused (400) for what the protocol forbids, MediaTypeUnknown (415),
            RequestEntityTooLarge (413).
    Source: SPARQL 1.1 Protocol, sections 2.1.1 to 2.1.3
    """
    address = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] not in ("POST", "QUERY"):
        return addresses.get(address)
    fields = read_fields(address.encode("latin-1"), "address")
    text: str | None = None
    body = _body(environ, settings)
    if body is None:
        return None
    if isinstance(body, str):
        text = body
    else:
        fields = _joined(fields, body)
    return _asked(fields, text, settings, must=True)


def read_address(address: str, settings: Settings) -> Asked:
    """What the part of an address behind `?` asks; errors as of read_request."""
    fields = read_fields(address.encode("latin-1"), "address")
    return _asked(fields, None, settings, must=False)


def read_at(values: Sequence[str]) -> int | None:
    """The number of a version, as the parameter `at` gives it."""
    if len(values) > 1:
        raise RequestRefused("at is given twice")
    if not values or not values[0]:
        return None
    return read_version("at", values[0])


def is_version(text: str) -> bool:
    """Whether `text` may be the number of a version."""
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def read_version(name: str, text: str) -> int:
    """The number of a version, as the parameter `name` gives it."""
    if not is_version(text):
        raise RequestRefused(
            f"{name} is the number of a version, not {_shown(text)}",
            hint="They are listed at /versions",
        )
    return int(text)


def read_number(name: str, text: str, least: int, most: int) -> int:
    """The whole number from `least` to `most` that the parameter `name` gives; its digits alone."""
    is_read = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not (is_read and least <= int(text) <= most):
        raise RequestRefused(f"{name} is a whole number from {least} to {most}, not {_shown(text)}")
    return int(text)


def _shown(text: str) -> str:
    """A value for a message, no longer than one reads."""
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}...")


def longest_body(settings: Settings) -> int:
    """How many bytes a request for a query may have: a form spells each of its own as three."""
    return min(3 * settings.max_query * 1024 + _FIELDS, settings.max_body * 2**20 + 1)


def _is_update(environ: Mapping[str, Any], body: bytes) -> bool:
    """Whether a request to the endpoint is an update."""
    media_type = parse_options_header(environ.get("CONTENT_TYPE", ""))[0].lower()
    is_update = media_type == UPDATE or (media_type == FORM and _IS_UPDATE.search(body) is not None)
    return is_update and environ["REQUEST_METHOD"] == "POST"


def _body(environ: dict[str, Any], settings: Settings) -> str | list[tuple[str, str]] | None:
    """The query itself, or the fields of a form; None where it is an update."""
    offered = [QUERY] if environ["REQUEST_METHOD"] == "QUERY" else [FORM, QUERY, UPDATE]
    given, parameters = parse_options_header(environ.get("CONTENT_TYPE", ""))
    media_type = given.lower()
    if media_type not in offered:
        raise MediaTypeUnknown(
            f"The body's Content-Type is {given or 'none'}; read here: {', '.join(offered)}"
        )
    charset = parameters.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8"):
        raise MediaTypeUnknown(f"The body's charset is {charset}; read here: utf-8")
    refuse_packed(environ)
    data = get_input_stream(environ, max_content_length=settings.max_body * 2**20).read()
    if _is_update(environ, data):
        environ["wsgi.input"] = io.BytesIO(data)
        return None
    if media_type == FORM:
        return read_fields(data, "body")
    check_length(data, settings)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestRefused(f"The body is not UTF-8 at byte {error.start}") from error


def refuse_packed(environ: dict[str, Any]) -> None:
    """Raise MediaTypeUnknown for a body that is packed otherwise than in gzip, which is unpacked
    before it comes here."""
    encoding = environ.get("HTTP_CONTENT_ENCODING", "identity")
    if encoding.lower() != "identity":
        raise MediaTypeUnknown(f"The body's Content-Encoding is {encoding}; read here: gzip")


def read_fields(data: bytes, where: str) -> list[tuple[str, str]]:
    """The parameters in an address or a form; RequestRefused when they cannot be read."""
    try:
        return parse_qsl(
            data.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except UnicodeDecodeError as error:
        raise RequestRefused(f"The {where} is not percent-encoded UTF-8") from error
    except ValueError as error:
        raise RequestRefused(f"The {where} has more than {_MOST_FIELDS} parameters") from error


def read_single(fields: Sequence[tuple[str, str]], name: str) -> str:
    """The value of a parameter, "" where it is not given; RequestRefused when it is given twice."""
    values = [value for key, value in fields if key == name]
    if len(values) > 1:
        raise RequestRefused(f"{name} is given twice")
    return values[0] if values else ""


def _joined(address: list[tuple[str, str]], body: list[tuple[str, str]]) -> list[tuple[str, str]]:
    both = {name for name, _ in address} & {name for name, _ in body}
    if both:
        raise RequestRefused(f"Given in both the address and the body: {', '.join(sorted(both))}")
    return [*address, *body]


def _asked(
    fields: Sequence[tuple[str, str]], text: str | None, settings: Settings, *, must: bool
) -> Asked:
    values = _single(fields)
    if "query" in values:
        if text is not None:
            raise RequestRefused("There is a query in the address and one in the body")
        text = values["query"]
    if text is not None:
        check_length(text, settings)
    if text is None and (must or any(name in _MANY for name, _ in fields)):
        raise RequestRefused("There is no query", hint="Send it as the parameter `query`.")
    if values.get("version", "1.1") != "1.1":
        raise RequestRefused(f"SPARQL {values['version']} is not served; 1.1 is")
    default = _graphs(fields, "default-graph-uri")
    named = _graphs(fields, "named-graph-uri")
    return Asked(
        query=None if text is None else Query(text),
        dataset=Dataset(default, named) if default or named else Dataset(),
        timeout=read_timeout(values.get("timeout")),
        inference=read_inference(_wish_for_inference(values), settings),
        format=next((values[name] for name in _FORMATS if values.get(name)), ""),
        example=values.get("example", ""),
        at=read_at([values["at"]] if "at" in values else []),
    )


def _single(fields: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Each parameter's one value; those that may repeat are left out."""
    values: dict[str, str] = {}
    for name, value in fields:
        if name in _UPDATES:
            raise RequestRefused(
                f"{name} belongs to an update, which is sent by POST, in its body",
                hint="Send a query as the parameter `query`.",
            )
        if name in values and name not in (*_MANY, *_FORMATS):
            raise RequestRefused(f"{name} is given twice")
        values.setdefault(name, value)
    return values


def _wish_for_inference(values: Mapping[str, str]) -> str | None:
    """What `inference` says, or `includeInferred`, as RDF4J and GraphDB have it."""
    named = values.get("includeInferred")
    if named is None or "inference" in values:
        return values.get("inference")
    if named not in _INCLUDED:
        raise RequestRefused(f"includeInferred is true or false, not {_shown(named)}")
    return _INCLUDED[named]


def _graphs(fields: Sequence[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(read_graph_iri(value, name) for key, value in fields if key == name)


def read_timeout(value: str | None) -> float | None:
    """Seconds, as the parameter `timeout` gives them; None where it is not given."""
    if value is None:
        return None
    try:
        # Python reads digits of other scripts too, and underscores between them.
        seconds = float(value) if value.isascii() and "_" not in value else math.nan
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise RequestRefused(f"timeout is a number of seconds above 0, not {_shown(value)}")
    return seconds


def read_inference(value: str | None, settings: Settings) -> bool:
    """Whether what was inferred is seen: unless told off, as the service is set."""
    if value not in (None, "on", "off"):
        raise RequestRefused(f"inference is on or off, not {_shown(value)}")
    served = settings.inference and settings.default_graph == "union"
    return served and value != "off"
