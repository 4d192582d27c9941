"""A review: the report, the text it is about and what can be corrected in it, for a page."""

import json
from typing import Any

from peelgraph.checking.task import Document, Mended
from peelgraph.errors import SourceError
from peelgraph.validation import Report
from peelgraph.validation.autofix import SYNTAXES, Repair, repair
from peelgraph.validation.rendering.tables import to_json

_WORKBOOK = "xlsx"
# A page with more text than this helps nobody; its mistakes are listed without it.
_LONGEST = 512 * 1024


def review(report: Report, documents: tuple[Document, ...]) -> str:
    """The report as JSON, with each document as text and its corrections."""
    told: dict[str, Any] = json.loads(to_json(report))
    told["documents"] = [_document(each, report) for each in documents]
    return json.dumps(told, ensure_ascii=False)


def _document(document: Document, report: Report) -> dict[str, Any]:
    text = read_text(document)
    told: dict[str, Any] = {"name": str(document.name), "syntax": document.syntax, "text": text}
    repaired = _repair(document, text, report)
    if repaired is None or not repaired.corrections:
        return told
    return {
        **told,
        "corrected": repaired.text,
        "diff": repaired.diff,
        "corrections": {one.result.identifier: one.text for one in repaired.corrections},
    }


def mend(report: Report, document: Document) -> Mended:
    """A document with its safe corrections, unchanged where there is none.

    Errors: SourceError when it cannot be corrected at all.
    """
    if document.syntax not in SYNTAXES:
        return Mended(document.name, "", "", "")
    text = document.content.decode("utf-8-sig")
    mended = repair(document.name, text, report, syntax=document.syntax)
    more = repair(document.name, text, report, syntax=document.syntax, offered=True)
    is_more = len(more.corrections) > len(mended.corrections)
    return Mended(document.name, mended.text, mended.diff, more.diff if is_more else "")


def read_text(document: Document) -> str | None:
    """The document as text; None for a workbook, and for what is too long to show."""
    if document.syntax == _WORKBOOK or len(document.content) > _LONGEST:
        return None
    return document.content.decode("utf-8-sig", "replace")


def _repair(document: Document, text: str | None, report: Report) -> Repair | None:
    if text is None or document.syntax not in SYNTAXES:
        return None
    try:
        return repair(document.name, text, report, syntax=document.syntax)
    except SourceError:
        return None
