"""One way to validate documents, for the command line and the web: the same task, the same verdict.

`service` carries a task out; it is imported where that is done, as it brings the validator.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from peelgraph.sources import SUFFIXES

if TYPE_CHECKING:
    from peelgraph.remote import Engine

# The syntaxes that are tables, and the suffix of every syntax that is read.
TABLES = ("csv", "xlsx")
ALL_SUFFIXES = {**SUFFIXES, ".csv": "csv", ".xlsx": "xlsx"}
_WORKBOOK = "xlsx"
# A page with more text than this helps nobody; its mistakes are listed without it.
_LONGEST = 512 * 1024
# As validation.FORMATS, which takes longer to import than whoever starts the process should wait.
STYLES = ("text", "turtle", "jsonld", "json", "csv", "html", "sarif")


@dataclass(frozen=True, slots=True)
class Document:
    """One document: the name that messages show, its bytes, and the graph it belongs to.

    `syntax` is one of ALL_SUFFIXES' values; `base` resolves relative IRIs. Where nobody named the
    graph, `is_guess`: a document that describes a graph of ours as its own belongs to that one.
    """

    name: Path
    content: bytes
    syntax: str
    graph: str
    base: str | None = None
    is_guess: bool = False

    @property
    def text(self) -> str | None:
        """The document as text; None for a workbook, and for what is too long to show."""
        if self.syntax == _WORKBOOK or len(self.content) > _LONGEST:
            return None
        return self.content.decode("utf-8-sig", "replace")


@dataclass(frozen=True, slots=True)
class Check:
    """Documents to judge, by what, and beside what.

    `shapes` are the caller's own, in place of the project's. `root` is the project whose
    ontology, shapes and other files count; without it, those of the version in the folder
    `store`, or in a remote `engine`, do. With `context`, documents may refer to what is
    published and replace the graphs that they belong to. `style`, `most` and `colour` say how the
    report is written; with `fix`, the documents are corrected too.
    """

    documents: tuple[Document, ...]
    shapes: tuple[Document, ...] = ()
    root: Path | None = None
    store: Path | None = None
    engine: Engine | None = None
    context: bool = True
    inference: bool = False
    style: str = "text"
    most: int | None = None
    colour: bool = False
    fix: bool = False

    @property
    def is_general(self) -> bool:
        """Whether any vocabulary goes: shapes of the caller's own, and nothing around."""
        return bool(self.shapes) and not self.context


@dataclass(frozen=True, slots=True)
class Mended:
    """A document with its safe corrections: the `text` with them, and a diff of what was
    `applied` and of what is `offered` and needs somebody's agreement; "" where there is none, and
    all of them in a syntax that cannot be corrected."""

    name: Path
    text: str
    applied: str
    offered: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict, the report as it was asked for, and what can be corrected.

    Where not `is_judged`, no shape found anything to judge, and the verdict says nothing.
    """

    conforms: bool
    text: str
    mended: tuple[Mended, ...] = ()
    is_judged: bool = True
