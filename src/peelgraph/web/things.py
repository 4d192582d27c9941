"""The page of one thing: what is said of it, and what names it."""

from flask import render_template

from peelgraph.store import Question
from peelgraph.web.cells import Cell, cell, link, read_rows, short
from peelgraph.web.documents import ENDINGS, LABELS, MOST_LINKS, PREFIXES, path_of, unknown
from peelgraph.web.service import Service

_ROWS = f"""{PREFIXES}
SELECT ?to ?property ?other ?name ?propertyName
WHERE {{
  {{ ?thing ?property ?other . BIND(true AS ?to) }}
  UNION
  {{
    SELECT ?property ?other WHERE {{ ?other ?property ?thing }}
    ORDER BY ?property ?other LIMIT {MOST_LINKS}
  }}
  OPTIONAL {{ ?other {LABELS} ?name }}
  OPTIONAL {{ ?property {LABELS} ?propertyName }}
}}
ORDER BY ?property ?other ?name ?propertyName"""


def thing_page(service: Service, iri: str) -> tuple[str, str]:
    """The page of a thing and the version it shows; UnknownName when nothing is said of it."""
    question = Question(_ROWS, bindings=(("thing", f"<{iri}>"),), inference=service.infers())
    answer = service.reader.query(question)
    rows = read_rows(answer.body)
    if not rows:
        raise unknown(service, iri)
    return _rendered(iri, rows), answer.version


def _rendered(iri: str, rows: list[dict[str, dict[str, str]]]) -> str:
    out: dict[Cell, dict[str, Cell]] = {}
    back: dict[Cell, dict[str, Cell]] = {}
    title = ""
    for row in rows:
        name = row.get("propertyName", {}).get("value", "")
        heading = Cell(name or short(row["property"]["value"]), link(row["property"]["value"]))
        other = cell(row["other"], row.get("name", {}).get("value", ""))
        place = out if "to" in row else back
        place.setdefault(heading, {}).setdefault(row["other"]["value"] + other.note, other)
        if "to" in row and row["property"]["value"].endswith(("#label", "#prefLabel")):
            title = title or row["other"]["value"]
    return render_template(
        "thing.html",
        iri=iri,
        title=title or short(iri),
        out=out,
        back=back,
        path=path_of(iri),
        endings=ENDINGS,
        most=MOST_LINKS,
    )
