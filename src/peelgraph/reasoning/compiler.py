"""An ontology as rules over instances: OWL 2 RL (https://www.w3.org/TR/owl2-profiles/#OWL_2_RL)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import combinations, pairwise

from owlrl import DeductiveClosure, OWLRL_Semantics
from rdflib import Graph
from rdflib.term import _reset_bindings

from peelgraph.reasoning.axioms import (
    OWL,
    Expression,
    Named,
    Ontology,
    Role,
    check_vocabulary,
    read_definition,
    read_expression,
    read_ontology,
    read_role,
    write_expression,
    write_role,
)
from peelgraph.reasoning.expressions import DIFFER, Body, Translator, pattern
from peelgraph.reasoning.plan import chain_of_axioms
from peelgraph.reasoning.rules import (
    NOTHING,
    SAME,
    THING,
    TYPE,
    Constraint,
    Pattern,
    Rule,
    Rules,
    iri,
    typed,
)

HIERARCHY = ("rdfs:subClassOf", "rdfs:subPropertyOf", "rdfs:domain", "rdfs:range")
LISTS = ("rdf:first", "rdf:rest")


def derived_axioms(ontology: Ontology) -> Iterator[tuple[str, str, str]]:
    """Subject, predicate (a prefixed name) and object of each new axiom, sorted.

    Of owlrl's output only what links two terms of the ontology itself: no axiom of a term with
    itself, with owl:Thing or owl:Nothing, or of the built-in datatypes.
    """
    closed = Graph()
    closed.parse(data=_schema(ontology), format="nt")
    if not len(closed):
        return
    try:
        DeductiveClosure(OWLRL_Semantics).expand(closed)
    finally:
        # owlrl leaves its own readers of literals behind, which refuse "--12" as a month: whoever
        # validates later in this process would too.
        _reset_bindings()
    lines = closed.serialize(format="nt").splitlines()
    wanted = {iri(name): name for name in HIERARCHY}
    for line in sorted(lines):
        parts = line.rstrip(" .").split(" ", 2)
        if len(parts) == 3 and parts[1] in wanted:  # noqa: PLR2004
            subject, predicate, object_ = parts
            if _is_new(ontology, subject, predicate, object_):
                yield subject, wanted[predicate], object_


def _is_new(ontology: Ontology, subject: str, predicate: str, object_: str) -> bool:
    return (
        subject.startswith("<")
        and object_.startswith("<")
        and subject != object_
        and not {subject, object_} & {THING, NOTHING}
        and not ontology.is_datatype(subject)
        and not ontology.is_datatype(object_)
        and not subject.startswith(OWL)
        and not object_.startswith(OWL)
        and object_ not in ontology.objects.get((subject, predicate), [])
    )


def _schema(ontology: Ontology) -> str:
    """The triples that say something of classes and properties, without labels or individuals.

    What tells classes or individuals apart adds to no hierarchy, and owlrl would take each pair.
    """
    logical = {iri(name) for name in (*HIERARCHY, *LISTS)}
    apart = {iri(f"owl:{name}") for name in ("AllDifferent", "AllDisjointClasses")}
    aside = {subject for subject, kind in ontology.pairs.get(TYPE, ()) if kind in apart}
    for name in ("members", "distinctMembers"):
        aside.update(
            cell
            for subject, head in ontology.axioms(f"owl:{name}")
            if subject in aside
            for cell in ontology.cells(head)
        )
    lines = [
        f"{subject} {predicate} {object_} ."
        for predicate, pairs in ontology.pairs.items()
        for subject, object_ in pairs
        if subject not in aside
        and (
            predicate in logical
            or (predicate.startswith(OWL) and not object_.startswith('"'))
            or (predicate == TYPE and object_.startswith(OWL))
        )
    ]
    return "\n".join(lines) + "\n"


Made = Rule | Constraint
X, Y, Z = "?x", "?y", "?z"


def compile_rules(ontology: bytes) -> Rules:
    """The rules and constraints of the ontology whose N-Triples are given, in a fixed order.

    Axioms are read from `ontology` alone, never from data, and nothing is fetched. owlrl closes
    them first, so that a fact needs one step where the file has several.
    Errors: OntologyOutsideRL when an axiom has no rule.
    """
    read = read_ontology(ontology)
    check_vocabulary(read)
    stated: list[Made] = []
    for source in SOURCES:
        stated.extend(source(read))
    rules = _distinct(each for each in stated if isinstance(each, Rule))
    constraints = dict.fromkeys(each for each in stated if isinstance(each, Constraint))
    rules += _derived(read, rules)
    return Rules(tuple(rules), (*constraints, *GENERAL))


def _distinct(rules: Iterable[Rule]) -> list[Rule]:
    found: dict[tuple[Pattern, tuple[Pattern, ...]], Rule] = {}
    for rule in rules:
        found.setdefault((rule.head, rule.body), rule)
    return list(found.values())


def _derived(ontology: Ontology, stated: list[Rule]) -> list[Rule]:
    """The rules of axioms that owlrl adds, each with the stated axioms that it follows from."""
    known = {(rule.head, rule.body) for rule in stated}
    made: list[Rule] = []
    for subject, predicate, object_ in derived_axioms(ontology):
        for rule in NAMED_AXIOMS[predicate](ontology, subject, object_):
            if isinstance(rule, Rule) and (rule.head, rule.body) not in known:
                because = chain_of_axioms(stated, rule) or ("the ontology as a whole",)
                made.append(Rule(rule.name, rule.axiom, rule.head, rule.body, because))
    return _distinct(made)


def _subclass(ontology: Ontology, subject: str, object_: str) -> Iterator[Made]:
    sub, super_ = read_expression(ontology, subject), read_expression(ontology, object_)
    axiom = f"{write_expression(sub)} SubClassOf {write_expression(super_)}"
    yield from _inclusion(Translator(ontology, axiom), sub, super_, "cax-sco")


def _inclusion(
    translator: Translator, sub: Expression, super_: Expression, name: str
) -> Iterator[Made]:
    if super_ == Named(THING) or sub == Named(NOTHING):
        return
    if sub == Named(THING):
        raise translator.refuse(
            "owl:Thing cannot be a subclass", "name the class whose members you mean"
        )
    for body in translator.left(sub, X):
        for made in translator.right(super_, X, body):
            if isinstance(made, Rule) and made.name == "cax-sco":
                yield Rule(name, made.axiom, made.head, made.body)
            else:
                yield made


def _classes(ontology: Ontology) -> Iterator[Made]:
    for subject, object_ in ontology.axioms("rdfs:subClassOf"):
        yield from _subclass(ontology, subject, object_)
    for subject, object_ in ontology.axioms("owl:equivalentClass"):
        first, second = read_expression(ontology, subject), read_expression(ontology, object_)
        yield from _equivalent(ontology, first, second)
    for subject, class_ in _definitions(ontology):
        yield from _equivalent(ontology, Named(subject), class_)


def _equivalent(ontology: Ontology, first: Expression, second: Expression) -> Iterator[Made]:
    axiom = f"{write_expression(first)} EquivalentTo {write_expression(second)}"
    translator = Translator(ontology, axiom)
    yield from _inclusion(translator, first, second, "cax-eqc1")
    yield from _inclusion(translator, second, first, "cax-eqc2")


def _definitions(ontology: Ontology) -> Iterator[tuple[str, Expression]]:
    """Named classes that carry an expression themselves, which makes the two equivalent."""
    for name in ("intersectionOf", "unionOf", "oneOf", "complementOf", "onProperty"):
        for subject, _ in ontology.axioms(f"owl:{name}"):
            if subject.startswith("<"):
                yield subject, read_definition(ontology, subject)


def _domain(ontology: Ontology, subject: str, object_: str) -> Iterator[Made]:
    yield from _end(ontology, subject, object_, (X, "Domain", "prp-dom"))


def _range(ontology: Ontology, subject: str, object_: str) -> Iterator[Made]:
    yield from _end(ontology, subject, object_, (Y, "Range", "prp-rng"))


def _end(
    ontology: Ontology, subject: str, object_: str, kind: tuple[str, str, str]
) -> Iterator[Made]:
    at, word, name = kind
    role, class_ = read_role(ontology, subject), read_expression(ontology, object_)
    axiom = f"{write_role(role)} {word} {write_expression(class_)}"
    body = Body((pattern(role, X, Y),), (name,))
    yield from Translator(ontology, axiom).right(class_, at, body)


def _ends(ontology: Ontology) -> Iterator[Made]:
    for subject, object_ in ontology.axioms("rdfs:domain"):
        yield from _domain(ontology, subject, object_)
    for subject, object_ in ontology.axioms("rdfs:range"):
        yield from _range(ontology, subject, object_)


def _subproperty(ontology: Ontology, subject: str, object_: str) -> Iterator[Made]:
    sub, super_ = read_role(ontology, subject), read_role(ontology, object_)
    axiom = f"{write_role(sub)} SubPropertyOf {write_role(super_)}"
    body = Body((pattern(sub, X, Y),), ("prp-spo1",))
    yield from Translator(ontology, axiom).rule(pattern(super_, X, Y), body)


def _properties(ontology: Ontology) -> Iterator[Made]:
    for subject, object_ in ontology.axioms("rdfs:subPropertyOf"):
        yield from _subproperty(ontology, subject, object_)
    for predicate, word, turned in (
        ("owl:equivalentProperty", "EquivalentTo", False),
        ("owl:inverseOf", "InverseOf", True),
    ):
        for subject, object_ in ontology.axioms(predicate):
            if subject.startswith("<"):
                yield from _pair(ontology, subject, object_, word, turned)
    for subject, object_ in ontology.axioms("owl:propertyChainAxiom"):
        yield from _chain(ontology, subject, object_)


def _pair(
    ontology: Ontology, subject: str, object_: str, word: str, turned: bool
) -> Iterator[Made]:
    first, second = read_role(ontology, subject), read_role(ontology, object_)
    translator = Translator(ontology, f"{write_role(first)} {word} {write_role(second)}")
    name = "prp-inv" if turned else "prp-eqp"
    for number, (source, target) in enumerate(((first, second), (second, first)), start=1):
        head = pattern(target, Y, X) if turned else pattern(target, X, Y)
        yield from translator.rule(head, Body((pattern(source, X, Y),), (f"{name}{number}",)))


def _chain(ontology: Ontology, subject: str, object_: str) -> Iterator[Made]:
    target = read_role(ontology, subject)
    roles = [read_role(ontology, member) for member in ontology.members(object_)]
    axiom = f"{' o '.join(map(write_role, roles))} SubPropertyOf {write_role(target)}"
    nodes = [f"?n{number}" for number in range(len(roles) + 1)]
    steps = tuple(pattern(role, *ends) for role, ends in zip(roles, pairwise(nodes), strict=True))
    head = pattern(target, nodes[0], nodes[-1])
    yield from Translator(ontology, axiom).rule(head, Body(steps, ("prp-spo2",)))


def _characters(ontology: Ontology) -> Iterator[Made]:
    for class_, word, make in CHARACTERS:
        for subject in ontology.instances(class_):
            role = read_role(ontology, subject)
            yield from make(role, Translator(ontology, f"{write_role(role)} {word}"))


def _symmetric(role: Role, translator: Translator) -> Iterator[Made]:
    yield from translator.rule(pattern(role, Y, X), Body((pattern(role, X, Y),), ("prp-symp",)))


def _transitive(role: Role, translator: Translator) -> Iterator[Made]:
    body = Body((pattern(role, X, Y), pattern(role, Y, Z)), ("prp-trp",))
    yield from translator.rule(pattern(role, X, Z), body)


def _functional(role: Role, translator: Translator) -> Iterator[Made]:
    body = Body((pattern(role, X, Y), pattern(role, X, Z)), ("prp-fp",))
    yield from translator.constraint(body, (DIFFER, (Y, Z)))


def _inverse_functional(role: Role, translator: Translator) -> Iterator[Made]:
    body = Body((pattern(role, X, Y), pattern(role, Z, Y)), ("prp-ifp",))
    yield from translator.constraint(body, (DIFFER, (X, Z)))


def _irreflexive(role: Role, translator: Translator) -> Iterator[Made]:
    yield from translator.constraint(Body((pattern(role, X, X),), ("prp-irp",)))


def _asymmetric(role: Role, translator: Translator) -> Iterator[Made]:
    body = Body((pattern(role, X, Y), pattern(role, Y, X)), ("prp-asyp",))
    yield from translator.constraint(body)


def _lists(ontology: Ontology, class_: str) -> Iterator[list[str]]:
    """The members of each axiom that tells several classes or properties apart at once."""
    for node in ontology.instances(class_):
        for head in ontology.values(node, "owl:members"):
            yield ontology.members(head)


def _disjoint_classes(ontology: Ontology) -> Iterator[Made]:
    pairs = [(pair, "cax-dw") for pair in ontology.axioms("owl:disjointWith")]
    for members in _lists(ontology, "owl:AllDisjointClasses"):
        if all(member.startswith("<") for member in members):
            yield _all_disjoint(members)
        else:
            pairs += [(pair, "cax-adc") for pair in combinations(members, 2)]
    for (first, second), name in pairs:
        one, other = read_expression(ontology, first), read_expression(ontology, second)
        axiom = f"{write_expression(one)} DisjointWith {write_expression(other)}"
        translator = Translator(ontology, axiom)
        for body in translator.left(one, X):
            for clash in translator.left(other, X):
                yield from translator.constraint(Body((), (name,)) + body + clash)


def _all_disjoint(members: list[str]) -> Constraint:
    """One constraint for all pairs of the members: forty classes have eight hundred."""
    listed = ", ".join(members)
    # Each pair once.
    tests = (f"{Y} IN ({listed})", f"{Z} IN ({listed})", f"STR({Y}) < STR({Z})")
    return Constraint("cax-adc", f"{Y} DisjointWith {Z}", (typed(X, Y), typed(X, Z)), tests)


def _disjoint_properties(ontology: Ontology) -> Iterator[Made]:
    pairs = [(pair, "prp-pdw") for pair in ontology.axioms("owl:propertyDisjointWith")]
    for members in _lists(ontology, "owl:AllDisjointProperties"):
        pairs += [(pair, "prp-adp") for pair in combinations(members, 2)]
    for (first, second), name in pairs:
        one, other = read_role(ontology, first), read_role(ontology, second)
        axiom = f"{write_role(one)} DisjointWith {write_role(other)}"
        body = Body((pattern(one, X, Y), pattern(other, X, Y)), (name,))
        yield from Translator(ontology, axiom).constraint(body)


def _keys(ontology: Ontology) -> Iterator[Made]:
    for subject, object_ in ontology.axioms("owl:hasKey"):
        class_ = read_expression(ontology, subject)
        roles = [read_role(ontology, member) for member in ontology.members(object_)]
        axiom = f"{write_expression(class_)} HasKey {', '.join(map(write_role, roles))}"
        translator = Translator(ontology, axiom)
        shared = Body((), ("prp-key",))
        for number, role in enumerate(roles):
            value = f"?k{number}"
            shared += Body((pattern(role, X, value), pattern(role, Y, value)))
        for first in translator.left(class_, X):
            for second in translator.left(class_, Y):
                for made in translator.constraint(shared + first + second, (DIFFER, (X, Y))):
                    yield replace(made, shared=_shared(made, len(roles)))


def _shared(made: Constraint, roles: int) -> tuple[str, ...]:
    """The variables of the values: of the pairs of patterns, one a property, a key begins with."""
    pairs = [made.body[2 * number : 2 * number + 2] for number in range(roles)]
    return tuple(sorted(set.union(*({*one.variables & other.variables} for one, other in pairs))))


SOURCES: tuple[Callable[[Ontology], Iterator[Made]], ...] = (
    _classes,
    _ends,
    _properties,
    _characters,
    _disjoint_classes,
    _disjoint_properties,
    _keys,
)

NAMED_AXIOMS: dict[str, Callable[[Ontology, str, str], Iterator[Made]]] = {
    "rdfs:subClassOf": _subclass,
    "rdfs:subPropertyOf": _subproperty,
    "rdfs:domain": _domain,
    "rdfs:range": _range,
}

CHARACTERS: tuple[tuple[str, str, Callable[[Role, Translator], Iterator[Made]]], ...] = (
    ("owl:SymmetricProperty", "Symmetric", _symmetric),
    ("owl:TransitiveProperty", "Transitive", _transitive),
    ("owl:FunctionalProperty", "Functional", _functional),
    ("owl:InverseFunctionalProperty", "InverseFunctional", _inverse_functional),
    ("owl:IrreflexiveProperty", "Irreflexive", _irreflexive),
    ("owl:AsymmetricProperty", "Asymmetric", _asymmetric),
)

# What holds whatever the ontology says.
GENERAL = (
    Constraint("cls-nothing2", "owl:Nothing has no members", (typed(X, NOTHING),)),
    Constraint(
        "eq-diff1",
        "two names are two things: link an outside name with skos:exactMatch",
        (Pattern(X, SAME, Y),),
        (DIFFER.format(X, Y),),
    ),
    Constraint(
        "prp-npa1",
        "a statement was denied (owl:NegativePropertyAssertion)",
        (
            Pattern("?n", iri("owl:sourceIndividual"), X),
            Pattern("?n", iri("owl:assertionProperty"), "?p"),
            Pattern("?n", iri("owl:targetIndividual"), Y),
            Pattern(X, "?p", Y),
        ),
    ),
    Constraint(
        "prp-npa2",
        "a value was denied (owl:NegativePropertyAssertion)",
        (
            Pattern("?n", iri("owl:sourceIndividual"), X),
            Pattern("?n", iri("owl:assertionProperty"), "?p"),
            Pattern("?n", iri("owl:targetValue"), Y),
            Pattern(X, "?p", Y),
        ),
    ),
)
