"""The rules of a version are those that its ontology gives, kept or not."""

from pathlib import Path

from peelgraph.embedded import Embedded
from peelgraph.reasoning import compile_rules
from peelgraph.repository import Home
from peelgraph.repository.rule_cache import read_rules, rules_of, write_rules
from peelgraph.terms import ONTOLOGY_GRAPH


def test_the_rules_kept_are_those_that_are_compiled(project_home: Home, tmp_path: Path) -> None:
    version = project_home.current()
    store = Embedded.read_only(version.store_path)
    compiled = compile_rules(store.read(ONTOLOGY_GRAPH))
    store.close()

    kept = read_rules(version.path)

    assert kept is not None
    assert {*compiled.rules} == {*kept.rules}, "in whatever order the triples came"
    assert {*compiled.constraints} == {*kept.constraints}
    assert kept.rules
    assert kept.constraints
    write_rules(tmp_path, compiled)
    assert compiled == rules_of(tmp_path, lambda: b"")


def test_where_none_are_kept_the_ontology_tells(tmp_path: Path) -> None:
    ontology = b"<urn:p> <http://www.w3.org/2002/07/owl#inverseOf> <urn:q> .\n"

    assert read_rules(tmp_path) is None
    assert compile_rules(ontology) == rules_of(tmp_path, lambda: ontology)
    assert read_rules(Path()) is None, "a version in an engine has no folder"
