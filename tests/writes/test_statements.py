"""Which graphs an update writes to: told for certain, or counted as every one."""

import pyoxigraph as ox
import pytest

from peelgraph.errors import QueryRefused, RequestRefused
from peelgraph.settings import Settings
from peelgraph.sparql import Dataset, Update, check_policy
from peelgraph.sparql.update import Targets

EVERY = Targets(every=True)

TOLD = {
    "INSERT DATA { GRAPH <urn:a> { <urn:s> <urn:p> 1 } }": Targets({"urn:a"}),
    "INSERT DATA { <urn:s> <urn:p> 1 }": Targets(unnamed=True),
    "insert data { <urn:s> <urn:p> 1 . graph <urn:a> { } }": Targets({"urn:a"}, True),
    "DELETE DATA { GRAPH <urn:a> { <urn:s> <urn:p> 0 } }": Targets({"urn:a"}),
    "DELETE WHERE { GRAPH <urn:a> { ?s ?p ?o } }": Targets({"urn:a"}),
    "DELETE WHERE { ?s ?p ?o }": Targets(unnamed=True),
    "WITH <urn:a> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }": Targets({"urn:a"}),
    "WITH<urn:a>INSERT{<urn:n> ?p ?o}USING<urn:b>WHERE{?s ?p ?o}": Targets({"urn:a"}),
    "DELETE { GRAPH <urn:a> { ?s ?p ?o } } INSERT { GRAPH <urn:b> { ?s ?p ?o } } "
    "WHERE { GRAPH <urn:a> { ?s ?p ?o } }": Targets({"urn:a", "urn:b"}),
    'INSERT { GRAPH <urn:b> { ?s ?p "} GRAPH <urn:c> {" } } WHERE { GRAPH ?g { ?s ?p ?o } }': (
        Targets({"urn:b"})
    ),
    "INSERT { GRAPH ?g { ?s ?p 7 } } WHERE { GRAPH ?g { ?s ?p ?o } }": EVERY,
    "CLEAR GRAPH <urn:a>": Targets({"urn:a"}),
    "DROP SILENT GRAPH <urn:a>; CREATE GRAPH <urn:c>": Targets({"urn:a", "urn:c"}),
    "CLEAR DEFAULT": Targets(unnamed=True),
    "DROP ALL": Targets(unnamed=True, every=True),
    "CLEAR NAMED": EVERY,
    "COPY <urn:a> TO GRAPH <urn:b>": Targets({"urn:b"}),
    "ADD SILENT DEFAULT TO <urn:b>": Targets({"urn:b"}),
    "MOVE <urn:a> TO <urn:b>": Targets({"urn:a", "urn:b"}),
    "MOVE GRAPH <urn:a> TO DEFAULT": Targets({"urn:a"}, True),
    "PREFIX x: <urn:> INSERT DATA { GRAPH x:a { x:s x:p 2 } }": Targets({"urn:a"}),
    "PREFIX x: <urn:> CLEAR GRAPH x:a ; PREFIX y: <urn:> CLEAR GRAPH y:b": (
        Targets({"urn:a", "urn:b"})
    ),
    # GRAPH in a comment, in a string or in an IRI is none.
    "INSERT DATA { # GRAPH <urn:b> {\n GRAPH <urn:a> { <urn:s#GRAPH> <urn:p> '{' } }": (
        Targets({"urn:a"})
    ),
    # The engine takes all of these, which SPARQL 1.1 does not have.
    "INSERTDATA{ GRAPH <urn:a> { <urn:s> <urn:p> 3 } }": EVERY,
    "PREFIX x: <urn:> INSERT DATA { GRAPHx:a{ x:s x:p 4 } }": Targets(unnamed=True, every=True),
    "DELETEWHERE{ GRAPH <urn:a> { ?s ?p ?o } }": EVERY,
    # A prefix that means two things, and a base that changes.
    "PREFIX x: <urn:> CLEAR GRAPH x:a ; PREFIX x: <urn:z> CLEAR SILENT GRAPH x:a": EVERY,
    "BASE <urn:a> CLEAR GRAPH <>": EVERY,
}


def world() -> ox.Store:
    store = ox.Store()
    quads = "<urn:s> <urn:p> 0 . "
    store.load(f"{quads} <urn:a> {{ {quads} }} <urn:b> {{ <urn:s> <urn:q> 0 }}", ox.RdfFormat.TRIG)
    return store


def content(store: ox.Store) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"": [], **{graph.value: [] for graph in store.named_graphs()}}
    for quad in store:
        found[getattr(quad.graph_name, "value", "")].append(str(quad.triple))
    return {name: sorted(lines) for name, lines in found.items()}


@pytest.mark.parametrize("text", TOLD)
def test_targets_are_told(text: str) -> None:
    assert TOLD[text] == Update(text).targets()


@pytest.mark.parametrize("text", TOLD)
def test_the_engine_changes_no_other_graph(text: str) -> None:
    store = world()
    before = content(store)
    for operation in Update(text).in_turn():
        store.update(operation)
    after = content(store)
    changed = {g for g in {*before, *after} if before.get(g) != after.get(g)}
    targets = Update(text).targets()

    assert changed, "the case shows nothing"
    assert targets.every or changed <= targets.named | ({""} if targets.unnamed else set())


def test_each_operation_sees_the_prologues_before_it() -> None:
    text = (
        "PREFIX x: <urn:x#> INSERT DATA { x:a x:b 'a;b' } ; # ; none here\n"
        "BASE <urn:y#> PREFIX x: <urn:z#> INSERT DATA { x:a x:b <#c> } ; PREFIX u: <urn:u>"
    )
    store = ox.Store()
    for operation in Update(text).in_turn():
        store.update(operation)

    assert ['<urn:x#a> <urn:x#b> "a;b"', "<urn:z#a> <urn:z#b> <urn:y#c>"] == content(store)[""]


def test_a_relative_name_is_told_by_the_base() -> None:
    assert {"http://x/g"} == Update("CLEAR GRAPH <g>").targets("http://x/").named


def test_addresses_called_are_told() -> None:
    text = "PREFIX x: <http://x/> LOAD SILENT x:a INTO GRAPH <urn:a> ; LOAD <http://x/b>"
    told = Update(text).targets()

    assert {"http://x/a", "http://x/b"} == told.loads
    assert ({"urn:a"}, True) == (told.named, told.unnamed)
    check_policy(Update(text), Settings(), loads=True)
    with pytest.raises(QueryRefused, match="LOAD is not served"):
        check_policy(Update(text), Settings())


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("INSERT {} WHERE {}", "INSERT {} USING <urn:a> USING NAMED <urn:b> WHERE {}"),
        (
            "DELETE WHERE { ?s ?p ?o }; CLEAR ALL",
            "DELETE { ?s ?p ?o } USING <urn:a> USING NAMED <urn:b> WHERE { ?s ?p ?o }; CLEAR ALL",
        ),
        ("INSERT DATA { <urn:WHERE> <urn:p> 'WHERE' }",) * 2,
    ],
)
def test_the_protocols_dataset_is_written_in(text: str, written: str) -> None:
    dataset = Dataset(("urn:a",), ("urn:b",))
    found = Update(text).with_dataset(dataset).text

    assert written.split() == found.split()
    ox.Store().update(found)


@pytest.mark.parametrize(
    "text", ["WITH <urn:a> DELETE {} WHERE {}", "INSERT {} USING NAMED <urn:a> WHERE {}"]
)
def test_two_datasets_are_one_too_many(text: str) -> None:
    with pytest.raises(RequestRefused, match="Line 1"):
        Update(text).with_dataset(Dataset(("urn:a",)))


def test_a_prologue_that_breaks_off_tells_nothing() -> None:
    assert EVERY == Update("PREFIX ; CLEAR GRAPH <urn:a>").targets()
