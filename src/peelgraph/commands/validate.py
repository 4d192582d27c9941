"""`peelgraph validate`: what is wrong with some files, and what to write instead."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from peelgraph import terms
from peelgraph.checking import ALL_SUFFIXES, Check, Document, check_apart
from peelgraph.checking.performing import judge_documents
from peelgraph.commands.options import DEFAULTS, engine_option, home_option, option, warn
from peelgraph.errors import NothingPublished, SettingError, SourceError
from peelgraph.remote import Engine
from peelgraph.sources import find_root, find_syntax, name_graph, read_bytes
from peelgraph.validation import FORMATS, Report, render, repair
from peelgraph.versions import Home


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
    type=click.Choice(list(FORMATS)),
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
@option("--fix", is_flag=True, help="Correct what is safe in Turtle files, and say which.")
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
@option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=DEFAULTS.timeout,
    show_default=True,
    help="Seconds that judging by shapes of your own may take.",
)
@engine_option
@home_option
def validate(*, files: Sequence[Path], fix: bool, timeout: float, home: Path, **given: Any) -> int:
    """Judge FILES, and the files in folders, by the shapes; publish nothing.

    "-" is standard input, read as Turtle unless --syntax says otherwise. With shapes of your own
    and --context none, any data is judged, whatever its vocabulary.
    Exit codes: 0 they conform, 1 they do not, 2 something could not be read.
    """
    check = _check(files, home, **given)
    colour = check.style == "text" and sys.stdout.isatty()
    if check.shapes:
        if fix:
            raise SettingError("--fix mends by the project's own shapes: leave out --shapes")
        checked = check_apart(check, timeout, DEFAULTS.memory)
        click.echo(checked.text, nl=False)
        return 0 if checked.conforms else 1
    report = judge_documents(check)
    if fix and _fix(report):
        report = judge_documents(_check(files, home, **given))
    if check.most is not None:
        report = report.limited(check.most)
    click.echo(render(report, check.style, colour=colour), nl=False)
    return 0 if report.conforms else 1


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
    name = graph and (graph if ":" in graph else terms.mint_graph(terms.slug(graph)))
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
    )


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
        return Document(Path("<stdin>"), sys.stdin.buffer.read(), syntax, named)
    shown = path
    named = graph or terms.mint_graph(terms.slug(path.stem) or "unnamed")
    with suppress(ValueError, SourceError):
        inside = path.resolve().relative_to(root)
        named = graph or name_graph(inside)
        shown = inside if (Path.cwd() / inside).exists() else path
    base = path.resolve().as_uri() if based else None
    kind = find_syntax(path, shown, ALL_SUFFIXES)
    return Document(shown, read_bytes(path), kind, named, base)


def _fix(report: Report) -> bool:
    """Write the safe corrections into the files, each with its diff; whether there were any."""
    changed = False
    # What a person has to agree to is shown, and left alone.
    named = {result.file for result in report.results if result.file is not None}
    for path in sorted(path for path in named if path.suffix.lower() in {".ttl", ".trig"}):
        text = path.read_text(encoding="utf-8")
        mended = repair(path, text, report)
        more = repair(path, text, report, offered=True)
        if len(more.corrections) > len(mended.corrections):
            warn(f"Offered, not applied:\n{more.diff.rstrip()}")
        if mended.corrections:
            warn(f"Applied:\n{mended.diff.rstrip()}")
            staged = path.with_name(f".{path.name}.fixed")
            staged.write_text(mended.text, encoding="utf-8")
            staged.replace(path)
            changed = True
    return changed


def _published(home: Path) -> Path | None:
    try:
        return Home(home).current().store_path
    except NothingPublished:
        warn("Nothing is published yet: judged in the context of the project's own sources.")
        return None
