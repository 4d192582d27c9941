"""What literals of each datatype cost, as ratios to plain integers; and a DCAT catalogue.

    python -m tests.benchmarks.bench_literals datatypes [number]
    python -m tests.benchmarks.bench_literals catalogue [datasets]

`datatypes` validates `number` (4,000) literals of each datatype of XSD, each kind three times: as
`valid` (canonical, and in another spelling) by a shape that they keep, and as `broken` and
`ill-typed` by one that each of them breaks; the time is divided by that of as many plain integers
that keep or break the same shape. `catalogue` validates one of `datasets` (2,000, about 2 MB) with
shapes such as DCAT-AP's, by ours and by pySHACL called plainly, which find as many results.
Processor seconds, the least of three runs.
"""

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyshacl
from rdflib import SH, Graph

from peelgraph.sources import Source, parse
from peelgraph.validation import Report, Validator

RUNS = 3
PREFIXES = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <http://example.org/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
# A literal of each datatype with a number from 1000 on: canonical, and in another spelling.
WHOLE = dict.fromkeys(("integer", "nonNegativeInteger", "positiveInteger"), ("{}", "0{}"))
WHOLE |= dict.fromkeys(("long", "int", "short"), ("{}", "0{}"))
WHOLE |= dict.fromkeys(("unsignedLong", "unsignedInt", "unsignedShort"), ("{}", "0{}"))
WHOLE |= dict.fromkeys(("nonPositiveInteger", "negativeInteger"), ("-{}", "-0{}"))
VALID = WHOLE | {
    "decimal": ("{}.5", "{}.50"),
    "double": ("{}.5", "{}.5E0"),
    "float": ("{}.5", "{}.5E0"),
    "string": ("a{}", "a{}"),
    "normalizedString": ("a {}", "a {}"),
    "token": ("a{}", "a{}"),
    "language": ("en-{}", "EN-{}"),
    "anyURI": ("http://e/{}", "http://e/{}"),
    "date": ("{}-01-02", "{}-01-02+00:00"),
    "dateTime": ("{}-01-02T03:04:05Z", "{}-01-02T03:04:05+00:00"),
    "time": ("03:04:05.0{}1", "03:04:05.0{}10"),
    "gYear": ("{}", "{}+00:00"),
    "gYearMonth": ("{}-01", "{}-01+00:00"),
    "duration": ("P{}DT1H30M", "P{}DT90M"),
    "dayTimeDuration": ("P{}DT1H30M", "P{}DT90M"),
    "yearMonthDuration": ("P{}Y", "P{}Y0M"),
    "hexBinary": ("0A{}", "0a{}"),
    "base64Binary": ("{}", "{}"),
}
# Any text is a form of these.
NEVER_ILL_TYPED = {"string", "normalizedString", "token", "language", "anyURI"}


def read(text: str) -> Source:
    return parse((PREFIXES + text).encode(), "ttl", "urn:g", Path("data.ttl"))


def measure(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)


def files(number: int, spelling: str, datatype: str) -> str:
    return "\n".join(
        f'ex:f{n} a ex:File ; ex:size "{spelling.format(n)}"^^xsd:{datatype} ; ex:name "{n}" .'
        for n in range(1000, 1000 + number)
    )


def judged(number: int, spelling: str, datatype: str, constraint: str) -> tuple[float, Report]:
    shapes = read(
        "ex:S a sh:NodeShape ; sh:targetClass ex:File ;\n"
        f"  sh:property [ sh:path ex:size ; {constraint} ; sh:maxCount 1 ] ;\n"
        "  sh:property [ sh:path ex:name ; sh:datatype xsd:string ; sh:minCount 1 ] ."
    )
    validator, text = Validator([shapes]), files(number, spelling, datatype)
    spent = measure(lambda: validator.validate([read(text)]))
    return spent, validator.validate([read(text)])


def measure_datatypes(number: int) -> float:
    """Print the ratio of each kind; the largest of them."""
    kept, _ = judged(number, "{}", "integer", "sh:datatype xsd:integer")
    broken, _ = judged(number, "{}", "integer", "sh:datatype xsd:boolean")
    print(f"{number:,} plain integers: {kept:.2f} s kept, {broken:.2f} s broken", flush=True)
    worst = 0.0
    for datatype, spellings in VALID.items():
        ratios = []
        for spelling in spellings:
            spent, report = judged(number, spelling, datatype, f"sh:datatype xsd:{datatype}")
            assert report.conforms, (datatype, report.results[0])
            ratios.append(spent / kept)
        spent, report = judged(number, spellings[1], datatype, "sh:datatype xsd:boolean")
        assert number == len(report.results)
        ratios.append(spent / broken)
        if datatype not in NEVER_ILL_TYPED:
            spent, report = judged(number, "x{}", datatype, f"sh:datatype xsd:{datatype}")
            assert number == len(report.results), datatype
            ratios.append(spent / broken)
        told = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"  xsd:{datatype}: {told}", flush=True)
        worst = max(worst, *ratios)
    print(f"valid, otherwise spelled, broken, ill-typed; the largest is {worst:.2f}")
    return worst


def catalogue(datasets: int) -> str:
    """A catalogue of datasets with two distributions each, as portals publish them."""
    lines = ['ex:catalogue a dcat:Catalog ; dct:title "Open data"@en , "Data agored"@cy .']
    for n in range(datasets):
        day = f"20{n % 24:02}-{n % 12 + 1:02}-{n % 28 + 1:02}"
        lines += [
            f"ex:catalogue dcat:dataset ex:d{n} .",
            f'ex:d{n} a dcat:Dataset ; dct:title "Dataset {n}"@en , "Set ddata {n}"@cy ;',
            f'  dct:description "Counts of place {n}, by month, as the area sends them."@en ;',
            f'  dct:issued "{day}T09:00:00+00:00"^^xsd:dateTime ; dct:identifier "id-{n}" ;',
            f'  dct:modified "{day}"^^xsd:date ; dcat:keyword "crime" , "place {n % 40}" ;',
            "  dcat:contactPoint [ a vcard:Kind ; vcard:fn 'Data desk' ;",
            f"    vcard:hasEmail <mailto:desk{n % 40}@example.org> ] ;",
            f"  dct:publisher ex:p{n % 40} ; dcat:distribution ex:d{n}a , ex:d{n}b .",
        ]
        for part, size in (("a", f'"{n * 977}.00"^^xsd:decimal'), ("b", f'"{n}"')):
            kind = "^^xsd:nonNegativeInteger" if part == "b" else ""
            lines += [
                f"ex:d{n}{part} a dcat:Distribution ; dcat:byteSize {size}{kind} ;",
                f"  dcat:accessURL <http://example.org/files/{n}/{part}> ;",
                f'  dct:title "Part {part} of {n}"@en ; dcat:mediaType "text/csv" ;',
                f'  dct:modified "{day}T10:00:00.000Z"^^xsd:dateTime .',
            ]
    lines += [f'ex:p{n} a foaf:Agent ; foaf:name "Publisher {n}" .' for n in range(40)]
    return "\n".join(lines)


CATALOGUE_SHAPES = """
ex:Catalogue a sh:NodeShape ; sh:targetClass dcat:Catalog ;
  sh:property [ sh:path dct:title ; sh:minCount 1 ; sh:uniqueLang true ] ;
  sh:property [ sh:path dcat:dataset ; sh:minCount 1 ; sh:class dcat:Dataset ] .
ex:Dataset a sh:NodeShape ; sh:targetClass dcat:Dataset ;
  sh:property [ sh:path dct:title ; sh:minCount 1 ; sh:nodeKind sh:Literal ; sh:uniqueLang true ] ;
  sh:property [ sh:path dct:description ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ;
  sh:property [ sh:path dct:issued ; sh:maxCount 1 ;
    sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:dateTime ] ) ] ;
  sh:property [ sh:path dct:modified ; sh:maxCount 1 ;
    sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:dateTime ] ) ] ;
  sh:property [ sh:path dcat:contactPoint ; sh:class vcard:Kind ; sh:node ex:Contact ] ;
  sh:property [ sh:path dct:publisher ; sh:maxCount 1 ; sh:class foaf:Agent ] ;
  sh:property [ sh:path dct:identifier ; sh:pattern "^id-[0-9]+$" ] ;
  sh:property [ sh:path dcat:distribution ; sh:class dcat:Distribution ] .
ex:Contact a sh:NodeShape ;
  sh:property [ sh:path vcard:fn ; sh:minCount 1 ; sh:datatype xsd:string ] ;
  sh:property [ sh:path vcard:hasEmail ; sh:nodeKind sh:IRI ] .
ex:Distribution a sh:NodeShape ; sh:targetClass dcat:Distribution ;
  sh:property [ sh:path dcat:accessURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path dcat:byteSize ; sh:maxCount 1 ; sh:minInclusive 0 ;
    sh:datatype xsd:nonNegativeInteger ] ;
  sh:property [ sh:path dct:modified ; sh:maxCount 1 ;
    sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:dateTime ] ) ] .
"""


def measure_catalogue(datasets: int) -> None:
    text = PREFIXES + catalogue(datasets)
    validator = Validator([read(CATALOGUE_SHAPES)])
    began = time.process_time()
    report = validator.validate([read(catalogue(datasets))])
    spent = time.process_time() - began
    size = f"{len(text.encode()) / 1e6:.1f} MB, {report.triples_count:,} triples"
    print(f"{size}: ours {spent:.1f} s, {len(report.results)} results", flush=True)
    began = time.process_time()
    shapes = Graph().parse(data=PREFIXES + CATALOGUE_SHAPES)
    _, found, _ = pyshacl.validate(Graph().parse(data=text), shacl_graph=shapes, inference="none")
    theirs = len(list(found.objects(None, SH.result)))
    print(f"pySHACL plainly: {time.process_time() - began:.1f} s, {theirs} results")
    if theirs != len(report.results):
        raise SystemExit("the results differ")


def test_every_datatype_costs_at_most_twice_a_plain_integer() -> None:
    assert measure_datatypes(1000) < 2


def test_a_catalogue() -> None:
    measure_catalogue(2000)


def main() -> None:
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)  # pySHACL's, of wrong literals
    what, *given = sys.argv[1:] or ["datatypes"]
    if what == "datatypes":
        measure_datatypes(int(given[0]) if given else 4000)
    else:
        measure_catalogue(int(given[0]) if given else 2000)


if __name__ == "__main__":
    main()
