"""Things matched by name, with a score for each."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

# What a name is worth that is the one looked for: the main one, another one, one of the same words.
_EXACT, _OTHER, _SAME_WORDS = 100.0, 98.0, 95.0
# What is only near is never sure, and less near when one name is within the other.
_NEAR, _PARTLY = 0.89, 0.85
LEAST = 50
_SURE = 90
_AHEAD = 3


def plain(text: str) -> str:
    """`text` without capitals, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", text.casefold()).replace("&", " and ")
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[\w/]+", re.sub("['\u2019]", "", kept)))


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
        self,
        named: Iterable[tuple[str, str, bool]],
        typed: Iterable[tuple[str, str]],
        common: Collection[str] = (),
        first: Sequence[str] = (),
    ) -> None:
        """`named` are IRIs with a name each, and whether it is the name they are known by.

        `common` are words that most names have, so that they tell little. Of things that fit
        equally well, those of the classes named `first` come first, in that order.
        """
        self._common = common
        self._first = first
        self._keys: list[str] = []
        self._things: list[str] = []
        self._labels: dict[str, str] = {}
        self._classes: defaultdict[str, list[str]] = defaultdict(list)
        self._exact: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for iri, text, is_main in named:
            key = self._telling(text)
            self._keys.append(key)
            self._things.append(iri)
            if is_main or iri not in self._labels:
                self._labels[iri] = text
            self._note(_sorted(key), iri, _SAME_WORDS)
            self._note(_sorted(plain(text)), iri, _OTHER)
            if is_main:
                self._note(_sorted(plain(text)), iri, _EXACT)
        for iri, name in typed:
            self._classes[iri].append(name)

    def _note(self, name: str, iri: str, score: float) -> None:
        self._exact[name][iri] = max(score, self._exact[name].get(iri, 0.0))

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
        wanted, best = self._telling(text), dict[str, float]()
        for scorer, weight in ((fuzz.token_sort_ratio, _NEAR), (fuzz.token_set_ratio, _PARTLY)):
            found = process.extract(
                wanted, self._keys, scorer=scorer, limit=None, score_cutoff=LEAST / weight
            )
            for _, score, at in found:
                iri = self._things[at]
                best[iri] = max(best.get(iri, 0.0), score * weight)
        # The words that tell are the same; all words are, where the whole name is.
        whole = _sorted(plain(text))
        for name, most in ((_sorted(wanted), _SAME_WORDS), (whole, _EXACT)):
            for iri, score in self._exact.get(name, {}).items():
                best[iri] = max(best.get(iri, 0.0), min(score, most))
        return {iri: score for iri, score in best.items() if self.is_one(iri, kinds)}

    def judge(self, scores: Mapping[str, float], most: int) -> list[Candidate]:
        """The best of some scored things; the first is sure when it is well ahead."""
        ranked = sorted(scores.items(), key=lambda pair: (-pair[1], *self._place(pair[0])))
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

    def _place(self, iri: str) -> tuple[int, int, str]:
        """Where a thing stands among those that fit as well: its class, and a short name first."""
        kinds = self._classes.get(iri, ())
        order = (at for at, name in enumerate(self._first) if name in kinds)
        return next(order, len(self._first)), len(self.label(iri)), iri

    def _telling(self, text: str) -> str:
        words = plain(text).split()
        telling = [word for word in words if word not in self._common]
        return " ".join(telling or words)


def _sorted(words: str) -> str:
    """The words in order, so that "London, City of" is the City of London."""
    return " ".join(sorted(words.split()))


def similarity(one: str, other: str) -> float:
    """How like two texts are, up to 100."""
    return float(fuzz.token_sort_ratio(plain(one), plain(other)))
