"""The page of a validation: the verdict, the mistakes beside their lines, what corrects them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, json, render_template

from peelgraph.checking import Checked, Document
from peelgraph.errors import SourceError
from peelgraph.http.cells import link, short
from peelgraph.http.negotiation import HTML

# Lines shown around a mistake; what lies between is left out, with a word of how much.
AROUND = 4
MOST_SHOWN = 3000


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake as it is read: what is wrong, what to write, and what says so."""

    anchor: str
    severity: str
    label: str
    message: str
    hint: str
    place: str
    line: int | None
    column: int | None
    shape: str
    shape_link: str
    correction: str
    against: tuple[str, ...] = ()
    follows: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its mistakes; with no number, it stands for `skipped` lines left out."""

    number: int
    text: str
    mistakes: tuple[Mistake, ...] = ()
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One document: its lines, the mistakes that stand at none, and what corrects it."""

    name: str
    syntax: str
    text: str | None
    mistakes: tuple[Mistake, ...]
    lines: tuple[Line, ...]
    elsewhere: tuple[Mistake, ...]
    corrected: str
    diff: str
    corrections: int


def read_review(told: Mapping[str, Any]) -> list[Reviewed]:
    """The documents of a review; mistakes that stand in none go with the first."""
    documents = told["documents"]
    corrections = {
        identifier: text
        for document in documents
        for identifier, text in document.get("corrections", {}).items()
    }
    of: dict[str, list[Mistake]] = {document["name"]: [] for document in documents}
    for number, result in enumerate(told["results"], start=1):
        mistake = _mistake(result, f"mistake-{number}", corrections.get(result["id"], ""))
        of.get(result["file"], of[documents[0]["name"]]).append(mistake)
    return [_reviewed(document, of[document["name"]]) for document in documents]


def read_revealed(told: Mapping[str, Any]) -> list[Mistake]:
    """The mistakes that show only in what follows from the data."""
    results = enumerate(told["revealed_by_inference"], start=1)
    return [_mistake(result, f"revealed-{number}", "") for number, result in results]


def read_failure(error: SourceError, document: Document) -> Reviewed:
    """The document that cannot be read, with each place that says why."""
    mistakes = [
        _unread(each, f"mistake-{number}")
        for number, each in enumerate((error, *error.others), start=1)
    ]
    text = document.text
    lines, elsewhere = _beside(text, mistakes)
    name = str(document.name)
    return Reviewed(name, document.syntax, text, tuple(mistakes), lines, elsewhere, "", "", 0)


def _unread(error: SourceError, anchor: str) -> Mistake:
    at = error.position
    return Mistake(
        anchor=anchor,
        severity="Violation",
        label="Cannot be read",
        message=error.message,
        hint=error.hint or "",
        place="",
        line=at.line if at else None,
        column=at.column if at else None,
        shape="",
        shape_link="",
        correction="",
    )


def _reviewed(document: Mapping[str, Any], mistakes: Sequence[Mistake]) -> Reviewed:
    lines, elsewhere = _beside(document["text"], mistakes)
    return Reviewed(
        document["name"],
        document["syntax"],
        document["text"],
        tuple(mistakes),
        lines,
        elsewhere,
        document.get("corrected", ""),
        document.get("diff", ""),
        len(document.get("corrections", {})),
    )


def _mistake(result: Mapping[str, Any], anchor: str, correction: str) -> Mistake:
    focus = result["focus"].removeprefix("<").removesuffix(">")
    return Mistake(
        anchor=anchor,
        severity=result["severity"],
        label=result["label"] or short(focus),
        message=result["message"],
        hint=result["hint"],
        place=result["pointer"],
        line=result["line"],
        column=result["column"],
        shape=short(result["shape"]),
        shape_link=link(result["shape"]),
        correction=correction,
        against=tuple(other["text"] for other in result["against"]),
        follows=len(result["follows"]),
    )


def _beside(
    text: str | None, mistakes: Sequence[Mistake]
) -> tuple[tuple[Line, ...], tuple[Mistake, ...]]:
    """The lines around mistakes with those at each, and the mistakes that stand at no line."""
    written = text.splitlines() if text is not None else []
    at: dict[int, list[Mistake]] = defaultdict(list)
    elsewhere = []
    for mistake in mistakes:
        if mistake.line is not None and 1 <= mistake.line <= len(written):
            at[mistake.line].append(mistake)
        else:
            elsewhere.append(mistake)
    shown = {
        number
        for line in at
        for number in range(line - AROUND, line + AROUND + 1)
        if 1 <= number <= len(written)
    }
    lines: list[Line] = []
    last = 0
    for number in sorted(shown)[:MOST_SHOWN]:
        if number - last > 1:
            lines.append(Line(0, "", skipped=number - last - 1))
        here = sorted(at[number], key=lambda one: one.column or 0) if number in at else ()
        lines.append(Line(number, written[number - 1], tuple(here)))
        last = number
    if lines and last < len(written):
        lines.append(Line(0, "", skipped=len(written) - last))
    return tuple(lines), tuple(elsewhere)


def show_review(checked: Checked, given: Mapping[str, str], syntaxes: Sequence[str]) -> Response:
    """The documents with their mistakes beside their lines; `given` are the form's fields."""
    told: dict[str, Any] = json.loads(checked.text)
    page = _rendered(
        read_review(told),
        given,
        syntaxes,
        verdict=_verdict(checked),
        conforms=checked.conforms and checked.is_judged,
        revealed=read_revealed(told),
        **{name: told[name] for name in ("summary", "policy", "left_out", "remarks")},
    )
    return Response(page, mimetype=HTML)


def _verdict(checked: Checked) -> str:
    if not checked.is_judged:
        return "Nothing was judged"
    return "The data conform" if checked.conforms else "The data do not conform"


def show_failure(
    error: SourceError,
    documents: Sequence[Document],
    given: Mapping[str, str],
    syntaxes: Sequence[str],
) -> Response:
    """The document that cannot be read, with the place where reading ended."""
    document = next((each for each in documents if str(each.name) == error.path), documents[0])
    page = _rendered(
        [read_failure(error, document)],
        given,
        syntaxes,
        verdict="The data cannot be read",
        conforms=False,
        summary=_count(error),
        policy="Nothing was judged.",
    )
    return Response(page, status=error.status, mimetype=HTML)


def _count(error: SourceError) -> str:
    if not error.others:
        return "Reading ended at the mistake"
    return f"{1 + len(error.others)} mistakes{f', {error.more}' if error.more else ''}"


def _rendered(
    documents: list[Reviewed],
    given: Mapping[str, str],
    syntaxes: Sequence[str],
    **context: object,
) -> str:
    # One text can be mended in the page; several files, or a workbook, cannot.
    only = documents[0] if len(documents) == 1 and documents[0].text is not None else None
    editable = only if only is not None and only.syntax in syntaxes else None
    return render_template(
        "validate.html",
        syntaxes=syntaxes,
        given=given,
        documents=documents,
        mistakes=[mistake for document in documents for mistake in document.mistakes],
        editable=editable,
        correctable=editable if editable is not None and editable.corrected else None,
        **context,
    )
