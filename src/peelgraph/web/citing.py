"""How a run of a stored question is cited: its lasting address, as text and for BibTeX."""

from datetime import datetime
from urllib.parse import urlencode

from peelgraph.web.service import Published, StoredQuestion

FREE = ("*", "-")  # a parameter without a value, or that needs one
AUTHOR = "The peelgraph maintainers"
_NOTE = (
    "Facts from reports of Her Majesty's Inspectorate of Constabulary, Crown copyright, "
    "Open Government Licence v3.0"
)
_PASSING = "This version may be removed later, and its address then answers no more."
# What would end a value of BibTeX, or begin a command.
_BIBTEX = str.maketrans(
    {**{sign: f"\\{sign}" for sign in "&%$#_"}, "{": "(", "}": ")", "\\": "/", "~": "-", "^": "-"}
)


def permalink(url: str, stored: StoredQuestion, values: dict[str, str], version: int) -> str:
    """The address at which this run has the same answer as long as its version is kept."""
    given = {p.name: values.get(p.name, p.default) for p in stored.parameters}
    asked = sorted((name, value) for name, value in given.items() if value not in FREE)
    query = urlencode([*asked, ("at", version)])
    return f"{url}/queries/{stored.name}?{query}"


def cite(
    url: str,
    stored: StoredQuestion,
    values: dict[str, str],
    version: Published,
    *,
    is_kept: bool = True,
) -> str:
    """The run as a line of a bibliography; it says so where the version is not kept for good."""
    made = datetime.fromisoformat(version.created)
    address = permalink(url, stored, values, version.number)
    return (
        f"{AUTHOR} ({made.year}). {stored.summary}. In: peelgraph, version {version.number} of "
        f"{made.date().isoformat()}. {address} ({_NOTE})" + ("" if is_kept else f" {_PASSING}")
    )


def cite_bibtex(
    url: str,
    stored: StoredQuestion,
    values: dict[str, str],
    version: Published,
    *,
    is_kept: bool = True,
) -> str:
    """The run as an entry of BibTeX; it says so where the version is not kept for good."""
    made = datetime.fromisoformat(version.created)
    members = {
        "author": f"{{{AUTHOR}}}",
        "title": f"{{{stored.summary.translate(_BIBTEX)}}}",
        "howpublished": "peelgraph",
        "version": str(version.number),
        "year": str(made.year),
        "date": made.date().isoformat(),
        "url": permalink(url, stored, values, version.number).replace("%", "\\%"),
        "note": _NOTE if is_kept else f"{_NOTE}. {_PASSING}",
    }
    listed = ",\n".join(f"  {name} = {{{value}}}" for name, value in members.items())
    return f"@misc{{peelgraph-{stored.name}-{version.number},\n{listed}\n}}\n"
