"""Patterns never lose a result: what pySHACL finds on all nodes, it finds on the suspects."""

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph

from peelgraph.validation.candidates import find_targeted, narrow
from peelgraph.validation.literal_forms import Doubts, LiteralForms
from peelgraph.validation.pyshacl_runner import run_pyshacl
from peelgraph.validation.rdflib_store import as_graph
from peelgraph.validation.shacl_to_sparql import Compiler
from peelgraph.validation.shapes import load_shapes
from peelgraph.validation.sparql_constraints import NotCompiled
from tests.validation.world import source

LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
CONSTRAINTS = [
    "sh:minCount 1",
    "sh:minCount 2",
    "sh:maxCount 0",
    "sh:maxCount 1",
    "sh:class peel:Grade",
    "sh:datatype xsd:integer",
    "sh:datatype xsd:string",
    "sh:nodeKind sh:IRI",
    "sh:nodeKind sh:BlankNodeOrLiteral",
    'sh:in ( grade:good "x" 5 )',
    'sh:hasValue "x"',
    'sh:languageIn ( "en" "cy" )',
    "sh:uniqueLang true",
    'sh:pattern "^[a-z]$"',
    'sh:pattern "^X" ; sh:flags "i"',
    r'sh:pattern "^\\p{L}$"',
    'sh:pattern "x." ; sh:flags "q"',
    "sh:minLength 2",
    "sh:maxLength 1",
    "sh:minInclusive 4",
    "sh:maxExclusive 5",
    "sh:lessThan peel:count",
    "sh:lessThanOrEquals peel:count",
    "sh:equals peel:count",
    "sh:disjoint peel:count",
    "sh:or ( [ sh:datatype xsd:integer ] [ sh:class peel:Grade ] )",
    "sh:and ( [ sh:nodeKind sh:Literal ] [ sh:minLength 2 ] )",
    "sh:not [ sh:class peel:Grade ]",
    "sh:xone ( [ sh:nodeKind sh:IRI ] [ sh:class peel:Grade ] )",
    "sh:node [ sh:property [ sh:path rdfs:label ; sh:minCount 1 ] ]",
    "sh:property [ sh:path rdfs:label ; sh:maxCount 0 ]",
    "sh:or ( [ sh:property [ sh:path rdfs:label ; sh:minCount 1 ] ] [ sh:datatype xsd:string ] )",
    "sh:qualifiedValueShape [ sh:class peel:Grade ] ; sh:qualifiedMinCount 1",
    'sh:sparql [ sh:select "SELECT $this ?value { $this $PATH ?value FILTER(!isIRI(?value)) }" ]',
    'sh:sparql [ sh:select """SELECT $this { FILTER NOT EXISTS { $this $PATH ?value . } }""" ]',
    'sh:sparql [ sh:select """SELECT $this { { FILTER(isBlank($this)) } }""" ]',
    'sh:sparql [ sh:select """SELECT $this { { SELECT $this (COUNT(?v) AS ?n) WHERE '
    '{ $this $PATH ?v } GROUP BY $this } FILTER(?n > 1) }""" ]',
    'sh:sparql [ sh:select """SELECT $this ?told { $this $PATH ?v . FILTER(!isIRI(?v)) '
    f'OPTIONAL {{ $this {LABEL} ?name }} BIND (COALESCE(?name, "none") AS ?told) }}""" ]',
    'sh:sparql [ sh:select """SELECT $this { { SELECT $this (SUM(?one) AS ?n) WHERE '
    f"{{ $this $PATH ?v . OPTIONAL {{ ?v {LABEL} ?name }} BIND (IF(BOUND(?name), 1, 2) AS ?one) "
    'FILTER(isIRI(?v)) } GROUP BY $this } FILTER(?n > 1) }""" ]',
]
PATHS = [
    "peel:gives",
    "[ sh:inversePath peel:gives ]",
    "( peel:gives rdfs:label )",
    "[ sh:alternativePath ( peel:gives peel:count ) ]",
    "[ sh:zeroOrMorePath peel:gives ]",
]
TARGETS = [
    "sh:targetClass peel:Judgment",
    "sh:targetSubjectsOf peel:gives",
    "sh:targetObjectsOf peel:gives",
    "sh:targetNode judgment:one , judgment:none",
]
TERMS = [
    "judgment:one",
    "_:b",
    "grade:good",
    '"x"',
    '"xx"',
    '"x"@en',
    '"y"@en',
    '"x"@cy-GB',
    "5",
    "4.5",
    '"4.50"^^xsd:decimal',
    '"05"^^xsd:integer',
    '"5"^^xsd:int',
    '"z"^^xsd:integer',
    '"2015-01-01"^^xsd:date',
]
STATEMENTS = ["judgment:one a peel:Judgment .", "_:b a peel:Sub .", "grade:good a peel:Grade ."]
STATEMENTS += ['grade:good rdfs:label "Good"@en .', "peel:Sub rdfs:subClassOf peel:Judgment ."]


def found(
    store: ox.Store, shapes: Graph, spellings: LiteralForms | None = None
) -> list[tuple[object, ...]]:
    items = run_pyshacl(as_graph(store, spellings), shapes, []).items
    results = [verdict.result for verdict in items]
    return sorted((r.shape, r.focus, r.path, r.value, r.component) for r in results)


@pytest.mark.parametrize("constraint", CONSTRAINTS)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_suspects_lose_no_result(constraint: str, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(PATHS if "lessThan" not in constraint else PATHS[:1]))
    target = data.draw(st.sampled_from(TARGETS))
    # pySHACL gives up where it would have to compare a blank node.
    subjects = ["judgment:one"] if "lessThan" in constraint else ["judgment:one", "_:b"]
    triple = st.tuples(
        st.sampled_from(subjects),
        st.sampled_from(["peel:gives", "peel:count"]),
        st.sampled_from(TERMS if len(subjects) > 1 else TERMS[2:]),
    ).map(lambda terms: " ".join(terms) + " .")
    text = "\n".join([*STATEMENTS, *data.draw(st.lists(triple, max_size=5))])
    shape = f"psh:S a sh:NodeShape ; {target} ; sh:property psh:P .\n"
    shape += f"psh:P a sh:PropertyShape ; sh:path {path} ; {constraint} ."
    shapes = load_shapes([source(shape)])
    store = ox.Store()
    read = source(text)
    for triple in ox.parse(read.triples, ox.RdfFormat.N_TRIPLES):
        store.add(ox.Quad(triple.subject, triple.predicate, triple.object))
    ill_typed = ['"z"^^<http://www.w3.org/2001/XMLSchema#integer>']
    spellings = LiteralForms(store, [read], ill_typed)
    focused = narrow(store, shapes, lambda _: True, spellings)

    assert found(store, shapes, spellings) == found(store, focused, spellings)


def test_most_constraints_are_compiled() -> None:
    """Those that are not cost a run of pySHACL over every target."""
    whole = []
    for constraint in CONSTRAINTS:
        text = f"psh:P a sh:PropertyShape ; sh:targetNode 1 ; sh:path peel:gives ; {constraint} ."
        shapes = load_shapes([source(text)])
        try:
            Compiler(shapes, lambda name: [name], Doubts()).suspect(
                find_targeted(shapes)[0], "?this"
            )
        except NotCompiled:
            whole.append(constraint.split()[0])

    assert ["sh:xone", "sh:qualifiedValueShape", "sh:sparql"] == whole


def test_the_closed_shape_finds_the_other_property() -> None:
    shape = (
        "psh:S a sh:NodeShape ; sh:targetSubjectsOf peel:gives ; sh:closed true ;"
        " sh:property [ sh:path peel:gives ] ; sh:ignoredProperties ( peel:count ) ."
    )
    shapes = load_shapes([source(shape)])
    store = ox.Store()
    text = "judgment:one peel:gives 1 ; peel:count 2 . judgment:two peel:gives 1 ; rdfs:label 3 ."
    for triple in ox.parse(source(text).triples, ox.RdfFormat.N_TRIPLES):
        store.add(ox.Quad(triple.subject, triple.predicate, triple.object))

    results = found(store, narrow(store, shapes, lambda _: True))

    assert ["<https://w3id.org/peelgraph/id/judgment/two>"] == [result[1] for result in results]
