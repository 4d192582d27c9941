"""What a language model may do with the graph: five tools, each within the service's limits."""

import json
import re
from pathlib import Path

from peelgraph import terms
from peelgraph.catalogue import Catalogue, parse_query, read_node
from peelgraph.catalogue.guide import write_guide
from peelgraph.checking import Check, Document
from peelgraph.client.asking import Source
from peelgraph.client.graph import Graph
from peelgraph.client.questions import has_words
from peelgraph.errors import PeelgraphError, Position, RequestRefused, UnknownName
from peelgraph.http.service import read_page_queries
from peelgraph.reasoning import render
from peelgraph.repository.void_dcat import DATASET
from peelgraph.settings import Settings
from peelgraph.site import QUERIES
from peelgraph.sources import find_root
from peelgraph.sparql import Query, QueryRequest
from peelgraph.workers.validations import validate_apart

# A model reads some thousands of words at a time; whoever wants more asks for it.
_MOST_ROWS = 100
# Judging reads the ontology, the shapes and what is published first.
_JUDGING = 60.0  # seconds
_TABLE = "text/tab-separated-values"
_NAME = re.compile(r"[a-z0-9-]+")


class Tools:
    """The tools over one graph: each answers with text, or raises PeelgraphError."""

    def __init__(self, source: Source, catalogue: Catalogue, settings: Settings) -> None:
        self._source = source
        self._catalogue = catalogue
        self._settings = settings
        self._pages = read_page_queries(QUERIES)
        self._graph = Graph(source, catalogue, "pandas")

    def guide(self) -> str:
        """What the graph holds and which questions are stored: the service's llms.txt."""
        stored = self._pages["classes-of-dataset"]
        bound = stored.bind({"description": terms.DESCRIPTION, "dataset": DATASET})
        body = self._source.query(QueryRequest(stored.query, bindings=bound)).body
        rows = [
            {
                name: row[name]["value"] if name in row else ""
                for name in ("class", "name", "entities")
            }
            for row in json.loads(body)["results"]["bindings"]
        ]
        return write_guide(rows, self._catalogue.questions, terms.BASE.rstrip("/"))

    def search(self, words: str, most: int = 20) -> str:
        """Things and stored questions whose name or description holds `words`, as two tables.

        A thing's IRI can be described; a question's name can be given to query, with parameters.
        """
        words = words.strip()
        if not words:
            raise RequestRefused("words to search for are needed", hint="say what is looked for")
        stored = self._pages["things-by-words"]
        bound = stored.bind({"words": words})
        things = self._rows(QueryRequest(Query(stored.text), results=_TABLE, bindings=bound), most)
        questions = [
            f"{each.name}\t{each.summary}\t"
            + " ".join(f"{p.name}={p.default}" for p in each.parameters)
            for each in self._catalogue.questions
            if has_words(each, words.split())
        ]
        head = "question\tsummary\tparameters"
        listed = [things, "", head, *questions[:most], _rest(len(questions), most)]
        return "\n".join(listed).rstrip("\n")

    def describe(self, thing: str) -> str:
        """Everything stated or inferred of one thing, as Turtle, with the names of what it names.

        `thing` is an IRI or a prefixed name such as force:derbyshire or peel:Judgment.
        """
        bound = (("thing", read_node(thing)),)
        text = self._pages["statements-with-names"].text
        question = QueryRequest(Query(text), graph="text/turtle", bindings=bound)
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
        head = ""
        if _NAME.fullmatch(query.strip()):
            stored = self._catalogue.get(query.strip())
        else:
            head = _prefixes(query)
            stored = parse_query(head + query, Path("query"))
        question = QueryRequest(
            stored.query,
            results=_TABLE
            if stored.query.form in ("SELECT", "")
            else "application/sparql-results+json",
            graph="text/turtle",
            bindings=stored.bind(parameters or {}),
        )
        try:
            return self._rows(question, most)
        except PeelgraphError as error:
            _move(error, len(head))
            raise

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
        timeout = max(self._settings.timeout, _JUDGING)
        return validate_apart(check, timeout, self._settings.memory).text

    def _rows(self, question: QueryRequest, most: int) -> str:
        if most < 1:
            raise RequestRefused(f"most is {most}", hint="ask for one row at least")
        answer = self._source.query(question)
        text = answer.body.decode()
        if answer.form != "select":
            return text
        head, *rows = text.removesuffix("\n").split("\n")
        return "\n".join([head, *rows[:most], _rest(len(rows), most)]).rstrip("\n")


def _prefixes(query: str) -> str:
    """Those of the project's prefixes that the query uses and does not declare, in one line."""
    declared = Query(query).prefixes
    return "".join(
        f"PREFIX {prefix}: <{iri}> "
        for prefix, iri in terms.PREFIXES.items()
        if f"{prefix}:" in query and prefix not in declared
    )


def _move(error: PeelgraphError, columns: int) -> None:
    """Tell a mistake in the first line where the caller has it, without what stands before it."""
    at = error.position
    if columns and at is not None and at.line == 1:
        error.position = Position(1, at.column - columns)
        error.message = error.message.replace(
            f"column {at.column}", f"column {error.position.column}", 1
        )


def _rest(found: int, most: int) -> str:
    left = found - most
    return f"({left} more: ask for them with most, or narrow the question)" if left > 0 else ""
