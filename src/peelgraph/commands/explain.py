"""`peelgraph explain`: why a triple holds, down to what is asserted, or what it lacks."""

from pathlib import Path

import click

from peelgraph import terms
from peelgraph.catalogue import read_node
from peelgraph.commands.options import at_option, engine_option, home_option, option
from peelgraph.reasoning import explain as find_explanation
from peelgraph.reasoning import render
from peelgraph.remote import Engine
from peelgraph.repository.factory import open_repository
from peelgraph.repository.rule_cache import rules_of


@click.command()
@click.argument("subject")
@click.argument("predicate")
@click.argument("object", metavar="OBJECT")
@option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "turtle"]),
    default="text",
    show_default=True,
    help="How the explanation is written.",
)
@option(
    "--proofs",
    type=click.IntRange(1, 20),
    default=1,
    show_default=True,
    help="How many proofs to show, the shortest first.",
)
@at_option
@engine_option
@home_option
def explain(
    *,
    subject: str,
    predicate: str,
    object: str,
    style: str,
    proofs: int,
    at: int | None,
    home: Path,
    engine: Engine | None,
) -> None:
    """Say why a triple holds: the rules, and the asserted triples with their passages.

    A term is a prefixed name (force:derbyshire), an IRI in <>, or a literal ("Good"@en).
    """
    triple = [read_node(term) for term in (subject, predicate, object)]
    with open_repository(home, engine).open(at) as (version, store):
        explanation = find_explanation(
            store,
            rules_of(version.path, lambda: store.read(terms.ONTOLOGY_GRAPH)),
            *triple,
            proofs=proofs,
        )
        click.echo(render(explanation, style), nl=False)
