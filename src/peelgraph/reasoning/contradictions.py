"""What the graph, asserted and inferred, says against itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pyoxigraph import RdfFormat, parse

from peelgraph import terms
from peelgraph.reasoning.facts import rows
from peelgraph.reasoning.rules import (
    TYPE,
    Constraint,
    Pattern,
    Rules,
    conjunction,
    is_variable,
    shorten,
    substitute,
)
from peelgraph.sparql import Query, QueryRequest
from peelgraph.store import Store

_LABELS = " ".join(
    f"<{terms.expand(name)}>" for name in ("rdfs:label", "skos:prefLabel", "dcterms:title")
)
LIMIT = 100  # clashes shown of one constraint: the first ones tell what is wrong


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Triples that cannot hold together: the rule and the axiom that say so.

    `labels` are those of the terms, where they have any.
    """

    rule: str
    axiom: str
    triples: tuple[Pattern, ...]
    labels: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def message(self) -> str:
        """Which statements exclude each other, in the words of the labels."""
        return _say(self)


def find_contradictions(store: Store, rules: Rules) -> tuple[Contradiction, ...]:
    """Every set of triples, asserted or inferred, that a constraint forbids, each once.

    Of one constraint the first hundred are given.
    """
    found: dict[frozenset[Pattern], Contradiction] = {}
    for constraint in rules.constraints:
        for clash in _clashes(store, constraint):
            found.setdefault(frozenset(clash.triples), clash)
    labels = _read_labels(store, {term for triples in found for each in triples for term in each})
    return tuple(replace(clash, labels=labels) for clash in found.values())


def _read_labels(store: Store, named: Iterable[str]) -> dict[str, str]:
    """A label of each term that has one; an English one where there is."""
    values = " ".join(sorted(term for term in named if term.startswith("<")))
    if not values:
        return {}
    text = (
        f"SELECT ?term ?label WHERE {{ VALUES ?term {{ {values} }} VALUES ?property {{ {_LABELS} }}"
        " ?term ?property ?label } ORDER BY DESC(LANGMATCHES(LANG(?label), 'en')) ?label"
    )
    labels: dict[str, str] = {}
    for row in rows(store, QueryRequest(Query(text), inference=False)):
        (triple,) = parse(f"<a:a> <a:a> {row['?label']} .", RdfFormat.N_TRIPLES)
        labels.setdefault(row["?term"], getattr(triple.object, "value", ""))
    return labels


def _clashes(store: Store, constraint: Constraint) -> Iterator[Contradiction]:
    variables = dict.fromkeys(t for each in constraint.body for t in each if is_variable(t))
    # Each clash of a pair is found from both its ends.
    columns = " ".join(variables) or "*"
    tests = " ".join(f"FILTER ({test})" for test in constraint.filters)
    where = f"{_values(store, constraint)} {conjunction(constraint.body)} {tests}"
    text = f"SELECT {columns} WHERE {{ {where} }} LIMIT {2 * LIMIT}"
    for row in rows(store, QueryRequest(Query(text))):
        triples = dict.fromkeys(substitute(each, row) for each in constraint.body)
        # An axiom on many classes names the two that clash.
        axiom = " ".join(shorten(row.get(word, word)) for word in constraint.axiom.split(" "))
        yield Contradiction(constraint.name, axiom, tuple(triples))


def _values(store: Store, constraint: Constraint) -> str:
    """The values that two things share, counted first: pairs of thousands would take for ever."""
    if not constraint.shared:
        return ""
    one, *_ = sorted(constraint.body[0].variables - {*constraint.shared})
    half = [each for each in constraint.body if one in each]
    columns = " ".join(constraint.shared)
    text = (
        f"SELECT {columns} WHERE {{ {conjunction(half)} }} GROUP BY {columns}"
        f" HAVING (COUNT(DISTINCT {one}) > 1) LIMIT {LIMIT}"
    )
    found = (
        "(" + " ".join(row[name] for name in constraint.shared) + ")"
        for row in rows(store, QueryRequest(Query(text)))
    )
    return f"VALUES ({columns}) {{ {' '.join(found)} }}"


def _say(clash: Contradiction) -> str:
    first, last = clash.triples[0], clash.triples[-1]
    subject, predicate = _name(clash, first.subject), _word(clash, first.predicate)
    match clash.rule.split()[0]:
        case "cax-dw" | "cax-adc" | "cls-com":
            kinds = " and ".join(_kind(clash, each.object) for each in clash.triples)
            return f"{subject} cannot be both {kinds}"
        case "prp-pdw" | "prp-adp":
            value = _name(clash, first.object)
            both = f"{predicate} and {_word(clash, last.predicate)}"
            return f"{subject} has {value} for both {both}, which exclude each other"
        case "prp-fp":
            values = " and ".join(_name(clash, each.object) for each in clash.triples)
            return f"{subject} has two values of {predicate}, and may have one: {values}"
        case "prp-ifp":
            value = _name(clash, first.object)
            sides = f"{subject} and {_name(clash, last.subject)}"
            return f"{sides} both have {value} as {predicate}, and only one thing can"
        case "prp-key":
            return _say_key(clash)
        case "prp-irp":
            return f"{subject} cannot be related to itself by {predicate}"
        case "prp-asyp":
            sides = f"{subject} and {_name(clash, first.object)}"
            return f"{sides} are related by {predicate} both ways, and only one can hold"
        case "cls-nothing2":
            return f"{subject} is {_kind(clash, first.object)}, and there can be none"
        case "eq-diff1":
            value = _name(clash, first.object)
            return f"{subject} and {value} are said to be one thing, and to be different ones"
    found = "; ".join(_sentence(clash, each) for each in dict.fromkeys(clash.triples))
    return f"these statements exclude each other: {found}"


def _say_key(clash: Contradiction) -> str:
    """Which two things share the values that tell one from another."""
    kinds = [each for each in clash.triples if each.predicate == TYPE]
    sides = list(dict.fromkeys(each.subject for each in clash.triples))
    shared = dict.fromkeys(
        f"{_word(clash, each.predicate)} ({_name(clash, each.object)})"
        for each in clash.triples
        if each.predicate != TYPE and each.subject == sides[0]
    )
    both = " and ".join(_name(clash, side) for side in sides)
    kind = _label(clash, kinds[0].object) if kinds else "thing"
    return f"{both} have the same {' and '.join(shared)}: only one {kind} can"


def _sentence(clash: Contradiction, triple: Pattern) -> str:
    subject = _name(clash, triple.subject)
    if triple.predicate == TYPE:
        return f"{subject} is {_kind(clash, triple.object)}"
    return f"{subject} {_label(clash, triple.predicate)} {_name(clash, triple.object)}"


def _label(clash: Contradiction, term: str) -> str:
    return clash.labels.get(term) or shorten(term)


def _name(clash: Contradiction, term: str) -> str:
    """A thing as a reader knows it, with its name."""
    label = clash.labels.get(term)
    return f"“{label}” ({shorten(term)})" if label else shorten(term)


def _word(clash: Contradiction, property_: str) -> str:
    return f"“{_label(clash, property_)}”"


def _kind(clash: Contradiction, class_: str) -> str:
    label = _label(clash, class_)
    article = "an" if label[:1].lower() in "aeiou" else "a"
    return f"{article} {label}"
