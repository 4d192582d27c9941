"""A report as an HTML page that stands on its own."""

import base64
import hashlib
from html import escape

from peelgraph.validation.model import POLICY, Remark, Report, ShapeResult
from peelgraph.validation.rendering.text import (
    against,
    apart,
    describe,
    folded,
    following,
    harmless,
    remainder,
    remedy,
    short,
    total,
)

_STYLE = (
    ":root{color-scheme:light dark;--text:#1b2228;--quiet:#525d68;--page:#fcfcfb;--raised:#f0f3f5;"
    "--line:#d3dae0;--link:#0a4f8f;--mark:#fff1c2;--violation:#9c1c1c;--warning:#8a4b00;"
    "--info:#0a4f8f}"
    "@media(prefers-color-scheme:dark){:root{--text:#e6eaee;--quiet:#a8b3be;--page:#12171c;"
    "--raised:#1c232a;--line:#343e48;--link:#8cc2f5;--mark:#4a3d0c;--violation:#ff9a92;"
    "--warning:#f0a95a;--info:#8cc2f5}}"
    "*{box-sizing:border-box}"
    "body{margin:0;font:1rem/1.55 system-ui,'Segoe UI','Noto Sans',sans-serif;color:var(--text);"
    "background:var(--page);overflow-wrap:anywhere}"
    "main{max-width:70rem;margin:auto;padding:1.5rem clamp(1rem,3vw,2rem) 3rem}"
    "h1{margin:0}h2{font-size:1.1rem;margin:0 0 .25rem}h3{margin:2rem 0 0}a{color:var(--link)}"
    ".quiet{color:var(--quiet);font-size:.875rem}"
    "article{margin:1rem 0;padding:.75rem 1rem;border:1px solid var(--line);"
    "border-left:.3rem solid var(--quiet);border-radius:.4rem}"
    ".violation{border-left-color:var(--violation)}.violation strong{color:var(--violation)}"
    ".warning{border-left-color:var(--warning)}.warning strong{color:var(--warning)}"
    ".info{border-left-color:var(--info)}.info strong{color:var(--info)}"
    "pre{margin:.5rem 0;padding:.5rem .75rem;overflow-x:auto;background:var(--raised);"
    "border-radius:.4rem}pre,code{font-family:ui-monospace,Menlo,Consolas,monospace;"
    "font-size:.875rem}mark{background:var(--mark);color:inherit}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.5rem 0 0}"
    "dt{color:var(--quiet)}dd{margin:0}p{margin:.25rem 0}"
)
# For who serves the page under a policy that allows no style but those it names.
STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def to_html(report: Report) -> str:
    """The report as a page; every text in it is escaped, for labels are data."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Validation report</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>Validation report</h1><p><strong>{_safe(total(report))}</strong></p>",
        f'<p class="quiet">{_safe(POLICY)}</p>',
    ]
    parts += [_article(*each) for each in folded(report.listed)]
    if report.left_out:
        parts.append(f"<p>{_safe(remainder(report))}</p>")
    for title, results in apart(report):
        if results:
            parts.append(f"<h3>{_safe(title)}</h3>")
            prefix = f"{title[:4].lower()}-"
            parts += [_article(*each, prefix) for each in folded(results)]
    if report.remarks:
        parts.append("<h3>What the verdict does not rest on</h3>")
        parts += [_remark(remark) for remark in report.listed_remarks]
    parts.append("</main></body></html>\n")
    return "\n".join(parts)


def _article(result: ShapeResult, identifiers: str, prefix: str = "") -> str:
    kind = result.severity.value.lower()
    name = result.label or short(result.focus)
    parts = [
        f'<article id="{prefix}result-{result.identifier}" class="{kind}">',
        f"<h2>{_safe(name)}</h2><p><strong>{kind}</strong>: {_safe(result.message)}</p>",
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
        *(("Against", other) for other in against(result)),
        ("Write", remedy(result)),
        ("Follows", following(result)),
    ):
        if text:
            parts.append(f"<dt>{term}</dt><dd>{_safe(text)}</dd>")
    parts.append(f"<dt>Shape</dt><dd>{_shape(result.shape)}</dd>")
    parts.append(f"<dt>Result</dt><dd><code>{identifiers}</code></dd></dl></article>")
    return "\n".join(parts)


def _remark(remark: Remark) -> str:
    place = f'<p class="quiet">{_safe(remark.place)}</p>' if remark.place else ""
    return f'<article class="warning"><p>{_safe(describe(remark))}</p>{place}</article>'


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
