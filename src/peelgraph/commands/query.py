"""`peelgraph query`: ask a file, a question of the catalogue, or what comes through a pipe."""

import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from peelgraph import terms
from peelgraph.catalogue import StoredQuery, find_renamed, parse_query, read_catalogue
from peelgraph.commands.options import (
    DEFAULTS,
    at_option,
    chosen,
    engine_option,
    home_option,
    inference_option,
    option,
    setting_option,
    warn,
)
from peelgraph.commands.table import format_table
from peelgraph.errors import NotAcceptable, SourceError
from peelgraph.remote import Engine
from peelgraph.remote.endpoint import Remote
from peelgraph.repository import Home, Version
from peelgraph.repository.factory import open_repository
from peelgraph.sources import find_root
from peelgraph.sparql import Query, QueryRequest, QueryResult, bind, check_policy
from peelgraph.workers.query_process import Edition, QueryProcess

_JSON = "application/sparql-results+json"
_ROWS = {
    "table": _JSON,
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": _JSON,
    "xml": "application/sparql-results+xml",
}
_GRAPHS = {
    "table": "text/turtle",
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "rdfxml": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
_NUMBERS = {f"{terms.VOCABULARIES['xsd']}{name}" for name in ("integer", "decimal", "double")}


@click.command()
@click.argument("query", metavar="FILE|NAME|-")
@option("--param", multiple=True, metavar="K=V", help="A value for a parameter of the question.")
@option(
    "--format",
    "style",
    type=click.Choice(list(dict.fromkeys([*_ROWS, *_GRAPHS]))),
    default="table",
    show_default=True,
    help="How the answer is written.",
)
@option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint, not the local versions.")
@setting_option(
    "timeout", click.FloatRange(min=0, min_open=True), "Seconds after which to give up."
)
@inference_option
@at_option
@engine_option
@home_option
def query(
    *,
    query: str,
    param: Sequence[str],
    style: str,
    endpoint: str | None,
    timeout: float,
    inference: str,
    at: int | None,
    home: Path,
    engine: Engine | None,
) -> None:
    """Ask a SPARQL file, a question of the catalogue by its name, or standard input (-)."""
    stored, values = _find(query, _values(param))
    if stored.needs_inference and inference == "off":
        warn(f"{stored.name} rests on what is inferred: without it, rows may be missing.")
    question = QueryRequest(
        query=stored.query,
        results=_ROWS.get(style, _JSON),
        graph=_GRAPHS.get(style, "text/turtle"),
        bindings=stored.bind(values),
        inference=inference == "on",
    )
    if endpoint:
        if at is not None or inference == "off":
            raise click.UsageError("--at and --inference are for the local versions")
        check_policy(question.query, DEFAULTS)
        text = bind(question.query, question.bindings)
        answer = Remote(endpoint, timeout).query(
            dataclasses.replace(question, query=Query(text), bindings=())
        )
    elif engine is not None:
        check_policy(question.query, DEFAULTS)
        with open_repository(home, engine, timeout).open(at) as (_, store):
            answer = store.query(question)
    else:
        answer = _ask(chosen(Home(home), at), question, timeout)
    for warning in answer.warnings:
        warn(f"{warning}.")
    _write(answer, style)


def _find(name: str, values: dict[str, str]) -> tuple[StoredQuery, dict[str, str]]:
    """What is asked, and the values by the names that its parameters have now."""
    if name == "-":
        return parse_query(_piped(), Path("-")), values
    path = Path(name)
    if path.is_file():
        try:
            return parse_query(path.read_text(encoding="utf-8-sig"), path), values
        except UnicodeDecodeError as error:
            raise SourceError(path, "is not UTF-8 text", hint="save it as UTF-8") from error
        except OSError as error:
            raise SourceError(path, f"cannot be read: {error.strerror}") from error
    if "{" in name:
        raise click.UsageError("give a file or a name; a query itself comes through a pipe, as -")
    if path.suffix == ".rq" or "/" in name:
        raise SourceError(path, "no such file", hint="check the spelling of the path")
    catalogue = read_catalogue(find_root() / "queries")
    if renamed := find_renamed(catalogue.questions, name, values.items()):
        warn(f"{renamed.note}.")
        return renamed.stored, dict(renamed.values)
    return catalogue.get(name), values


def _piped() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError("standard input", "is not UTF-8 text") from error


def _values(pairs: Sequence[str]) -> dict[str, str]:
    values = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name in values:
            raise click.UsageError(f"--param {pair}: write each parameter once, as NAME=VALUE")
        values[name] = value
    return values


def _ask(version: Version, question: QueryRequest, timeout: float) -> QueryResult:
    """The answer of a worker process, which Ctrl-C and the deadline can end."""
    check_policy(question.query, DEFAULTS)
    # One question does not repay copying the version into memory.
    worker = QueryProcess(dataclasses.replace(DEFAULTS, copy_below=0))
    try:
        worker.open(
            Edition(str(version.number), version.store_path, version.triples + version.inferred)
        )
        return worker.ask(question, timeout, DEFAULTS.max_result * 1024 * 1024)
    finally:
        worker.kill()


def _write(answer: QueryResult, style: str) -> None:
    formats = _GRAPHS if answer.form == "graph" else _ROWS
    if style not in formats:
        gives = "a graph" if answer.form == "graph" else "rows"
        raise NotAcceptable(
            f"this query gives {gives}, which has no form as {style}",
            hint=f"choose --format {', '.join(formats)}",
        )
    if style != "table" or answer.form == "graph":
        out = sys.stdout.buffer
        out.write(answer.body)
        if not answer.body.endswith(b"\n") and sys.stdout.isatty():
            out.write(b"\n")
        out.flush()
        return
    content = json.loads(answer.body)
    if "boolean" in content:
        click.echo("true" if content["boolean"] else "false")
        return
    heads, rows = content["head"]["vars"], content["results"]["bindings"]
    cells = [[_cell(row.get(head)) for head in heads] for row in rows]
    right = [all(_is_number(row.get(head)) for row in rows) and bool(rows) for head in heads]
    click.echo(format_table(heads, cells, right), nl=False)
    if not rows:
        warn("No rows.")


def _cell(term: dict[str, str] | None) -> str:
    if term is None:
        return ""
    if term["type"] == "uri":
        return terms.shorten(term["value"])
    return f"_:{term['value']}" if term["type"] == "bnode" else term["value"]


def _is_number(term: dict[str, str] | None) -> bool:
    return term is None or term.get("datatype") in _NUMBERS
