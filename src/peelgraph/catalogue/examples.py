"""The stored questions as RDF, in the form of the SIB's query examples, which other tools read."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from peelgraph import terms
from peelgraph.repository.ntriples import Facts, iri, name, text, typed

PREFIXES = f"{terms.EXAMPLES}#prefixes"

# The first word that tells: class of the SHACL vocabulary or of the SIB's, and properties.
_FORMS = {
    "SELECT": ("sh:SPARQLSelectExecutable", ("sh:select",)),
    "ASK": ("sh:SPARQLAskExecutable", ("sh:ask",)),
    "CONSTRUCT": ("sh:SPARQLConstructExecutable", ("sh:construct",)),
    "DESCRIBE": ("spex:SPARQLDescribeExecutable", ("spex:describe", "sh:describe")),
}


class Described(Protocol):
    """What is told of a stored question."""

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def tags(self) -> Sequence[str]: ...
    @property
    def text(self) -> str: ...
    @property
    def form(self) -> str: ...


def example_iri(question: Described) -> str:
    """The IRI of a stored question."""
    return f"{terms.EXAMPLES}/{question.name}"


def describe_examples(questions: Iterable[Described]) -> bytes:
    """All stored questions and the prefixes as N-Triples.

    Source: https://github.com/sib-swiss/sparql-examples
    """
    return b"".join([*map(describe_example, questions), describe_prefixes()])


def describe_example(question: Described) -> bytes:
    """One stored question as N-Triples."""
    kind, properties = _FORMS[question.form]
    facts, this = Facts(), example_iri(question)
    facts.say(
        this,
        rdf_type=[name("sh:SPARQLExecutable"), name(kind)],
        rdfs_label=text(question.summary),
        rdfs_comment=text(question.description or question.summary),
        sh_prefixes=iri(PREFIXES),
        schema_keywords=[text(tag, "") for tag in question.tags],
        schema_target=iri(f"{terms.BASE}sparql"),
        dcterms_license=iri(terms.LICENCE),
    )
    for prefixed in properties:
        facts.say(this, **{prefixed.replace(":", "_"): text(question.text, "")})
    return facts.encode()


def describe_prefixes() -> bytes:
    """Every prefix that we use, declared, as N-Triples."""
    facts = Facts()
    facts.say(
        PREFIXES, rdf_type=name("owl:Ontology"), owl_imports=iri(terms.VOCABULARIES["sh"][:-1])
    )
    for prefix, namespace in terms.PREFIXES.items():
        declared = f"{terms.EXAMPLES}#prefix-{prefix}"
        facts.say(PREFIXES, sh_declare=iri(declared))
        facts.say(
            declared,
            rdf_type=name("sh:PrefixDeclaration"),
            sh_prefix=text(prefix, ""),
            sh_namespace=typed(namespace, "anyURI"),
        )
    return facts.encode()
