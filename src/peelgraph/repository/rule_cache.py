"""The rules of a version, kept beside it: to compile them takes longer than to use them."""

from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

from peelgraph.reasoning import Constraint, Pattern, Rule, Rules, compile_rules
from peelgraph.repository.version import read_packed, write_packed

_FILE = "rules.json.gz"


def rules_of(folder: Path, ontology: Callable[[], bytes]) -> Rules:
    """The rules of the version in a folder; where none are kept, compiled from its ontology."""
    kept = read_rules(folder)
    return compile_rules(ontology()) if kept is None else kept


def write_rules(folder: Path, rules: Rules, base: Path | None = None) -> None:
    """Keep the rules beside a version; those of the version in `base`, where they are the same."""
    parts = [[astuple(each) for each in part] for part in (rules.rules, rules.constraints)]
    write_packed(folder / _FILE, parts, base / _FILE if base else None)


def read_rules(folder: Path) -> Rules | None:
    """The rules kept in the folder of a version; None where none are, or damaged ones."""
    # A version in an engine has no folder.
    return None if folder == Path() else read_packed(folder / _FILE, _rules)


def _rules(content: tuple[list[Any], list[Any]]) -> Rules:
    rules, constraints = content
    return Rules(
        tuple(
            Rule(name, axiom, Pattern(*head), _patterns(body), tuple(because))
            for name, axiom, head, body, because in rules
        ),
        tuple(
            Constraint(name, axiom, _patterns(body), tuple(filters), tuple(shared))
            for name, axiom, body, filters, shared in constraints
        ),
    )


def _patterns(body: list[Any]) -> tuple[Pattern, ...]:
    return tuple(Pattern(*each) for each in body)
