"""Ill-formed shapes are refused by the rule they break, at their line, whatever the data."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import SH

from peelgraph.errors import ShapesBroken
from peelgraph.sources import Source
from peelgraph.validation import validate
from peelgraph.validation.shapes import load_shapes
from peelgraph.validation.shapes_graph import PARAMETERS
from peelgraph.validation.syntax_rules import RULES
from tests.validation.world import source

# A property shape and a node shape for a case to add to; `!` is the line of the mistake.
ON_PROPERTY = "psh:P a sh:PropertyShape ; sh:path peel:gives ;\n    {} .\n"
ON_NODE = "psh:N a sh:NodeShape ; sh:targetClass peel:Judgment ;\n    {} .\n"
QUERY = 'sh:sparql [ sh:select "{}" ]'
COMPONENT = """\
psh:C a sh:ConstraintComponent ; sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK {{}}" ] ;
    {} .
"""
PARAMETER = "sh:parameter [ sh:path psh:most ]"
COUNTS = ["minCount", "maxCount", "minLength", "maxLength"]
COUNTS += ["qualifiedMinCount", "qualifiedMaxCount"]
BOUNDS = ["minExclusive", "minInclusive", "maxExclusive", "maxInclusive"]
PAIRS = ["equals", "disjoint", "lessThan", "lessThanOrEquals"]
ONCE = {
    "datatype": "xsd:date , xsd:string",
    "nodeKind": "sh:IRI , sh:Literal",
    "in": "( 1 ) , ( 2 )",
    "languageIn": '( "en" ) , ( "cy" )',
    "uniqueLang": "true , false",
    **dict.fromkeys([*COUNTS[:4], *BOUNDS], "1 , 2"),
}
JOINED = {
    "pattern": '"a" , "b"',
    "flags": '"i" , "s"',
    "closed": "true , false",
    "ignoredProperties": "( peel:count ) , ( peel:gives )",
    "qualifiedValueShape": "[] , [ sh:class peel:Grade ] ; sh:qualifiedMinCount 1",
    "qualifiedValueShapesDisjoint": "true , false",
    "qualifiedMinCount": "1 , 2",
    "qualifiedMaxCount": "1 , 2",
}
SCOPED = {
    "minCount": "1",
    "maxCount": "1",
    "uniqueLang": "true",
    "lessThan": "peel:count",
    "lessThanOrEquals": "peel:count",
    "qualifiedValueShape": "[] ; sh:qualifiedMinCount 1",
}
# Rule, shapes that break it, and what the message says.
CASES = [
    ("targetNode-nodeKind", ON_NODE.format("sh:targetNode [ ]"), "is a blank node"),
    *(
        (f"{name}-nodeKind", ON_NODE.format(f'sh:{name} "x"'), "is a literal, not an IRI")
        for name in ("targetClass", "targetSubjectsOf", "targetObjectsOf")
    ),
    ("implicit-targetClass-nodeKind", "psh:N sh:node [ a sh:NodeShape , rdfs:Class ] .", "no IRI"),
    ("severity-nodeKind", ON_NODE.format('sh:severity "Warning"'), "not an IRI"),
    ("severity-maxCount", ON_NODE.format("sh:severity sh:Info , sh:Warning"), "2 sh:severity"),
    ("message-datatype", ON_NODE.format("sh:message 5"), "neither an xsd:string nor a text"),
    ("deactivated-datatype", ON_NODE.format('sh:deactivated "true"'), "neither true nor false"),
    ("deactivated-maxCount", ON_NODE.format("sh:deactivated true , false"), "2 sh:deactivated"),
    ("shapesGraph-nodeKind", ON_NODE.format('sh:shapesGraph "shapes"'), "not an IRI"),
    (
        "entailment",
        ON_NODE.format("sh:entailment <http://www.w3.org/ns/entailment/RDFS>"),
        "as it is asserted",
    ),
    ("NodeShape-path-maxCount", ON_NODE.format("sh:path peel:gives"), "has a sh:path"),
    ("PropertyShape-path-minCount", "psh:P a sh:PropertyShape .", "has 0 sh:path"),
    ("path-maxCount", ON_PROPERTY.format("sh:path peel:count"), "has 2 sh:path"),
    ("path-node", "psh:P sh:path [ sh:inversePath ( peel:gives ) ] .", "two paths at least"),
    *(
        (f"{name}-nodeKind", ON_PROPERTY.format(f'sh:{name} "x"'), "is a literal, not an IRI")
        for name in ("class", "datatype", *PAIRS)
    ),
    *(
        (f"{name}-nodeKind", ON_PROPERTY.format(f"sh:{name} peel:count"), "not a literal")
        for name in BOUNDS
    ),
    *(
        (f"{name}-datatype", ON_PROPERTY.format(f'sh:{name} "1"^^xsd:int'), "not an xsd:integer")
        for name in COUNTS
    ),
    *(
        (f"{name}-datatype", ON_PROPERTY.format(f'sh:{name} "true"'), "not an xsd:boolean")
        for name in ("closed", "uniqueLang", "qualifiedValueShapesDisjoint")
    ),
    *(
        (f"{name}-datatype", ON_PROPERTY.format(f'sh:{name} "a"@en'), "not an xsd:string")
        for name in ("pattern", "flags")
    ),
    ("nodeKind-in", ON_PROPERTY.format("sh:nodeKind sh:NodeShape"), "is no node kind"),
    *(
        (f"{name}-maxCount", ON_PROPERTY.format(f"sh:{name} {two}"), "2 ")
        for name, two in ONCE.items()
    ),
    *(
        (f"{name}-multiple-parameters", ON_PROPERTY.format(f"sh:{name} {two}"), f"2 sh:{name}")
        for name, two in JOINED.items()
    ),
    *(
        (f"{name}-scope", ON_NODE.format(f"sh:{name} {value}"), "it has no path")
        for name, value in SCOPED.items()
    ),
    *(
        (f"{name}-node", ON_PROPERTY.format(f"sh:{name} peel:gives"), "not a well-formed list")
        for name in ("in", "languageIn", "ignoredProperties", "and", "or", "xone")
    ),
    ("languageIn-members-datatype", ON_PROPERTY.format("sh:languageIn ( 1 )"), "not an xsd:string"),
    (
        "ignoredProperties-members-nodeKind",
        ON_NODE.format('sh:closed true ; sh:ignoredProperties ( "x" )'),
        "not an IRI",
    ),
    ("property-node", ON_NODE.format("sh:property psh:Absent"), "not in the shapes graph"),
    ("node-node", ON_NODE.format("sh:node [ sh:path peel:gives ]"), "write sh:property"),
    ("not-node", ON_NODE.format('sh:not "x"'), "not a shape"),
    (
        "qualifiedValueShape-node",
        ON_PROPERTY.format('sh:qualifiedMinCount 1 ; sh:qualifiedValueShape "x"'),
        "not a shape",
    ),
    *(
        (f"{name}-members-node", ON_NODE.format(f"sh:{name} ( 5 )"), "not a shape")
        for name in ("and", "or", "xone")
    ),
    ("sparql-nodeKind", ON_NODE.format('sh:sparql "SELECT"'), "neither an IRI nor a blank node"),
    ("SPARQLConstraint-select-count", ON_NODE.format("sh:sparql psh:Absent"), "has 0 sh:select"),
    (
        "select-datatype",
        ON_NODE.format('sh:sparql [ sh:select "SELECT $this {}"@en ]'),
        "not an xsd",
    ),
    ("ask-datatype", "psh:V a sh:SPARQLAskValidator ; sh:ask peel:gives .", "not an xsd:string"),
    ("select-query-valid", ON_NODE.format(QUERY.format("ASK { $this ?p 1 }")), "is no SELECT"),
    ("ask-sparql", 'psh:V sh:ask "SELECT ?a { ?a ?b 1 }" .', "is no ASK"),
    ("select-query-this", ON_NODE.format(QUERY.format("SELECT ?a { ?a ?b 1 }")), "select $this"),
    (
        "pre-binding",
        ON_NODE.format(QUERY.format("SELECT $this { $this ?p 1 MINUS { $this ?p 2 } }")),
        "MINUS",
    ),
    ("prefixes-nodeKind", ON_NODE.format('sh:sparql [ sh:prefixes "peel" ]'), "neither an IRI"),
    ("declare-nodeKind", 'psh:D sh:declare "peel" .', "neither an IRI"),
    ("prefix-count", 'psh:D sh:declare [ sh:namespace "urn:a" ] .', "has 0 sh:prefix"),
    ("prefix-datatype", 'psh:D sh:declare [ sh:prefix 5 ; sh:namespace "urn:a" ] .', "not an xsd"),
    ("namespace-count", 'psh:D sh:declare [ sh:prefix "a" ] .', "has 0 sh:namespace"),
    ("namespace-datatype", 'psh:D sh:declare [ sh:prefix "a" ; sh:namespace peel: ] .', "anyURI"),
    (
        "prefixes-duplicates",
        'psh:D sh:declare [ sh:prefix "a" ; sh:namespace "urn:a" ] ,\n'
        '    [ sh:prefix "a" ; sh:namespace "urn:b" ] .\n'
        + ON_NODE.format('sh:sparql [ sh:prefixes psh:D ; sh:select "SELECT $this {}" ]'),
        "more than one namespace",
    ),
    (
        "ConstraintComponent-parameter",
        COMPONENT.format("sh:parameter [ sh:path psh:most ; sh:optional true ]"),
        "not optional",
    ),
    (
        "Parameter-predicate-count",
        COMPONENT.format(f'{PARAMETER} , [ sh:name "x" ]'),
        "has 0 sh:path",
    ),
    (
        "Parameter",
        COMPONENT.format("sh:parameter [ sh:path [ sh:inversePath psh:a ] ]"),
        "not an IRI",
    ),
    (
        "parameter-name-VARNAME",
        COMPONENT.format("sh:parameter [ sh:path psh:a-b ]"),
        "of a variable",
    ),
    (
        "parameter-name-not-in",
        COMPONENT.format("sh:parameter [ sh:path psh:value ]"),
        "called value",
    ),
    (
        "parameter-name-unique",
        COMPONENT.format(f"{PARAMETER} , [ sh:path peel:most ]"),
        "are called most",
    ),
    (
        "optional-datatype",
        COMPONENT.format(f"{PARAMETER[:-1]}; sh:optional 1 ]"),
        "not an xsd:boolean",
    ),
    (
        "optional-maxCount",
        COMPONENT.format(f"{PARAMETER} , [ sh:path psh:a ; sh:optional true , false ]"),
        "2 sh:optional",
    ),
    ("labelTemplate-datatype", COMPONENT.format(f"{PARAMETER} ; sh:labelTemplate 5"), "neither an"),
    (
        "SPARQLSelectValidator-select-count",
        COMPONENT.format(f"{PARAMETER} ; sh:nodeValidator [ sh:ask 'ASK {{}}' ]"),
        "has 0 sh:select",
    ),
    ("ask-count", "psh:V a sh:SPARQLAskValidator .", "has 0 sh:ask"),
    ("count-not-negative", ON_PROPERTY.format("sh:minLength -1"), "is no count"),
    ("qualifiedValueShape-count", ON_PROPERTY.format("sh:qualifiedMinCount 1"), "says nothing"),
    (
        "qualifiedValueShape-count",
        ON_PROPERTY.format("sh:qualifiedValueShape [ sh:class peel:Grade ]"),
        "needs sh:qualifiedMinCount",
    ),
    (
        "ignoredProperties-closed",
        ON_NODE.format("sh:ignoredProperties ( rdfs:label )"),
        "sh:closed",
    ),
    ("members-count", ON_NODE.format("sh:or ( )"), "names no shape"),
    ("query-variables", ON_NODE.format(QUERY.format("SELECT $this { $this $PATH ?a }")), "no path"),
    (
        "component-validator",
        "psh:C a sh:ConstraintComponent ; sh:parameter [ sh:path psh:most ] ;\n"
        "    sh:propertyValidator [ a sh:JSValidator ] .\n"
        "psh:P a sh:PropertyShape ; sh:path peel:gives ; psh:most 1 .",
        "has no query for a shape",
    ),
]
IDS = [case[0] for case in CASES]
UNTOUCHED = "<urn:a> <urn:b> <urn:c> ."


def read(text: str, name: str = "shapes/own.ttl") -> Source:
    return source(text, name, "shapes")


@pytest.mark.parametrize(("rule", "shapes", "message"), CASES, ids=IDS)
def test_what_breaks_a_rule_is_refused_at_its_line(rule: str, shapes: str, message: str) -> None:
    with pytest.raises(ShapesBroken, match=r"shapes/own\.ttl:\d+:\d+: ") as caught:
        load_shapes([read(shapes)])

    told = [line for line in str(caught.value).splitlines() if f"(syntax rule {rule})" in line]
    assert any(message in line for line in told), str(caught.value)


def test_every_rule_has_a_case_and_a_name_of_its_own() -> None:
    names = [rule.name for rule in RULES]

    assert sorted(names) == sorted(set(names))
    assert set(names) == set(IDS)


def test_a_property_shape_in_place_of_a_node_shape_is_refused_whatever_the_data() -> None:
    shapes = read(
        "psh:S a sh:NodeShape ; sh:targetClass peel:Judgment ;\n"
        "    sh:property [ sh:path peel:gives ;\n"
        "        sh:node [ a sh:PropertyShape ; sh:path rdfs:label ; sh:minCount 1 ] ] .\n"
    )
    for data in (UNTOUCHED, "judgment:a a peel:Judgment ; peel:gives [ rdfs:label 1 ] ."):
        with pytest.raises(ShapesBroken, match=r"own\.ttl:11:17: .*node-node"):
            validate([source(data)], [shapes])


def test_all_faults_are_told_in_the_order_of_their_lines() -> None:
    shapes = "psh:A sh:class 1 .\n" + "".join(f"psh:B{n} sh:nodeKind peel:x .\n" for n in range(30))
    with pytest.raises(ShapesBroken) as caught:
        load_shapes([read(shapes)])
    lines = str(caught.value).splitlines()

    assert ["9", "10", "11"] == [line.split(":")[1] for line in lines[:3]]
    assert "and 11 more" == lines[-1].strip()
    assert 9 == caught.value.position.line


PATHS = [
    ("( peel:gives )", "two paths at least"),
    ("[ sh:alternativePath ( peel:gives ) ]", "two paths at least"),
    ("[ sh:inversePath peel:gives ; sh:zeroOrMorePath peel:gives ]", "not exactly one"),
    ("[ ]", "not exactly one"),
    ('( peel:gives "x" )', "the literal"),
    ('"x"', "the literal"),
    ("_:p . _:p sh:inversePath _:p", "contains itself"),
    ("[ sh:inversePath " * 12 + "peel:gives" + " ]" * 12, "inside one another"),
]


@pytest.mark.parametrize(("path", "message"), PATHS, ids=[case[1] for case in PATHS])
def test_a_path_that_is_none_is_refused(path: str, message: str) -> None:
    with pytest.raises(ShapesBroken, match=message):
        load_shapes([read(f"psh:P sh:path {path} .")])


RIGHT = [
    "psh:P sh:in () ; sh:path ( peel:gives [ sh:inversePath [ sh:zeroOrMorePath peel:count ] ] ) .",
    "psh:P sh:in () ; sh:path [ rdf:first peel:a ; rdf:rest ( peel:b ) ; sh:inversePath peel:c ] .",
    'psh:P sh:path peel:gives ; sh:in ( ) ; sh:languageIn ( "cy" ) ; sh:message "x"@cy .',
    'psh:P sh:path peel:gives ; sh:minCount "+01"^^xsd:integer ; sh:uniqueLang "1"^^xsd:boolean .',
    "psh:N a sh:NodeShape ; sh:targetNode 5 , peel:x ; sh:severity peel:Own ; sh:hasValue 1 , 2 .",
    'psh:N a psh:Kind ; sh:closed true ; sh:sparql [ sh:select "SELECT * { $this ?p ?values }" ] .',
    'psh:N a sh:NodeShape ; sh:sparql [ sh:select """SELECT $this { # MINUS\n'
    '    { SELECT $this { $this ?p "VALUES" } } BIND (1 AS ?a) }""" ] .',
    "psh:K rdfs:subClassOf sh:PropertyShape . psh:P a psh:K ; sh:path peel:a ; sh:minCount 1 .",
]


@pytest.mark.parametrize("shapes", RIGHT)
def test_what_shacl_allows_is_taken(shapes: str) -> None:
    prefix = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"

    assert len(load_shapes([read(prefix + shapes)])) > 0


def test_a_closed_shape_that_allows_nothing_finds_everything() -> None:
    shapes = [read("psh:N sh:targetClass peel:Judgment ; sh:closed true .")]
    report = validate([source("judgment:a a peel:Judgment ; peel:count 1 .")], shapes)

    assert 2 == len(report.results)


@pytest.mark.parametrize("query", ["", "# SELECT", "PREFIX", "SELECT", "{", "'"])
def test_a_query_that_is_none_is_refused(query: str) -> None:
    with pytest.raises(ShapesBroken, match="its query is"):
        load_shapes([read(ON_NODE.format(f'sh:sparql [ sh:select """{query}""" ]'))])


def test_a_query_for_which_no_engine_is_asked_names_what_is_missing() -> None:
    text = (
        'psh:N a sh:NodeShape ; sh:sparql [ sh:select "SELECT $this { GRAPH $shapesGraph {} }" ] .'
    )
    with pytest.raises(ShapesBroken, match=r"\$shapesGraph"):
        load_shapes([read(text)])


def test_the_projects_own_shapes_break_no_rule() -> None:
    folder = Path(__file__).parents[2] / "shapes"
    shapes = [read(path.read_text(), str(path)) for path in sorted(folder.glob("*.ttl"))]

    assert shapes
    load_shapes(shapes)


# Anything as the value of any parameter: what is taken is judged without a failure of pySHACL's.
VALUES = [
    '"x"',
    '"x"@en',
    "1",
    "-1",
    '"1"^^xsd:int',
    '"true"',
    "true",
    "peel:gives",
    "psh:P",
    "psh:N",
    "psh:Absent",
    "sh:IRI",
    "[ ]",
    "[ sh:class peel:Grade ]",
    "[ sh:path peel:count ]",
    "( )",
    '( "en" )',
    "( peel:gives psh:N )",
    "( 5 )",
    "[ <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> 1 ]",
    '[ sh:select "SELECT $this { $this ?p 1 }" ]',
    '[ sh:select "SELECT ?a { ?a ?p 1 VALUES ?p { peel:gives } }" ]',
]
NAMES = sorted(f"sh:{str(name).removeprefix(str(SH))}" for name in PARAMETERS)
EVERYTHING = """\
judgment:a a peel:Judgment ; peel:gives judgment:b , 1 , "x" , "x"@en ; peel:count 2 .
judgment:b peel:gives judgment:a ; peel:count 5 .
"""


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), min_size=1, max_size=2),
    st.booleans(),
)
def test_what_is_refused_does_not_depend_on_the_data(
    stated: list[tuple[str, str]], has_path: bool
) -> None:
    parameters = " ; ".join(itertools.starmap("{} {}".format, stated))
    path = "sh:path peel:gives ;" if has_path else ""
    shapes = [
        read(
            f"psh:S sh:targetClass peel:Judgment ; {path} {parameters} .\n"
            "psh:P a sh:PropertyShape ; sh:path peel:count . psh:N a sh:NodeShape .\n"
        )
    ]
    try:
        validate([source(UNTOUCHED)], shapes)
    except ShapesBroken:
        return

    validate([source(EVERYTHING)], shapes)
