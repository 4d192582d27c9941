"""Each slip of a data steward is one message at its line, which says what to write."""

import json
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from peelgraph.checking.service import _refuted
from peelgraph.reasoning import compile_rules
from peelgraph.sources import find_root, parse_graphs, read_project
from peelgraph.terms import BASE, PSH, mint_graph
from peelgraph.validation import Report, Validator, render
from peelgraph.validation.autofix import repair
from tests.mistakes.planting import SYNTAXES, Document, reference, rewrite, triples

HERE = Path(__file__).parent
GRAPH = mint_graph("kent-2015-effectiveness")
REPORT = (HERE / "report-of-kent.ttl").read_text(encoding="utf-8")
SLIPS = tomllib.loads((HERE / "slips.toml").read_text(encoding="utf-8"))["slip"]
NAMESPACE = "https://w3id.org/peelgraph/ontology#"
WRONG = NAMESPACE.replace("https", "http")

Judge = Callable[[Document], Report]


@pytest.fixture(scope="module")
def judge() -> Judge:
    project = read_project(find_root())
    validator, context = Validator(project.shapes, project.ontology), reference(project)
    rules = compile_rules(b"".join(source.triples for source in project.ontology))

    def judged(document: Document) -> Report:
        data = parse_graphs(document.text.encode(), document.syntax, GRAPH, Path(document.name))
        refute = partial(_refuted, rules=rules, data=list(data))
        return validator.validate(data, context, replaced=[GRAPH], refute=refute)

    return judged


def test_the_report_without_a_slip_conforms(judge: Judge) -> None:
    assert () == judge(Document("kent.ttl", REPORT, "ttl")).results


@pytest.mark.parametrize("slip", SLIPS, ids=[slip["name"] for slip in SLIPS])
def test_a_slip_is_one_message_at_its_line(slip: dict[str, Any], judge: Judge) -> None:
    assert slip["old"] in REPORT
    text = REPORT.replace(slip["old"], slip["new"])
    report = judge(Document("kent.ttl", text, "ttl"))

    (result,) = report.results
    assert f"<{PSH}{slip['shape']}>" == result.shape
    assert slip["line"] in result.line
    assert slip["hint"] in result.hint
    against = " ".join(part.says for part in result.counterparts)
    assert slip.get("against", "") in against
    # What a person reads names no rule of OWL, and nothing of a report about somebody else.
    told = " ".join([result.message, result.hint, against])
    assert not [word for word in ("prp-", "cax-", "eq-diff", "cls-") if word in told]
    assert "erbyshire" not in told
    fixed = repair(Path("kent.ttl"), text, report)
    if "fixed" in slip:
        assert slip["fixed"] in fixed.text
        assert () == judge(Document("kent.ttl", fixed.text, "ttl")).results
    else:
        assert () == fixed.corrections


def test_every_form_counts_what_follows_and_names_the_other_side(judge: Judge) -> None:
    text = REPORT.replace("question:2015-effectiveness-9 ;", "question:2015-effectiveness-2 ;")
    report = judge(Document("kent.ttl", text, "ttl"))
    page = f"{BASE}doc/judgment/kent-2015-effectiveness-2"

    (result,) = report.results
    (other,) = result.counterparts
    assert (page, mint_graph("grades")) == (other.page, other.graph)
    assert "Kent 2015, effectiveness 2: good" == other.label
    assert "prp-key" in result.follows[0].rule
    for form in ("text", "html", "turtle", "json", "csv", "sarif"):
        told = render(report, form)
        assert page in told, form
        assert "Kent 2015, effectiveness 2: good" in told, form
    assert 1 == render(report, "turtle").count("sh:detail")
    assert 1 == json.loads(render(report, "json"))["follows"]
    (shown,) = json.loads(render(report, "sarif"))["runs"][0]["results"]
    assert 1 == len(shown["relatedLocations"]) == shown["properties"]["follows"]


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_wrong_namespace_is_told_once_in_every_syntax(syntax: str, judge: Judge) -> None:
    wrong = Document("kent.ttl", REPORT.replace(NAMESPACE, WRONG), "ttl")
    document = wrong if syntax == "ttl" else rewrite(triples([wrong]), syntax)

    (result,) = judge(document).results

    assert f"write <{NAMESPACE}>" == result.hint
    assert "39 terms are written with it" in result.message
    # In RDF/XML it is the declaration; in this JSON-LD, the object whose @id is the first term.
    sought = f'="{WRONG}"' if syntax == "rdf" else WRONG
    first = next(n for n, line in enumerate(document.text.split("\n"), 1) if sought in line)
    assert first - (syntax == "jsonld") == result.position.line
    if syntax in {"ttl", "trig", "nt", "nq"}:
        fixed = repair(Path(document.name), document.text, judge(document), syntax=syntax)
        assert WRONG not in fixed.text


def test_a_prefix_that_json_ld_does_not_know_is_told_at_the_context(judge: Judge) -> None:
    text = rewrite(triples([Document("kent.ttl", REPORT, "ttl")]), "jsonld").text
    wrong = text.replace(f'"peel": "{NAMESPACE}"', f'"peel": "{NAMESPACE[:-1]}"')

    (result,) = judge(Document("kent.jsonld", wrong, "jsonld")).results

    assert '"peel": ' in result.line
    assert f"declare peel: as <{NAMESPACE}>, or write the names in full" == result.hint
