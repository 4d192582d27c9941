"""The project's own sources: where they lie, and in which named graph each belongs."""

from collections.abc import Sequence
from pathlib import Path

from peelgraph import identity
from peelgraph.errors import SourceError
from peelgraph.sources.model import Project, Source
from peelgraph.sources.reading import read_turtle
from peelgraph.terms import BASE, PROJECT, STANDARD, mint_graph, slug

FOLDERS = identity.FOLDERS
_PLACES = (("data", "reference"), ("data", "tables"))
_REPORT_PARTS = 4  # data/reports/<name>/<file>
_REFERENCE_PARTS = 3  # data/reference/<name>.ttl, data/tables/<name>.csv


def find_root() -> Path:
    """The folder that holds the sources: the checkout, else what the package brought along.

    Errors: SourceError when neither is there.
    """
    return Path(identity.find_folder())


def turtle_files(folder: Path, root: Path) -> list[Path]:
    """The Turtle files of `folder`, sorted; SourceError when there is none."""
    shown = folder.relative_to(root)
    if not folder.is_dir():
        raise SourceError(shown, "no such folder", hint=f"it belongs into {root}")
    files = sorted(folder.rglob("*.ttl"))
    if not files:
        raise SourceError(shown, "no .ttl file here: a check over nothing proves nothing")
    return files


def name_graph(path: Path) -> str:
    """The named graph of a source, from its path below the root of the project.

    Errors: SourceError for a place that no graph belongs to.
    """
    parts = path.parts
    if parts[0] in {"ontology", "shapes"}:
        return mint_graph(parts[0])
    if parts[:2] == ("data", "reports") and len(parts) == _REPORT_PARTS:
        name = parts[2]
    elif parts[:2] in _PLACES and len(parts) == _REFERENCE_PARTS:
        name = path.stem
    else:
        raise SourceError(
            path,
            "no named graph belongs to this place",
            hint="move it to data/reports/<name>/, data/reference/ or data/tables/",
        )
    if name != slug(name) or name in {"ontology", "shapes", "inferred"}:
        raise SourceError(
            path,
            f"{name!r} cannot name a graph",
            hint=f"lower-case letters, digits and hyphens: {slug(name)}",
        )
    return mint_graph(name)


def read_project(root: Path, *, data: bool = True) -> Project:
    """The ontology, the shapes and, unless `data` is false, the data of the project at `root`.

    Errors: SourceError for the first file that cannot be read, when a folder holds none, and
            for a project with IRIs other than this process mints.
    """
    root = root.resolve()
    _check_identity(root)
    queries = root / "queries"
    if not queries.is_dir():
        raise SourceError("queries", "no such folder", hint=f"it belongs into {root}")
    return Project(
        root=root,
        ontology=_read_folder(root, "ontology"),
        shapes=_read_folder(root, "shapes"),
        data=_read_data(root) if data else (),
        queries=queries,
    )


def _check_identity(root: Path) -> None:
    """Each process mints the IRIs of one project."""
    found = identity.read_identity(str(root), STANDARD)
    if found != PROJECT:
        raise SourceError(
            root / identity.FILE,
            f"is of another project, or another state of it, than this process serves ({BASE})",
            hint=f"start a process of its own in {root}",
        )


def _read_data(root: Path) -> tuple[Source, ...]:
    turtle = _read_folder(root, "data")
    sources = turtle + _read_tables(root, turtle)
    _check_graphs(sources)
    return sources


def _read_folder(root: Path, name: str) -> tuple[Source, ...]:
    sources = []
    for path in turtle_files(root / name, root):
        shown = path.relative_to(root)
        sources.append(read_turtle(path, name_graph(shown), shown))
    return tuple(sources)


def _read_tables(root: Path, turtle: Sequence[Source]) -> tuple[Source, ...]:
    folder = root / "data" / "tables"
    if not folder.is_dir():
        return ()
    # csvw takes half a second to import, which only who reads tables should wait for.
    from peelgraph.sources.tables import read_tables, table_files  # noqa: PLC0415

    files = table_files(folder)
    for path in files:
        name_graph(path.relative_to(root))
    return read_tables(files, root, turtle)


def _check_graphs(sources: Sequence[Source]) -> None:
    """Two places that claim one graph would each replace what the other states."""
    owners: dict[str, Path] = {}
    for source in sources:
        owner = owners.setdefault(source.graph, source.path)
        if owner.parts[:2] != source.path.parts[:2]:
            raise SourceError(
                source.path,
                f"claims the graph of {owner}",
                hint="rename one of the two",
            )
