"""What a form shows of each property shape: a name, a group and a place in it.

    python -m tests.forms

writes shapes/forms.ttl anew; a test compares the file with what is written here.
"""

from pathlib import Path

import pyoxigraph as ox
from rdflib import SH, Literal, URIRef

from peelgraph.sources import Project, read_project
from peelgraph.terms import PEEL, PSH, expand, shorten
from peelgraph.validation.shapes import load_shapes

ROOT = Path(__file__).parents[1]
FILE = ROOT / "shapes" / "forms.ttl"
# By the property; any other by the module that has it.
GROUPED = {
    "naming": "rdfs:label dcterms:title dcterms:description skos:definition peel:abbreviation "
    "peel:formerName peel:number peel:position",
    "source": "dcterms:issued dcterms:license dcterms:publisher dcterms:source peel:answers "
    "peel:attestedIn peel:attests peel:cites peel:derivation peel:inSection peel:isVerified "
    "peel:hasSourceKind peel:hasUnverifiedColumn peel:isWordingRead "
    "peel:namedIn peel:readAs peel:sectionOf peel:statedAs peel:statedIn "
    "peel:subsectionOf peel:treatsOf peel:within",
    "hedge": "peel:condition peel:extent peel:frequency peel:hasStatus peel:promptness",
}
# In the order of a form.
LABELS = {
    "naming": "Names and numbers",
    "evidence": "What it is about",
    "hedge": "How far, how often, on what condition",
    "finding": "What is done, and by what means",
    "inspection": "Rounds, questions, grades and demands",
    "organisation": "Who, for whom and with whom",
    "scheme": "Schemes and the people they are for",
    "statistic": "Figures",
    "threat": "Threats, crimes and events",
    "source": "Where it is stated",
    "other": "Other",
}
HEAD = """\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix psh: <https://w3id.org/peelgraph/shapes#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

<https://w3id.org/peelgraph/shapes/forms> a owl:Ontology ;
    rdfs:label "peelgraph shapes: forms"@en ;
    rdfs:comment "How a form names and groups what the shapes ask; tests/forms.py writes it."@en ;
    dcterms:isPartOf <https://w3id.org/peelgraph/shapes> .

# Groups

"""


def write_forms(project: Project) -> str:
    """The file: every property shape on one property, with its label as name."""
    shapes = load_shapes(project.shapes)
    labels, modules = _describe(project)
    grouped = {expand(name): group for group, names in GROUPED.items() for name in names.split()}
    members: dict[str, tuple[str, int, str]] = {}
    for shape, path in shapes.subject_objects(SH.path):
        if isinstance(shape, URIRef) and isinstance(path, URIRef) and shape.startswith(PSH):
            group = grouped.get(str(path)) or modules.get(str(path), "other")
            # What is required comes first; in either half a form goes by name.
            order = 1 if Literal(1) in set(shapes.objects(shape, SH.minCount)) else 2
            name = labels.get(str(path)) or shorten(str(path)).partition(":")[2]
            members[str(shape)] = (group, order, name)
    text = HEAD
    for number, (group, label) in enumerate(LABELS.items(), start=1):
        if any(group == each for each, _, _ in members.values()):
            text += (
                f"psh:group-{group} a sh:PropertyGroup ;\n"
                "    rdfs:isDefinedBy <https://w3id.org/peelgraph/shapes> ;\n"
                f'    rdfs:label "{label}"@en ;\n    sh:order {number} .\n\n'
            )
    text += "# Property shapes\n\n"
    for iri, (group, order, name) in sorted(members.items()):
        text += (
            f'{shorten(iri)} sh:name "{name}"@en ;\n'
            f"    sh:group psh:group-{group} ;\n    sh:order {order} .\n\n"
        )
    return text.rstrip("\n") + "\n"


def _describe(project: Project) -> tuple[dict[str, str], dict[str, str]]:
    """The English label of each term, and the module that declares each term of ours."""
    labels: dict[str, str] = {}
    modules: dict[str, str] = {}
    label = ox.NamedNode(expand("rdfs:label"))
    for source in project.ontology:
        for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES):
            if triple.predicate == label and isinstance(triple.subject, ox.NamedNode):
                labels[triple.subject.value] = str(triple.object.value)
                if triple.subject.value.startswith(PEEL):
                    modules[triple.subject.value] = source.path.stem
    return labels, modules


if __name__ == "__main__":
    FILE.write_text(write_forms(read_project(ROOT, data=False)), encoding="utf-8")
