"""Every term of the ontology is told, stands in one module, and is used or shown."""

import re
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest
from pyoxigraph import Literal, parse

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.reasoning import compile_rules, entail, find_contradictions
from peelgraph.sources import Project
from peelgraph.sparql import Query, QueryRequest
from peelgraph.store import Store

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "ontology").glob("*.ttl"))
USERS = [
    *(ROOT / "data").rglob("*.ttl"),
    *(ROOT / "data").rglob("*.json"),
    *(ROOT / "queries").rglob("*.rq"),
    *(ROOT / "ontology" / "schemes").glob("*.ttl"),
]
A = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
NAMED = re.compile(r"(?:peel:|ontology#)([A-Za-z]+)")


def stated() -> dict[str, dict[str, set[str]]]:
    """Of each term its statements: the last part of the property, and the values."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in MODULES:
        for triple in parse(path=path):
            subject = str(triple.subject).strip("<>")
            if subject.startswith(terms.PEEL):
                property_ = re.split(r"[#/]", triple.predicate.value)[-1]
                value = triple.object
                found[subject.removeprefix(terms.PEEL)][property_].add(
                    value.value if isinstance(value, Literal) else str(value)
                )
                found[subject.removeprefix(terms.PEEL)]["module"].add(path.stem)
    return found


STATED = stated()
USED = {
    name
    for path in USERS
    for name in NAMED.findall(path.read_text(encoding="utf-8", errors="ignore"))
}


def test_there_are_terms() -> None:
    assert len(STATED) > 100


@pytest.mark.parametrize("name", sorted(STATED))
def test_a_term_is_told_and_used_or_shown(name: str) -> None:
    term = STATED[name]

    assert 1 == len(term["label"])
    assert 1 == len(term["definition"])
    assert {f"<{terms.ONTOLOGY}>"} == term["isDefinedBy"]
    assert 1 == len(term["module"]), "a term stands in one module"
    told = name in USED or term["example"] or term["deprecated"]
    assert told, "neither used in data or queries, nor exemplified, nor withdrawn"
    (definition,) = term["definition"]
    assert definition.endswith(".")
    assert definition[0].isupper()


PROPERTIES = sorted(
    name
    for name, term in STATED.items()
    if any(kind.endswith("Property>") for kind in term["type"]) and not term["deprecated"]
)


@pytest.mark.parametrize("is_property", [False, True], ids=["classes", "properties"])
def test_no_two_terms_of_a_kind_share_a_label(*, is_property: bool) -> None:
    names: dict[str, list[str]] = defaultdict(list)
    for name, term in STATED.items():
        if is_property == any(kind.endswith("Property>") for kind in term["type"]):
            (label,) = term["label"]
            names[label.casefold()].append(name)

    assert len(names) > 50
    assert [] == [same for same in names.values() if len(same) > 1]


def test_properties_between_the_same_classes_say_how_they_differ() -> None:
    """By a scope note of one that names the other; an inverse needs none."""
    silent = []
    for one, other in combinations(PROPERTIES, 2):
        ends = [(STATED[x]["domainIncludes"], STATED[x]["rangeIncludes"]) for x in (one, other)]
        told = {
            name
            for term in (one, other)
            for note in STATED[term]["scopeNote"]
            for name in re.findall(r"peel:(\w+)", note)
        }
        inverse = f"<{terms.PEEL}{one}>" in STATED[other]["inverseOf"] or (
            f"<{terms.PEEL}{other}>" in STATED[one]["inverseOf"]
        )
        if ends[0] == ends[1] and not inverse and not told & {one, other}:
            silent.append((one, other))

    assert len(PROPERTIES) > 150
    assert [] == silent


@pytest.mark.parametrize("name", sorted(STATED))
def test_a_scope_note_names_terms_that_there_are(name: str) -> None:
    named = {
        other for note in STATED[name]["scopeNote"] for other in re.findall(r"peel:(\w+)", note)
    }

    assert set() == named - set(STATED)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "ontology" / "schemes").glob("*.ttl")), ids=lambda path: path.stem
)
def test_the_concepts_of_a_scheme_are_all_different(path: Path) -> None:
    triples = [quad.triple for quad in parse(path=path)]
    listed = {str(each.object) for each in triples if each.predicate.value.endswith("#first")}
    concepts = {str(each.subject) for each in triples if each.predicate.value.endswith("#inScheme")}

    assert "#AllDifferent>" in "".join(str(each.object) for each in triples)
    assert concepts == listed


def test_a_kind_of_partner_is_no_organisation(project: Project) -> None:
    """Neither by what is inferred, nor may it be said."""
    ontology = b"".join(source.triples for source in project.ontology)
    rules = compile_rules(ontology)
    kind, body = (f"<https://example.org/{name}>" for name in ("kind", "body"))
    stated = f"""{kind} <{A}> <{terms.PEEL}PartnerGroup> .
{kind} <{terms.PEEL}worksWith> {body} .
{kind} <{terms.PEEL}inSector> <{terms.ID}sector/housing> .
"""
    organisation = f"{kind} <{A}> <{terms.PEEL}Organisation> .\n"
    inferred = b"".join(entail(stated.encode(), rules)).decode()
    store = Embedded.memory()
    store.insert((stated + organisation).encode(), "")
    store.insert(b"".join(entail((stated + organisation).encode(), rules)), terms.INFERRED)
    (clash,) = find_contradictions(store, rules)

    assert f"{kind} <{A}> <{terms.VOCABULARIES['skos']}Concept>" in inferred
    assert "www.w3.org/ns/org#" not in inferred
    assert clash.rule == "cax-adc"
    assert "PartnerGroup" in str(clash.triples)


def test_a_grade_is_better_than_the_lower_ones_of_its_scheme_alone(project_store: Store) -> None:
    """With all that is inferred: no chain leads from one scale to another."""
    better = ask_pairs(project_store, "?one peel:betterThan ?other")
    lower = ask_pairs(
        project_store,
        """?one skos:inScheme ?scheme ; peel:rank ?rank .
        ?other skos:inScheme ?scheme ; peel:rank ?below . FILTER (?rank < ?below)""",
    )

    assert len(ask_pairs(project_store, "?one peel:usesGrades ?other")) > 1
    assert 6 + 10 == len(lower), "of four and of five grades"
    assert lower == better


def ask_pairs(store: Store, pattern: str) -> set[tuple[str, str]]:
    head = "".join(f"PREFIX {p}: <{terms.PREFIXES[p]}>\n" for p in ("peel", "skos"))
    query = Query(f"{head}SELECT DISTINCT ?one ?other {{ {pattern} }}")
    rows = store.query(QueryRequest(query, results="text/tab-separated-values"))
    _, *pairs = rows.body.decode().splitlines()
    return {tuple(pair.split("\t")) for pair in pairs}  # type: ignore[misc]
