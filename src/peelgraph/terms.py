"""IRIs and prefixes: the only place that mints them."""

import re
import unicodedata

BASE = "https://w3id.org/peelgraph/"
ONTOLOGY = f"{BASE}ontology"
PEEL = f"{ONTOLOGY}#"
SHAPES = f"{BASE}shapes"
PSH = f"{SHAPES}#"
ID = f"{BASE}id/"
GRAPH = f"{BASE}graph/"

INFERRED = f"{GRAPH}inferred"
# In a remote engine: the record of the version there, and what is being made of the next one.
PUBLISHED = f"{GRAPH}published"
STAGING = f"{GRAPH}staging/"

# What the dataset tells of itself; these graphs are of no other, and no query sees them unnamed.
DESCRIPTION = f"{BASE}.well-known/void"
EXAMPLES = f"{BASE}.well-known/sparql-examples"
DERIVED = (INFERRED, DESCRIPTION, EXAMPLES)

# Of the facts, and of the ontology, the shapes and the software.
LICENCE = "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
SOFTWARE_LICENCE = "http://www.apache.org/licenses/LICENSE-2.0"

# One prefix a namespace, the same in every file, query and answer.
VOCABULARIES = {
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

OURS = {"peel": PEEL, "psh": PSH, "graph": GRAPH}

# Turtle has no slash in a local name, so each type of thing has a prefix of its own.
TYPES = (
    "area",
    "board",
    "capability",
    "case-kind",
    "caveat",
    "chairing",
    "cohort",
    "comparison",
    "component",
    "concept-scheme",
    "context",
    "crime-group",
    "crime-type",
    "data-source",
    "dataset",
    "definition",
    "demand",
    "exercise",
    "expectation",
    "fieldwork",
    "finding",
    "force",
    "gap",
    "grade",
    "incident",
    "inspection",
    "inspection-method",
    "judgment",
    "kind",
    "measure",
    "note",
    "observation",
    "operation",
    "organisation",
    "outcome",
    "outcome-type",
    "partnership",
    "passage",
    "period",
    "pillar",
    "plan",
    "power",
    "premises",
    "programme",
    "provision",
    "publication",
    "question",
    "reading",
    "record",
    "region",
    "report",
    "responsibility",
    "risk-level",
    "role",
    "round",
    "scheme",
    "section",
    "sector",
    "status",
    "structure",
    "system",
    "tactic",
    "threat",
    "threat-list",
    "topic",
    "unit",
    "unit-of-measure",
)

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


def shorten(iri: str) -> str:
    """`iri` as a prefixed name where a prefix fits, else in angle brackets."""
    best = max((ns for ns in PREFIXES.values() if iri.startswith(ns)), key=len, default="")
    local = iri[len(best) :]
    if not best or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", local):
        return f"<{iri}>"
    prefix = next(name for name, ns in PREFIXES.items() if ns == best)
    return f"{prefix}:{local}"
