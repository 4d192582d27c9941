"""Things matched by name, with a score for each."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

# A name within a longer one, or the other way about, is nearly as good as the name itself.
_PARTLY = 0.95
LEAST = 55
_SURE = 90
_AHEAD = 4


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
    ) -> None:
        """`named` are IRIs with a name each, and whether it is the name they are known by.

        `common` are words that most names have, so that they tell little.
        """
        self._common = common
        self._keys: list[str] = []
        self._things: list[str] = []
        self._labels: dict[str, str] = {}
        self._classes: defaultdict[str, list[str]] = defaultdict(list)
        for iri, text, is_main in named:
            self._keys.append(self._telling(text))
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
        wanted, best = self._telling(text), dict[str, float]()
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

    def _telling(self, text: str) -> str:
        words = plain(text).split()
        telling = [word for word in words if word not in self._common]
        return " ".join(telling or words)


def similarity(one: str, other: str) -> float:
    """How like two texts are, up to 100."""
    return float(fuzz.token_sort_ratio(plain(one), plain(other)))
