"""Things found by name: searched with accents and typing mistakes, and matched with a score."""

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from peelgraph import terms

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
# Words that nearly every force has in its name, so that they tell little.
_COMMON = frozenset(("police", "constabulary", "force", "service", "the", "of"))
# A name within a longer one, or the other way about, is nearly as good as the name itself.
_PARTLY = 0.95
LEAST = 55
_SURE = 90
_AHEAD = 4


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


def plain(text: str) -> str:
    """`text` without capitals, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", text.casefold()).replace("&", " and ")
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[\w/]+", re.sub("['\u2019]", "", kept)))


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


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that a name may mean; `score` runs to 100."""

    iri: str
    name: str
    score: float
    match: bool = False


class MatchIndex:
    """The names of all things, and their classes."""

    def __init__(
        self, named: Iterable[tuple[str, str, bool]], typed: Iterable[tuple[str, str]]
    ) -> None:
        """`named` are IRIs with a name each, and whether it is the name they are known by."""
        self._keys: list[str] = []
        self._things: list[str] = []
        self._labels: dict[str, str] = {}
        self._classes: defaultdict[str, list[str]] = defaultdict(list)
        for iri, text, is_main in named:
            self._keys.append(_telling(text))
            self._things.append(iri)
            if is_main or iri not in self._labels:
                self._labels[iri] = text
        for iri, name in typed:
            self._classes[iri].append(name)

    def label(self, iri: str) -> str:
        """The name by which a thing is known; "" for one that is not."""
        return self._labels.get(iri, "")

    def classes(self, iri: str) -> Sequence[str]:
        """The classes of a thing."""
        return self._classes.get(iri, ())

    def is_one(self, iri: str, kinds: Sequence[str]) -> bool:
        """Whether a thing is of one of some classes; of any, when none is named."""
        return not kinds or not set(kinds).isdisjoint(self.classes(iri))

    def match(self, text: str, kinds: Sequence[str] = ()) -> dict[str, float]:
        """Each thing of one of the classes that `text` may name, with a score up to 100."""
        wanted, best = _telling(text), dict[str, float]()
        for scorer, weight in ((fuzz.token_sort_ratio, 1.0), (fuzz.token_set_ratio, _PARTLY)):
            found = process.extract(
                wanted, self._keys, scorer=scorer, limit=None, score_cutoff=LEAST
            )
            for _, score, at in found:
                iri = self._things[at]
                if self.is_one(iri, kinds):
                    best[iri] = max(best.get(iri, 0.0), score * weight)
        return best

    def judge(self, scores: Mapping[str, float], most: int) -> list[Candidate]:
        """The best of some scored things; the first is sure when it is well ahead."""
        ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
        second = ranked[1][1] if len(ranked) > 1 else 0.0
        return [
            Candidate(
                iri,
                self.label(iri),
                round(score, 1),
                at == 0 and score >= _SURE and score - second >= _AHEAD,
            )
            for at, (iri, score) in enumerate(ranked[:most])
        ]


def similarity(one: str, other: str) -> float:
    """How like two texts are, up to 100."""
    return float(fuzz.token_sort_ratio(plain(one), plain(other)))


def _telling(text: str) -> str:
    words = plain(text).split()
    telling = [word for word in words if word not in _COMMON]
    return " ".join(telling or words)
