"""Home, search and comparisons over the project's own graph, by what a reader sees."""

import csv
import html
import io
import json
import re
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import pytest


def read(url: str) -> str:
    with urlopen(url, timeout=60) as response:
        text: str = response.read().decode()
    return text


def rows(url: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(read(url))))


def tiles(page: str) -> dict[str, str]:
    labels = re.findall(r'<a class="grade-[^"]*" href="[^"]*" aria-label="([^"]*): ([^":]*)"', page)
    return dict(labels)


def test_the_map_shows_the_grade_chosen(served: str) -> None:
    usual = tiles(read(f"{served}/"))
    chosen = tiles(read(f"{served}/?pillar=effectiveness&question=4&round=peel-2015"))

    assert 43 == len(usual) == len(chosen)
    assert "Requires improvement" == usual["Derbyshire Constabulary"]
    assert "Outstanding" == chosen["Derbyshire Constabulary"]
    assert "not in this dataset" == chosen["Gwent Police"]


def test_a_question_that_was_not_asked_is_told(served: str) -> None:
    page = read(f"{served}/?pillar=effectiveness&question=5&round=peel-2015")

    assert "This question is not asked in that round" in page
    assert {"not asked in that round"} == set(tiles(page).values())


def test_suggestions_lead_to_pages(served: str) -> None:
    first = json.loads(read(f"{served}/search.json?q=emsuo"))[0]

    assert ("/doc/unit/emsou", "unit") == (first["page"], first["kind"])
    assert "East Midlands Special Operations Unit" in read(f"{served}/search?q=emsuo")
    assert [] == json.loads(read(f"{served}/search.json?q="))


def test_the_matrix_is_sorted_and_filtered(served: str) -> None:
    view = f"{served}/compare?pillar=legitimacy&question=overall&round=peel-2018-19&format=csv"
    head, *best = rows(view + "&sort=2018-19-legitimacy-overall")
    _, *worst = rows(view + "&sort=-2018-19-legitimacy-overall")
    _, *east = rows(view + "&region=east-midlands")

    assert ["force", "2018-19-legitimacy-overall"] == head
    assert ["Kent Police", "Outstanding"] == best[0]
    assert ["Cleveland Police", "Inadequate"] == worst[0]
    assert ["Outstanding", "not in this dataset"] == [row[1] for row in worst[-2:]]
    assert 5 == len(east)
    assert east == rows(view + "&unit=emsou")[1:]


def test_a_force_without_a_grade_stands_last_either_way(served: str) -> None:
    view = f"{served}/compare?question=2023-25-responding&round=peel-2023-25&format=csv"
    _, *best = rows(view + "&sort=2023-25-responding")
    _, *worst = rows(view + "&sort=-2023-25-responding")

    assert ("Good", "Inadequate") == (best[0][1], worst[0][1])
    assert "not in this dataset" == best[-1][1] == worst[-1][1]


def test_who_got_worse_in_a_region(served: str) -> None:
    view = f"{served}/compare/changes?earlier=peel-2016&later=peel-2018-19&change=worse"
    worse = rows(f"{view}&region=east-midlands&format=csv")[1:]

    assert {"Derbyshire Constabulary", "Lincolnshire Police", "Northamptonshire Police"} == {
        row[0] for row in worse
    }
    assert 8 == len(worse)
    assert "8 grades got worse, 3 better, 9 stayed" in read(f"{view}&region=east-midlands")


def test_two_forces_stand_side_by_side(served: str) -> None:
    head, *graded = rows(f"{served}/compare/forces?one=kent&other=gwent&format=csv")

    assert ["Kent Police", "Gwent Police"] == head[2:]
    assert ["2015-effectiveness-overall", "Good", "Good"] in [[row[0], *row[2:]] for row in graded]


def test_figures_stand_beside_england_and_wales(served: str) -> None:
    table = rows(f"{served}/compare/figures?area=derbyshire&format=csv")
    page = read(f"{served}/compare/figures?area=derbyshire&measure=burglary-in-a-dwelling-rate")

    burglary = ["burglary in a dwelling rate", "12 months to 30 June 2015", "per 1,000 households"]
    assert [*burglary, "", "6.1", "8.4", "-2.3"] in table
    assert 'aria-label="12 months to 30 June 2015: Derbyshire 6.1, England and Wales 8.4"' in page


def shown(url: str) -> list[dict[str, str]]:
    """The rows of the query that a page shows."""
    found = re.search(r"<pre tabindex=.0.><code>(.*?)</code></pre>", read(url), re.DOTALL)
    assert found
    asked = urlencode({"query": html.unescape(found[1]), "format": "csv"})
    return list(csv.DictReader(io.StringIO(read(f"http://{urlsplit(url).netloc}/sparql?{asked}"))))


def test_the_query_shown_gives_what_the_page_is_narrowed_to(served: str) -> None:
    grades = f"{served}/compare?region=east-midlands&pillar=&question=overall&round=peel-2015"
    changes = f"{served}/compare/changes?region=east-midlands&change=worse"
    pair = f"{served}/compare/forces?one=kent&other=gwent"
    figures = f"{served}/compare/figures?area=derbyshire"
    network = f"{served}/network?about=unit/emsou&links=inferred"

    matrix = rows(f"{grades}&format=csv")
    given = sum(cell[0].isupper() for line in matrix[1:] for cell in line[1:])
    assert given == len({row["judgment"] for row in shown(grades)}) > 0
    names = ("forceName", "pillarName", "questionNumber")
    worse = [tuple(row[name] for name in names) for row in shown(changes)]
    assert sorted(worse) == sorted(tuple(line[:3]) for line in rows(f"{changes}&format=csv")[1:])
    assert {"Kent Police", "Gwent Police"} == {row["forceName"] for row in shown(pair)}
    assert len(rows(f"{figures}&format=csv")) - 1 == len(shown(figures))
    assert read(network).count("<tr data-from") == len(shown(network)) > 0


@pytest.mark.parametrize("path", ["/compare/forces?one=atlantis", "/compare/figures?area=atlantis"])
def test_what_does_not_exist_is_404(served: str, path: str) -> None:
    with pytest.raises(OSError, match="404"):
        read(served + path)
