"""IRIs and prefixes: the only place that mints them.

They are those of one project, the one whose folder the process was started in.
"""

import os
import re
import unicodedata

from peelgraph.identity import VARIABLE, find_folder, read_identity

# One prefix a namespace, the same in every file, query and answer.
STANDARD = {
    "adms": "http://www.w3.org/ns/adms#",
    "bibo": "http://purl.org/ontology/bibo/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "doco": "http://purl.org/spar/doco/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sdmx-attribute": "http://purl.org/linked-data/sdmx/2009/attribute#",
    "sdmx-dimension": "http://purl.org/linked-data/sdmx/2009/dimension#",
    "sdmx-measure": "http://purl.org/linked-data/sdmx/2009/measure#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "time": "http://www.w3.org/2006/time#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "xhv": "http://www.w3.org/1999/xhtml/vocab#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

ROOT = os.environ.get(VARIABLE) or find_folder()
PROJECT = read_identity(ROOT, STANDARD)

BASE = PROJECT.base
ONTOLOGY = f"{BASE}ontology"
SHAPES = f"{BASE}shapes"
# The namespaces of the ontology's terms, of the shapes, of things, and of named graphs.
TERM = f"{ONTOLOGY}#"
SHAPE = f"{SHAPES}#"
ID = f"{BASE}id/"
GRAPH = f"{BASE}graph/"
# The first two as the half that knows this project calls them.
PEEL, PSH = TERM, SHAPE

ONTOLOGY_GRAPH = f"{GRAPH}ontology"
SHAPES_GRAPH = f"{GRAPH}shapes"
INFERRED = f"{GRAPH}inferred"
# In a remote engine: the record of the version there, and what is being made of the next one.
PUBLISHED = f"{GRAPH}published"
STAGING = f"{GRAPH}staging/"

# What the dataset tells of itself; these graphs are of no other, and no query sees them unnamed.
DESCRIPTION = f"{BASE}.well-known/void"
EXAMPLES = f"{BASE}.well-known/sparql-examples"
DERIVED = (INFERRED, DESCRIPTION, EXAMPLES)

# Of the facts, and of the ontology, the shapes and the software.
LICENCE = PROJECT.licence
SOFTWARE_LICENCE = PROJECT.software_licence or LICENCE

OURS = {PROJECT.ontology_prefix: TERM, PROJECT.shapes_prefix: SHAPE, "graph": GRAPH}
TYPES = PROJECT.types
VOCABULARIES = {**STANDARD, **PROJECT.vocabularies}

PREFIXES = {**VOCABULARIES, **OURS, **{name: f"{ID}{name}/" for name in TYPES}}


def slug(text: str) -> str:
    """`text` as the last part of an IRI: lower-case ASCII, hyphenated."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def mint(kind: str, *parts: str) -> str:
    """The IRI of a thing of `kind`, from the words that name it."""
    return f"{ID}{kind}/{slug(' '.join(parts))}"


def mint_graph(name: str) -> str:
    """The IRI of the named graph `name`."""
    return f"{GRAPH}{name}"


def expand(name: str) -> str:
    """The IRI of a prefixed name; an IRI in full stays as it is."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local if prefix in PREFIXES else name


def shorten(iri: str) -> str:
    """`iri` as a prefixed name where a prefix fits, else in angle brackets."""
    best = max((ns for ns in PREFIXES.values() if iri.startswith(ns)), key=len, default="")
    local = iri[len(best) :]
    if not best or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", local):
        return f"<{iri}>"
    prefix = next(name for name, ns in PREFIXES.items() if ns == best)
    return f"{prefix}:{local}"
