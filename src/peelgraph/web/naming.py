"""What things are called, asked of the graph in one go."""

import re
from collections.abc import Iterable

from peelgraph.web.page_queries import ask_of
from peelgraph.web.service import Service

# More names than a page shows; what is beyond keeps its IRI.
MOST = 2000
_SAFE = re.compile(r"[^\x00-\x20<>\"{}|^`\\]+")


def read_names(service: Service, iris: Iterable[str]) -> dict[str, str]:
    """The name of each of `iris` that has one, in English where there is a choice."""
    wanted = sorted({iri for iri in iris if _SAFE.fullmatch(iri)})[:MOST]
    if not wanted:
        return {}
    names: dict[str, str] = {}
    for row in ask_of(service, "names-of-things", "thing", wanted):
        name = row.term("name") or {}
        if row["thing"] not in names or name.get("xml:lang") == "en":
            names[row["thing"]] = row["name"]
    return names
