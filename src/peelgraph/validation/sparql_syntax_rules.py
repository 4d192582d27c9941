"""The syntax rules of SHACL-SPARQL: queries, prefixes, and constraint components of one's own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rdflib import OWL, RDF, SH, Graph, URIRef
from rdflib.term import Node

from peelgraph.sparql.lexer import Token
from peelgraph.validation.shapes_graph import ShapesGraph, is_string
from peelgraph.validation.syntax_rule import (
    Fault,
    Rule,
    at_most_one,
    each_value,
    exactly_one,
    is_boolean,
    is_namespace,
    is_resource,
    is_text,
    write,
)

_VARNAME = re.compile(r"[A-Za-z0-9_\u00b7\u00c0-\uffff]+")
_LOCAL_NAME = re.compile(r"[^#/:]*$")
_TAKEN = {"this", "shapesGraph", "currentShape", "path", "PATH", "value"}
_BEFORE = {"PREFIX", "BASE"}
_NOT_IN_QUERIES = ("MINUS", "VALUES", "SERVICE")


def _constraints(shapes: ShapesGraph) -> set[Node]:
    return set(shapes.graph.objects(None, SH.sparql)) | shapes.instances(SH.SPARQLConstraint)


def _declarations(shapes: ShapesGraph) -> set[Node]:
    return set(shapes.graph.objects(None, SH.declare)) | shapes.instances(SH.PrefixDeclaration)


def _ask_validators(shapes: ShapesGraph) -> set[Node]:
    return {
        *shapes.instances(SH.SPARQLAskValidator),
        *(v for c in shapes.components for v in shapes.graph.objects(c, SH.validator)),
    } - shapes.instances(SH.JSValidator)


def _select_validators(shapes: ShapesGraph) -> set[Node]:
    named = (
        validator
        for component in shapes.components
        for predicate in (SH.nodeValidator, SH.propertyValidator)
        for validator in shapes.graph.objects(component, predicate)
    )
    found = {*shapes.instances(SH.SPARQLSelectValidator), *named}
    return found - shapes.instances(SH.JSValidator)


def _parameters(shapes: ShapesGraph) -> set[Node]:
    return {node for _, node in _declared_parameters(shapes)}


def _declared_parameters(shapes: ShapesGraph) -> Iterator[tuple[Node, Node]]:
    for component in shapes.components:
        for parameter in shapes.values(component, SH.parameter):
            yield component, parameter


def _check_parameter_paths(shapes: ShapesGraph) -> Iterator[Fault]:
    for parameter in _parameters(shapes):
        for path in shapes.values(parameter, SH.path):
            if not isinstance(path, URIRef):
                message = f"the sh:path of a parameter is {write(path)}, not an IRI"
                yield Fault(parameter, SH.path, path, message)


def _parameter_names(shapes: ShapesGraph, parameters: Iterable[Node]) -> Iterator[tuple[Node, str]]:
    for parameter in parameters:
        for path in shapes.values(parameter, SH.path):
            name = _LOCAL_NAME.search(str(path))
            yield parameter, name[0] if name else ""


def _check_parameter_names(shapes: ShapesGraph) -> Iterator[Fault]:
    for parameter, name in _parameter_names(shapes, _parameters(shapes)):
        if not _VARNAME.fullmatch(name):
            message = f"the parameter's name {name!r} cannot be that of a variable"
            yield Fault(parameter, SH.path, None, message)


def _check_taken_names(shapes: ShapesGraph) -> Iterator[Fault]:
    for parameter, name in _parameter_names(shapes, _parameters(shapes)):
        if name in _TAKEN:
            message = f"a parameter cannot be called {name}, a variable of SHACL's own"
            yield Fault(parameter, SH.path, None, message)


def _check_unique_names(shapes: ShapesGraph) -> Iterator[Fault]:
    for component in shapes.components:
        parameters = shapes.values(component, SH.parameter)
        names = Counter(name for _, name in _parameter_names(shapes, parameters))
        for name in (name for name, count in names.items() if count > 1):
            message = f"{names[name]} of its parameters are called {name}"
            yield Fault(component, SH.parameter, None, message)


def _check_mandatory_parameters(shapes: ShapesGraph) -> Iterator[Fault]:
    for component in shapes.components:
        parameters = shapes.values(component, SH.parameter)
        if all(
            any(str(value) in {"true", "1"} for value in shapes.values(parameter, SH.optional))
            for parameter in parameters
        ):
            message = "a constraint component needs a parameter that is not optional"
            yield Fault(component, RDF.type, None, message)


def _importing(graph: Graph, owner: Node) -> list[Node]:
    """What declares prefixes for those of `owner`, itself first."""
    return [node for node in graph.transitive_objects(owner, OWL.imports) if node is not None]


def _check_duplicate_prefixes(shapes: ShapesGraph) -> Iterator[Fault]:
    for subject, owner in shapes.graph.subject_objects(SH.prefixes):
        known: dict[str, Node] = {}
        for each in _importing(shapes.graph, owner):
            for declaration in shapes.values(each, SH.declare):
                for prefix in shapes.values(declaration, SH.prefix):
                    for namespace in shapes.values(declaration, SH.namespace):
                        if str(known.setdefault(str(prefix), namespace)) != str(namespace):
                            message = f"the prefix {prefix}: has more than one namespace"
                            yield Fault(subject, SH.prefixes, owner, message)


def _find_form(read: Sequence[Token]) -> int:
    """Where a query says what it asks for, after its prologue; -1 where it does not."""
    for at, token in enumerate(read):
        if token.kind == "word" and token.text.upper() not in _BEFORE:
            return at
    return -1


def _check_form(predicate: Node, word: str, name: str) -> Rule:
    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject, asked, value, query in shapes.queries:
            if asked == predicate:
                at = _find_form(query.tokens)
                if at < 0 or not query.tokens[at].is_word(word):
                    yield Fault(subject, asked, value, f"its query is no {word}")

    return Rule(name, check)


def _check_projection(shapes: ShapesGraph) -> Iterator[Fault]:
    constraints = _constraints(shapes) | _select_validators(shapes)
    for subject, predicate, value, query in shapes.queries:
        if predicate == SH.select and subject in constraints:
            head = _projected(query.tokens, max(_find_form(query.tokens), 0))
            if not _projects(head, "this"):
                yield Fault(subject, predicate, value, "its query does not select $this")


def _projected(read: Sequence[Token], at: int) -> Sequence[Token]:
    """The tokens between SELECT and the pattern."""
    end = next(
        (
            n
            for n in range(at, len(read))
            if read[n].text == "{" or read[n].is_word("WHERE", "FROM")
        ),
        len(read),
    )
    return read[at:end]


def _projects(head: Sequence[Token], name: str) -> bool:
    return any(token.text in {f"${name}", f"?{name}", "*"} for token in head)


def _check_prebinding(shapes: ShapesGraph) -> Iterator[Fault]:
    """What no query may hold in which a variable is bound before it is asked (appendix A)."""
    queries = _constraints(shapes) | _select_validators(shapes) | _ask_validators(shapes)
    for subject, predicate, value, query in shapes.queries:
        if subject not in queries:
            continue
        read = query.tokens
        form = _find_form(read)
        for at, token in enumerate(read):
            told = ""
            if token.is_word(*_NOT_IN_QUERIES):
                told = f"says {token.text.upper()}, which SHACL does not allow"
            elif token.is_word("SELECT") and at > form:
                head = _projected(read, at)
                # pySHACL refuses the star too (https://github.com/w3c/data-shapes/issues/84).
                if not any(each.text in {"$this", "?this"} for each in head):
                    told = "has an inner SELECT that does not select $this"
            elif (
                token.is_word("AS")
                and at + 1 < len(read)
                and read[at + 1].text[1:]
                in {
                    "this",
                    "shapesGraph",
                    "currentShape",
                }
            ):
                told = f"gives {read[at + 1].text} a value, which it has already"
            if told:
                yield Fault(subject, predicate, value, f"its query {told}")


def _check_variables(shapes: ShapesGraph) -> Iterator[Fault]:
    """Variables that cannot have a value: pySHACL fails where it comes to such a query."""
    for subject, predicate, value, query in shapes.queries:
        names = query.variables
        if "shapesGraph" in names:
            message = "its query reads $shapesGraph, which is not offered: judge by the data alone"
            yield Fault(subject, predicate, value, message)
        if "PATH" in names:
            for shape in shapes.graph.subjects(SH.sparql, subject):
                if shape in shapes.node_shapes:
                    message = "its query says $PATH, and the shape has no path"
                    yield Fault(subject, predicate, value, message)


def _check_validators(shapes: ShapesGraph) -> Iterator[Fault]:
    """A component that a shape uses can be asked of it."""
    for component in shapes.components:
        mandatory = [
            path
            for parameter in shapes.values(component, SH.parameter)
            if not any(str(v) in {"true", "1"} for v in shapes.values(parameter, SH.optional))
            for path in shapes.values(parameter, SH.path)
        ]
        for shape in shapes.all if mandatory else ():
            if not all((shape, path, None) in shapes.graph for path in mandatory):
                continue
            own = SH.nodeValidator if shape in shapes.node_shapes else SH.propertyValidator
            asked = [*shapes.values(component, own), *shapes.values(component, SH.validator)]
            if not any(
                (validator, query, None) in shapes.graph
                for validator in asked
                for query in (SH.select, SH.ask)
            ):
                message = f"{write(component)} has no query for a shape of this kind"
                yield Fault(shape, mandatory[0], None, message)


SPARQL_RULES: tuple[Rule, ...] = (
    # Queries.
    each_value(SH.sparql, is_resource, "nodeKind"),
    exactly_one("SPARQLConstraint-select", SH.select, _constraints),
    each_value(SH.select, is_string, "datatype"),
    each_value(SH.ask, is_string, "datatype"),
    _check_form(SH.select, "SELECT", "select-query-valid"),
    _check_form(SH.ask, "ASK", "ask-sparql"),
    Rule("select-query-this", _check_projection),
    Rule("pre-binding", _check_prebinding),
    each_value(SH.prefixes, is_resource, "nodeKind"),
    each_value(SH.declare, is_resource, "nodeKind"),
    exactly_one("prefix", SH.prefix, _declarations),
    each_value(SH.prefix, is_string, "datatype"),
    exactly_one("namespace", SH.namespace, _declarations),
    each_value(SH.namespace, is_namespace, "datatype"),
    Rule("prefixes-duplicates", _check_duplicate_prefixes),
    # Components of somebody's own.
    Rule("ConstraintComponent-parameter", _check_mandatory_parameters),
    exactly_one("Parameter-predicate", SH.path, _parameters),
    Rule("Parameter", _check_parameter_paths),
    Rule("parameter-name-VARNAME", _check_parameter_names),
    Rule("parameter-name-not-in", _check_taken_names),
    Rule("parameter-name-unique", _check_unique_names),
    each_value(SH.optional, is_boolean, "datatype"),
    at_most_one(SH.optional),
    each_value(SH.labelTemplate, is_text, "datatype"),
    exactly_one("SPARQLSelectValidator-select", SH.select, _select_validators),
    exactly_one("ask", SH.ask, _ask_validators),
)
# They have no name in the specification: see syntax_rules.
OUR_SPARQL_RULES = (
    Rule("query-variables", _check_variables),
    Rule("component-validator", _check_validators),
)
