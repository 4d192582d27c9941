"""The questions of the catalogue as functions, with names, signatures and texts that complete."""

import inspect
import keyword
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from peelgraph.catalogue import Catalogue, Parameter, StoredQuery
from peelgraph.catalogue.parameters import OPEN, REQUIRED
from peelgraph.errors import UnknownName


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
            return _function(self._catalogue.get(name.replace("_", "-")), self._asking)
        except UnknownName as error:
            raise AttributeError(str(error)) from error

    def __getitem__(self, name: str) -> Callable[..., Any]:
        """The function of a question by its name in the catalogue; UnknownName when it has none."""
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
    text = " ".join((stored.name, stored.summary, stored.description, *stored.tags)).lower()
    return all(word.lower() in text for word in words)


def _identifier(name: str) -> str:
    return name.replace("-", "_")


def _function(stored: StoredQuery, asking: Asking) -> Callable[..., Any]:
    # Python wants what must be given before what may be.
    ordered = sorted(stored.parameters, key=lambda each: each.default != REQUIRED)
    signature = inspect.Signature([*map(_parameter, ordered), *_WISHES])

    def ask(*positional: Any, **given: Any) -> Any:
        values = dict(signature.bind(*positional, **given).arguments)
        wish = Wish(**{wish.name: values.pop(wish.name) for wish in _WISHES if wish.name in values})
        texts = {k.rstrip("_"): _text(v) for k, v in values.items() if v is not None}
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
    return "\n".join(
        [
            *(f"{stored.summary}.", "", stored.description, ""),
            *(f"{each.name}: {each.type}. {each.about}" for each in stored.parameters),
            "frame: pandas or polars; None is what the graph was opened with.",
            "inference: whether what is inferred counts.",
            "at: the number of an older version.",
        ]
    )


def _text(value: Any) -> str:
    """A value as it is written on the command line: True as true, a day as 2016-02-18."""
    return str(value).lower() if isinstance(value, bool) else str(value)
