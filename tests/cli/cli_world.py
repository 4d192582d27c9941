"""A project of a few lines, and the command line run inside it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ONTOLOGY = """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix peel: <https://w3id.org/peelgraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

<https://w3id.org/peelgraph/ontology> a owl:Ontology .
peel:Body a owl:Class .
peel:Force a owl:Class ;
    rdfs:subClassOf peel:Body .
peel:Grade a owl:Class .
peel:Judgment a owl:Class .
peel:gives a owl:ObjectProperty .
peel:madeOn a owl:DatatypeProperty .
rdfs:label a owl:AnnotationProperty .
"""
SHAPES = """\
@prefix peel: <https://w3id.org/peelgraph/ontology#> .
@prefix psh: <https://w3id.org/peelgraph/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

psh:Judgment a sh:NodeShape ;
    sh:targetClass peel:Judgment ;
    sh:property psh:Judgment-gives ;
    sh:property psh:Judgment-madeOn .
psh:Judgment-gives a sh:PropertyShape ;
    sh:path peel:gives ;
    sh:class peel:Grade ;
    sh:severity sh:Violation ;
    sh:message "A judgment gives a grade of the scheme."@en .
psh:Judgment-madeOn a sh:PropertyShape ;
    sh:path peel:madeOn ;
    sh:datatype xsd:date ;
    sh:severity sh:Violation ;
    sh:message "The day of a judgment is a date."@en .
"""
REFERENCE = """\
@prefix force: <https://w3id.org/peelgraph/id/force/> .
@prefix grade: <https://w3id.org/peelgraph/id/grade/> .
@prefix peel: <https://w3id.org/peelgraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

force:gwent a peel:Force ;
    rdfs:label "Heddlu Gwent"@cy .
force:kent a peel:Force ;
    rdfs:label "Kent Police"@en .
grade:good a peel:Grade .
"""
REPORT = """\
@prefix grade: <https://w3id.org/peelgraph/id/grade/> .
@prefix judgment: <https://w3id.org/peelgraph/id/judgment/> .
@prefix peel: <https://w3id.org/peelgraph/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

judgment:one a peel:Judgment ;
    peel:gives grade:good ;
    peel:madeOn "2016-02-18"^^xsd:date .
"""
QUERY = """\
#+ summary: The forces with their names
#+ parameter: force iri * The force asked about
#+ formerly: bodies body->force
PREFIX peel: <https://w3id.org/peelgraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?force ?label WHERE { ?force a peel:Body ; rdfs:label ?label . } ORDER BY ?force
"""

FILES = {
    "ontology/project.toml": (ROOT / "ontology/project.toml").read_text(encoding="utf-8"),
    "ontology/ontology.ttl": ONTOLOGY,
    "shapes/shapes.ttl": SHAPES,
    "data/reference/forces.ttl": REFERENCE,
    "data/reports/gwent-2015/report.ttl": REPORT,
    "queries/forces.rq": QUERY,
}


def grades_table(*more: dict[str, Any], **about: Any) -> dict[str, Any]:
    """What a table of grades says of its rows: `more` columns, and `about` for each of them."""
    about = {"aboutUrl": "https://w3id.org/peelgraph/id/judgment/{judgment}", **about}
    judgment = {
        "name": "judgment",
        "titles": "judgment",
        "required": True,
        "propertyUrl": "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
        "valueUrl": "https://w3id.org/peelgraph/ontology#Judgment",
    }
    grade = {
        "name": "grade",
        "titles": "grade",
        "propertyUrl": "https://w3id.org/peelgraph/ontology#gives",
        "valueUrl": "https://w3id.org/peelgraph/id/grade/{grade}",
    }
    every: tuple[dict[str, Any], ...] = (judgment, grade, *more)
    columns = [{**column, **about} for column in every]
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": "grades.csv",
        "tableSchema": {"primaryKey": "judgment", "columns": columns},
    }


@dataclass(frozen=True)
class World:
    """A project's folder, and what a command run in it gave."""

    root: Path
    run: Callable[..., tuple[int, str, str]]

    @property
    def report(self) -> Path:
        return self.root / "data" / "reports" / "gwent-2015" / "report.ttl"
