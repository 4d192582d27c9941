"""`peelgraph mcp`: what a language model may do with the graph, over standard input and output.

Five tools, each within the service's limits.
"""

import dataclasses
import functools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peelgraph import __version__, terms
from peelgraph.catalogue import (
    Catalogue,
    find_renamed,
    parse_query,
    read_catalogue,
    read_node,
)
from peelgraph.catalogue.guide import write_guide
from peelgraph.checking import Check, Document
from peelgraph.client.backends import Local, Source
from peelgraph.client.graph import Graph, has_words
from peelgraph.commands.options import DEFAULTS, home_option, option, progress
from peelgraph.errors import PeelgraphError, Position, RequestRefused, SettingError, UnknownName
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
                for name in ("kind", "kindName", "entities")
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
        head = note = ""
        values = parameters or {}
        name = query.strip()
        if renamed := find_renamed(self._catalogue.questions, name, values.items()):
            stored, values, note = renamed.stored, dict(renamed.values), renamed.note
        elif _NAME.fullmatch(name):
            stored = self._catalogue.get(name)
        else:
            head = _prefixes(query)
            stored = parse_query(head + query, Path("query"))
        question = QueryRequest(
            stored.query,
            results=_TABLE
            if stored.query.form in ("SELECT", "")
            else "application/sparql-results+json",
            graph="text/turtle",
            bindings=stored.bind(values),
        )
        try:
            answer = self._rows(question, most)
            return f"{answer.rstrip()}\n({note})" if note else answer
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
        told = "".join(f"\n({warning})" for warning in answer.warnings)
        if answer.form != "select":
            return text + told
        head, *rows = text.removesuffix("\n").split("\n")
        return "\n".join([head, *rows[:most], _rest(len(rows), most)]).rstrip("\n") + told


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


if TYPE_CHECKING:
    from mcp.server import MCPServer

_GUIDE = "peelgraph://llms.txt"
# A model that waits a minute has lost its thread; one that is sent 256 MiB has lost more.
_TIMEOUT = 20.0
_MOST = 1  # MiB
_LONGEST = 2000  # characters of what a mistake is told with: some quote what was sent


@click.command()
@option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=_TIMEOUT,
    show_default=True,
    help="Seconds that one question may take.",
)
@home_option
def mcp(*, timeout: float, home: Path) -> None:
    """Serve the graph to a language model by the Model Context Protocol.

    Its host starts this command and talks to it; nothing is published or changed.
    """
    try:
        from mcp.server import MCPServer  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SettingError(
            "the SDK of the Model Context Protocol is not installed",
            hint="run: pip install 'peelgraph[mcp]'",
        ) from error
    settings = dataclasses.replace(DEFAULTS, timeout=timeout, max_result=_MOST)
    source = Local(home, settings, progress)
    source.publish()
    tools = Tools(source, read_catalogue(find_root() / "queries"), settings)
    server = MCPServer(
        "peelgraph",
        title="peelgraph",
        version=__version__,
        website_url="https://w3id.org/peelgraph/ontology",
        instructions=f"Read {_GUIDE} first, or call search; then describe, query, explain.",
        log_level="WARNING",
    )
    _offer(server, tools)
    try:
        server.run("stdio")
    finally:
        source.close()


def _offer(server: "MCPServer[Any]", tools: Tools) -> None:
    """Let the server have each tool, and the guide as a document."""
    from mcp.types import ToolAnnotations  # noqa: PLC0415 - an extra

    # A host that knows that nothing is changed, and nobody else asked, need not ask its user.
    harmless = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    for tool in (tools.search, tools.describe, tools.query, tools.explain, tools.validate):
        server.tool(annotations=harmless)(_telling(tool))
    server.resource(_GUIDE, title="What the graph holds, and how to ask it")(tools.guide)


def _telling(tool: Callable[..., str]) -> Callable[..., str]:
    """The tool, with what fails told to the model: it can mend its query by the message."""
    from mcp.server.mcpserver.exceptions import ToolError  # noqa: PLC0415 - an extra

    @functools.wraps(tool)
    def called(*positional: Any, **named: Any) -> str:
        try:
            return tool(*positional, **named)
        except PeelgraphError as error:
            told = str(error)
            cut = f"{told[:_LONGEST]} ..." if len(told) > _LONGEST else told
            raise ToolError(cut) from error

    return called
