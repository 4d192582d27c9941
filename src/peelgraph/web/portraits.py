"""What a page tells of a thing of some kind beyond its own statements: tables, each one query.

A query binds `?thing`. Each of its heads is a variable, of which the first has a line of its own
for each value, and the others all the values that go with it; `?xName` is the text of `?x`,
`?passage` what states the line, and `?inferred` whether the value of the last head follows by the
ontology, with `?subject`, `?link` and `?object` to ask why.
"""

from dataclasses import dataclass, field

from peelgraph import terms
from peelgraph.web.asked import Row, ask
from peelgraph.web.cells import Cell, cell
from peelgraph.web.explained import why
from peelgraph.web.service import Service

_PREFIXES = "".join(
    f"PREFIX {name}: <{terms.PREFIXES[name]}>\n"
    for name in ("rdfs", "skos", "dcterms", "peel", "graph")
)


@dataclass(frozen=True, slots=True)
class Portrait:
    """One table: its heading, a word on what it counts, its query, its heads by variable."""

    heading: str
    query: str
    heads: dict[str, str]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a line; `why` leads to the proof of one that is inferred."""

    cell: Cell
    why: str = ""


@dataclass(slots=True)
class Line:
    """One line of a portrait: the values under each head, and the passages that state it."""

    columns: tuple[list[Value], ...]
    passages: list[Cell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Painted:
    """A portrait with its lines."""

    heading: str
    about: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def has_passages(self) -> bool:
        return any(line.passages for line in self.lines)


_RELATION = """
  BIND (EXISTS { GRAPH graph:inferred { ?subject ?link ?object } } AS ?inferred)"""
_WORKS = Portrait(
    "Who works with it",
    """SELECT DISTINCT ?who ?whoName ?how ?inferred ?subject ?link ?object
WHERE {
  {
    ?thing peel:worksWith ?who .
    BIND (?thing AS ?subject) BIND (?who AS ?object) BIND (peel:worksWith AS ?link)
    BIND ("works with it" AS ?how)
  } UNION {
    ?who peel:supports ?thing .
    BIND (?who AS ?subject) BIND (?thing AS ?object) BIND (peel:supports AS ?link)
    BIND ("does something for it" AS ?how)
  } UNION {
    ?thing peel:supports ?who .
    BIND (?thing AS ?subject) BIND (?who AS ?object) BIND (peel:supports AS ?link)
    BIND ("is served by it" AS ?how)
  } UNION {
    ?who peel:memberForce ?thing .
    BIND (?who AS ?subject) BIND (?thing AS ?object) BIND (peel:memberForce AS ?link)
    BIND ("has it as a member" AS ?how)
  } UNION {
    ?thing peel:memberForce ?who .
    BIND (?thing AS ?subject) BIND (?who AS ?object) BIND (peel:memberForce AS ?link)
    BIND ("is a member of it" AS ?how)
  } UNION {
    ?who peel:unitOf ?thing .
    BIND (?who AS ?subject) BIND (?thing AS ?object) BIND (peel:unitOf AS ?link)
    BIND ("is a part of it" AS ?how)
  } UNION {
    ?thing peel:unitOf ?who .
    BIND (?thing AS ?subject) BIND (?who AS ?object) BIND (peel:unitOf AS ?link)
    BIND ("has it as a part" AS ?how)
  }
  FILTER (?who != ?thing)
  ?who rdfs:label ?whoName ."""
    + _RELATION
    + """
}
ORDER BY ?whoName ?how""",
    {"who": "Who", "how": "How"},
)
_DOES = Portrait(
    "What it does, and for whom",
    """SELECT ?provision ?provisionName ?does ?doesName ?for ?forName ?unit ?unitName
  ?passage ?passageName
WHERE {
  ?unit peel:unitOf* ?thing ; rdfs:label ?unitName .
  ?provision peel:provider ?unit ; rdfs:label ?provisionName ;
    peel:provides ?does ; peel:statedIn ?passage .
  ?does rdfs:label ?doesName .
  ?passage rdfs:label ?passageName .
  OPTIONAL { ?provision peel:recipient ?for . ?for rdfs:label ?forName }
}
ORDER BY ?provisionName ?doesName ?forName ?unitName ?passageName""",
    {"provision": "What", "does": "Task", "for": "For whom", "unit": "Done by"},
    "What its parts do is counted with it. For whom is empty where the source names nobody.",
)
_PARTNERSHIPS = Portrait(
    "Partnerships",
    """SELECT ?partnership ?partnershipName ?with ?withName ?passage ?passageName
WHERE {
  ?thing peel:isPartnerIn|peel:hasPartnership ?partnership .
  ?partnership rdfs:label ?partnershipName ; peel:withPartner|peel:ofForce ?with .
  ?with rdfs:label ?withName .
  FILTER (?with != ?thing)
  ?partnership peel:statedIn ?passage .
  ?passage rdfs:label ?passageName .
}
ORDER BY ?partnershipName ?withName ?passageName""",
    {"partnership": "What", "with": "With whom"},
)
_TACKLERS = Portrait(
    "Who tackles it",
    """SELECT DISTINCT ?who ?whoName ?how ?inferred ?subject ?link ?object
WHERE {
  ?who peel:tackles ?thing ; rdfs:label ?whoName .
  BIND ("tackles it" AS ?how)
  BIND (?who AS ?subject) BIND (?thing AS ?object) BIND (peel:tackles AS ?link)"""
    + _RELATION
    + """
}
ORDER BY ?whoName""",
    {"who": "Who", "how": "How"},
)
_STATEMENTS = Portrait(
    "What the sources say of it",
    """SELECT ?statement ?statementName ?kind ?passage ?passageName
WHERE {
  ?statement peel:mentions|peel:concerns ?thing ; rdfs:label ?statementName ;
    peel:statedIn ?passage .
  ?passage rdfs:label ?passageName .
  VALUES (?class ?kind) {
    (peel:Strength "strength") (peel:Weakness "weakness") (peel:Practice "practice")
    (peel:PlannedDevelopment "planned") (peel:Progress "progress") (peel:Demand "demand")
    (peel:Responsibility "responsibility") (peel:Provision "provision")
    (peel:Partnership "partnership") (peel:Definition "definition") (peel:Gap "left open")
    (peel:Observation "statistic") (peel:ContextStatement "context")
    (peel:Expectation "expectation")
  }
  ?statement a ?class .
}
ORDER BY ?kind ?statementName ?passageName""",
    {"statement": "Statement", "kind": "Kind"},
)
_WHY = Portrait(
    "Why: the findings it rests on",
    """SELECT ?finding ?findingName ?kind ?passage ?passageName
WHERE {
  ?thing peel:restsOn ?finding .
  ?finding rdfs:label ?findingName ; peel:statedIn ?passage .
  ?passage rdfs:label ?passageName .
  VALUES (?class ?kind) {
    (peel:Strength "strength") (peel:Weakness "weakness") (peel:Practice "practice")
    (peel:PlannedDevelopment "planned") (peel:Progress "progress")
  }
  ?finding a ?class .
}
ORDER BY DESC(?kind) ?findingName ?passageName""",
    {"finding": "Finding", "kind": "Kind"},
)
_OTHER_ROUNDS = Portrait(
    "The same force on comparable questions",
    """SELECT ?year ?judgment ?judgmentName ?question ?questionName
WHERE {
  ?thing peel:judges ?force ; peel:onQuestion/peel:comparableWith ?question .
  ?judgment peel:judges ?force ; peel:onQuestion ?question ; peel:gives/rdfs:label ?judgmentName .
  ?question rdfs:label ?questionName ; peel:askedIn/peel:number ?year .
}
ORDER BY ?year""",
    {"judgment": "Grade", "year": "Round", "question": "Question"},
)
_CAVEATS = Portrait(
    "Read before you compare",
    """SELECT ?caveat ?caveatName ?passage ?passageName
WHERE {
  ?thing peel:isQualifiedBy ?caveat .
  ?caveat rdfs:label ?caveatName ; peel:statedIn ?passage .
  ?passage rdfs:label ?passageName .
}
ORDER BY ?caveatName ?passageName""",
    {"caveat": "Caveat"},
)
_SAME_MEASURE = Portrait(
    "The same measure elsewhere and at other times",
    """SELECT ?observation ?observationName ?period ?statedAs ?unit
WHERE {
  ?thing peel:measure ?measure .
  ?observation peel:measure ?measure ; rdfs:label ?observationName ; peel:statedAs ?statedAs ;
    peel:unitOfMeasure/rdfs:label ?unit .
  OPTIONAL { ?observation peel:period/rdfs:label ?period }
  FILTER (?observation != ?thing)
}
ORDER BY ?period ?observationName""",
    {"observation": "Figure", "period": "Period", "statedAs": "As printed", "unit": "Unit"},
)
_FIGURES = Portrait(
    "Figures",
    """SELECT ?observation ?observationName ?period ?statedAs ?unit ?passage ?passageName
WHERE {
  ?observation peel:measure|peel:about|peel:area ?thing ; rdfs:label ?observationName ;
    peel:statedAs ?statedAs ; peel:unitOfMeasure/rdfs:label ?unit ; peel:statedIn ?passage .
  OPTIONAL { ?observation peel:period/rdfs:label ?period }
  ?passage rdfs:label ?passageName .
}
ORDER BY ?period ?observationName ?passageName""",
    {"observation": "Figure", "statedAs": "As printed", "unit": "Unit", "period": "Period"},
)
_GIVEN = Portrait(
    "Grades it gives",
    """SELECT ?number ?judgment ?judgmentName ?grade ?passage ?passageName
WHERE {
  ?passage peel:within ?thing ; a peel:GradeBox ; rdfs:label ?passageName .
  ?judgment peel:statedIn ?passage ; rdfs:label ?judgmentName ;
    peel:gives/rdfs:label ?grade ; peel:onQuestion/peel:number ?number .
}
ORDER BY ?number ?passageName""",
    {"judgment": "Judgment", "number": "Question", "grade": "Grade"},
)
_SECTIONS = Portrait(
    "What it is made of",
    """SELECT ?section ?sectionName (COUNT(DISTINCT ?statement) AS ?statements)
WHERE {
  ?section peel:sectionOf|peel:subsectionOf ?thing ; rdfs:label ?sectionName .
  OPTIONAL { ?section peel:position ?position }
  OPTIONAL { ?passage peel:within ?section . ?statement peel:statedIn ?passage }
}
GROUP BY ?section ?sectionName ?position
ORDER BY ?position ?sectionName""",
    {"section": "Section", "statements": "Statements"},
)
_ATTESTS = Portrait(
    "What it states",
    """SELECT DISTINCT ?statement ?statementName ?says
WHERE {
  ?statement peel:statedIn|peel:namedIn ?thing ; rdfs:label ?statementName .
  OPTIONAL { ?statement dcterms:description ?says }
}
ORDER BY ?statementName""",
    {"statement": "Statement or thing", "says": "In our words"},
)
_SPREAD = Portrait(
    "How the forces were graded",
    """SELECT ?grade ?gradeName (COUNT(DISTINCT ?judgment) AS ?forces)
WHERE {
  ?judgment peel:onQuestion ?thing ; peel:gives ?grade .
  ?grade rdfs:label ?gradeName .
}
GROUP BY ?grade ?gradeName
ORDER BY DESC(?forces)""",
    {"grade": "Grade", "forces": "Forces"},
)
_SUBQUESTIONS = Portrait(
    "Questions under it",
    """SELECT ?question ?questionName (COUNT(DISTINCT ?finding) AS ?findings)
WHERE {
  ?question peel:subquestionOf ?thing ; rdfs:label ?questionName .
  OPTIONAL { ?finding peel:bearsOn/peel:subquestionOf* ?question }
}
GROUP BY ?question ?questionName
ORDER BY ?questionName""",
    {"question": "Question", "findings": "Statements that bear on it"},
)

_BODY = (_DOES, _WORKS, _PARTNERSHIPS, _STATEMENTS)
PORTRAITS: dict[str, tuple[Portrait, ...]] = {
    "force": (_WORKS,),
    "unit": _BODY,
    "organisation": (_WORKS, _PARTNERSHIPS, _DOES, _STATEMENTS),
    "board": (_STATEMENTS,),
    "scheme": (_FIGURES, _STATEMENTS),
    "threat": (_TACKLERS, _STATEMENTS),
    "judgment": (_WHY, _OTHER_ROUNDS),
    "observation": (_CAVEATS, _SAME_MEASURE),
    "measure": (_FIGURES,),
    "area": (_FIGURES,),
    "report": (_GIVEN, _SECTIONS),
    "section": (_SECTIONS,),
    "passage": (_ATTESTS,),
    "question": (_SPREAD, _SUBQUESTIONS),
}
# Any other kind of thing is told by what is said of it.
_ANY = (_STATEMENTS,)


def paint(service: Service, kind: str, iri: str) -> list[Painted]:
    """The tables for a thing of that kind, those with no row left out."""
    painted = (_painted(service, one, iri) for one in PORTRAITS.get(kind, _ANY))
    return [one for one in painted if one.lines]


def _painted(service: Service, portrait: Portrait, iri: str) -> Painted:
    lines: dict[Cell, Line] = {}
    *_, last = portrait.heads
    for row in ask(service, _PREFIXES + portrait.query, thing=iri):
        cells = [_cell(row, name) for name in portrait.heads]
        if cells[0] is None:
            continue
        line = lines.setdefault(cells[0], Line(tuple([] for _ in cells)))
        proof = ""
        if row["inferred"] == "true":
            proof = why(row["subject"], row["link"], row["object"])
        for name, found, values in zip(portrait.heads, cells, line.columns, strict=True):
            value = Value(found, proof if name == last else "") if found else None
            if value and value not in values:
                values.append(value)
        passage = _cell(row, "passage")
        if passage and passage not in line.passages:
            line.passages.append(passage)
    return Painted(
        portrait.heading, portrait.about, tuple(portrait.heads.values()), tuple(lines.values())
    )


def _cell(row: Row, name: str) -> Cell | None:
    term = row.term(name)
    return cell(term, row[f"{name}Name"]) if term is not None else None
