"""/compare: grades of all forces as a matrix, what changed, two forces, figures as charts."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from peelgraph import terms
from peelgraph.errors import UnknownName
from peelgraph.http.cells import Cell, link
from peelgraph.http.headers import entity_tag, tagged, unchanged
from peelgraph.http.negotiation import HTML
from peelgraph.http.page_queries import OnceAVersion, ask, narrow
from peelgraph.http.request_scope import given
from peelgraph.http.service import Service
from peelgraph.site.coverage import count_known, cover, kinds_by_use, read_counts, scale_of
from peelgraph.site.csv_download import csv_of
from peelgraph.site.figures import read_areas, read_measure, read_pairs
from peelgraph.site.filters import (
    Option,
    choose_questions,
    chosen_forces,
    offer_pillars,
    offer_questions,
    offer_regions,
    offer_rounds,
    sort_forces,
    within,
)
from peelgraph.site.grades import OF_GRADES, Absence, Asked, Judgment, slug_of
from peelgraph.site.home import Atlas

_CHANGES = ("better", "same", "worse")
COMPARISONS = (
    *("/compare", "/compare/changes", "/compare/forces", "/compare/coverage"),
    "/compare/figures",
)


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

    @routes.get("/compare/coverage")
    def coverage() -> Response:
        return _answer(service, lambda: _coverage(service, kept.get()))

    @routes.get("/compare/figures")
    def figures() -> Response:
        return _answer(service, lambda: _figures(service))

    return routes


def _answer(service: Service, show: Callable[[], Response]) -> Response:
    version = service.current()
    tag = entity_tag("compare", request.full_path, version.number, version.created)
    return unchanged(tag) or tagged(show(), tag)


def _page(
    template: str,
    service: Service,
    query: str,
    narrowed: Mapping[str, Sequence[str]],
    *conditions: str,
    **values: object,
) -> Response:
    """A page with the query behind it, narrowed as it is, and the address of the view as CSV."""
    stored = service.question(query)
    fields = [(name, value) for name, value in request.args.items() if name != "format"]
    text = render_template(
        template,
        csv="?" + urlencode([*fields, ("format", "csv")]),
        stored=stored,
        query=narrow(stored.text, narrowed, *conditions),
        at=lambda **other: "?" + urlencode([*(dict(fields) | other).items()]),
        **values,
    )
    return Response(text, mimetype=HTML)


def _wants_csv() -> bool:
    return given("format") == "csv"


def _matrix(service: Service, atlas: Atlas) -> Response:
    framework = atlas.framework
    chosen = {name: given(name) for name in ("pillar", "question", "round", "region", "unit")}
    # The questions of one round fit on a screen; those of all rounds do not.
    usual = atlas.usual
    if usual and not {"pillar", "question", "round"} & request.args.keys():
        chosen["round"] = slug_of(usual.round.note)
    named = [one for row in framework.rows if chosen["question"] == row.key for one in row.asked]
    if named and chosen["round"] not in {slug_of(one.round.note) for one in named}:
        # The question was chosen after the round, which does not ask it.
        chosen["round"] = ""
    chosen_columns = choose_questions(
        framework, chosen["pillar"], chosen["question"], chosen["round"]
    )
    columns = [asked for asked, _ in chosen_columns]
    sort = given("sort")
    forces = sort_forces(within(atlas.forces), atlas.judgments, sort)
    rows = [(force, [atlas.grade(force, asked) for asked in columns]) for force in forces]
    if _wants_csv():
        head = ["force", *(slug_of(asked.iri) for asked in columns)]
        return csv_of("grades", head, ([force.name, *map(_word, row)] for force, row in rows))
    shown = [cell for _, row in rows for cell in row]
    return _page(
        "compare.html",
        service,
        "judgments-in-round",
        {
            "force": chosen_forces(atlas.forces),
            "question": [one.iri for one in columns] if len(columns) < len(framework.asked) else [],
        },
        chosen=chosen,
        columns=[
            (asked, is_first, sum((force.iri, asked.iri) in atlas.judgments for force in forces))
            for asked, is_first in chosen_columns
        ],
        rows=rows,
        of=len(atlas.forces),
        absences=_absences(shown),
        scales=_scales(atlas, columns),
        sort=sort,
        choices={
            "pillar": offer_pillars(framework),
            "question": offer_questions(framework, chosen["question"]),
            "round": offer_rounds(framework),
        }
        | offer_regions(atlas.forces),
        unverified=any(isinstance(cell, Judgment) and not cell.verified for cell in shown),
    )


def _word(cell: Judgment | Absence) -> str:
    return cell.grade if isinstance(cell, Judgment) else cell.word


def _absences(cells: Collection[Judgment | Absence]) -> list[Absence]:
    """The reasons for which grades are missing in a view."""
    return [one for one in OF_GRADES if one in cells]


def _scales(atlas: Atlas, asked: Collection[Asked]) -> list[str]:
    """The names of the scales on which the questions were graded."""
    used = {one.scale for one in asked}
    return sorted({one.scale.text for one in atlas.grades.values() if one.scale.note in used})


def _changes(service: Service, atlas: Atlas) -> Response:
    rounds = offer_rounds(atlas.framework)
    earlier, later = _usual_rounds(atlas, given("earlier"), given("later"))
    change = given("change")
    chosen = {force.iri for force in within(atlas.forces)}
    rows = ask(
        service,
        "changes-of-forces",
        earlierRound=_iri("round", earlier),
        laterRound=_iri("round", later),
    )
    compared = [row for row in rows if row["force"] in chosen]
    rows = [row for row in compared if change in ("", row["change"])]
    columns = (
        *("forceName", "pillarName", "questionNumber", "earlierGradeName", "gradeName", "change"),
        *("questionName", "earlierQuestionName"),
    )
    if _wants_csv():
        return csv_of("changes", columns, ([row[name] for name in columns] for row in rows))
    shown = [
        {
            "force": Cell(row["forceName"], link(row["force"])),
            "pillar": row["pillarName"],
            "question": row["questionName"],
            "earlier": _other(row["earlierQuestionName"], row["questionName"]),
            "before": _graded(atlas, row["earlierGrade"], row["earlierJudgment"]),
            "after": _graded(atlas, row["grade"], row["judgment"]),
            "change": row["change"],
        }
        for row in rows
    ]
    # The tally is of all that was compared, whichever changes are shown.
    tally = Counter(row["change"] for row in compared)
    return _page(
        "compare-changes.html",
        service,
        "changes-of-forces",
        {
            "earlierRound": [_iri("round", earlier)],
            "laterRound": [_iri("round", later)],
            "force": chosen_forces(atlas.forces),
        },
        *([f'?change = "{change}"'] if change in _CHANGES else []),
        rows=shown,
        tally={name: tally[name] for name in _CHANGES},
        compared=len({row["force"] for row in compared}),
        of=len(chosen),
        rounds=rounds,
        chosen={
            "earlier": earlier,
            "later": later,
            "change": change,
            "region": given("region"),
            "unit": given("unit"),
        },
        choices=offer_regions(atlas.forces),
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
        (asked, [atlas.grade(force, asked) for force in pair])
        for asked in atlas.framework.asked
        if any((force.iri, asked.iri) in atlas.judgments for force in pair)
    ]
    if _wants_csv():
        head = ["question", "wording", *(force.name for force in pair)]
        return csv_of(
            "two-forces",
            head,
            ([slug_of(asked.iri), asked.wording, *map(_word, cells)] for asked, cells in rows),
        )
    return _page(
        "compare-forces.html",
        service,
        "judgments-in-round",
        {"force": [force.iri for force in pair]},
        pair=pair,
        rows=rows,
        absences=_absences([cell for _, cells in rows for cell in cells]),
        scales=_scales(atlas, [asked for asked, _ in rows]),
        of=len(atlas.framework.asked),
        forces=atlas.forces,
    )


def _coverage(service: Service, atlas: Atlas) -> Response:
    """The published numbers of grades in a round beside those known here, a line for each force."""
    rounds = {slug_of(one.note): one for one in atlas.framework.rounds}
    counts = read_counts(service)
    usual = atlas.usual
    chosen = given("round") or (slug_of(usual.round.note) if usual else "")
    if chosen not in rounds:
        raise UnknownName(f"There is no round {chosen}", hint="Choose one at /compare/coverage")
    in_round = rounds[chosen]
    kinds = {slug_of(kind.note): kind for kind in kinds_by_use(counts, in_round.note)}
    kind = given("count") or next(iter(kinds), "")
    if kind and kind not in kinds:
        raise UnknownName(
            f"Of {in_round.text} there is no count {kind}", hint="Choose one at /compare/coverage"
        )
    known = count_known(atlas.framework, atlas.judgments)
    scale = scale_of(atlas.framework, atlas.grades, in_round.note)
    rows = []
    for force in within(atlas.forces):
        at = (force.iri, in_round.note)
        published = counts.get(at, {})
        counted = {one: published[one] for one in published if kind and one == kinds[kind].note}
        rows.append((force, cover(in_round, scale, counted, known.get(at, Counter()))))
    if _wants_csv():
        head = ["force", "round", "count", "grade", "known", "published", "source"]
        return csv_of(
            "coverage",
            head,
            (
                [
                    *(force.name, in_round.text, kinds[kind].text if kind else "", line.name),
                    *(str(line.known), *("" if n is None else str(n) for n in line.published)),
                    *([""] if not line.published else []),
                    " ".join(source for each in covered.kinds for source in each.sources),
                ]
                for force, covered in rows
                for line in covered.lines
            ),
        )
    asked = [one for one in atlas.framework.asked if one.round.note == in_round.note]
    return _page(
        "compare-coverage.html",
        service,
        "grade-counts-of-force",
        {"round": [in_round.note], "countKind": [kinds[kind].note] if kind else []},
        rows=rows,
        round=in_round,
        scale=scale,
        counted=sum(bool(covered.kinds) for _, covered in rows),
        graded=sum(bool(covered.lines[0].known) for _, covered in rows),
        asked=len(asked),
        kind=kinds.get(kind),
        chosen={
            "round": chosen,
            "count": kind,
            "region": given("region"),
            "unit": given("unit"),
        },
        choices={
            "round": offer_rounds(atlas.framework),
            "count": [Option(slug, one.text) for slug, one in kinds.items()],
        }
        | offer_regions(atlas.forces),
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
        head = (
            *("measureName", "periodName", "unitOfMeasureName", "earlierPeriodName"),
            *("value", "valueEnglandAndWales", "difference"),
        )
        return csv_of(
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
        {"area": [_iri("area", area)]},
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


def _graded(atlas: Atlas, grade: str, judgment: str) -> tuple[str, str, str]:
    """How a grade is coloured, its name, and the page of the judgment."""
    step = atlas.grades[grade]
    return step.shade, step.name, link(judgment)


def _usual_rounds(atlas: Atlas, earlier: str, later: str) -> tuple[str, str]:
    """The rounds to compare: where the address names none, the last two that may be compared."""
    order = [slug_of(one.note) for one in atlas.framework.rounds]
    judged = {question for _, question in atlas.judgments}
    pairs = {
        (order.index(slug_of(after.round.note)), order.index(slug_of(before.round.note)))
        for row in atlas.framework.rows
        for number, after in enumerate(row.asked)
        for before in row.asked[:number]
        if {after.iri, before.iri} <= judged
    }
    fitting = [
        (order[before], order[after])
        for after, before in sorted(pairs)
        if earlier in ("", order[before]) and later in ("", order[after])
    ]
    usual = fitting[-1] if fitting else ("", "")
    return earlier or usual[0], later or usual[1]


def _other(earlier: str, later: str) -> str:
    """The earlier wording of a question, where it differs."""
    return earlier if earlier != later else ""
