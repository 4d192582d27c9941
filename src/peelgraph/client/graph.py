"""The graph as a Python session sees it: queried, constructed from, explained.

Its questions are those of the catalogue as functions, whose names, signatures and texts complete.
"""

import inspect
import keyword
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import pyoxigraph as ox
import rdflib

from peelgraph import terms
from peelgraph.catalogue import Catalogue, Parameter, StoredQuery, find_renamed, read_node
from peelgraph.catalogue.graph_names import whole_graph
from peelgraph.catalogue.stored_queries import OPEN, REQUIRED
from peelgraph.client.backends import Source
from peelgraph.client.frames import make_frame, read_columns
from peelgraph.errors import QueryRefused, RequestRefused, UnknownName
from peelgraph.reasoning import Explanation, Rules, compile_rules, explain, render
from peelgraph.sparql import Query, QueryRequest, QueryResult
from peelgraph.validation.rdflib_store import to_oxigraph, to_rdflib


@dataclass(frozen=True, slots=True)
class Wish:
    """How a question is answered: in which frames, with what is inferred, from which version."""

    frame: str | None = None
    inference: bool = True
    at: int | None = None


Asking = Callable[[StoredQuery, dict[str, str], Wish], Any]

_WISHES = [
    inspect.Parameter(
        each.name, inspect.Parameter.KEYWORD_ONLY, default=each.default, annotation=each.type
    )
    for each in fields(Wish)
]


class Questions:
    """The catalogue's questions as functions: `judgments-of-force` is `judgments_of_force`."""

    def __init__(self, catalogue: Catalogue, asking: Asking) -> None:
        self._catalogue = catalogue
        self._asking = asking

    def __dir__(self) -> list[str]:
        return [*self, "find"]

    def __iter__(self) -> Iterator[str]:
        """The names of the functions, sorted."""
        return (_identifier(stored.name) for stored in self._catalogue.questions)

    def __len__(self) -> int:
        return len(self._catalogue.questions)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name.replace("_", "-")]
        except UnknownName as error:
            raise AttributeError(str(error)) from error

    def __getitem__(self, name: str) -> Callable[..., Any]:
        """The function of a question by its name in the catalogue; UnknownName when it has none."""
        if renamed := find_renamed(self._catalogue.questions, name, ()):
            warnings.warn(renamed.note, FutureWarning, stacklevel=2)
            return partial(_function(renamed.stored, self._asking), **dict(renamed.values))
        return _function(self._catalogue.get(name), self._asking)

    def find(self, *words: str) -> dict[str, str]:
        """The names of the questions that have all `words` in name, summary, text or tags."""
        return {
            _identifier(stored.name): stored.summary
            for stored in self._catalogue.questions
            if has_words(stored, words)
        }

    def _ipython_key_completions_(self) -> list[str]:
        """What completes in brackets: the names as the catalogue has them."""
        return [stored.name for stored in self._catalogue.questions]

    def __repr__(self) -> str:
        return f"<{len(self)} questions: {', '.join(self)}>"


def has_words(stored: StoredQuery, words: Iterable[str]) -> bool:
    """Whether all `words` stand in the name, summary, description or tags of a question."""
    names = (stored.name, *(former.name for former in stored.former))
    text = " ".join((*names, stored.summary, stored.description, *stored.tags)).lower()
    return all(word.lower() in text for word in words)


def _identifier(name: str) -> str:
    return name.replace("-", "_")


def _function(stored: StoredQuery, asking: Asking) -> Callable[..., Any]:
    # Python wants what must be given before what may be.
    ordered = sorted(stored.parameters, key=lambda each: each.default != REQUIRED)
    signature = inspect.Signature([*map(_parameter, ordered), *_WISHES])
    former = {old: new for each in stored.former for old, new in each.parameters.items()}

    def ask(*positional: Any, **given: Any) -> Any:
        for name in former.keys() & given:
            note = f"{name} is called {former[name]} now; the old name will go"
            warnings.warn(note, FutureWarning, stacklevel=2)
            given[former[name]] = given.pop(name)
        values = dict(signature.bind(*positional, **given).arguments)
        wish = Wish(**{wish.name: values.pop(wish.name) for wish in _WISHES if wish.name in values})
        texts = {k.rstrip("_"): _written(v) for k, v in values.items() if v is not None}
        return asking(stored, texts, wish)

    ask.__name__ = ask.__qualname__ = _identifier(stored.name)
    ask.__doc__ = _explained(stored)
    ask.__signature__ = signature  # type: ignore[attr-defined]
    return ask


def _parameter(parameter: Parameter) -> inspect.Parameter:
    default: Any = {OPEN: None, REQUIRED: inspect.Parameter.empty}.get(
        parameter.default, parameter.default
    )
    return inspect.Parameter(
        # A name that Python keeps for itself, as class, is written class_.
        parameter.name + "_" * keyword.iskeyword(parameter.name),
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=default,
        annotation=str,
    )


def _explained(stored: StoredQuery) -> str:
    needed = "; rows may be missing without it" if stored.needs_inference else ""
    return "\n".join(
        [
            *(f"{stored.summary}.", "", stored.description, ""),
            *(f"{each.name}: {each.type}. {each.about}" for each in stored.parameters),
            "frame: pandas or polars; None is what the graph was opened with.",
            f"inference: whether what is inferred counts{needed}.",
            "at: the number of an older version.",
        ]
    )


def _written(value: Any) -> str:
    """A value as it is written on the command line: True as true, a day as 2016-02-18."""
    return str(value).lower() if isinstance(value, bool) else str(value)


Value = rdflib.URIRef | rdflib.Literal | str | int | float | Decimal | bool | date


class Explained(Explanation):
    """An explanation that a session or notebook shows in words."""

    __slots__ = ()

    def __repr__(self) -> str:
        return render(self, "text").rstrip("\n")


class Graph:
    """A graph to ask; `questions` holds those of the catalogue.

    What asks a query or a question takes `at`, the number of an older version, and `inference`.
    """

    def __init__(self, source: Source, catalogue: Catalogue, frame: str) -> None:
        self._source = source
        self._frame = frame
        self._rules: Rules | None = None
        self.questions = Questions(catalogue, self._stored)

    def query(
        self,
        text: str | Path,
        bindings: Mapping[str, Value] | None = None,
        *,
        frame: str | None = None,
        inference: bool = True,
        at: int | None = None,
    ) -> Any:
        """The rows of a SELECT as a frame, with the XSD types of their values.

        `text` is the query, or the path of its file; `bindings` give variables a value, as a term
        and never as text. Missing values are the frame's own.
        Errors: QueryRefused with line and column; DeadlinePassed, MemoryExceeded, ServiceBusy,
                EngineUnavailable; SettingError when the frame's library is missing.
        """
        answer = self._asked(text, bindings, inference, at)
        if answer.form != "select":
            other = "ask" if answer.form == "ask" else "construct"
            raise QueryRefused(f"this query gives no rows: ask it with {other}()")
        return self._framed(answer, frame)

    def ask(
        self,
        text: str | Path,
        bindings: Mapping[str, Value] | None = None,
        *,
        inference: bool = True,
        at: int | None = None,
    ) -> bool:
        """Whether an ASK holds; errors as query."""
        answer = self._asked(text, bindings, inference, at)
        if answer.form != "ask":
            raise QueryRefused("this query is no ASK: ask it with query() or construct()")
        return _truth(answer)

    def construct(
        self,
        text: str | Path,
        bindings: Mapping[str, Value] | None = None,
        *,
        inference: bool = True,
        at: int | None = None,
    ) -> rdflib.Graph:
        """The graph of a CONSTRUCT or DESCRIBE, with the project's prefixes; errors as query."""
        answer = self._asked(text, bindings, inference, at)
        if answer.form != "graph":
            raise QueryRefused("this query gives no graph: ask it with query() or ask()")
        return _rdf(answer)

    def explain(self, subject: str, predicate: str, object: str, proofs: int = 1) -> Explained:
        """Why a triple holds: its rules, and the asserted triples with their passages.

        It is shown as the command line shows it; its parts are those of Explanation.
        A term is a prefixed name (force:derbyshire), an IRI in <>, or a literal ("Good"@en).
        """
        if self._rules is None:
            self._rules = compile_rules(self._source.query(whole_graph(terms.ONTOLOGY_GRAPH)).body)
        triple = [read_node(term) for term in (subject, predicate, object)]
        found = explain(self._source, self._rules, *triple, proofs=proofs)
        return Explained(found.triple, found.state, found.proofs, found.missing, found.unknown)

    def close(self) -> None:
        """End what was started for this graph; it is not asked again."""
        self._source.close()

    def __enter__(self) -> "Graph":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _asked(
        self,
        text: str | Path,
        bindings: Mapping[str, Value] | None,
        inference: bool,
        at: int | None,
    ) -> QueryResult:
        if isinstance(text, Path):
            text = text.read_text(encoding="utf-8-sig")
        bound = tuple((name, _term(name, value)) for name, value in (bindings or {}).items())
        query = Query(text)
        names = query.variables
        for name, _ in bound:
            if name.lstrip("?$") not in names:
                raise RequestRefused(
                    f"the query has no variable ?{name.lstrip('?$')}",
                    hint=f"it has: {', '.join(sorted(names)) or 'none'}",
                )
        answer = self._source.query(QueryRequest(query, bindings=bound, inference=inference), at)
        for warning in answer.warnings:
            warnings.warn(warning, UserWarning, stacklevel=3)
        return answer

    def _stored(self, stored: StoredQuery, values: dict[str, str], wish: Wish) -> Any:
        if stored.needs_inference and not wish.inference:
            note = f"{stored.name} rests on what is inferred: without it, rows may be missing"
            warnings.warn(note, UserWarning, stacklevel=3)
        asked = QueryRequest(stored.query, bindings=stored.bind(values), inference=wish.inference)
        answer = self._source.query(asked, wish.at)
        if answer.form == "graph":
            return _rdf(answer)
        return _truth(answer) if answer.form == "ask" else self._framed(answer, wish.frame)

    def _framed(self, answer: QueryResult, frame: str | None) -> Any:
        about = {"version": answer.version} if answer.version else {}
        return make_frame(read_columns(answer.body), frame or self._frame, about)


def _rdf(answer: QueryResult) -> rdflib.Graph:
    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in terms.PREFIXES.items():
        graph.bind(prefix, namespace)
    # rdflib's own parser would spell literals anew: "01"^^xsd:integer as 1.
    for triple in ox.parse(answer.body, ox.RdfFormat.N_TRIPLES):
        subject, predicate = to_rdflib(triple.subject), to_rdflib(triple.predicate)
        graph.add((subject, predicate, to_rdflib(triple.object)))
    return graph


def _truth(answer: QueryResult) -> bool:
    return b"true" in answer.body


def _term(name: str, value: Value) -> str:
    """A value as a term in N-Triples syntax; RequestRefused for what is no value of XSD."""
    if not isinstance(value, Value):
        raise RequestRefused(
            f"{name}: {value!r} is no term",
            hint="give text, a number, a day, an rdflib Literal, or client.iri('force:kent')",
        )
    if isinstance(value, rdflib.URIRef):
        return str(to_oxigraph(value))
    return str(to_oxigraph(value if isinstance(value, rdflib.Literal) else rdflib.Literal(value)))
