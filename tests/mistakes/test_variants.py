"""A hundred valid reports, made by chance, and no false alarm in any."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from peelgraph.sources import Source, find_root, parse_graphs, read_project
from peelgraph.terms import PREFIXES, mint_graph
from peelgraph.validation import Report, Validator
from tests.mistakes.planting import SYNTAXES, Document, reference, rewrite, triples

GRADES = ("outstanding", "good", "requires-improvement", "inadequate")
SUFFIXES = (("ttl", " .\n"), ("trig", " .\n"), ("ttl", "\r\n.\r\n"), ("ttl", "\t. # end\n"))


Judge = Callable[[Sequence[Source]], Report]


@pytest.fixture(scope="module")
def judge() -> Judge:
    project = read_project(find_root())
    validator, context = Validator(project.shapes, project.ontology), reference(project)
    return lambda data: validator.validate(data, context)


def variant(number: int) -> Document:
    """A small report of a force that has none yet, in any syntax; by chance, always valid."""
    chance = random.Random(number)
    me = f"variant-{number}"
    total = chance.choice([99, 100, 101])
    first = chance.randint(1, total - 1)
    year = chance.randint(2011, 2019)
    begins, ends = chance.choice(
        [
            (f'"{year}-04-01"^^xsd:date', f'"{year + 1}-03-31"^^xsd:date'),
            (f'"{year}-06"^^xsd:gYearMonth', f'"{year}-11"^^xsd:gYearMonth'),
            (f'"{year}-06-15"^^xsd:date', f'"{year}-06"^^xsd:gYearMonth'),
            (f'"{year}"^^xsd:gYear', f'"{year}"^^xsd:gYear'),
        ]
    )
    name = chance.choice(['"Heddlu Newydd"@cy', '"New Force"@en', '"Tŷ Heddlu #1; a, b."@cy'])
    figure = chance.choice(
        [
            f"peel:value {first}.0",
            f"peel:minimum {first}.0",
            f"peel:lowerBound {first}.0 ; peel:upperBound {total}.0",
        ]
    )
    blocks = [
        f"unit:{me} a peel:ForceUnit ; rdfs:label {name} ; peel:unitOf force:kent ; "
        f"peel:namedIn {PASSAGE}",
        f"period:{me} a peel:Period ; rdfs:label {name} ; peel:begins {begins} ; peel:ends {ends}",
        f"measure:{me} a peel:Measure ; rdfs:label {name} ; "
        "peel:unitOfMeasure unit-of-measure:count",
        *_shares(me, (first, total - first)),
        f"observation:{me} a peel:Observation , qb:Observation ; rdfs:label {name} ; "
        f"qb:dataSet dataset:statistics-levels ; peel:area area:derbyshire ; "
        f"peel:period period:{me} ; peel:measure measure:{me} ; {figure} ; "
        "peel:unitOfMeasure unit-of-measure:count ; "
        f'peel:statedAs "{first}" ; peel:statedIn {PASSAGE}',
        f"judgment:{me} a peel:Judgment ; rdfs:label {name} ; "
        'dcterms:description "The force is graded."@en ; peel:hasTopic topic:judgments ; '
        f"peel:judges force:kent ; peel:concerns force:kent ; peel:onQuestion question:{me} ; "
        f"peel:bearsOn question:{me} ; peel:gives grade:{chance.choice(GRADES)} ; "
        f"peel:madeIn inspection:{me} ; peel:statedIn {PASSAGE}",
        f'question:{me} a peel:CoreQuestion ; rdfs:label {name} ; peel:number "9" ; '
        "peel:askedIn round:peel-2015 ; peel:ofPillar pillar:effectiveness ; "
        "peel:subquestionOf question:2015-effectiveness-overall",
        f"inspection:{me} a peel:Inspection ; rdfs:label {name} ; peel:inspects force:kent ; "
        "peel:conductedBy organisation:hmic ; peel:ofPillar pillar:effectiveness ; "
        f"peel:ofRound round:peel-2015 ; peel:begins {begins} ; peel:ends {ends}",
    ]
    chance.shuffle(blocks)
    syntax, end = chance.choice(SUFFIXES)
    text = end.join(blocks) + end
    if syntax == "trig":
        text = f"GRAPH <{mint_graph(me)}> {{\n{text}}}\n"
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    written = Document(f"{number}.{syntax}", head + text, syntax)
    other = chance.choice(SYNTAXES)
    return written if other in {"ttl", "trig"} else rewrite(triples([written]), other)


PASSAGE = "passage:derbyshire-2015-effectiveness-figure-7"


def _shares(me: str, values: tuple[int, int]) -> list[str]:
    blocks = []
    for number, value in enumerate(values):
        blocks.append(
            f'measure:{me}-{number} a peel:Measure ; rdfs:label "share {number}"@en ; '
            f"peel:shareOf measure:{me} ; peel:unitOfMeasure unit-of-measure:percent"
        )
        blocks.append(
            f'observation:{me}-{number} a peel:Observation , qb:Observation ; rdfs:label "s"@en ; '
            f"qb:dataSet dataset:statistics-levels ; peel:area area:derbyshire ; "
            f"peel:period period:{me} ; peel:measure measure:{me}-{number} ; "
            f"peel:value {value}.0 ; peel:unitOfMeasure unit-of-measure:percent ; "
            f'peel:statedAs "{value}%" ; peel:statedIn {PASSAGE}'
        )
    return blocks


@pytest.mark.slow("a hundred generated reports without a mistake")
def test_a_hundred_valid_reports_raise_no_alarm(judge: Judge) -> None:
    alarms, found = [], set()
    for number in range(100):
        document = variant(number)
        found.add(document.syntax)
        name = Path(document.name)
        data = parse_graphs(document.text.encode(), document.syntax, mint_graph("variant"), name)
        report = judge(data)
        alarms += [(number, result.shape, result.focus) for result in report.results]

    assert [] == alarms
    assert set(SYNTAXES) == found
