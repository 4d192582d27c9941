"""`peelgraph new`: the skeleton of a report nobody has described, and notebooks to begin with."""

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
    help="Where to write; data/reports/<force>-<round>-<pillar> unless given.",
)
def report(*, force: str, round_: str, pillar: str, folder: Path | None) -> int:
    """Write the skeleton of a report: its questions, its force's units, and what is to fill in."""
    root = find_root()
    made = draft(read_project(root), force, round_, pillar)
    target = folder or root / "data" / "reports" / made.name
    files = {
        target / "report.ttl": write_turtle(made),
        target / "grades.csv": write_grades(made),
    }
    for path in files:
        if path.exists():
            raise SettingError(f"{path} exists already", hint="name another folder: --folder")
    target.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        path.write_text(text, encoding="utf-8", newline="\n")
        click.echo(str(path))
    warn(f"What is still to fill in: peelgraph validate {target / 'report.ttl'}")
    return 0


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
