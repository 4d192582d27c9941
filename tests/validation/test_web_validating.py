"""/validate gives the verdict of the command line, and keeps nothing."""

import base64
import hashlib
import html
import io
import re
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from peelgraph.catalogue import Catalogue
from peelgraph.checking import Check, Document
from peelgraph.checking.service import perform
from peelgraph.repository import Home
from peelgraph.settings import Settings
from peelgraph.site.app import create_app
from peelgraph.terms import mint_graph
from tests.validation.world import GOOD, PREFIXES, SHAPES

WRONG = PREFIXES + GOOD.replace("grade:good", "grade:goood")
TURTLE = {"Content-Type": "text/turtle"}


@pytest.fixture(scope="module")
def app(home: Path) -> Flask:
    settings = Settings(home=home, max_body=1, timeout=30, public_url="https://graph.example")
    version = Home(home).current()
    return create_app(None, settings, lambda: version, Catalogue(()))  # type: ignore[arg-type]


def test_the_verdict_is_that_of_the_same_check_elsewhere(app: Flask, home: Path) -> None:
    document = Document(Path("body"), WRONG.encode(), "ttl", mint_graph("body"))
    check = Check((document,), store=Home(home).current().store_path, style="json", most=1000)

    answer = app.test_client().post("/validate", data=WRONG, headers=TURTLE)

    assert 200 == answer.status_code
    assert perform(check).text == answer.text
    assert not answer.json["conforms"]
    assert {11} == {result["line"] for result in answer.json["results"]}


@pytest.mark.parametrize("accept", ["text/turtle", "text/html", "text/csv", "text/plain"])
def test_the_report_comes_as_it_is_asked_for(app: Flask, accept: str) -> None:
    headers = {**TURTLE, "Accept": accept}
    answer = app.test_client().post("/validate", data=WRONG, headers=headers)

    assert accept == answer.mimetype
    assert "goood" in answer.text
    if accept == "text/turtle":
        assert list(ox.parse(answer.data, ox.RdfFormat.TURTLE))


def test_a_page_is_allowed_its_own_style_and_nothing_else(app: Flask) -> None:
    answer = app.test_client().post("/validate?format=html", data=WRONG, headers=TURTLE)

    style = answer.text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert f"default-src 'none'; style-src 'sha256-{digest}';" in policy
    assert "style=" not in answer.text


def test_forms_are_read_with_files_and_shapes_of_ones_own(app: Flask) -> None:
    client = app.test_client()
    strict = SHAPES.replace("sh:minCount 1", "sh:minCount 2")
    text = client.post(
        "/validate", data={"text": PREFIXES + GOOD, "graph": mint_graph("judgments")}
    )
    file = client.post(
        "/validate",
        data={
            "file": (io.BytesIO((PREFIXES + GOOD).encode()), "judgments.ttl"),
            "shapes": (io.BytesIO((PREFIXES + strict).encode()), "own.ttl"),
        },
    )

    assert [True, False] == [text.json["conforms"], file.json["conforms"]]
    assert ["judgments.ttl"] == [result["file"] for result in file.json["results"]]
    assert "<form" in client.get("/validate").text


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        ("", TURTLE, 400),
        ("<a", TURTLE, 400),
        ("x", {"Content-Type": "text/x-unknown"}, 415),
        ("text=", {"Content-Type": "application/x-www-form-urlencoded"}, 400),
        ("#" * 2**20 + "##", TURTLE, 413),
    ],
    ids=["empty", "malformed", "type", "nothing", "long"],
)
def test_what_cannot_be_read_is_refused(
    app: Flask, data: str, headers: dict[str, str], status: int
) -> None:
    answer = app.test_client().post("/validate", data=data, headers=headers)

    assert (status, "application/problem+json") == (answer.status_code, answer.mimetype)


def test_nothing_is_published(app: Flask, home: Path) -> None:
    before = sorted(path.name for path in (home / "versions").iterdir())
    app.test_client().post("/validate", data=PREFIXES + GOOD, headers=TURTLE)

    assert before == sorted(path.name for path in (home / "versions").iterdir())
    assert replace(Home(home).current()).number == 1


def browse(app: Flask, text: str, **fields: str) -> str:
    """The page that a browser gets for the form with `text` pasted."""
    form = {"text": text, "syntax": "ttl", "context": "published", "inference": "off", **fields}
    answer = app.test_client().post("/validate", data=form, headers={"Accept": "text/html"})
    return answer.get_data(as_text=True)


def test_a_page_shows_each_mistake_beside_its_line(app: Flask) -> None:
    page = browse(app, WRONG)
    line = next(n for n, text in enumerate(WRONG.splitlines(), 1) if "goood" in text)
    marked = page.partition(f'class="marked" id="line-{line}"')[2].partition("</li>")[0]

    assert "The data do not conform" in page
    assert "grade:goood" in marked
    assert 'class="mistake violation"' in marked
    assert f'<span class="quiet">line {line}</span>' in page


def test_a_page_says_that_data_conform(app: Flask) -> None:
    page = browse(app, PREFIXES + GOOD)

    assert "The data conform" in page
    assert 'class="mistake' not in page


def test_a_correction_is_applied_by_a_form_and_nothing_else_changes(app: Flask) -> None:
    wrong = (PREFIXES + GOOD).replace("peel:gives", "peel:givs")
    page = browse(app, wrong)
    form = page.partition('class="correct"')[2].partition("</form>")[0]
    corrected = html.unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", form, re.S)[1])

    assert "did you mean peel:gives?" in page
    assert corrected == PREFIXES + GOOD


def test_what_cannot_be_read_is_shown_at_its_place(app: Flask) -> None:
    text = "@prefix a: <http://a#> .\na:b a:c ;;; 'x .\n<script>alert(1)</script>"
    page = browse(app, text)

    assert "The data cannot be read" in page
    assert 'class="marked" id="line-2"' in page
    assert "<script>alert" not in page


def test_the_report_is_downloaded_under_a_name(app: Flask) -> None:
    form = {"text": WRONG, "format": "turtle", "download": "on"}
    answer = app.test_client().post("/validate", data=form)

    assert answer.headers["Content-Disposition"] == 'attachment; filename="report.ttl"'
    assert "sh:ValidationReport" in answer.text


def test_a_long_text_is_shown_around_its_mistakes_only(app: Flask) -> None:
    page = browse(app, WRONG + "# nothing\n" * 500)

    assert page.count('<span class="line-number">') < 20
    assert re.search(r"[45]\d\d lines without a mistake", page)


@pytest.mark.parametrize("name", ["unheard-of", "graph:unheard-of", mint_graph("unheard-of")])
def test_a_graph_is_named_in_each_way_and_an_unknown_one_told(app: Flask, name: str) -> None:
    client = app.test_client()
    known = client.get("/").headers["Access-Control-Expose-Headers"]
    answer = client.post(f"/validate?graph={name}", data=PREFIXES + GOOD, headers=TURTLE)

    assert "Peelgraph-Warning" in known
    assert "graph:unheard-of is not published" in answer.headers["Peelgraph-Warning"]
    assert 400 == client.post("/validate?graph=a b", data=GOOD, headers=TURTLE).status_code


@pytest.mark.parametrize("accept", ["application/json", "text/turtle", "text/html"])
def test_where_nothing_is_judged_the_status_says_so(app: Flask, accept: str) -> None:
    client, headers = app.test_client(), {"Accept": accept}
    lost = PREFIXES + "psh:Lost a sh:PropertyShape ; sh:path peel:count ; sh:datatype xsd:date ."

    def ask(shapes: str) -> TestResponse:
        files = {
            "text": PREFIXES + GOOD,
            "context": "none",
            "shapes": (io.BytesIO(shapes.encode()), "own.ttl"),
        }
        return client.post("/validate", data=files, headers=headers)

    nothing, something = ask(lost), ask(PREFIXES + SHAPES)

    assert [422, 200] == [nothing.status_code, something.status_code]
    assert [accept, accept] == [nothing.mimetype, something.mimetype]
    assert "psh:Lost has no target" in nothing.text
    assert "does not rest on" not in something.text
    if accept == "text/html":
        assert "Nothing was judged" in nothing.text
        assert "own.ttl, line 9" in nothing.text
        assert "The data conform" not in nothing.text


def test_all_faults_of_a_table_are_told_at_once(app: Flask) -> None:
    folder = Path(__file__).parents[2] / "data" / "tables"
    table = (folder / "grades.csv").read_text(encoding="utf-8")
    wrong = table.replace(",good,grade,", ",good,graed,", 1).replace(
        "bedfordshire,", "bedforshire,", 1
    )
    headers = {"Content-Type": "text/csv"}
    address = f"/validate?graph={mint_graph('grades')}"

    answer = app.test_client().post(address, data=wrong, headers=headers)
    read = app.test_client().post(address, data=wrong, headers={**headers, "Accept": "text/plain"})
    page = app.test_client().post(address, data=wrong, headers={**headers, "Accept": "text/html"})

    assert 400 == answer.status_code
    assert [(2, 45), (3, 1)] == [(each["line"], each["column"]) for each in answer.json["faults"]]
    assert ["did you mean grade?", "did you mean bedfordshire?"] == [
        each["hint"] for each in answer.json["faults"]
    ]
    assert 0 == answer.json["left_out"]
    for told in (read.text, page.text):
        assert "graed" in told
        assert "bedforshire" in told


def test_relative_iris_are_read_where_shapes_of_ones_own_judge_alone(app: Flask) -> None:
    text = (
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "<#shape> a sh:NodeShape ; sh:targetNode <#a> ;\n"
        "  sh:property [ sh:path <#p> ; sh:minCount 1 ] .\n"
    )
    wanting = text + "<#a> <#q> 1 ."

    def ask(context: str, body: str) -> TestResponse:
        files = {
            "file": (io.BytesIO(body.encode()), "own.ttl"),
            "shapes": (io.BytesIO(text.encode()), "own.ttl"),
        }
        return app.test_client().post(f"/validate?context={context}&format=json", data=files)

    found = ask("none", wanting).json["results"]
    assert ["https://graph.example/validate/own.ttl#a"] == [each["focus"][1:-1] for each in found]
    assert ask("none", wanting.replace("#q", "#p")).json["conforms"]
    # Beside what is published it would mean another thing in another place.
    assert "write the whole IRI" in ask("published", wanting).json["hint"]


@pytest.mark.parametrize(("most", "listed"), [("1", 1), ("0", 0), ("", 3)])
def test_a_report_lists_as_many_results_as_one_wishes(app: Flask, most: str, listed: int) -> None:
    client = app.test_client()
    wrong = WRONG + "\n<urn:x> a <urn:y> ."
    answer = client.post(f"/validate?most={most}", data=wrong, headers=TURTLE)

    assert listed == len(answer.json["results"])
    assert 3 == len(answer.json["results"]) + answer.json["left_out"]
    assert 400 == client.post("/validate?most=x", data=WRONG, headers=TURTLE).status_code
