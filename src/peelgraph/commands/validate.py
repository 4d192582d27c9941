"""`peelgraph validate`: what is wrong with some files, and what to write instead."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from peelgraph import terms
from peelgraph.catalogue.graph_names import read_graph_name, tell_unknown
from peelgraph.checking import ALL_SUFFIXES, STYLES, Check, Document, Mended
from peelgraph.commands.options import (
    engine_option,
    home_option,
    option,
    setting_option,
    warn,
)
from peelgraph.errors import NothingPublished, SettingError, SourceError
from peelgraph.remote import Engine
from peelgraph.repository import Home
from peelgraph.repository.factory import open_repository
from peelgraph.sources import find_root, find_syntax, name_graph, read_bytes
from peelgraph.workers.validations import validate_apart


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@option(
    "--shapes",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Shapes to judge by, in place of the project's own.",
)
@option(
    "--context",
    type=click.Choice(["published", "none"]),
    default="published",
    show_default=True,
    help="What the files may refer to: the published version, or nothing but each other.",
)
@option(
    "--format",
    "style",
    type=click.Choice(STYLES),
    default="text",
    show_default=True,
    help="How the report is written.",
)
@option(
    "--syntax",
    type=click.Choice(sorted(set(ALL_SUFFIXES.values()))),
    default="ttl",
    show_default=True,
    help="The syntax of standard input.",
)
@option(
    "--fix",
    is_flag=True,
    help="Correct what is safe in Turtle, TriG, N-Triples and N-Quads files, and say which.",
)
@option(
    "--graph",
    help="The graph the files belong to, whose published statements they replace.",
)
@option("--most", type=click.IntRange(min=0), help="How many results are listed, at most.")
@option(
    "--inference",
    type=click.Choice(["on", "off"]),
    default="off",
    show_default=True,
    help="Tell apart what only inferred statements show, or would hide.",
)
@setting_option("timeout", click.FloatRange(min=0, min_open=True), "Seconds that judging may take.")
@setting_option("memory", click.IntRange(min=1), "MiB of memory that judging may take.")
@engine_option
@home_option
def validate(
    *,
    files: Sequence[Path],
    fix: bool,
    timeout: float,
    memory: int,
    home: Path,
    **given: Any,
) -> int:
    """Judge FILES, and the files in folders, by the shapes; publish nothing.

    "-" is standard input, read as Turtle unless --syntax says otherwise. With shapes of your own
    and --context none, any data is judged, whatever its vocabulary.
    Exit codes: 0 they conform, 1 they do not, 2 something could not be read, or nothing was judged.
    """
    if fix and given["shapes"]:
        raise SettingError("--fix mends by the project's own shapes: leave out --shapes")
    if fix and Path("-") in files:
        raise SettingError("--fix writes into files, and standard input is none: name a file")
    check = _check(files, home, **given)
    checked = validate_apart(replace(check, fix=fix), timeout, memory)
    if fix and _fix(checked.mended, conforms=checked.conforms):
        checked = validate_apart(_check(files, home, **given), timeout, memory)
    click.echo(checked.text, nl=False)
    if not checked.is_judged:
        return 2
    return 0 if checked.conforms else 1


def _check(
    files: Sequence[Path],
    home: Path,
    *,
    shapes: Sequence[Path],
    context: str,
    style: str,
    syntax: str,
    graph: str | None,
    most: int | None,
    inference: str,
    engine: Engine | None,
) -> Check:
    root = find_root()
    is_general = bool(shapes) and context == "none"
    name = read_graph_name(graph) if graph else None
    if name and context == "published":
        _tell_unknown(name, home, engine)
    return Check(
        documents=tuple(
            _document(path, root, name, syntax, based=is_general) for path in _expand(files)
        ),
        shapes=tuple(
            _document(path, root, terms.SHAPES, "ttl", based=True) for path in _expand(shapes)
        ),
        root=root,
        store=_published(home) if context == "published" and engine is None else None,
        engine=engine if context == "published" else None,
        context=context == "published",
        inference=inference == "on",
        style=style,
        most=most,
        colour=style == "text" and sys.stdout.isatty(),
    )


def _tell_unknown(graph: str, home: Path, engine: Engine | None) -> None:
    """Warn of a graph that replaces nothing: a misspelt one would hide what is missing."""
    with suppress(NothingPublished):
        unknown = tell_unknown(graph, open_repository(home, engine).current().graphs)
        if unknown:
            warn(f"--graph: {unknown}")


def _expand(files: Sequence[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named, whose suffix tells a syntax."""
    for path in files:
        if not path.is_dir():
            yield path
            continue
        found = sorted(each for each in path.rglob("*") if each.suffix.lower() in ALL_SUFFIXES)
        # Metadata of a table is read with its table.
        found = [each for each in found if not each.name.endswith("-metadata.json")]
        if not found:
            offered = ", ".join(ALL_SUFFIXES)
            raise SourceError(
                path, "no file here to judge in this folder", hint=f"suffixes read: {offered}"
            )
        yield from found


def _document(path: Path, root: Path, graph: str | None, syntax: str, *, based: bool) -> Document:
    """A file of the project under its own graph's name, any other under one after its name."""
    if str(path) == "-":
        named = graph or terms.mint_graph("unnamed")
        content = sys.stdin.buffer.read()
        return Document(Path("<stdin>"), content, syntax, named, is_guess=not graph)
    shown, known = path, graph
    with suppress(ValueError, SourceError):
        inside = path.resolve().relative_to(root)
        known = graph or name_graph(inside)
        shown = inside if (Path.cwd() / inside).exists() else path
    base = path.resolve().as_uri() if based else None
    kind = find_syntax(path, shown, ALL_SUFFIXES)
    named = known or terms.mint_graph(terms.slug(path.stem) or "unnamed")
    return Document(shown, read_bytes(path), kind, named, base, is_guess=not known)


def _fix(mended: Sequence[Mended], *, conforms: bool) -> bool:
    """Write the safe corrections into the files, each with its diff; whether there were any."""
    for each in mended:
        if not (each.text or conforms):
            warn(
                f"{each.name} is left as it is: --fix corrects Turtle, TriG, N-Triples and "
                "N-Quads alone; the results say what to write."
            )
        # What a person has to agree to is shown, and left alone.
        if each.offered:
            warn(f"Offered, not applied:\n{each.offered.rstrip()}")
        if each.applied:
            warn(f"Applied:\n{each.applied.rstrip()}")
            staged = each.name.with_name(f".{each.name.name}.fixed")
            staged.write_bytes(each.text.encode())
            staged.replace(each.name)
    return any(each.applied for each in mended)


def _published(home: Path) -> Path | None:
    try:
        return Home(home).current().store_path
    except NothingPublished:
        warn("Nothing is published yet: judged in the context of the project's own sources.")
        return None
