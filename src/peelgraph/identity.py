"""Who a project is: the folder of its sources, and what its file ontology/project.toml says.

Whatever imports `peelgraph.terms` reads that file first, so it imports as little as it can.
"""

import os
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any, NoReturn

FILE = "ontology/project.toml"
FOLDERS = ("ontology", "shapes", "data", "queries")
# Names the folder to processes that we start: all mint the same IRIs, wherever they run.
VARIABLE = "PEELGRAPH_PROJECT"

_NO_IRI = frozenset(' \t\r\n<>"{}|\\^`')
_TOML_PLACE = r" \(at line (\d+), column (\d+)\)$"
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Identity(SimpleNamespace):
    """A project's file, a field a key; a name is a prefixed name, or an IRI in full."""

    name: str
    title: str
    description: str
    base: str  # what every IRI of the project begins with
    ontology_prefix: str
    shapes_prefix: str
    types: tuple[str, ...]  # of things; each is a prefix, too: Turtle has no slash in a local name
    licence: str
    example_thing: str  # a name, for messages, the guide and void:exampleResource
    example_property: str
    # Prefixes and namespaces beside those of terms.STANDARD.
    vocabularies: Mapping[str, str] = _NOTHING
    licence_name: str = ""
    software_licence: str = ""  # of the ontology and the shapes
    publisher: str = ""
    keywords: tuple[str, ...] = ()
    theme: str = ""
    frequency: str = ""
    place: str = ""
    years: tuple[str, ...] = ()  # the first and the last that the data is about
    # The first sentence of the guide for programs, and what else one must know.
    about: str = ""
    notes: tuple[str, ...] = ()
    application: str = ""  # that serves it with pages of its own, as module:function
    evidence: tuple[str, ...] = ()  # properties that lead from a thing to where it is stated
    # A property, and that which names the thing whose value for it a thing has, too.
    inherited: Mapping[str, str] = _NOTHING
    # The property of a beginning, and that of its end.
    periods: Mapping[str, str] = _NOTHING
    # True of a constraint whose message names all things that share a mistake: it is reported once.
    reported_once: str = ""


_KINDS: dict[object, tuple[type, str]] = {
    str: (str, "a text"),
    tuple[str, ...]: (list, "a list of texts"),
    Mapping[str, str]: (dict, "a table of texts"),
}
_NAMES = (
    *("example_thing", "example_property", "publisher", "place"),
    *("evidence", "inherited", "periods", "reported_once"),
)
_REQUIRED = {
    "name": '"bridges"',
    "title": '"Bridges and their inspections"',
    "description": '"What inspectors found on each bridge."',
    "base": '"https://example.org/bridges/"',
    "ontology_prefix": '"bridge"',
    "shapes_prefix": '"bridge-shape"',
    "types": '["structure", "visit"]',
    "licence": '"https://creativecommons.org/licenses/by/4.0/"',
    "example_thing": '"structure:old-bridge"',
    "example_property": '"bridge:spans"',
}


def find_folder() -> str:
    """The folder that holds the sources: the checkout, else what the package brought along.

    Errors: SourceError when neither is there.
    """
    package, here = os.path.dirname(os.path.abspath(__file__)), os.getcwd()
    near = (*_with_parents(here), *_with_parents(os.path.dirname(package)))
    candidates = (*near, os.path.join(package, "bundle"))
    found = next((folder for folder in candidates if _is_project(folder)), None)
    if found is None:
        _reject(
            here,
            f"no folder with {', '.join(FOLDERS)} in it, here or above",
            hint="change into a checkout of peelgraph, or install the package again",
        )
    return found


def read_identity(folder: str, vocabularies: Collection[str]) -> Identity:
    """What the project in `folder` says of itself; `vocabularies` are prefixes it may not take.

    Errors: SourceError, with the line where there is one, for a file that is not there, is no
            TOML, lacks a key or has an unknown one, and for a value of the wrong form.
    """
    try:
        with open(os.path.join(folder, FILE), encoding="utf-8") as file:
            text = file.read()
        document = tomllib.loads(text)
    except FileNotFoundError:
        _reject(
            FILE,
            f"no such file in {folder}: nothing says what the IRIs of this project begin with",
            hint="write it: " + ", ".join(f"{_key(k)} = {v}" for k, v in _REQUIRED.items()),
        )
    except OSError as error:
        _reject(FILE, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        _reject(FILE, "is not UTF-8 text", hint="save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        place = re.search(_TOML_PLACE, str(error))
        where = (int(place[1]), int(place[2])) if place else None
        _reject(FILE, f"is no TOML: {re.sub(_TOML_PLACE, '', str(error))}", where)
    found = Identity(**_read_fields(text, document))
    _check_iris(text, found)
    _check_prefixes(text, found, vocabularies)
    return found


def _is_project(folder: str) -> bool:
    return all(os.path.isdir(os.path.join(folder, name)) for name in FOLDERS)


def _with_parents(folder: str) -> list[str]:
    """A folder, the one it is in, and so on."""
    found = [folder]
    while (above := os.path.dirname(found[-1])) != found[-1]:
        found.append(above)
    return found


def _read_fields(text: str, document: dict[str, Any]) -> dict[str, Any]:
    """The fields that the file gives."""
    known = {_key(name): name for name in Identity.__annotations__}
    fields: dict[str, Any] = {}
    for key, value in document.items():
        if key not in known:
            import difflib  # noqa: PLC0415 - only who has a mistake waits for it

            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            _reject(FILE, f"{key} is not known", _place(text, key), hint=hint)
        kind, told = _KINDS[Identity.__annotations__[known[key]]]
        if not isinstance(value, kind) or not all(isinstance(part, str) for part in _parts(value)):
            _reject(FILE, f"{key} is {told}, not {value!r}", _place(text, key))
        fields[known[key]] = tuple(value) if isinstance(value, list) else value
    for name, example in _REQUIRED.items():
        if not fields.get(name):
            _reject(FILE, f"{_key(name)} is missing", hint=f"write: {_key(name)} = {example}")
    return fields


def _check_iris(text: str, found: Identity) -> None:
    for name in ("base", "licence", "software_licence", "theme", "frequency"):
        value = getattr(found, name)
        if value and not _is_iri(value):
            _reject(FILE, f"{value!r} is no IRI", _place(text, _key(name)))
    if not found.base.endswith("/"):
        where = _place(text, "base")
        _reject(FILE, "base does not end with a slash", where, hint=f"write {found.base}/")


def _check_prefixes(text: str, found: Identity, vocabularies: Collection[str]) -> None:
    """Every prefix is one, stands for one namespace, and is known where a name uses it."""
    known = {*vocabularies, "graph"}
    for name in ("ontology_prefix", "shapes_prefix", "types", "vocabularies"):
        for prefix in _parts(getattr(found, name), keys=True):
            if not _is_prefix(prefix):
                hint = "lower-case letters, digits and hyphens"
                _reject(FILE, f"{prefix!r} is no prefix", _place(text, _key(name)), hint=hint)
            if prefix in known:
                told = f"the prefix {prefix} has a namespace already"
                _reject(FILE, told, _place(text, _key(name)))
            known.add(prefix)
    for name in _NAMES:
        value = getattr(found, name)
        for each in (*_parts(value), *_parts(value, keys=True)):
            if each and each.partition(":")[0] not in known and not _is_iri(each):
                hint = "write a name with one of the prefixes, or an IRI in full"
                _reject(FILE, f"{each!r} names nothing", _place(text, _key(name)), hint=hint)


def _is_iri(text: str) -> bool:
    return text.startswith(("http://", "https://")) and _NO_IRI.isdisjoint(text)


def _is_prefix(text: str) -> bool:
    plain = text.replace("-", "")
    return text[:1].isalpha() and plain.isalnum() and plain.isascii() and plain.islower()


def _parts(value: Any, *, keys: bool = False) -> Iterable[Any]:
    """The texts of a value: itself, the items of a list, the values or keys of a table."""
    if isinstance(value, Mapping):
        return value if keys else value.values()
    return [value] if isinstance(value, str) else value


def _key(field: str) -> str:
    """The key of a field, as the file writes it."""
    return field.replace("_", "-")


def _place(text: str, key: str) -> tuple[int, int] | None:
    """Line and column of a key; None where the file writes it in another way."""
    found = re.search(rf"^\[?{re.escape(key)}(?![\w-])", text, re.MULTILINE)
    return (text.count("\n", 0, found.start()) + 1, 1) if found else None


def _reject(
    path: str, message: str, where: tuple[int, int] | None = None, hint: str | None = None
) -> NoReturn:
    from peelgraph.errors import Position, SourceError  # noqa: PLC0415 - see the head

    raise SourceError(path, message, position=Position(*where) if where else None, hint=hint)
