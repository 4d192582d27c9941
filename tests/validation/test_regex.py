"""Regular expressions mean in shapes and their queries what they mean in SPARQL."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.core.string_based_constraints import PatternConstraintComponent
from rdflib import SH
from rdflib.plugins.sparql import operators, parser

from peelgraph.errors import ShapesBroken
from peelgraph.sources import Source, parse
from peelgraph.validation import validate

HEAD = """\
@prefix ex: <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
MEANINGS = [
    (r"^\\p{L}+$", "", "Heddlu é", False),
    (r"^\\p{Lu}\\p{L}+$", "", "Énergie", True),
    ("^abc$", "", r"abc\n", False),
    ("^abc$", "", "abc", True),
    ("^b$", "m", r"a\nb", True),
    ("a.b", "q", "a.b", True),
    ("a.b", "q", "acb", False),
    ("A B", "ix", "ab", True),
    (".", "s", r"\n", True),
    (".", "", r"\n", False),
]
ILL_FORMED = [("(?=x)x", ""), (r"(x)\\1", ""), (r"\\i", ""), ("(", ""), ("x", "z")]
# A blank node that is asked of has its query evaluated by rdflib, an IRI by the engine.
SUBJECTS = ["ex:a", "_:a"]


def read(text: str, name: str = "data.ttl") -> Source:
    return parse((HEAD + text).encode(), "ttl", "urn:g", Path(name))


def shape(constraint: str) -> Source:
    return read(
        "ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ;\n"
        f"  sh:property [ sh:path ex:p ; {constraint} ] .",
        "shapes.ttl",
    )


def conforms(constraint: str, value: str, subject: str = "ex:a") -> bool:
    return validate([read(f'{subject} ex:p "{value}" .')], [shape(constraint)]).conforms


def query(condition: str) -> str:
    select = f"SELECT $this ?value {{ $this $PATH ?value FILTER({condition}) }}"
    return f"sh:sparql [ sh:select '''{select}''' ]"


@pytest.mark.parametrize(("pattern", "flags", "value", "matches"), MEANINGS)
def test_a_pattern_means_what_it_means_in_sparql(
    pattern: str, flags: str, value: str, matches: bool
) -> None:
    flagged = f'; sh:flags "{flags}"' if flags else ""

    assert matches == conforms(f'sh:pattern "{pattern}" {flagged}', value)
    # What is not compiled is judged by pySHACL alone.
    assert matches == conforms(f'sh:xone ( [ sh:pattern "{pattern}" {flagged} ] )', value)


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize(("pattern", "flags", "value", "matches"), MEANINGS)
def test_a_query_of_a_shape_has_the_same_expressions(
    pattern: str, flags: str, value: str, matches: bool, subject: str
) -> None:
    escaped = pattern.replace("\\", "\\\\")
    constraint = query(f'!REGEX(?value, "{escaped}", "{flags}")')

    assert matches == conforms(constraint, value, subject)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_query_replaces_as_sparql_does(subject: str) -> None:
    replaced = r'REPLACE(?value, "(\\\\p{Lu})", "[$1]")'

    assert conforms(query(f'{replaced} != "[É]a"'), "Éa", subject)
    assert not conforms(query(f'{replaced} = "[É]a"'), "Éa", subject)


@pytest.mark.parametrize(("pattern", "flags"), ILL_FORMED)
def test_an_ill_formed_pattern_is_refused_at_its_place(pattern: str, flags: str) -> None:
    flagged = f'; sh:flags "{flags}"' if flags else ""
    with pytest.raises(ShapesBroken, match=r"shapes\.ttl:5:\d+: .*no regular expression of SPARQL"):
        conforms(f'sh:pattern "{pattern}" {flagged}', "x")


@pytest.mark.parametrize(("pattern", "flags"), ILL_FORMED)
@pytest.mark.parametrize("call", ["REGEX(STR(?value), {})", "REPLACE(?value, {1}, '', {2}) = ''"])
def test_an_ill_formed_expression_in_a_query_is_refused_at_its_place(
    pattern: str, flags: str, call: str
) -> None:
    escaped = pattern.replace("\\", "\\\\")
    given = f'"{escaped}"', f'"{flags}"'
    asked = call.format(", ".join(given), *given)
    with pytest.raises(ShapesBroken, match=r"shapes\.ttl:5:\d+: .*no regular expression of SPARQL"):
        conforms(query(asked.replace("''", '""')), "x")


def test_a_pattern_is_asked_of_a_text_as_it_is_spelled() -> None:
    constraint = 'sh:pattern "^0"'
    data = read('ex:a ex:p "05"^^xsd:integer , "0.50"^^xsd:decimal .')

    assert validate([data], [shape(constraint)]).conforms


def test_more_texts_than_one_query_holds_are_matched() -> None:
    values = " , ".join(f'"{number}"' for number in range(2500))
    report = validate([read(f"ex:a ex:p {values} .")], [shape('sh:pattern "5$"')])

    assert 2250 == len(report.results)


def test_the_libraries_are_as_before_after_any_number_of_threads() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda value: conforms('sh:pattern "^a$"', value), ["a", "b"] * 4))

    assert [True, False] * 4 == found
    assert PatternConstraintComponent is CONSTRAINT_PARAMETERS_MAP[SH.pattern]
    assert operators.Builtin_REGEX is parser.RegexExpression.evalfn
    assert operators.Builtin_REPLACE is parser.StrReplaceExpression.evalfn
