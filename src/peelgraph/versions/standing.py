"""Whether graphs that were loaded may stand beside sources that are built anew."""

from collections.abc import Sequence
from dataclasses import replace

from peelgraph import terms
from peelgraph.errors import ShapesBroken
from peelgraph.sources import Source
from peelgraph.store import Store
from peelgraph.validation import DataRefused, Report, ShapeResult, Validator
from peelgraph.versions.changes import Gates
from peelgraph.versions.judging import ONTOLOGY, SHAPES
from peelgraph.versions.record import Version


def judge_loaded(
    sources: Sequence[Source], loaded: Sequence[str], base: Version, before: Store, gates: Gates
) -> int:
    """How many faults it brings that `loaded` graphs of `base` stand beside `sources`.

    `before` is the store of `base`. Everything is judged together. What `sources` break alone, or
    what was broken in `base` already, by the shapes that it holds, is not counted; where there
    are no shapes, nothing is.

    Errors: DataRefused with the new faults, when the gate of a graph that shows one enforces.
    """
    shapes = [source for source in sources if source.graph == SHAPES]
    judged = [name for name in loaded if gates.of(name) != "off"]
    if not shapes or not judged:
        return 0
    own = [source for source in sources if source.graph != SHAPES]
    ontology = [source for source in sources if source.graph == ONTOLOGY]
    added = [_source(before, name) for name in judged]
    validator = Validator(shapes, ontology)
    report = validator.judge([*own, *added])
    if report.is_clean:
        return 0
    known = _identifiers(validator.judge(own)) | _identifiers(_judge(base, before))
    found = [each for each in report.results if each.identifier not in known]
    placed = [_place(each, added) for each in found]
    results = [result for result, graph in placed if gates.of(graph) == "enforce"]
    refused = replace(report, results=tuple(results))
    if not refused.conforms:
        error = DataRefused.because(refused)
        error.hint = (
            f"{error.hint}\n  what was loaded does not go with these sources: correct one of them, "
            "or take the graph out (peelgraph withdraw)"
        )
        raise error
    return len(found)


def _judge(version: Version, store: Store) -> Report:
    """The report of everything in a version, by its own shapes; empty where it holds none.

    Shapes that are ill-formed found nothing: they were published before that was known.
    """
    shapes, ontology = _source(store, SHAPES), _source(store, ONTOLOGY)
    data = [_source(store, name) for name in sorted(version.graphs) if name != SHAPES]
    if not shapes.triples or not data:
        return Report(())
    try:
        validator = Validator([shapes], [ontology] if ontology.triples else [])
    except ShapesBroken:
        return Report(())
    return validator.judge(data)


def _identifiers(report: Report) -> set[str]:
    return {result.identifier for result in report.results}


def _place(result: ShapeResult, added: Sequence[Source]) -> tuple[ShapeResult, str]:
    """A result with its graph; what stands in no file stands in a loaded graph."""
    if result.file is not None:
        return result, ""
    line = f"{result.focus} ".encode()
    for source in added:
        if source.triples.startswith(line) or b"\n" + line in source.triples:
            return replace(result, file=source.path), source.graph
    return result, ""


def _source(store: Store, name: str) -> Source:
    """A graph of a version, which stands in no file and is called by its name."""
    return Source.unfiled(terms.shorten(name), name, store.read(name))
