"""The questions of the catalogue as functions, with names, signatures and texts that complete."""

import inspect
import keyword
from collections.abc import Callable, Iterator
from typing import Any

from peelgraph.catalogue import Catalogue, Parameter, StoredQuery
from peelgraph.catalogue.parameters import OPEN, REQUIRED
from peelgraph.errors import UnknownName

Asking = Callable[[StoredQuery, dict[str, str], str | None], Any]

_FRAME = inspect.Parameter(
    "frame", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=str | None
)


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
        wanted = [word.lower() for word in words]
        return {
            _identifier(stored.name): stored.summary
            for stored in self._catalogue.questions
            if all(word in _searched(stored) for word in wanted)
        }

    def __repr__(self) -> str:
        return f"<{len(self)} questions: {', '.join(self)}>"


def _searched(stored: StoredQuery) -> str:
    return " ".join((stored.name, stored.summary, stored.description, *stored.tags)).lower()


def _identifier(name: str) -> str:
    return name.replace("-", "_")


def _function(stored: StoredQuery, asking: Asking) -> Callable[..., Any]:
    # Python wants what must be given before what may be.
    ordered = sorted(stored.parameters, key=lambda each: each.default != REQUIRED)
    signature = inspect.Signature([*map(_parameter, ordered), _FRAME])

    def ask(*positional: Any, **given: Any) -> Any:
        values = dict(signature.bind(*positional, **given).arguments)
        frame = values.pop("frame", None)
        texts = {k.rstrip("_"): _text(v) for k, v in values.items() if v is not None}
        return asking(stored, texts, frame)

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
        ]
    )


def _text(value: Any) -> str:
    """A value as it is written on the command line: True as true, a day as 2016-02-18."""
    return str(value).lower() if isinstance(value, bool) else str(value)
