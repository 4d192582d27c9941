"""`peelgraph explain`: why a triple holds, down to what is asserted, or what it lacks."""

from pathlib import Path

import click

from peelgraph import terms
from peelgraph.catalogue import read_node
from peelgraph.commands.options import at_option, chosen, home_option, option
from peelgraph.embedded import Embedded
from peelgraph.reasoning import compile_rules, render
from peelgraph.reasoning import explain as find_explanation
from peelgraph.versions import Home


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
) -> None:
    """Say why a triple holds: the rules, and the asserted triples with their passages.

    A term is a prefixed name (force:derbyshire), an IRI in <>, or a literal ("Good"@en).
    """
    triple = [read_node(term) for term in (subject, predicate, object)]
    version = chosen(Home(home), at)
    store = Embedded.read_only(version.store_path)
    try:
        rules = compile_rules(store.read(terms.mint_graph("ontology")))
        explanation = find_explanation(store, rules, *triple, proofs=proofs)
        click.echo(render(explanation, style), nl=False)
    finally:
        store.close()
