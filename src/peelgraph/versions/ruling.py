"""The rules of a version, kept beside it: to compile them takes longer than to use them."""

import gzip
import json
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

from peelgraph.reasoning import Constraint, Pattern, Rule, Rules, compile_rules

_FILE = "rules.json.gz"
_LEVEL = 1


def rules_of(folder: Path, ontology: Callable[[], bytes]) -> Rules:
    """The rules of the version in a folder; where none are kept, compiled from its ontology."""
    kept = read_rules(folder)
    return compile_rules(ontology()) if kept is None else kept


def write_rules(folder: Path, rules: Rules) -> None:
    """Keep the rules beside a version."""
    text = json.dumps([list(map(astuple, part)) for part in (rules.rules, rules.constraints)])
    (folder / _FILE).write_bytes(gzip.compress(text.encode(), _LEVEL, mtime=0))


def read_rules(folder: Path) -> Rules | None:
    """The rules kept in the folder of a version; None where none are, or in an engine."""
    if folder == Path():
        return None
    try:
        rules, constraints = json.loads(gzip.decompress((folder / _FILE).read_bytes()))
    except OSError:
        return None
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
