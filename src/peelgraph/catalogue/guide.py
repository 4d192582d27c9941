"""The guide for programs that read: what is here and how to ask it, in the form of llms.txt."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from peelgraph import terms

_ABOUT = """\
# peelgraph

> An open knowledge graph of police inspections: what the inspectorate of constabulary stated in its PEEL inspections of the 43 forces of England and Wales, as RDF with its sources, asked in SPARQL 1.1.

- Every statement of a report leads to the passage that makes it (`peel:statedIn`), every grade of a table to its row and source.
- A judgment is the grade given to one force on one question in one round; the schemes of grades differ between rounds.
- What the report leaves open is said to be open (`peel:Gap`): no statement is no denial.
- A query has a deadline and a longest answer; past either it fails and says so, and nothing is ever cut in silence.
- The facts are Crown copyright under the Open Government Licence v3.0: cite the inspectorate's report and the version asked.
"""  # noqa: E501 - a paragraph of Markdown is a line


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
            _ABOUT + "".join(f"- {sentence}\n" for sentence in told if sentence),
            "## Ways in",
            "",
            *(f"- [{name}]({url}{path}): {text}" for name, path, text in ways),
            "",
            "## Prefixes",
            "",
            f"- `peel:` is `{terms.PEEL}`",
            f"- a thing is `{terms.ID}<type>/<slug>`; `force:kent` is `{terms.ID}force/kent`",
            "",
            "## Classes",
            "",
            *(
                f"- [{row['name']}]({row['class']}): {terms.shorten(row['class'])},"
                f" {row['entities']} of them"
                for row in classes
                if row["name"] and row["class"].startswith(terms.PEEL)
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
