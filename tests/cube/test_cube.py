"""Statistics are a well-formed RDF Data Cube: IC-1 to IC-21 of the W3C Recommendation.

`constraints/ic-NN.rq` finds what breaks a constraint, in our own layout of its section 11;
`mutations/ic-NN.ru` breaks it in `world.ttl`, which breaks none. IC-20 and IC-21 are templates:
each is asked for every property of the hierarchies that the data has.
"""

from pathlib import Path

import pyoxigraph as ox
import pytest

from peelgraph.embedded import Embedded
from peelgraph.repository import Home
from peelgraph.terms import INFERRED

HERE = Path(__file__).parent
CONSTRAINTS = sorted((HERE / "constraints").glob("*.rq"))
NAMES = [path.stem for path in CONSTRAINTS]
QB = "PREFIX qb: <http://purl.org/linked-data/cube#> PREFIX owl: <http://www.w3.org/2002/07/owl#> "
HIERARCHIES = {
    "ic-20": "SELECT DISTINCT ?p { ?list qb:parentChildProperty ?p FILTER (isIRI(?p)) }",
    "ic-21": "SELECT DISTINCT ?p { ?list qb:parentChildProperty/owl:inverseOf ?p }",
}


def read_world() -> ox.Store:
    store = ox.Store()
    store.load((HERE / "world.ttl").read_bytes(), ox.RdfFormat.TURTLE)
    return store


def normalise(store: ox.Store) -> ox.Store:
    store.update((HERE / "normalise.ru").read_text())
    return store


def find_faults(store: ox.Store, name: str) -> list[str]:
    """What breaks a constraint; a constraint on hierarchies looks only at its own kind."""
    text = (HERE / "constraints" / f"{name}.rq").read_text()
    if name not in HIERARCHIES:
        return [str(row) for row in store.query(text)]
    faults = []
    for row in store.query(QB + HIERARCHIES[name]):
        lists = f"?list qb:parentChildProperty{'/owl:inverseOf' * (name == 'ic-21')} {row['p']} ."
        asked = text.replace("<urn:parent-child>", str(row["p"])).replace(
            "?list a qb:HierarchicalCodeList .", lists
        )
        if "owl:" in asked:
            asked = "PREFIX owl: <http://www.w3.org/2002/07/owl#>\n" + asked
        faults += [str(row) for row in store.query(asked)]
    return faults


@pytest.fixture(scope="module")
def cubes(project_home: Home) -> ox.Store:
    """The project's own graph, inferred triples included, normalised."""
    published = Embedded.read_only(project_home.current().store_path)
    store = ox.Store()
    for graph in ("", INFERRED):
        store.load(published.read(graph), ox.RdfFormat.N_TRIPLES)
    return normalise(store)


def first(cubes: ox.Store, text: str) -> ox.QuerySolution:
    found = cubes.query(QB + text)
    assert isinstance(found, ox.QuerySolutions)
    solution: ox.QuerySolution = next(found)
    return solution


def test_the_project_has_cubes_to_check(cubes: ox.Store) -> None:
    counted = first(cubes, "SELECT (COUNT(*) AS ?n) { ?o a qb:Observation }")
    datasets = first(cubes, "SELECT (COUNT(*) AS ?n) { ?d a qb:DataSet }")

    assert int(counted["n"].value) > 100
    assert int(datasets["n"].value) == 10


@pytest.mark.parametrize("name", NAMES)
def test_the_project_keeps_each_constraint(name: str, cubes: ox.Store) -> None:
    assert find_faults(cubes, name) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_mutated_world_breaks_each_constraint(name: str) -> None:
    broken = read_world()
    broken.update((HERE / "mutations" / f"{name}.ru").read_text())

    assert find_faults(normalise(read_world()), name) == []
    assert find_faults(normalise(broken), name)


def test_every_constraint_is_there() -> None:
    numbers = {int(name[3:5]) for name in NAMES}

    assert numbers == set(range(1, 22))
