"""The catalogue: every stored query of a folder, by name."""

import difflib
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Store

from peelgraph.catalogue.header import StoredQuery, read_query
from peelgraph.errors import SourceError, UnknownName


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The stored queries, sorted by name."""

    questions: tuple[StoredQuery, ...]

    def get(self, name: str) -> StoredQuery:
        """The query called `name`; UnknownName tells the nearest ones."""
        by_name = {question.name: question for question in self.questions}
        if name in by_name:
            return by_name[name]
        near = difflib.get_close_matches(name, by_name, n=3, cutoff=0.5)
        raise UnknownName(
            f"the catalogue has no query called {name!r}",
            hint=f"did you mean {' or '.join(near)}?" if near else f"it has: {', '.join(by_name)}",
        )


def read_catalogue(folder: Path) -> Catalogue:
    """Every .rq file of `folder`; SourceError when there is none, or one is malformed."""
    files = sorted(folder.rglob("*.rq"))
    if not files:
        raise SourceError(folder, "no .rq file here: a catalogue of nothing answers nothing")
    questions = []
    empty = Store()
    for path in files:
        question = read_query(path)
        try:
            empty.query(question.text)
        except (SyntaxError, ValueError, RuntimeError) as error:
            raise SourceError(path, f"is no SPARQL 1.1 query: {error}") from error
        questions.append(question)
    return Catalogue(tuple(sorted(questions, key=lambda question: question.name)))
