"""A report in each form somebody can use."""

from peelgraph.errors import NotAcceptable
from peelgraph.validation.model import Report
from peelgraph.validation.rendering.page import STYLE_HASH, to_html
from peelgraph.validation.rendering.rdf import to_jsonld, to_turtle
from peelgraph.validation.rendering.tables import to_csv, to_json, to_sarif
from peelgraph.validation.rendering.text import to_text

FORMATS = {
    "text": "text/plain; charset=utf-8",
    "turtle": "text/turtle",
    "jsonld": "application/ld+json",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "sarif": "application/sarif+json",
}

__all__ = ["FORMATS", "STYLE_HASH", "render"]


def render(report: Report, form: str, *, colour: bool = False) -> str:
    """The report in one of FORMATS; colour is for a terminal and changes text alone.

    Errors: NotAcceptable names the forms there are.
    """
    if form == "text":
        return to_text(report, colour=colour)
    makers = {
        "turtle": to_turtle,
        "jsonld": to_jsonld,
        "json": to_json,
        "csv": to_csv,
        "html": to_html,
        "sarif": to_sarif,
    }
    if form not in makers:
        raise NotAcceptable(f"no report form {form!r}; offered: {', '.join(FORMATS)}")
    return makers[form](report)
