"""A report as an HTML page that stands on its own."""

from html import escape

from peelgraph.validation.model import POLICY, Report, ShapeResult
from peelgraph.validation.rendering.wording import apart, harmless, remainder, short, total

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
    "article{border-left:.3rem solid;padding:0 1rem;margin:1rem 0}"
    ".violation{border-color:#b00020}.warning{border-color:#a15c00}.info{border-color:#005ea5}"
    "pre{overflow-x:auto;padding:.5rem;border:1px solid}dt{font-weight:bold}dd{margin:0 0 .5rem}"
)


def to_html(report: Report) -> str:
    """The report as a page; every text in it is escaped, for labels are data."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Validation report</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>Validation report</h1><p><strong>{_safe(total(report))}</strong></p>",
        f"<p>{_safe(POLICY)}</p>",
    ]
    parts += [_article(result) for result in report.listed]
    if report.left_out:
        parts.append(f"<p>{_safe(remainder(report))}</p>")
    for title, results in apart(report):
        if results:
            parts.append(f"<h2>{_safe(title)}</h2>")
            parts += [_article(result, f"{title[:4].lower()}-") for result in results]
    parts.append("</main></body></html>\n")
    return "\n".join(parts)


def _article(result: ShapeResult, prefix: str = "") -> str:
    kind = result.severity.value.lower()
    name = result.label or short(result.focus)
    parts = [
        f'<article id="{prefix}result-{result.identifier}" class="{kind}">',
        f"<h2>{_safe(name)}</h2><p>{kind}: {_safe(result.message)}</p>",
    ]
    if result.line:
        parts.append(f"<pre>{_marked(result)}</pre>")
    parts.append("<dl>")
    for term, text in (
        ("Place", result.place),
        ("Where", result.pointer),
        ("Thing", short(result.focus)),
        ("At", short(result.path)),
        ("Found", short(result.value)),
        ("Write", result.hint),
    ):
        if text:
            parts.append(f"<dt>{term}</dt><dd>{_safe(text)}</dd>")
    parts.append(f"<dt>Shape</dt><dd>{_shape(result.shape)}</dd></dl></article>")
    return "\n".join(parts)


def _marked(result: ShapeResult) -> str:
    """The source line with what is wrong marked from its column on."""
    at = result.mark
    return f"{_safe(result.line[:at])}<mark>{_safe(result.line[at:])}</mark>"


def _shape(shape: str) -> str:
    if not shape.startswith(("<http://", "<https://")):
        return _safe(shape)
    return f'<a href="{escape(shape[1:-1])}">{_safe(short(shape))}</a>'


def _safe(text: str) -> str:
    return escape(harmless(text))
