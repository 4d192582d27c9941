"""pySHACL and rdflib, made to evaluate regular expressions as the engine does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.core.string_based_constraints import (
    PatternConstraintComponent,
    StringBasedConstraintBase,
)
from rdflib import SH, BNode, Literal
from rdflib.plugins.sparql import operators, parser
from rdflib.plugins.sparql.sparql import SPARQLError

from peelgraph.validation.regex import Evaluator

# What is exchanged belongs to the libraries, and so to every thread.
_LOCK = threading.RLock()


class EnginePattern(PatternConstraintComponent):
    """sh:pattern with the engine's regular expressions."""

    def __init__(self, shape: Any) -> None:
        # Its own __init__ hands the pattern to Python's re, which may refuse it.
        StringBasedConstraintBase.__init__(self, shape)
        self.string_rules = list(shape.objects(SH.pattern))
        flags = next(iter(shape.objects(SH.flags)), "")
        self._matchers = {
            rule: Evaluator("REGEX", str(rule), str(flags)) for rule in self.string_rules
        }

    def _evaluate_string_rule(
        self, rule: Any, target_graph: Any, values_of: dict[Any, Any]
    ) -> tuple[bool, list[Any]]:
        reports = [
            self.make_v_result(target_graph, focus, value_node=value)
            for focus, values in values_of.items()
            for value in values
            if isinstance(value, BNode) or self._matchers[rule].evaluate(str(value)) != "true"
        ]
        return bool(reports), reports


@contextmanager
def engine_regex() -> Iterator[None]:
    """Let the engine evaluate sh:pattern, REGEX and REPLACE in what pySHACL does meanwhile."""
    evaluators: dict[tuple[str, ...], Evaluator] = {}

    def evaluate(function: str, text: str, *given: Any) -> str:
        key = (function, *(str(operators.string(each)) for each in given if each is not None))
        if key not in evaluators:
            evaluators[key] = Evaluator(*key)
        value = evaluators[key].evaluate(text)
        if value is None:
            raise SPARQLError(f"{key[1]!r} is no regular expression")
        return value

    def regex(call: Any, _: Any) -> Literal:
        text = operators.string(call.text)
        return Literal(evaluate("REGEX", str(text), call.pattern, call.flags) == "true")

    def replace(call: Any, _: Any) -> Literal:
        text = operators.string(call.arg)
        made = evaluate("REPLACE", str(text), call.pattern, call.replacement, call.flags)
        return Literal(made, datatype=text.datatype, lang=text.language)

    with _LOCK:
        kept = CONSTRAINT_PARAMETERS_MAP[SH.pattern]
        _exchange(EnginePattern, regex, replace)
        try:
            yield
        finally:
            _exchange(kept, operators.Builtin_REGEX, operators.Builtin_REPLACE)


def _exchange(component: Any, regex: Callable[..., Any], replace: Callable[..., Any]) -> None:
    CONSTRAINT_PARAMETERS_MAP[SH.pattern] = component
    parser.RegexExpression.setEvalFn(regex)
    parser.StrReplaceExpression.setEvalFn(replace)
