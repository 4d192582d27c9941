"""/compare: grades of all forces as a matrix, what changed, two forces, figures as charts."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from peelgraph import terms
from peelgraph.errors import UnknownName
from peelgraph.web.asked import OnceAVersion, ask_stored, given
from peelgraph.web.cells import Cell, link
from peelgraph.web.figures import read_areas, read_measure, read_pairs
from peelgraph.web.grades import Asked, Force, Mark, slug_of
from peelgraph.web.headers import entity_tag, tagged, unchanged
from peelgraph.web.negotiation import HTML
from peelgraph.web.pages import Atlas
from peelgraph.web.service import Service

_ORDER = ("outstanding", "good", "adequate", "requires-improvement", "inadequate")
_DEFAULTS = {"pillar": "effectiveness", "question": "overall"}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a form."""

    value: str
    text: str


def compare_routes(service: Service) -> Blueprint:
    """The comparisons, each at an address of its own, as a page and as CSV."""
    routes = Blueprint("comparing", __name__)
    kept = OnceAVersion(service, lambda: Atlas(service))

    @routes.get("/compare")
    def matrix() -> Response:
        return _answer(service, lambda: _matrix(service, kept.get()))

    @routes.get("/compare/changes")
    def changes() -> Response:
        return _answer(service, lambda: _changes(service, kept.get()))

    @routes.get("/compare/forces")
    def forces() -> Response:
        return _answer(service, lambda: _two(service, kept.get()))

    @routes.get("/compare/figures")
    def figures() -> Response:
        return _answer(service, lambda: _figures(service))

    return routes


def _answer(service: Service, show: Callable[[], Response]) -> Response:
    version = service.current()
    tag = entity_tag("compare", request.full_path, version.number, version.created)
    return unchanged(tag) or tagged(show(), tag)


def _page(template: str, service: Service, query: str, **values: object) -> Response:
    """A page with the query behind it, and the address of the same view as CSV."""
    fields = [(name, value) for name, value in request.args.items() if name != "format"]
    text = render_template(
        template,
        csv="?" + urlencode([*fields, ("format", "csv")]),
        stored=service.question(query),
        at=lambda **other: "?" + urlencode([*(dict(fields) | other).items()]),
        **values,
    )
    return Response(text, mimetype=HTML)


def _csv(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows(rows)
    response = Response(out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _wants_csv() -> bool:
    return given("format") == "csv"


def _regions(forces: list[Force]) -> dict[str, list[Option]]:
    """The regions and regional units by which forces are chosen."""
    regions = {slug_of(force.region.note): force.region.text for force in forces}
    units = {slug_of(force.unit.note): force.unit.text for force in forces}
    return {
        "region": [Option(*pair) for pair in sorted(regions.items()) if pair[0]],
        "unit": [Option(*pair) for pair in sorted(units.items()) if pair[0]],
    }


def _within(forces: list[Force]) -> list[Force]:
    """The forces of the region and the regional unit that the address names."""
    region, unit = given("region"), given("unit")
    return [
        force
        for force in forces
        if (not region or slug_of(force.region.note) == region)
        and (not unit or slug_of(force.unit.note) == unit)
    ]


def _matrix(service: Service, atlas: Atlas) -> Response:
    chosen = {
        name: request.args.get(name, _DEFAULTS.get(name, ""))
        for name in ("pillar", "question", "round", "region", "unit")
    }
    columns = [
        asked
        for asked in atlas.asked
        if chosen["pillar"] in ("", slug_of(asked.pillar.note))
        and chosen["question"] in ("", asked.number)
        and chosen["round"] in ("", slug_of(asked.round.note))
    ]
    sort = given("sort")
    forces = _sorted(_within(atlas.forces), atlas, sort)
    if _wants_csv():
        head = ["force", *(slug_of(asked.iri) for asked in columns)]
        grades = (
            [force.name, *(_grade(atlas.marks.get((force.iri, asked.iri))) for asked in columns)]
            for force in forces
        )
        return _csv("grades", head, grades)
    return _page(
        "compare.html",
        service,
        "grades-of-forces",
        chosen=chosen,
        columns=columns,
        forces=forces,
        marks=atlas.marks,
        sort=sort,
        choices=_choices(atlas.asked) | _regions(atlas.forces),
        unverified=any(
            not mark.verified
            for force in forces
            for asked in columns
            if (mark := atlas.marks.get((force.iri, asked.iri)))
        ),
    )


def _grade(mark: Mark | None) -> str:
    return mark.grade if mark else ""


def _sorted(forces: list[Force], atlas: Atlas, sort: str) -> list[Force]:
    """By name, or by the grade on one question: the best first, after `-` the worst, none last."""
    question = terms.ID + "question/" + sort.removeprefix("-")
    if sort in ("", "name"):
        return forces

    def place(force: Force) -> tuple[bool, int]:
        mark = atlas.marks.get((force.iri, question))
        if mark is None or mark.kind not in _ORDER:
            return True, 0
        rank = _ORDER.index(mark.kind)
        return False, -rank if sort.startswith("-") else rank

    return sorted(forces, key=place)


def _choices(asked: list[Asked]) -> dict[str, list[Option]]:
    pillars = {slug_of(one.pillar.note): one.pillar.text for one in asked}
    rounds = {slug_of(one.round.note): one.round.text for one in asked}
    numbers = sorted({one.number: one.short for one in asked}.items(), reverse=True)
    return {
        "pillar": [Option(*pair) for pair in sorted(pillars.items())],
        "question": [Option(*pair) for pair in sorted(numbers, key=lambda n: n[0] != "overall")],
        "round": [Option(*pair) for pair in sorted(rounds.items())],
    }


def _changes(service: Service, atlas: Atlas) -> Response:
    rounds = _choices(atlas.asked)["round"]
    usual = [option.value for option in rounds]
    earlier = given("earlier") or next(
        (one for one in usual if one == "peel-2016"), usual[:1][0] if usual else ""
    )
    later = given("later") or (usual[-1] if usual else "")
    change = given("change")
    names = {force.iri for force in _within(atlas.forces)}
    rows = ask_stored(
        service,
        "changes-of-forces",
        earlier=_iri("round", earlier),
        later=_iri("round", later),
    )
    rows = [row for row in rows if row["force"] in names and change in ("", row["change"])]
    columns = ("name", "pillar", "number", "before", "after", "change")
    if _wants_csv():
        return _csv("changes", columns, ([row[name] for name in columns] for row in rows))
    shown = [
        {
            "force": Cell(row["name"], link(row["force"])),
            "question": f"{row['pillar']}, {row['number']}",
            "before": (_slug(row["before"]), row["before"], link(row["was"])),
            "after": (_slug(row["after"]), row["after"], link(row["is"])),
            "change": row["change"],
        }
        for row in rows
    ]
    return _page(
        "compare-changes.html",
        service,
        "changes-of-forces",
        rows=shown,
        rounds=rounds,
        chosen={
            "earlier": earlier,
            "later": later,
            "change": change,
            "region": given("region"),
            "unit": given("unit"),
        },
        choices=_regions(atlas.forces),
    )


def _two(service: Service, atlas: Atlas) -> Response:
    by_slug = {force.slug: force for force in atlas.forces}
    usual = list(by_slug)[:2]
    slugs = [given("one") or ("derbyshire" if "derbyshire" in by_slug else "".join(usual[:1]))]
    slugs.append(
        given("other")
        or ("nottinghamshire" if "nottinghamshire" in by_slug else "".join(usual[1:]))
    )
    for slug in slugs:
        if slug not in by_slug:
            raise UnknownName(f"There is no force {slug}", hint="Choose one at /compare/forces")
    pair = [by_slug[slug] for slug in slugs]
    rows = [
        (asked, [atlas.marks.get((force.iri, asked.iri)) for force in pair])
        for asked in atlas.asked
        if any((force.iri, asked.iri) in atlas.marks for force in pair)
    ]
    if _wants_csv():
        head = ["question", "wording", *(force.name for force in pair)]
        return _csv(
            "two-forces",
            head,
            ([slug_of(asked.iri), asked.wording, *map(_grade, marks)] for asked, marks in rows),
        )
    return _page(
        "compare-forces.html",
        service,
        "grades-of-forces",
        pair=pair,
        rows=rows,
        forces=atlas.forces,
    )


def _figures(service: Service) -> Response:
    areas = read_areas(service)
    area = given("area") or "derbyshire"
    name = next((one.text for one in areas if slug_of(one.note) == area), "")
    if areas and not name:
        raise UnknownName(
            f"There are no figures of {area}", hint="Choose an area at /compare/figures"
        )
    pairs = read_pairs(service, _iri("area", area), name)
    measure = given("measure")
    if _wants_csv():
        head = ("measure", "period", "unit", "since", "here", "england_and_wales", "difference")
        return _csv(
            f"figures-{area}",
            head,
            (
                [p.measure.text, p.period, p.unit, p.since, p.here, p.there, p.difference]
                for p in pairs
            ),
        )
    title, charts = read_measure(service, _iri("measure", measure)) if measure else ("", {})
    return _page(
        "compare-figures.html",
        service,
        "figures-beside-england-and-wales",
        areas=[Option(slug_of(one.note), one.text) for one in areas],
        area=area,
        name=name.removesuffix(" police force area"),
        pairs=pairs,
        title=title,
        charts=charts,
        measure=measure,
    )


def _iri(kind: str, slug: str) -> str:
    return terms.mint(kind, slug)


def _slug(grade: str) -> str:
    return terms.slug(grade)
