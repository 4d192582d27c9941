"""The page of each kind of thing over the project's own graph: what a reader learns from it."""

import html
import re
from urllib.request import Request, urlopen

import pytest
from flask.testing import FlaskClient

from peelgraph import terms
from peelgraph.http.cells import Cell
from peelgraph.http.resource import Property, Value
from peelgraph.site.resource_page import Thing


def page_of(url: str, thing: str) -> str:
    """The text of a page without its marks, in one line."""
    with urlopen(Request(f"{url}/doc/{thing}", headers={"Accept": "text/html"})) as response:
        text = response.read().decode()
    main = text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


PAGES = {
    "force/derbyshire": [
        "The police force of the Derbyshire police force area (East Midlands).",
        "tackling serious and organised crime? not in this dataset Outstanding Outstanding",
        "2015, question 4:",
        "42 strengths",
        "burglary in a dwelling rate per 1,000 households, 12 months to 30 June 2015",
        "East Midlands Special Operations Unit",
    ],
    "unit/emsou": [
        "Also called EMSOU",
        "EMSOU maps organised crime groups for the five East Midlands forces",
        "mapping of organised crime groups Derbyshire Constabulary",
        "risk posed by serious and organised crime? paragraph 6",
    ],
    "organisation/probation-services": ["Who works with it Who How Derbyshire Constabulary"],
    "threat/serious-and-organised-crime": ["Who tackles it", "tackles it inferred · why?"],
    "judgment/derbyshire-2015-effectiveness-4": [
        "In PEEL 2015, Derbyshire Constabulary was judged outstanding on question 4",
        "Why: the findings it rests on",
        "The force understands the threat of organised crime in depth",
        "Where it is said",
    ],
    "judgment/derbyshire-2016-effectiveness-4": [
        "In PEEL 2016, Derbyshire Constabulary was judged outstanding on question 4",
        "grades.csv, row 422",
        "https://www.justiceinspectorates.gov.uk/hmicfrs/peel-assessments/peel-2016/derbyshire",
    ],
    "finding/derbyshire-2015-effectiveness-well-developed-understanding": [
        "The force's understanding of the threat from serious and organised crime is",
        "Organised crime, summary of findings, paragraph 2",
    ],
    "observation/derbyshire-2015-effectiveness-burglary-in-a-dwelling-rate-derbyshire": [
        "a rate of 6.1 for each 1,000 households",
        "Read before you compare",
        "Burglary in a dwelling, England and Wales: 8.4 per 1,000 households",
        "Figure 2 in How much crime and anti-social behaviour is there in Derbyshire?",
    ],
    "report/derbyshire-2015-effectiveness": ["Grades it gives", "What it is made of"],
    "question/2015-effectiveness-4": [
        "Question 4 of effectiveness in PEEL 2015.",
        "How the forces were graded",
    ],
    "passage/derbyshire-2015-effectiveness-organised-crime-findings-grade": ["What it states"],
}


@pytest.mark.parametrize("thing", PAGES)
def test_the_page_tells_what_is_known(served: str, thing: str) -> None:
    page = page_of(served, thing)

    for part in PAGES[thing]:
        assert part in page
    assert "Take and cite it As Turtle , N-Triples , RDF/XML , JSON-LD" in page
    assert f"https://w3id.org/peelgraph/id/{thing}" in page


def test_a_scheme_is_told_with_its_figures_and_statements(served: str) -> None:
    with urlopen(f"{served}/queries/schemes-with-participants?format=csv") as response:
        scheme = response.read().decode().splitlines()[1].partition(",")[0]
    page = page_of(served, scheme.removeprefix("https://w3id.org/peelgraph/id/"))

    assert "What the sources say of it" in page


def test_what_is_inferred_leads_to_its_proof(served: str) -> None:
    request = Request(f"{served}/doc/threat/serious-and-organised-crime.html")
    with urlopen(request) as response:
        address = re.search(
            r'class="state state-inferred" href="([^"]*)"', response.read().decode()
        )
    assert address
    with urlopen(
        Request(served + html.unescape(address[1]), headers={"Accept": "text/html"})
    ) as response:
        proof = response.read().decode()

    assert "This is inferred." in proof


def test_what_was_not_verified_is_marked(served: str) -> None:
    assert "not verified" in page_of(served, "judgment/dorset-2014-efficiency-overall")
    assert "not verified" not in page_of(served, "judgment/derbyshire-2016-effectiveness-4")


def test_a_welsh_name_is_told_as_welsh(client: FlaskClient) -> None:
    page = client.get("/doc/force/dyfed-powys.html").text

    assert '<h1><span lang="cy">Heddlu Dyfed-Powys, ŵ a ŷ</span></h1>' in page


def test_an_english_name_comes_first_and_the_welsh_one_beside_it() -> None:
    label = f"{terms.VOCABULARIES['rdfs']}label"
    names = [Cell("Heddlu Gwent", "", "cy"), Cell("Gwent Police")]
    thing = Thing(f"{terms.ID}force/gwent")
    thing.out[label] = Property(
        Cell("label"), label, {name.text: Value(name, False, "") for name in names}
    )

    assert "Gwent Police" == thing.title
    assert [Cell("Heddlu Gwent", "", "cy")] == thing.others
