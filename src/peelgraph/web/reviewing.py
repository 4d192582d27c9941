"""The page of what was checked: the verdict, the mistakes, the text, what corrects it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, json, render_template

from peelgraph.checking import Checked, Document
from peelgraph.errors import SourceError
from peelgraph.web.negotiation import HTML
from peelgraph.web.reviewed import Reviewed, read_failure, read_revealed, read_review


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
        summary="Reading ended at the mistake",
        policy="Nothing was judged.",
    )
    return Response(page, status=error.status, mimetype=HTML)


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
