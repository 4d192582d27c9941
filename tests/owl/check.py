"""Open and judge the ontology by independent tools: ROBOT, with the OWL API and HermiT.

The checkout's own files are opened first, each import found by catalog-v001.xml in place of the
network; then ontology and data are judged as one document.

    python tests/owl/check.py FOLDER_OF_JARS

The jars come by `mvn -f tests/owl/pom.xml dependency:copy-dependencies -DoutputDirectory=FOLDER`.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pyoxigraph as ox

from peelgraph.sources import Source, find_root, read_project

OWL = "http://www.w3.org/2002/07/owl#"
IMPORTS = f"<{OWL}imports>"
# The file that imports all others.
WHOLE = "peelgraph.ttl"
PROFILE = Path(__file__).with_name("report.tsv")

# Not in OWL 2 RL: an existential on the right.
BEYOND_RL = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix peel: <https://w3id.org/peelgraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
peel:Board rdfs:subClassOf [
  a owl:Restriction ; owl:onProperty peel:hasChair ; owl:someValuesFrom peel:Role ] .
"""
# Two grades on one judgment, which are told apart.
CLASH = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix peel: <https://w3id.org/peelgraph/ontology#> .
@prefix grade: <https://w3id.org/peelgraph/id/grade/> .
<https://example.org/judgment> a peel:Judgment ;
  peel:gives grade:good ; peel:gives grade:inadequate .
grade:good owl:differentFrom grade:inadequate .
"""


def triples(sources: tuple[Source, ...], *, things_only: bool = False) -> bytes:
    """The triples without imports; of data only those between things.

    xsd:date and its kin are outside OWL 2's datatype map, and HermiT refuses them.
    """
    lines = [line for source in sources for line in source.triples.splitlines(keepends=True)]
    kept = [line for line in lines if IMPORTS.encode() not in line]
    if things_only:
        kept = [line for line in kept if b'"' not in line]
    return b"".join(kept)


def without_values(triples: bytes) -> bytes:
    """N-Triples without the restrictions by owl:hasValue.

    They say which topic follows from a class, which is disjoint from nothing; beside data HermiT
    does not end with them in ten minutes (1.4.5), and without them does in half a one. The
    ontology alone is judged with them.
    """
    lines = triples.splitlines(keepends=True)
    held = f"<{OWL}hasValue>".encode()
    nodes = {line.split(b" ", 1)[0] for line in lines if held in line}
    return b"".join(line for line in lines if nodes.isdisjoint(line.split(b" ")))


def turtle(text: str) -> bytes:
    """Turtle as N-Triples."""
    written = ox.serialize(ox.parse(text, ox.RdfFormat.TURTLE), format=ox.RdfFormat.N_TRIPLES)
    return written or b""


def robot(jars: Path, command: list[str], given: Path, told: Path) -> bool:
    """Whether a command of ROBOT finds nothing wrong with a file; what it makes of it is `told`."""
    main = "org.obolibrary.robot.CommandLineInterface"
    java = ["java", "-Xmx4g", "-cp", f"{jars}/*", main]
    done = subprocess.run(
        [*java, *command, "--input", given, "--output", told],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and told.exists():
        print(told.read_text(encoding="utf-8")[:2000])
    elif done.returncode:
        print(done.stdout[-1000:], done.stderr[-1000:])
    return done.returncode == 0


def judge(jars: Path, command: list[str], document: bytes) -> bool:
    """Whether a command of ROBOT finds nothing wrong with a document."""
    with tempfile.TemporaryDirectory() as folder:
        given, told = Path(folder, "given.nt"), Path(folder, "told.ttl")
        given.write_bytes(document)
        return robot(jars, command, given, told)


def declared(files: list[Path]) -> set[str]:
    """The classes and properties that some files declare."""
    kinds = {f"{OWL}{kind}" for kind in ("Class", "ObjectProperty", "DatatypeProperty")}
    return {
        str(quad.subject)
        for file in files
        for quad in ox.parse(path=str(file))
        if getattr(quad.object, "value", "") in kinds and isinstance(quad.subject, ox.NamedNode)
    }


def opens(jars: Path, ontology: Path, module: str) -> bool:
    """Whether ROBOT merges a module with all that it imports, and finds every term in it."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "told.ttl")
        is_merged = robot(jars, ["merge"], ontology / module, told)
        if module != WHOLE:
            return is_merged and declared([ontology / module]) <= declared([told])
        return is_merged and declared(list(ontology.rglob("*.ttl"))) == declared([told])


def reports(jars: Path, ontology: Path) -> bool:
    """Whether ROBOT's report on the whole, merged, has no error and no warning.

    The profile is ROBOT's own without four rules of OBO: definitions are SKOS here, which a test
    demands; a class and a property may have one label; a deprecated term keeps its label.
    """
    with tempfile.TemporaryDirectory() as folder:
        merged = Path(folder, "merged.ttl")
        report = ["report", "--profile", str(PROFILE), "--fail-on", "WARN"]
        return robot(jars, ["merge"], ontology / WHOLE, merged) and robot(
            jars, report, merged, Path(folder, "told.tsv")
        )


def check_checkout(jars: Path, ontology: Path) -> Iterator[tuple[str, bool]]:
    """What is checked of the files as they lie in a checkout, and whether it holds."""
    yield "the ontology opens in a checkout, every module found", opens(jars, ontology, WHOLE)
    for module in ("inspection.ttl", "alignment/org.ttl", "schemes/pillars.ttl"):
        yield f"{module} opens alone, with what it imports", opens(jars, ontology, module)
    yield "ROBOT's report on the checkout has no error and no warning", reports(jars, ontology)
    with tempfile.TemporaryDirectory() as folder:
        reason = ["reason", "--reasoner", "HermiT"]
        is_sound = robot(jars, reason, ontology / WHOLE, Path(folder, "told.ttl"))
        yield "HermiT finds the checkout consistent", is_sound
        copy = Path(shutil.copytree(ontology, Path(folder, "ontology")))
        file = copy / "finding.ttl"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace('    rdfs:label "finding"@en ;\n', ""), encoding="utf-8")
        yield "a term without a label is noticed in the report", not reports(jars, copy)
        file.unlink()
        yield "a module that is missing is noticed", not opens(jars, copy, WHOLE)


def main() -> int:
    """Run the checks; each is shown to fail where it should."""
    jars = Path(sys.argv[1])
    project = read_project(find_root())
    ontology = triples(project.ontology)
    world = ontology + triples(project.data, things_only=True)
    profile = ["validate-profile", "--profile", "RL"]
    reason = ["reason", "--reasoner", "HermiT"]
    checks = [
        ("the ontology is in OWL 2 RL", profile, ontology, True),
        ("an axiom outside RL is noticed", profile, ontology + turtle(BEYOND_RL), False),
        ("ontology and data are consistent", reason, without_values(world), True),
        ("a contradiction is noticed", reason, ontology + turtle(CLASH), False),
    ]
    failed = total = 0
    judged = ((name, judge(jars, how, given) is wanted) for name, how, given, wanted in checks)
    for name, passed in chain(check_checkout(jars, project.root / "ontology"), judged):
        total += 1
        failed += not passed
        print(f"{'passed' if passed else 'FAILED'}: {name}", flush=True)
    print(f"{total - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
