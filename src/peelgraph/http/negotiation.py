"""Which representation to send: the Accept header, or the caller's own `format=`."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from peelgraph.errors import NotAcceptable

HTML = "text/html"
TURTLE = "text/turtle"

# Each type we answer, and the type whose bytes it carries.
ROWS = {
    "application/sparql-results+json": "application/sparql-results+json",
    "application/sparql-results+xml": "application/sparql-results+xml",
    "text/csv": "text/csv",
    "text/tab-separated-values": "text/tab-separated-values",
    "application/json": "application/sparql-results+json",
    "application/xml": "application/sparql-results+xml",
    "text/xml": "application/sparql-results+xml",
}
GRAPHS = {
    TURTLE: TURTLE,
    "application/n-triples": "application/n-triples",
    "application/rdf+xml": "application/rdf+xml",
    "application/ld+json": "application/ld+json",
    "application/trig": "application/trig",
    "application/n-quads": "application/n-quads",
    "application/json": "application/ld+json",
    "application/xml": "application/rdf+xml",
    "text/xml": "application/rdf+xml",
    "text/plain": "application/n-triples",
}

# Short names for `format=`, and for the ends of file names.
SHORT = {
    "json": ("application/sparql-results+json", "application/ld+json"),
    "xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "csv": ("text/csv", ""),
    "tsv": ("text/tab-separated-values", ""),
    "html": (HTML, HTML),
    "ttl": ("", TURTLE),
    "turtle": ("", TURTLE),
    "n3": ("", TURTLE),
    "nt": ("", "application/n-triples"),
    "n-triples": ("", "application/n-triples"),
    "rdf": ("", "application/rdf+xml"),
    "rdf+xml": ("", "application/rdf+xml"),
    "jsonld": ("", "application/ld+json"),
    "json-ld": ("", "application/ld+json"),
    "trig": ("", "application/trig"),
    "nq": ("", "application/n-quads"),
}


# What a page offers for download, by the kind of result.
DOWNLOADS = {
    "select": ("csv", "tsv", "json", "xml"),
    "ask": ("csv", "tsv", "json", "xml"),
    "graph": ("ttl", "nt", "rdf", "jsonld"),
}


def formats_of(form: str) -> dict[str, str]:
    """What a result is offered as, by its form (select, ask, graph), or "" where none is known."""
    return GRAPHS if form == "graph" else ROWS


def negotiate(accept: str, offered: Sequence[str]) -> str:
    """The offered media type the caller likes best; the first when it states no wish.

    Errors: NotAcceptable, listing what is offered.
    """
    if accept in offered:
        # Most programs name one type and nothing else.
        return accept
    ranges = _ranges(accept)
    if not ranges:
        return offered[0]
    best = max(offered, key=lambda media_type: _quality(media_type, ranges))
    if _quality(best, ranges) <= 0:
        raise NotAcceptable(
            f"None of what is asked for is offered here. Offered: {', '.join(offered)}"
        )
    return best


def quality(accept: str, media_type: str) -> float:
    """How much the caller likes a media type, from 0 to 1."""
    ranges = _ranges(accept)
    return _quality(media_type, ranges) if ranges else 1.0


def by_name(name: str, *, rows: bool) -> str:
    """The media type for a short name or a media type given as a parameter."""
    known = ROWS if rows else GRAPHS
    chosen = SHORT.get(name.lower(), ("", ""))[0 if rows else 1]
    if not chosen and (name in known or name == HTML):
        chosen = name
    if not chosen:
        offered = [short for short, pair in SHORT.items() if pair[0 if rows else 1]]
        raise NotAcceptable(
            f"format={name} is not offered for this result. Offered: {', '.join(offered)}"
        )
    return chosen


def with_charset(media_type: str) -> str:
    """The Content-Type header; text is UTF-8, and says so."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _quality(media_type: str, ranges: Mapping[str, float]) -> float:
    """How much a media type is liked, by the most specific range that it is in."""
    top_level = media_type.partition("/")[0]
    found = (ranges.get(kind) for kind in (media_type, f"{top_level}/*", "*/*"))
    return next((quality for quality in found if quality is not None), 0.0)


def _ranges(accept: str) -> dict[str, float]:
    """The quality of each media range that can be read.

    RFC 9110 lets a server ignore a malformed rest; parameters other than q are not compared.
    """
    ranges: dict[str, float] = {}
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        given = [value[2:].strip() for value in parameters if value.startswith("q=")]
        if "/" in kind:
            with suppress(ValueError):
                ranges.setdefault(kind, float(given[0]) if given else 1.0)
    return ranges
