"""The guide for programs that read: what is here and how to ask it, in the form of llms.txt."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from peelgraph import terms

_LIMITS = (
    "A query has a deadline and a longest answer; past either it fails and says so, and nothing "
    "is ever cut in silence."
)
INFERRED = "Inferred statements are seen beside the asserted ones; `explain` tells why one holds."


class Row(Protocol):
    """A class with its name, "" where it has none, and the number of its things."""

    def __getitem__(self, name: str) -> str: ...


class Asked(Protocol):
    """What the guide tells of a stored question."""

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def tags(self) -> Sequence[str]: ...


def write_guide(
    classes: Iterable[Row], questions: Sequence[Asked], url: str, told: Iterable[str] = (INFERRED,)
) -> str:
    """The guide as Markdown, its links beginning with `url`; `classes` as the query counts them.

    `told` are sentences on what a query sees and may call here.
    """
    project, thing = terms.PROJECT, terms.PROJECT.example_thing
    ways = (
        ("SPARQL endpoint", "/sparql", "queries by GET or POST; without one, its description"),
        ("VoID and DCAT", "/.well-known/void", "what the dataset holds, counted"),
        ("Ontology", "/ontology", "classes and properties with definitions, as RDF or a page"),
        ("Shapes", "/shapes", "what data must look like, in SHACL"),
        ("Catalogue", "/queries", "stored questions with their parameters"),
        ("Validation", "/validate", "RDF in, SHACL report out"),
        ("Explanation", "/explain", "why a triple holds, down to its passages"),
    )
    return "\n".join(
        [
            f"# {project.name}",
            "",
            *([f"> {project.about}", ""] if project.about else []),
            *(f"- {sentence}" for sentence in (*project.notes, _LIMITS, *told) if sentence),
            "",
            "## Ways in",
            "",
            *(f"- [{name}]({url}{path}): {text}" for name, path, text in ways),
            "",
            "## Prefixes",
            "",
            f"- `{project.ontology_prefix}:` is `{terms.TERM}`",
            f"- a thing is `{terms.ID}<type>/<slug>`; `{thing}` is `{terms.expand(thing)}`",
            "",
            "## Classes",
            "",
            *(
                f"- [{row['kindName']}]({row['kind']}): {terms.shorten(row['kind'])},"
                f" {row['entities']} of them"
                for row in classes
                if row["kindName"] and row["kind"].startswith(terms.TERM)
            ),
            "",
            "## Questions",
            "",
            *(
                f"- [{each.name}]({url}/queries/{each.name}): {each.summary}"
                + (f" ({', '.join(each.tags)})" if each.tags else "")
                for each in questions
            ),
            "",
        ]
    )
