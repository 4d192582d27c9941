"""`peelgraph new`: the skeleton of a report nobody has described, and notebooks to begin with."""

import shlex
import shutil
from pathlib import Path

import click

from peelgraph.commands.drafting import draft, write_grades, write_turtle
from peelgraph.commands.options import option, warn
from peelgraph.errors import SettingError, SourceError
from peelgraph.sources import find_root, read_project


@click.group()
def new() -> None:
    """Begin something new."""


@new.command()
@option("--force", required=True, help="The force, such as kent.")
@option("--round", "round_", required=True, help="The round, such as 2015.")
@option("--pillar", required=True, help="The pillar, such as effectiveness.")
@option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write; in a checkout data/reports/<force>-<round>-<pillar>, else that here.",
)
def report(*, force: str, round_: str, pillar: str, folder: Path | None) -> int:
    """Write the skeleton of a report: its questions, its force's units, and what is to fill in."""
    root = find_root()
    made = draft(read_project(root), force, round_, pillar)
    # What a package brought along is nobody's to write into.
    is_ours = Path.cwd().is_relative_to(root)
    target = folder or (root / "data" / "reports" if is_ours else Path()) / made.name
    turtle, grades = target / "report.ttl", target / "grades.csv"
    for path in (turtle, grades):
        if path.exists():
            raise SettingError(f"{path} exists already", hint="name another folder: --folder")
    target.mkdir(parents=True, exist_ok=True)
    is_built = target.resolve().is_relative_to(root / "data" / "reports")
    text = write_turtle(made, _shown(turtle), is_built=is_built)
    turtle.write_text(text, encoding="utf-8", newline="\n")
    grades.write_text(write_grades(made), encoding="utf-8", newline="\n")
    click.echo(f"{turtle}\n{grades}")
    publish = "build" if is_built else f"load {_shown(turtle)} --graph graph:{made.name}"
    warn(f"What is still to fill in: peelgraph validate {_shown(turtle)}")
    warn(f"Once nothing is:          peelgraph {publish}")
    return 0


def _shown(path: Path) -> str:
    """A path as one types it here."""
    whole, here = path.resolve(), Path.cwd()
    return shlex.quote(str(whole.relative_to(here) if whole.is_relative_to(here) else path))


@new.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default="notebooks")
def notebooks(*, folder: Path) -> None:
    """Copy the notebooks that come with peelgraph into FOLDER, where none is overwritten."""
    kept = find_root() / "docs" / "notebooks"
    found = sorted(kept.glob("*.ipynb"))
    if not found:
        raise SourceError(kept, "no notebook here", hint="install the package again")
    for path in found:
        if (folder / path.name).exists():
            raise SettingError(f"{folder / path.name} exists already", hint="name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    for path in found:
        shutil.copyfile(path, folder / path.name)
        click.echo(str(folder / path.name))
