"""`peelgraph new`: the skeleton of a report nobody has described, and notebooks to begin with."""

import csv
import difflib
import io
import json
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from peelgraph import terms
from peelgraph.commands.options import option, warn
from peelgraph.embedded import Embedded
from peelgraph.errors import SettingError, SourceError, UnknownName
from peelgraph.sources import Project, find_root, read_project
from peelgraph.sparql import Query, QueryRequest

_LICENCE = "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
_PREFIXES = (
    *("dcat", "dcterms", "force", "grade", "graph", "inspection", "judgment", "organisation"),
    *("passage", "peel", "pillar", "question", "rdfs", "report", "round", "section", "topic"),
    *("unit", "xsd"),
)
# The columns of the table of grades for rounds that have pillars, and for those that have none.
_COLUMNS = (
    *("force", "round", "pillar", "question", "grade"),
    *("read_as", "carries_over", "source_kind", "source", "verified", "note"),
)
_COLUMNS_WITHOUT_PILLAR = (
    *("force", "round", "question", "grade", "scale", "read_as", "first_grade", "amended"),
    *("source", "source_kind", "verified", "note"),
)
_QUESTIONS = """
SELECT ?thing (MIN(?text) AS ?label) (MIN(?no) AS ?number) WHERE {
  ?thing peel:askedIn ROUND ; a ?kind ; rdfs:label ?text . PILLAR
  FILTER(?kind IN (peel:OverallQuestion, peel:CoreQuestion))
  FILTER NOT EXISTS { ?thing peel:isGradedIn grading-extent:no-forces }
  OPTIONAL { ?thing peel:number ?no }
} GROUP BY ?thing ORDER BY ?thing"""
_OF_NO_PILLAR = "FILTER NOT EXISTS { ?thing peel:ofPillar ?any }"
_SCALE = """
SELECT ?thing (MIN(?text) AS ?label) (MIN(?rank) AS ?number) WHERE {
  ROUND peel:usesGrades ?scale . ?thing skos:inScheme ?scale ; peel:rank ?rank ; rdfs:label ?text
} GROUP BY ?thing ORDER BY ?number"""
_UNITS = """
SELECT ?thing (MIN(?text) AS ?label) WHERE {
  ?thing peel:unitOf|peel:memberForce FORCE ; rdfs:label ?text
} GROUP BY ?thing ORDER BY ?thing"""
_GRADED = """
SELECT ?thing (MIN(?text) AS ?label) (MIN(STR(?grade)) AS ?number) WHERE {
  ?thing a peel:Judgment ; peel:judges FORCE ; peel:gives ?grade . ?grade rdfs:label ?text
} GROUP BY ?thing"""
_NAMED = "SELECT ?thing (MIN(?text) AS ?label) { ?thing a KIND ; rdfs:label ?text } GROUP BY ?thing"


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that the project describes."""

    iri: str
    label: str
    number: str = ""

    @property
    def name(self) -> str:
        """Its prefixed name."""
        return terms.shorten(self.iri)


@dataclass(frozen=True, slots=True)
class Draft:
    """A report about to be written, on a pillar where its round has pillars.

    `grades` are those of the round's scale, the best first; `graded` holds the grade of each
    judgment that has one.
    """

    force: Thing
    round: Thing
    pillar: Thing | None
    grades: tuple[Thing, ...]
    questions: tuple[Thing, ...]
    units: tuple[Thing, ...]
    graded: dict[str, Thing]

    @property
    def name(self) -> str:
        """The name of its graph and its folder."""
        parts = [_local(self.force.iri), self.year]
        return "-".join([*parts, *([_local(self.pillar.iri)] if self.pillar else [])])

    @property
    def year(self) -> str:
        """How tables name the round."""
        return _local(self.round.iri).removeprefix("peel-")

    @property
    def title(self) -> str:
        """What the report is called here."""
        pillar = f": {self.pillar.label}" if self.pillar else ""
        return f"{self.round.label}{pillar}, {self.force.label}"


def draft(project: Project, force: str, round_: str, pillar: str | None = None) -> Draft:
    """What the project knows of a report to come; without a pillar where the round has none.

    Errors: UnknownName for a force, a round or a pillar that it does not describe.
    """
    store = Embedded.memory()
    for source in (*project.ontology, *project.data):
        store.insert(source.triples, "")
    who = _find(store, "force", "peel:Force", force)
    when = _find(store, "round", "peel:Round", round_)
    what = _find(store, "pillar", "peel:Pillar", pillar) if pillar else None
    is_on = f"?thing peel:ofPillar <{what.iri}> ." if what else _OF_NO_PILLAR
    questions = _QUESTIONS.replace("ROUND", f"<{when.iri}>").replace("PILLAR", is_on)
    units = _UNITS.replace("FORCE", f"<{who.iri}>")
    found = tuple(_ask(store, questions))
    if not found:
        named = f"on {what.label}" if what else "without a pillar"
        raise UnknownName(
            f"No question of {when.label} {named} is known",
            hint="name a pillar of the round, or add its questions to data/tables/questions.csv",
        )
    scale = tuple(_ask(store, _SCALE.replace("ROUND", f"<{when.iri}>")))
    judged = _GRADED.replace("FORCE", f"<{who.iri}>")
    graded = {thing.iri: Thing(thing.number, thing.label) for thing in _ask(store, judged)}
    return Draft(who, when, what, scale, found, tuple(_ask(store, units)), graded)


def write_turtle(draft: Draft, path: str, *, is_built: bool = False) -> str:
    """The skeleton for the file `path`; it parses, and what validation misses in it is still to be
    written. Where a build reads it, it states of a judgment what a table states too."""
    name = draft.name
    title = draft.title
    head = "".join(f"@prefix {prefix}: <{terms.PREFIXES[prefix]}> .\n" for prefix in _PREFIXES)
    blocks = [
        head,
        "# Lines that begin with # are yours to complete. Check how far you are with:\n"
        f"#   peelgraph validate {path}\n",
        f"graph:{name} a dcat:Dataset ;\n"
        f"    dcterms:title {_text(title + ', as a graph')} ;\n"
        "    dcterms:description "
        + _text("What the report states, in the project's words, each statement with its passage.")
        + " ;\n    # dcterms:source <address of the report> ;\n"
        f"    dcterms:license <{_LICENCE}> .\n",
        "# Report\n",
        f"report:{name} a peel:Report ;\n"
        f"    rdfs:label {_text(title)} ;\n"
        '    # Month or day of publication, such as "2016-02"^^xsd:gYearMonth\n'
        "    # dcterms:issued ... ;\n"
        "    # Who published it, such as organisation:hmic\n"
        "    # dcterms:publisher ... ;\n"
        f"    dcterms:title {_text(title)} .\n",
        "# Inspection\n",
        _inspection(draft, title),
        "# Passages: where in the report a statement stands. One for each paragraph you cite.\n#\n"
        f"# section:{name}-overview a peel:Section ;\n"
        '#     rdfs:label "Overview"@en ;\n'
        "#     peel:position 1 ;\n"
        f"#     peel:sectionOf report:{name} .\n#\n"
        f"# passage:{name}-overview-1 a peel:Paragraph ;\n"
        '#     rdfs:label "Overview, paragraph 1"@en ;\n'
        f"#     peel:inSection section:{name}-overview ;\n"
        '#     peel:number "1" .\n',
        "# Judgments: one for each question that the report grades; delete the others.\n",
        *(_judgment(draft, question, is_built=is_built) for question in draft.questions),
        _known(draft.units),
    ]
    return "\n".join(blocks)


def write_grades(draft: Draft) -> str:
    """Rows for the table of grades: the questions whose grade is still to be written."""
    out = io.StringIO(newline="")
    columns = _COLUMNS if draft.pillar else _COLUMNS_WITHOUT_PILLAR
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    for question in draft.questions:
        if _judged(draft, question) in draft.graded:
            continue
        row = {
            "force": _local(draft.force.iri),
            "round": draft.year,
            "question": _local(question.iri).removeprefix(f"{draft.year}-"),
            "read_as": "grade",
            "verified": "no",
        }
        if draft.pillar:
            row |= {"pillar": _local(draft.pillar.iri), "question": _number(question)}
        elif draft.grades:
            row["scale"] = _local(draft.grades[0].iri).rpartition("-")[2]
        writer.writerow(row)
    return out.getvalue()


def _inspection(draft: Draft, title: str) -> str:
    examined = "".join(f"    peel:examines {each.name} ;\n" for each in draft.questions)
    pillar = f"    peel:ofPillar {draft.pillar.name} ;\n" if draft.pillar else ""
    return (
        f"inspection:{draft.name} a peel:Inspection ;\n"
        f"    rdfs:label {_text(title + ' (inspection)')} ;\n"
        '    # First and last month or day, such as "2015-06"^^xsd:gYearMonth\n'
        "    # peel:begins ... ;\n    # peel:ends ... ;\n"
        "    # Who inspected, such as organisation:hmic\n"
        "    # peel:conductedBy ... ;\n"
        f"    peel:inspects {draft.force.name} ;\n{pillar}"
        f"    peel:ofRound {draft.round.name} ;\n{examined}"
        f"    peel:reportedIn report:{draft.name} .\n"
    )


def _judgment(draft: Draft, question: Thing, *, is_built: bool) -> str:
    iri = _judged(draft, question)
    known = draft.graded.get(iri)
    on = f"on question {question.number}" if question.number else f"on “{question.label}”"
    label = f"    rdfs:label {_text(f'Judgment {on}')} ;\n"
    grade = "    # peel:gives ... ;\n"
    if draft.grades:
        offered = ", ".join(one.name for one in draft.grades)
        grade = f"    # One of {offered}\n    # peel:gives {draft.grades[0].name} ;\n"
    if known is not None and is_built:
        # The table gives way to the report, which then states the grade alone.
        grade = f"    # {known.label}, as data/tables records it\n    # peel:gives {known.name} ;\n"
    elif known is not None:
        # What is published of the judgment, its label too, need not be stated again.
        label, grade = "", f"    # The grade is published already: {known.label}\n"
    return (
        f"# {_one_line(question.label)}\n"
        f"{terms.shorten(iri)} a peel:Judgment ;\n"
        f"{label}"
        '    # dcterms:description "What the report says, in your own words."@en ;\n'
        f"{grade}"
        f"    # peel:statedIn passage:{draft.name}-overview-1 ;\n"
        f"    peel:judges {draft.force.name} ;\n"
        f"    peel:onQuestion {question.name} ;\n"
        f"    peel:madeIn inspection:{draft.name} .\n"
    )


def _judged(draft: Draft, question: Thing) -> str:
    """The IRI of the judgment on a question."""
    return terms.mint("judgment", _local(draft.force.iri), _local(question.iri))


def _number(question: Thing) -> str:
    return question.number or _local(question.iri).rpartition("-")[2]


def _known(units: Sequence[Thing]) -> str:
    if not units:
        return "# No unit of the force is known yet: describe those that the report names.\n"
    listed = "".join(f"#   {unit.name}  {_one_line(unit.label)}\n" for unit in units)
    return f"# Units of the force that are known already:\n{listed}"


def _find(store: Embedded, kind: str, of: str, given: str) -> Thing:
    """The thing called `given`, by the last part of its IRI, its number or its label."""
    things = list(_ask(store, _NAMED.replace("KIND", of)))
    names = {}
    for thing in things:
        local = _local(thing.iri)
        for name in (local, local.removeprefix("peel-"), thing.label.lower()):
            names[name] = thing
    found = names.get(given) or names.get(given.lower()) or names.get(terms.slug(given))
    if found is None:
        near = difflib.get_close_matches(terms.slug(given), list(names), n=1)
        known = ", ".join(sorted(_local(thing.iri) for thing in things)[:10])
        hint = f"did you mean {near[0]}?" if near else f"among those known: {known}"
        raise UnknownName(f"There is no {kind} {given!r}", hint=hint)
    return found


def _ask(store: Embedded, pattern: str) -> Sequence[Thing]:
    used = ("grading-extent", "peel", "rdfs", "skos")
    head = "".join(f"PREFIX {p}: <{terms.PREFIXES[p]}>\n" for p in used)
    rows = json.loads(store.query(QueryRequest(Query(head + pattern), inference=False)).body)
    return [
        Thing(*(row[name]["value"] if name in row else "" for name in ("thing", "label", "number")))
        for row in rows["results"]["bindings"]
    ]


def _local(iri: str) -> str:
    return iri.rpartition("/")[2]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) + "@en"


@click.group()
def new() -> None:
    """Begin something new."""


@new.command()
@option("--force", required=True, help="The force, such as kent.")
@option("--round", "round_", required=True, help="The round, such as 2015.")
@option("--pillar", help="The pillar, such as effectiveness, where the round has pillars.")
@option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write; in a checkout data/reports/<force>-<round>[-<pillar>], else that here.",
)
def report(*, force: str, round_: str, pillar: str | None, folder: Path | None) -> int:
    """Write the skeleton of a report: its questions, its force's units, and what is to fill in."""
    root = find_root()
    made = draft(read_project(root), force, round_, pillar)
    # What a package brought along is nobody's to write into.
    is_ours = Path.cwd().is_relative_to(root)
    target = folder or (root / "data" / "reports" if is_ours else Path()) / made.name
    turtle = target / "report.ttl"
    grades = target / ("grades.csv" if made.pillar else "grades-from-2021.csv")
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
