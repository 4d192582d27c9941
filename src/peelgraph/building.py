"""From the sources to the next version: what `build` does, and `serve` and the client at first."""

from collections.abc import Callable

from peelgraph.catalogue import read_catalogue
from peelgraph.catalogue.examples import describe_examples
from peelgraph.reasoning import compile_rules
from peelgraph.repository import Version
from peelgraph.repository.changes import ENFORCE, Gates
from peelgraph.repository.protocol import Repository
from peelgraph.repository.rebuild import holds_sources, rebuild
from peelgraph.sources import Project, Source, find_root, read_project
from peelgraph.validation import accept, validate
from peelgraph.workers.process import check_room


def sources_of(project: Project) -> tuple[Source, ...]:
    """Everything of the project that is published."""
    return (*project.ontology, *project.shapes, *project.data)


def publish_project(
    repository: Repository, say: Callable[[str], None], gates: Gates = ENFORCE
) -> tuple[Version, bool]:
    """The version that holds the project's sources, and whether it is new.

    `gates` say what faults of graphs that were loaded come to; the sources' own always refuse.

    Errors: SourceError, ShapesBroken, OntologyOutsideRL or PublicationRefused (DataRefused with
            its report); what was published before stays as it was.
    """
    check_room()
    root = find_root()
    say(f"reading {root}")
    project = read_project(root)
    examples = describe_examples(read_catalogue(project.queries).questions)
    sources = sources_of(project)
    published = repository.find()
    if published is not None and holds_sources(published, sources, examples):
        return published, False
    # The ontology is judged like data: one of the shapes files is about its terms.
    judged = (*project.ontology, *project.data)
    say(f"validating {len(judged)} files")
    validated = accept(sources, validate(judged, project.shapes, project.ontology))
    say("compiling the ontology")
    rules = compile_rules(b"".join(source.triples for source in project.ontology))
    say("inferring and publishing")
    version = rebuild(
        repository,
        validated,
        rules,
        examples=examples,
        message="build",
        gates=gates,
        waiting=say,
    )
    return version, True
