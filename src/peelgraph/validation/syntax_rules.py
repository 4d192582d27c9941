"""The syntax rules of SHACL, which a shapes graph follows or is ill-formed, whatever the data.

Each rule has its name in the specification (https://www.w3.org/TR/shacl/#syntax-rule-NAME, listed
in its appendix "Summary of SHACL Syntax Rules"). Those after `_OURS` have none: without them the
same shapes would fail with some data (pySHACL 0.40.1 finds them when it comes to the shape).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rdflib import OWL, RDF, RDFS, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from peelgraph.sparql.lexer import Token
from peelgraph.validation.shapes_graph import (
    ALTERNATIVES,
    BOUNDS,
    COUNTS,
    IN_PROPERTY_SHAPES,
    JOINED,
    LISTS,
    TARGETS,
    ShapesGraph,
    is_string,
)

NODE_KINDS = {
    SH.IRI,
    SH.BlankNode,
    SH.Literal,
    SH.IRIOrLiteral,
    SH.BlankNodeOrIRI,
    SH.BlankNodeOrLiteral,
}
STEPS = (
    SH.alternativePath,
    SH.inversePath,
    SH.zeroOrMorePath,
    SH.oneOrMorePath,
    SH.zeroOrOnePath,
)
_DEEPEST_PATH = 11  # pySHACL follows 12 paths inside one another, and then fails
_INTEGER = re.compile(r"[+-]?[0-9]+")
_VARNAME = re.compile(r"[A-Za-z0-9_\u00b7\u00c0-\uffff]+")
_LOCAL_NAME = re.compile(r"[^#/:]*$")
_TAKEN = {"this", "shapesGraph", "currentShape", "path", "PATH", "value"}
_BEFORE = {"PREFIX", "BASE"}
_NOT_IN_QUERIES = ("MINUS", "VALUES", "SERVICE")


@dataclass(frozen=True, slots=True)
class Fault:
    """A statement that breaks a rule; `predicate` and `value` are None where none is to blame."""

    subject: Node
    predicate: Node | None
    value: Node | None
    message: str


Check = Callable[["ShapesGraph"], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One syntax rule: its name, and what finds the statements that break it."""

    name: str
    check: Check


def find_syntax_faults(graph: Graph) -> Iterator[tuple[Fault, str]]:
    """Every statement of a shapes graph that breaks a rule, with the name of the rule."""
    shapes = ShapesGraph(graph)
    for rule in RULES:
        for fault in rule.check(shapes):
            yield fault, rule.name


def _write(node: Node) -> str:
    if isinstance(node, BNode):
        return "a blank node"
    return f"sh:{_local(node)}" if str(node).startswith(str(SH)) else node.n3()


def _local(predicate: Node) -> str:
    return str(predicate).removeprefix(str(SH))


# What a value has to be ----------------------------------------------------------------------


def is_iri(node: Node) -> bool:
    """Whether it is an IRI."""
    return isinstance(node, URIRef)


def is_integer(node: Node) -> bool:
    """Whether it is an integer by the letter: a literal of xsd:integer, of no derived datatype."""
    is_typed = isinstance(node, Literal) and node.datatype == XSD.integer
    return is_typed and _INTEGER.fullmatch(str(node)) is not None


def is_boolean(node: Node) -> bool:
    """Whether it is a literal of xsd:boolean."""
    is_typed = isinstance(node, Literal) and node.datatype == XSD.boolean
    return is_typed and str(node) in {"true", "false", "1", "0"}


def is_truth(node: Node) -> bool:
    """Whether it is true or false, by the letter."""
    return is_boolean(node) and str(node) in {"true", "false"}


def is_namespace(node: Node) -> bool:
    """Whether it is a literal of xsd:anyURI; SHACL 1.2 and pySHACL take a string as well."""
    is_typed = isinstance(node, Literal) and node.datatype == XSD.anyURI
    return is_typed or is_string(node)


def is_text(node: Node) -> bool:
    """Whether it is a string, with or without a language tag."""
    return is_string(node) or (isinstance(node, Literal) and bool(node.language))


def is_literal(node: Node) -> bool:
    """Whether it is a literal."""
    return isinstance(node, Literal)


def is_resource(node: Node) -> bool:
    """Whether it is an IRI or a blank node."""
    return not isinstance(node, Literal)


_WORDS: Mapping[Callable[[Node], bool], str] = {
    is_iri: "not an IRI",
    is_integer: "not an xsd:integer",
    is_boolean: "not an xsd:boolean",
    is_truth: "neither true nor false",
    is_string: "not an xsd:string",
    is_namespace: "not an xsd:anyURI",
    is_text: "neither an xsd:string nor a text with a language tag",
    is_literal: "not a literal",
    is_resource: "neither an IRI nor a blank node",
}


# Kinds of rules ------------------------------------------------------------------------------


def _each(predicate: Node, is_right: Callable[[Node], bool], name: str) -> Rule:
    """Every value of a property is of a kind."""

    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject, value in shapes.graph.subject_objects(predicate):
            if not is_right(value):
                message = f"{_write(predicate)} {_write(value)} is {_WORDS[is_right]}"
                if isinstance(value, Literal) and is_right is is_iri:
                    message = f"{_write(predicate)} {_write(value)} is a literal, not an IRI"
                yield Fault(subject, predicate, value, message)

    return Rule(f"{_local(predicate)}-{name}", check)


def _once(predicate: Node, name: str = "maxCount") -> Rule:
    """A property has one value at most."""

    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        many = Counter(shapes.graph.subjects(predicate, None))
        for subject in (subject for subject, count in many.items() if count > 1):
            values = shapes.values(subject, predicate)
            told = ", ".join(map(_write, values))
            message = f"has {len(values)} {_write(predicate)}, one at most: {told}"
            yield Fault(subject, predicate, values[-1], message)

    return Rule(f"{_local(predicate)}-{name}", check)


def _scope(predicate: Node) -> Rule:
    """A node shape has no value of a property."""

    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject, value in shapes.graph.subject_objects(predicate):
            if subject in shapes.node_shapes:
                message = f"{_write(predicate)} counts for the values of a path, and it has no path"
                yield Fault(subject, predicate, value, message)

    return Rule(f"{_local(predicate)}-scope", check)


def _list(predicate: Node) -> Rule:
    """The values of a property are lists."""

    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject, value in shapes.graph.subject_objects(predicate):
            if shapes.items(value) is None:
                message = f"{_write(predicate)} is not a well-formed list: ( ... )"
                yield Fault(subject, predicate, value, message)

    return Rule(f"{_local(predicate)}-node", check)


def _each_member(predicate: Node, is_right: Callable[[Node], bool], name: str) -> Rule:
    """The members of the lists of a property are of a kind."""

    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject, _, member in shapes.members(predicate):
            if not is_right(member):
                message = f"{_write(member)} in {_write(predicate)} is {_WORDS[is_right]}"
                yield Fault(subject, predicate, None, message)

    return Rule(f"{_local(predicate)}-members-{name}", check)


def _exactly_one(
    kind: str, predicate: Node, subjects: Callable[[ShapesGraph], Iterable[Node]]
) -> Rule:
    """Each of some nodes has one value of a property."""

    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject in set(subjects(shapes)):
            count = len(shapes.values(subject, predicate))
            if count != 1 and is_resource(subject):
                message = f"{_write(subject)} has {count} {_write(predicate)}; it needs one"
                yield Fault(subject, predicate if count else None, None, message)

    return Rule(f"{kind}-count", check)


# Rules of their own kind ---------------------------------------------------------------------


def _check_node_kinds(shapes: ShapesGraph) -> Iterator[Fault]:
    for subject, value in shapes.graph.subject_objects(SH.nodeKind):
        if value not in NODE_KINDS:
            kinds = ", ".join(sorted(map(_write, NODE_KINDS)))
            message = f"{_write(value)} is no node kind; there are {kinds}"
            yield Fault(subject, SH.nodeKind, value, message)


def _check_target_nodes(shapes: ShapesGraph) -> Iterator[Fault]:
    for subject, value in shapes.graph.subject_objects(SH.targetNode):
        if isinstance(value, BNode):
            message = "sh:targetNode is a blank node, which no data can hold"
            yield Fault(subject, SH.targetNode, value, message)


def _check_classes(shapes: ShapesGraph) -> Iterator[Fault]:
    typed = shapes.instances(SH.NodeShape) | shapes.instances(SH.PropertyShape)
    for shape in typed & (shapes.instances(RDFS.Class) | shapes.instances(OWL.Class)):
        if isinstance(shape, BNode):
            message = "is a class and a shape, and has no IRI by which data could name it"
            yield Fault(shape, RDF.type, None, message)


def _check_typed_paths(shapes: ShapesGraph) -> Iterator[Fault]:
    for shape in shapes.instances(SH.PropertyShape):
        if (shape, SH.path, None) not in shapes.graph:
            yield Fault(shape, None, None, "has 0 sh:path; it needs one")


def _check_node_shapes(shapes: ShapesGraph) -> Iterator[Fault]:
    for shape in shapes.instances(SH.NodeShape):
        for path in shapes.values(shape, SH.path):
            yield Fault(shape, SH.path, path, "is a sh:NodeShape and has a sh:path; it may not")


def _check_paths(shapes: ShapesGraph) -> Iterator[Fault]:
    for shape, path in shapes.graph.subject_objects(SH.path):
        wrong = _find_wrong_step(shapes, path, ())
        if wrong:
            yield Fault(shape, SH.path, path, f"sh:path {wrong}")


def _find_wrong_step(shapes: ShapesGraph, path: Node, within: tuple[Node, ...]) -> str:
    """What is wrong with a path (section 2.3.1); "" where it is well-formed."""
    if isinstance(path, URIRef):
        return ""
    if isinstance(path, Literal):
        return f"leads to the literal {_write(path)}"
    if path in within:
        return "contains itself"
    if len(within) >= _DEEPEST_PATH:
        return f"has more than {_DEEPEST_PATH} paths inside one another"
    within = (*within, path)
    # W3C's suite takes a list as a sequence, whatever else is said of it (path-strange-001).
    if (path, RDF.first, None) in shapes.graph:
        return _find_wrong_list(shapes, path, within, "a sequence")
    stated = list(shapes.graph.predicate_objects(path))
    if len(stated) != 1 or stated[0][0] not in STEPS:
        names = ", ".join(map(_write, STEPS))
        return f"is a blank node that is no list and has not exactly one of {names}"
    if stated[0][0] == SH.alternativePath:
        return _find_wrong_list(shapes, stated[0][1], within, "sh:alternativePath")
    return _find_wrong_step(shapes, stated[0][1], within)


def _find_wrong_list(shapes: ShapesGraph, head: Node, within: tuple[Node, ...], what: str) -> str:
    items = shapes.items(head)
    if items is None or len(items) <= 1:
        return f"is not well-formed: {what} is a list of two paths at least"
    wrong = (_find_wrong_step(shapes, item, within) for item in items)
    return next((each for each in wrong if each), "")


def _check_property_shapes(shapes: ShapesGraph) -> Iterator[Fault]:
    typed = shapes.instances(SH.PropertyShape)  # of these PropertyShape-path-minCount tells
    for subject, value in shapes.graph.subject_objects(SH.property):
        if isinstance(value, Literal):
            message = f"sh:property {_write(value)} is a literal, not a property shape"
        elif (value, None, None) not in shapes.graph:
            message = f"sh:property names {_write(value)}, which is not in the shapes graph"
        elif (value, SH.path, None) not in shapes.graph and value not in typed:
            message = f"sh:property names {_write(value)}, which has no sh:path"
        else:
            continue
        yield Fault(subject, SH.property, value, message)


def _check_node_references(shapes: ShapesGraph) -> Iterator[Fault]:
    typed = shapes.instances(SH.PropertyShape)
    for subject, value in shapes.graph.subject_objects(SH.node):
        if isinstance(value, Literal):
            message = f"sh:node {_write(value)} is a literal, not a node shape"
        elif value in typed or (value, SH.path, None) in shapes.graph:
            message = f"sh:node names {_write(value)}, a property shape: write sh:property"
        else:
            continue
        yield Fault(subject, SH.node, value, message)


def _check_reference(predicate: Node) -> Rule:
    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject, value in shapes.graph.subject_objects(predicate):
            if isinstance(value, Literal):
                message = f"{_write(predicate)} {_write(value)} is a literal, not a shape"
                yield Fault(subject, predicate, value, message)

    return Rule(f"{_local(predicate)}-node", check)


def _check_members(predicate: Node) -> Rule:
    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject, _, member in shapes.members(predicate):
            if isinstance(member, Literal):
                message = f"{_write(member)} in {_write(predicate)} is a literal, not a shape"
                yield Fault(subject, predicate, None, message)

    return Rule(f"{_local(predicate)}-members-node", check)


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
                message = f"the sh:path of a parameter is {_write(path)}, not an IRI"
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


def _check_counts(shapes: ShapesGraph) -> Iterator[Fault]:
    for predicate in COUNTS:
        for subject, value in shapes.graph.subject_objects(predicate):
            if is_integer(value) and int(str(value)) < 0:
                yield Fault(subject, predicate, value, f"{_write(value)} is no count")


def _check_qualified(shapes: ShapesGraph) -> Iterator[Fault]:
    for subject, value in shapes.graph.subject_objects(SH.qualifiedValueShape):
        if not any(
            (subject, each, None) in shapes.graph
            for each in (SH.qualifiedMinCount, SH.qualifiedMaxCount)
        ):
            message = "sh:qualifiedValueShape needs sh:qualifiedMinCount or sh:qualifiedMaxCount"
            yield Fault(subject, SH.qualifiedValueShape, value, message)
    for predicate in (SH.qualifiedMinCount, SH.qualifiedMaxCount, SH.qualifiedValueShapesDisjoint):
        for subject, value in shapes.graph.subject_objects(predicate):
            # A node shape may have them, without effect (W3C's suite, qualified-001).
            lacks = (subject, SH.qualifiedValueShape, None) not in shapes.graph
            if lacks and subject not in shapes.node_shapes:
                message = f"{_write(predicate)} says nothing without sh:qualifiedValueShape"
                yield Fault(subject, predicate, value, message)


def _check_ignored(shapes: ShapesGraph) -> Iterator[Fault]:
    for subject, value in shapes.graph.subject_objects(SH.ignoredProperties):
        if (subject, SH.closed, None) not in shapes.graph:
            message = "sh:ignoredProperties says nothing without sh:closed"
            yield Fault(subject, SH.ignoredProperties, value, message)


def _check_empty_lists(shapes: ShapesGraph) -> Iterator[Fault]:
    for predicate in ALTERNATIVES:
        for subject in shapes.graph.subjects(predicate, RDF.nil):
            message = f"{_write(predicate)} names no shape"
            yield Fault(subject, predicate, RDF.nil, message)


def _check_entailment(shapes: ShapesGraph) -> Iterator[Fault]:
    """Section 1.5: who does not support a regime must say so."""
    for subject, value in shapes.graph.subject_objects(SH.entailment):
        message = (
            f"sh:entailment asks for {_write(value)}; data is judged as it is asserted: "
            "leave the statement out"
        )
        yield Fault(subject, SH.entailment, value, message)


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
                message = f"{_write(component)} has no query for a shape of this kind"
                yield Fault(shape, mandatory[0], None, message)


_OURS = (
    Rule("count-not-negative", _check_counts),
    Rule("qualifiedValueShape-count", _check_qualified),
    Rule("ignoredProperties-closed", _check_ignored),
    Rule("members-count", _check_empty_lists),
    Rule("query-variables", _check_variables),
    Rule("component-validator", _check_validators),
)
RULES: tuple[Rule, ...] = (
    # Targets and what any shape may say.
    Rule("targetNode-nodeKind", _check_target_nodes),
    *(_each(predicate, is_iri, "nodeKind") for predicate in TARGETS if predicate != SH.targetNode),
    Rule("implicit-targetClass-nodeKind", _check_classes),
    _each(SH.severity, is_iri, "nodeKind"),
    _once(SH.severity),
    _each(SH.message, is_text, "datatype"),
    _each(SH.deactivated, is_truth, "datatype"),
    _once(SH.deactivated),
    _each(SH.shapesGraph, is_iri, "nodeKind"),
    Rule("entailment", _check_entailment),
    # Paths.
    Rule("NodeShape-path-maxCount", _check_node_shapes),
    Rule("PropertyShape-path-minCount", _check_typed_paths),
    _once(SH.path),
    Rule("path-node", _check_paths),
    # Parameters of the core.
    *(
        _each(predicate, is_iri, "nodeKind")
        for predicate in (
            SH["class"],
            SH.datatype,
            SH.equals,
            SH.disjoint,
            SH.lessThan,
            SH.lessThanOrEquals,
        )
    ),
    *(_each(predicate, is_literal, "nodeKind") for predicate in BOUNDS),
    *(_each(predicate, is_integer, "datatype") for predicate in COUNTS),
    *(
        _each(predicate, is_boolean, "datatype")
        for predicate in (SH.closed, SH.uniqueLang, SH.qualifiedValueShapesDisjoint)
    ),
    *(_each(predicate, is_string, "datatype") for predicate in (SH.pattern, SH.flags)),
    Rule("nodeKind-in", _check_node_kinds),
    *(
        _once(predicate)
        for predicate in (
            SH.datatype,
            SH.nodeKind,
            SH.minCount,
            SH.maxCount,
            SH.minLength,
            SH.maxLength,
            *BOUNDS,
            SH.languageIn,
            SH.uniqueLang,
            SH["in"],
        )
    ),
    *(_once(predicate, "multiple-parameters") for predicate in JOINED),
    *map(_scope, IN_PROPERTY_SHAPES),
    *map(_list, LISTS),
    _each_member(SH.languageIn, is_string, "datatype"),
    _each_member(SH.ignoredProperties, is_iri, "nodeKind"),
    # Shapes that shapes name.
    Rule("property-node", _check_property_shapes),
    Rule("node-node", _check_node_references),
    _check_reference(SH["not"]),
    _check_reference(SH.qualifiedValueShape),
    *map(_check_members, ALTERNATIVES),
    # Queries.
    _each(SH.sparql, is_resource, "nodeKind"),
    _exactly_one("SPARQLConstraint-select", SH.select, _constraints),
    _each(SH.select, is_string, "datatype"),
    _each(SH.ask, is_string, "datatype"),
    _check_form(SH.select, "SELECT", "select-query-valid"),
    _check_form(SH.ask, "ASK", "ask-sparql"),
    Rule("select-query-this", _check_projection),
    Rule("pre-binding", _check_prebinding),
    _each(SH.prefixes, is_resource, "nodeKind"),
    _each(SH.declare, is_resource, "nodeKind"),
    _exactly_one("prefix", SH.prefix, _declarations),
    _each(SH.prefix, is_string, "datatype"),
    _exactly_one("namespace", SH.namespace, _declarations),
    _each(SH.namespace, is_namespace, "datatype"),
    Rule("prefixes-duplicates", _check_duplicate_prefixes),
    # Components of somebody's own.
    Rule("ConstraintComponent-parameter", _check_mandatory_parameters),
    _exactly_one("Parameter-predicate", SH.path, _parameters),
    Rule("Parameter", _check_parameter_paths),
    Rule("parameter-name-VARNAME", _check_parameter_names),
    Rule("parameter-name-not-in", _check_taken_names),
    Rule("parameter-name-unique", _check_unique_names),
    _each(SH.optional, is_boolean, "datatype"),
    _once(SH.optional),
    _each(SH.labelTemplate, is_text, "datatype"),
    _exactly_one("SPARQLSelectValidator-select", SH.select, _select_validators),
    _exactly_one("ask", SH.ask, _ask_validators),
    *_OURS,
)
