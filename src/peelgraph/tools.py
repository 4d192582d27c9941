"""What a language model may do with the graph: five tools, each within the service's limits."""

import json
import re
from pathlib import Path

from peelgraph import terms
from peelgraph.catalogue import Catalogue, parse_query, read_node
from peelgraph.catalogue.guide import CLASSES, write_guide
from peelgraph.checking import Check, Document, check_apart
from peelgraph.client.asking import Source
from peelgraph.client.graph import Graph
from peelgraph.errors import UnknownName
from peelgraph.reasoning import render
from peelgraph.settings import Settings
from peelgraph.sources import find_root
from peelgraph.store import Question
from peelgraph.tokens import tokenise

# A model reads some thousands of words at a time; whoever wants more asks for it.
_MOST_ROWS = 100
# Judging reads the ontology, the shapes and what is published first.
_JUDGING = 60.0  # seconds
_TABLE = "text/tab-separated-values"
_NAME = re.compile(r"[a-z0-9-]+")
_DECLARED = re.compile(r"\bPREFIX\s+([\w-]*):", re.IGNORECASE)
_VERBS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")

_FOUND = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing (SAMPLE(?label) AS ?name) (SAMPLE(?kind) AS ?class)
WHERE {
  ?thing rdfs:label|skos:altLabel|dcterms:description|skos:definition ?text .
  FILTER(CONTAINS(LCASE(STR(?text)), LCASE(?words)))
  ?thing rdfs:label ?label .
  # What is inferred of a thing includes its class in every other vocabulary.
  OPTIONAL { ?thing a ?kind FILTER(STRSTARTS(STR(?kind), "https://w3id.org/peelgraph/ontology#")) }
}
GROUP BY ?thing
ORDER BY STRLEN(SAMPLE(STR(?label))) ?thing"""
_DESCRIBED = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
CONSTRUCT { ?thing ?property ?value . ?value rdfs:label ?name . }
WHERE {
  ?thing ?property ?value .
  OPTIONAL { ?value rdfs:label ?name FILTER(isIRI(?value)) }
}"""


class Tools:
    """The tools over one graph: each answers with text, or raises PeelgraphError."""

    def __init__(self, source: Source, catalogue: Catalogue, settings: Settings) -> None:
        self._source = source
        self._catalogue = catalogue
        self._settings = settings
        self._graph = Graph(source, catalogue, "pandas")

    def guide(self) -> str:
        """What the graph holds and which questions are stored: the service's llms.txt."""
        body = self._source.query(Question(CLASSES)).body
        rows = [
            {name: term["value"] for name, term in row.items()}
            for row in json.loads(body)["results"]["bindings"]
        ]
        return write_guide(rows, self._catalogue.questions, terms.BASE.rstrip("/"))

    def search(self, words: str, most: int = 20) -> str:
        """Things and stored questions whose name or description holds `words`, as two tables.

        A thing's IRI can be described; a question's name can be given to query, with parameters.
        """
        words = words.strip()
        bound = (("words", json.dumps(words, ensure_ascii=False)),)
        things = self._rows(Question(_FOUND, results=_TABLE, bindings=bound), most)
        wanted = words.lower().split()
        questions = [
            f"{each.name}\t{each.summary}\t"
            + " ".join(f"{p.name}={p.default}" for p in each.parameters)
            for each in self._catalogue.questions
            if all(word in f"{each.name} {each.summary} {each.description}" for word in wanted)
        ]
        head = "question\tsummary\tparameters"
        listed = [things, "", head, *questions[:most], _rest(len(questions), most)]
        return "\n".join(listed).rstrip("\n")

    def describe(self, thing: str) -> str:
        """Everything stated or inferred of one thing, as Turtle, with the names of what it names.

        `thing` is an IRI or a prefixed name such as force:derbyshire or peel:Judgment.
        """
        bound = (("thing", read_node(thing)),)
        question = Question(_DESCRIBED, graph="text/turtle", bindings=bound)
        body = self._source.query(question).body.decode()
        if not body.strip():
            raise UnknownName(f"nothing is stated of {thing}", hint="find its IRI with search")
        return body

    def query(
        self, query: str, parameters: dict[str, str] | None = None, most: int = _MOST_ROWS
    ) -> str:
        """The answer to a SPARQL 1.1 query, or to a stored question named with its parameters.

        Rows are tab-separated, at most `most` of them, and what is left out is counted; graphs are
        Turtle. The prefixes peel:, force:, rdfs: and the like are known and need no declaration.
        """
        if _NAME.fullmatch(query.strip()):
            stored = self._catalogue.get(query.strip())
        else:
            stored = parse_query(_prefixed(query), Path("query"))
        question = Question(
            stored.text,
            results=_TABLE if _is_rows(stored.text) else "application/sparql-results+json",
            graph="text/turtle",
            bindings=stored.bind(parameters or {}),
        )
        return self._rows(question, most)

    def explain(self, subject: str, predicate: str, object: str) -> str:
        """Why a triple holds: the rules, and the asserted triples with the passages they are from.

        A term is a prefixed name (force:derbyshire), an IRI in <>, or a literal ("Good"@en).
        """
        found = self._graph.explain(subject, predicate, object)
        return render(found, "text")

    def validate(self, turtle: str) -> str:
        """The faults of some Turtle by the project's shapes, each with line and remedy."""
        graph = terms.mint_graph("unnamed")
        check = Check(
            documents=(Document(Path("data.ttl"), turtle.encode(), "ttl", graph, is_guess=True),),
            root=find_root(),
            most=_MOST_ROWS,
        )
        return check_apart(check, max(self._settings.timeout, _JUDGING), self._settings.memory).text

    def _rows(self, question: Question, most: int) -> str:
        answer = self._source.query(question)
        text = answer.body.decode()
        if answer.form != "select":
            return text
        head, *rows = text.splitlines()
        return "\n".join([head, *rows[:most], _rest(len(rows), most)]).rstrip("\n")


def _prefixed(query: str) -> str:
    """The query with those of the project's prefixes that it uses and does not declare."""
    # On its first line, so that the lines of a mistake are the caller's own.
    declared = set(_DECLARED.findall(query))
    head = [
        f"PREFIX {prefix}: <{iri}> "
        for prefix, iri in terms.PREFIXES.items()
        if f"{prefix}:" in query and prefix not in declared
    ]
    return "".join([*head, query])


def _rest(found: int, most: int) -> str:
    left = found - most
    return f"({left} more: ask for them with most, or narrow the question)" if left > 0 else ""


def _is_rows(query: str) -> bool:
    """Whether the query is a SELECT; tab-separated values have no form for another."""
    verbs = (token.text.upper() for token in tokenise(query) if token.kind == "word")
    return next((verb for verb in verbs if verb in _VERBS), "SELECT") == "SELECT"
