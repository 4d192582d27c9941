"""Things searched by name, with accents and typing mistakes."""

import difflib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from peelgraph import terms
from peelgraph.http.match_index import plain

# What most people look for comes first among names that fit equally well.
_ORDER = (
    "force",
    "unit",
    "organisation",
    "scheme",
    "threat",
    "board",
    "ontology",
    "report",
    "question",
    "measure",
    "crime-type",
    "region",
    "round",
    "pillar",
    "grade",
    "publication",
    "judgment",
    "finding",
    "observation",
)
_KINDS = {"organisation": "partner or body", "observation": "statistic", "ontology": "term"}
_CLOSE = 0.72


@dataclass(frozen=True, slots=True)
class Found:
    """One thing with the name by which it is known, the name that matched, and its kind."""

    iri: str
    name: str
    matched: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Entry:
    iri: str
    text: str
    plain: str
    words: tuple[str, ...]


def kind_of(iri: str) -> str:
    """The kind of a thing in words, from its IRI."""
    key = _key(iri)
    return _KINDS.get(key, key.replace("-", " "))


class Names:
    """The names of all things, ready to be searched."""

    def __init__(self, named: Iterable[tuple[str, str, bool]]) -> None:
        """`named` are IRIs with a name each, and whether it is the name they are known by."""
        self._entries: list[_Entry] = []
        self._known: dict[str, str] = {}
        self._by_word: dict[str, set[int]] = defaultdict(set)
        for iri, text, is_main in named:
            if is_main:
                self._known.setdefault(iri, text)
            words = tuple(plain(text).split())
            for word in words:
                self._by_word[word].add(len(self._entries))
            self._entries.append(_Entry(iri, text, " ".join(words), words))

    def search(self, text: str, most: int) -> tuple[list[Found], str]:
        """The things whose names fit best, and what was looked for in place of mistyped words.

        Each word must begin a word of the name; a word that begins none is taken for the
        nearest one known.
        """
        words = plain(text).split()
        if not words:
            return [], ""
        meant = [self._meant(word) for word in words]
        if not all(meant):
            return [], ""
        fitting = set.intersection(*(self._beginning(word) for word in meant))
        wanted = " ".join(meant)
        best: dict[str, tuple[tuple[object, ...], _Entry]] = {}
        for entry in (self._entries[number] for number in fitting):
            rank = (_distance(entry, wanted), _place(entry.iri), len(entry.words), entry.iri)
            if entry.iri not in best or rank < best[entry.iri][0]:
                best[entry.iri] = (rank, entry)
        ranked = sorted(best.values(), key=lambda pair: pair[0])[:most]
        found = [
            Found(entry.iri, self._known.get(entry.iri, entry.text), entry.text, kind_of(entry.iri))
            for _, entry in ranked
        ]
        return found, "" if meant == words else wanted

    def _beginning(self, word: str) -> set[int]:
        return {
            number
            for known, numbers in self._by_word.items()
            if known.startswith(word)
            for number in numbers
        }

    def _meant(self, word: str) -> str:
        """The word itself when a name has it, else the nearest one known, or ""."""
        if any(known.startswith(word) for known in self._by_word):
            return word
        near = difflib.get_close_matches(word, self._by_word, n=1, cutoff=_CLOSE)
        return near[0] if near else ""


def _distance(entry: _Entry, wanted: str) -> int:
    if entry.plain == wanted:
        return 0
    if entry.plain.startswith(wanted):
        return 1
    return 2 if wanted in entry.plain else 3


def _place(iri: str) -> int:
    key = _key(iri)
    return _ORDER.index(key) if key in _ORDER else len(_ORDER)


def _key(iri: str) -> str:
    if iri.startswith(terms.ID):
        return iri.removeprefix(terms.ID).partition("/")[0]
    return "ontology"
