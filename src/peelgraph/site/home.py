"""The home page: what this is, the map of the forces by grade, the ways in, numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from peelgraph import terms
from peelgraph.http.cells import Cell, link
from peelgraph.http.dataset import dumps_here
from peelgraph.http.headers import entity_tag, tagged, unchanged
from peelgraph.http.negotiation import GRAPHS, HTML, negotiate
from peelgraph.http.page_queries import OnceAVersion, ask
from peelgraph.http.request_scope import given
from peelgraph.http.service import Service, StoredQuestion
from peelgraph.repository.dumps import FOLDER
from peelgraph.repository.void_dcat import DATASET
from peelgraph.site.grades import (
    OF_GRADES,
    Absence,
    Asked,
    Force,
    Framework,
    Grade,
    Judgment,
    Judgments,
    read_forces,
    read_grades,
    read_judgments,
    slug_of,
)

_EXAMPLES = (
    "findings-behind-judgment",
    "forces-that-declined",
    "parts-of-organisation",
    "figures-beside-england-and-wales",
    "weaknesses-on-question",
    "offender-schemes",
    "organisations-that-tackle-threat",
    "boards-with-chair-stated-and-left-open",
)
# Row by row from the north, an empty place as a dot. Our own drawing: neighbours where a grid can.
_PLAN = """
. . . . northumbria . . .
. . . cumbria durham cleveland . .
. . . lancashire north-yorkshire humberside . .
. . merseyside greater-manchester west-yorkshire south-yorkshire . .
. north-wales cheshire staffordshire derbyshire nottinghamshire lincolnshire .
. dyfed-powys west-mercia west-midlands leicestershire northamptonshire cambridgeshire norfolk
south-wales gwent gloucestershire warwickshire thames-valley bedfordshire hertfordshire suffolk
. . avon-and-somerset wiltshire surrey metropolitan city-of-london essex
. devon-and-cornwall dorset hampshire sussex kent . .
"""
PLACES = {
    name: (row, column)
    for row, line in enumerate(_PLAN.strip().splitlines(), start=1)
    for column, name in enumerate(line.split(), start=1)
    if name != "."
}
# The share of the forces whose grades are known where a question may be shown first.
_MOST_FORCES = 0.75
_WIDTH = 8
# What stands on a small tile where the first letters of the name would not do.
_LETTERS = {
    "avon-and-somerset": "A&S",
    "city-of-london": "City",
    "devon-and-cornwall": "D&C",
    "dyfed-powys": "D-P",
    "greater-manchester": "GMP",
    "metropolitan": "Met",
    "norfolk": "Nflk",
    "north-wales": "NWal",
    "north-yorkshire": "NYks",
    "northamptonshire": "Nhnt",
    "northumbria": "Nbria",
    "nottinghamshire": "Nott",
    "south-wales": "SWal",
    "south-yorkshire": "SYks",
    "thames-valley": "TVP",
    "west-mercia": "WMer",
    "west-midlands": "WMid",
    "west-yorkshire": "WYks",
}


class Atlas:
    """What the home page shows of a version, read once."""

    def __init__(self, service: Service) -> None:
        self.forces: list[Force] = read_forces(service)
        self.framework = Framework(service)
        self.grades: dict[str, Grade] = read_grades(service)
        self.judgments: Judgments = read_judgments(service)
        self.numbers = [
            (Cell(row["kindName"], link(row["kind"])), int(row["things"]))
            for row in ask(service, "numbers")
            if row["kind"]
        ]

    @property
    def usual(self) -> Asked | None:
        """The question to begin with: of the last round in which it is known how most forces were
        graded, an overall one where there is one."""
        return _best(self.framework.asked, len(self.forces))

    def grade(self, force: Force, asked: Asked) -> Judgment | Absence:
        """The grade of a force on a question, or why there is none."""
        judgment = self.judgments.get((force.iri, asked.iri))
        return judgment or self.framework.absence(force.iri, asked.iri)


def home_routes(service: Service) -> Blueprint:
    """The home page."""
    routes = Blueprint("pages", __name__)
    kept = OnceAVersion(service, lambda: Atlas(service))

    @routes.get("/")
    def home() -> BaseResponse:
        accept = request.headers.get("Accept", "")
        if negotiate(accept, [HTML, *GRAPHS]) != HTML:
            # What the dataset is, for those who read RDF.
            elsewhere = redirect("/.well-known/void", code=303)
            elsewhere.vary.add("Accept")
            return elsewhere
        version = service.current()
        wish = {name: given(name) for name in ("pillar", "question", "round")}
        tag = entity_tag("home", wish, version.number, version.created)
        if response := unchanged(tag):
            return response
        atlas = kept.get()
        chosen, asked = _chosen(atlas, wish)
        judgments = {
            force.iri: judgment
            for force in atlas.forces
            if asked and (judgment := atlas.judgments.get((force.iri, asked.iri)))
        }
        tiles = lay_tiles(atlas.forces, judgments, _absences(atlas, chosen, asked))
        missing = {tile.absence for tile in tiles if not tile.judgment}
        page = render_template(
            "home.html",
            version=version,
            numbers=atlas.numbers,
            tiles=tiles,
            graded=len(judgments),
            absences=[one for one in OF_GRADES if one in missing],
            scale=[one for one in atlas.grades.values() if asked and one.scale.note == asked.scale],
            asked=asked,
            table=slug_of(asked.iri) if asked else chosen["question"],
            chosen=chosen,
            choices=_choices(atlas.framework.asked),
            questions=_examples(service),
            count=len(service.catalogue.questions),
            url=service.settings.url,
            dataset=schema_org(service),
        )
        return tagged(Response(page, mimetype=HTML), tag)

    return routes


def schema_org(service: Service) -> dict[str, Any]:
    """The dataset in the words of schema.org, from the same facts as VoID and DCAT."""
    version, url, project = service.current(), service.settings.url, terms.PROJECT
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": DATASET,
        "name": project.title,
        "description": project.description,
        "url": f"{url}/",
        "version": str(version.number),
        "dateModified": version.created,
        "license": terms.LICENCE,
        "isAccessibleForFree": True,
        "keywords": list(project.keywords),
        "temporalCoverage": "/".join(project.years),
        "spatialCoverage": {"@type": "Place", "name": "England and Wales"},
        "creator": {"@type": "Organization", "name": "peelgraph", "url": f"{url}/"},
        "variableMeasured": ["grade of a force on a question in a round", "statistics of a force"],
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": dump.media_type,
                "contentUrl": f"{url}/{FOLDER}/{version.number}/{dump.file}",
                "contentSize": f"{dump.size} B",
                "sha256": dump.sha256,
            }
            for dump in dumps_here(service)
            if not dump.graph
        ],
    }


def _examples(service: Service) -> list[StoredQuestion]:
    """The questions to begin with; another catalogue shows its first."""
    questions = service.catalogue.questions
    known = [question for question in questions if question.name in _EXAMPLES]
    return known or list(questions[: len(_EXAMPLES)])


def _absences(atlas: Atlas, chosen: dict[str, str], asked: Asked | None) -> dict[str, Absence]:
    """Why each force may have no grade on the question shown."""
    if asked:
        return {force.iri: atlas.framework.absence(force.iri, asked.iri) for force in atlas.forces}
    rounds = {slug_of(one.note): one.note for one in atlas.framework.rounds}
    pillar = terms.mint("pillar", chosen["pillar"]) if chosen["pillar"] else ""
    in_round = rounds.get(chosen["round"], "")
    absence = atlas.framework.absence_of_question(in_round, pillar, chosen["question"])
    return dict.fromkeys((force.iri for force in atlas.forces), absence)


def _chosen(atlas: Atlas, wish: dict[str, str]) -> tuple[dict[str, str], Asked | None]:
    """The pillar, question and round to show, and the question that they name, if there is one."""
    asked = atlas.framework.asked
    found = [one for one in asked if _answers(one, wish)]
    if not found:
        # The form has one list of questions for all rounds: pillars are none to a round without.
        in_round = [one for one in asked if _answers(one, {"round": wish["round"]})]
        pillars = {slug_of(one.pillar.note) for one in in_round}
        found = in_round if wish["pillar"] not in pillars - {""} and pillars else []
    best = _best(found, len(atlas.forces))
    return (_address(best) if best else wish), best


def _answers(asked: Asked, wish: Mapping[str, str]) -> bool:
    address = _address(asked)
    return all(value in ("", address[name]) for name, value in wish.items())


def _best(asked: list[Asked], forces: int) -> Asked | None:
    """The question of the last round on which the grades of most forces are known."""
    enough = forces * _MOST_FORCES
    return max(
        asked,
        key=lambda one: (
            one.graded >= enough,
            one.year,
            one.number == "overall",
            min(one.graded, enough),
        ),
        default=None,
    )


def _address(asked: Asked) -> dict[str, str]:
    return {
        "pillar": slug_of(asked.pillar.note),
        "question": asked.choice,
        "round": slug_of(asked.round.note),
    }


def _choices(asked: list[Asked]) -> dict[str, list[tuple[str, str]]]:
    """What the form offers: each pillar, number and round once, with its name."""
    pillars = {slug_of(one.pillar.note): one.pillar.text or "no pillar" for one in asked}
    numbers = {one.choice: one.short for one in asked}
    rounds = {slug_of(one.round.note): one.round.text for one in asked}
    return {
        "pillar": sorted(pillars.items()),
        "question": sorted(numbers.items(), key=lambda pair: (pair[0] != "overall", pair[0])),
        "round": list(rounds.items()),
    }


@dataclass(frozen=True, slots=True)
class Tile:
    """One force on the map with its grade, or with the reason why there is none."""

    force: Force
    row: int
    column: int
    letters: str
    judgment: Judgment | None
    absence: Absence


def lay_tiles(
    forces: list[Force], judgments: Mapping[str, Judgment], absences: Mapping[str, Absence]
) -> list[Tile]:
    """A tile for each force, row by row; a force that the plan lacks stands below the others."""
    last = max(row for row, _ in PLACES.values())
    strays = [force.slug for force in forces if force.slug not in PLACES]
    places = PLACES | {
        name: (last + 1 + number // _WIDTH, 1 + number % _WIDTH)
        for number, name in enumerate(strays)
    }
    tiles = [
        Tile(
            force,
            *places[force.slug],
            _LETTERS.get(force.slug, force.short[:4]),
            judgments.get(force.iri),
            absences[force.iri],
        )
        for force in forces
    ]
    return sorted(tiles, key=lambda tile: (tile.row, tile.column))
