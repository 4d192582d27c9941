"""Judge the ontology by an independent OWL reasoner: ROBOT, with the OWL API and HermiT.

    python tests/owl/check.py FOLDER_OF_JARS

The jars come by `mvn -f tests/owl/pom.xml dependency:copy-dependencies -DoutputDirectory=FOLDER`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import pyoxigraph as ox

from peelgraph.sources import Source, find_root, read_project

IMPORTS = "<http://www.w3.org/2002/07/owl#imports>"

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


def turtle(text: str) -> bytes:
    """Turtle as N-Triples."""
    written = ox.serialize(ox.parse(text, ox.RdfFormat.TURTLE), format=ox.RdfFormat.N_TRIPLES)
    return written or b""


def robot(jars: Path, command: list[str], document: bytes) -> bool:
    """Whether a command of ROBOT finds nothing wrong with a document."""
    with tempfile.TemporaryDirectory() as folder:
        given, told = Path(folder, "given.nt"), Path(folder, "told.ttl")
        given.write_bytes(document)
        main = "org.obolibrary.robot.CommandLineInterface"
        done = subprocess.run(
            [
                "java",
                "-Xmx4g",
                "-cp",
                f"{jars}/*",
                main,
                *command,
                "--input",
                given,
                "--output",
                told,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode and told.exists():
            print(told.read_text(encoding="utf-8")[:2000])
        elif done.returncode:
            print(done.stdout[-1000:], done.stderr[-1000:])
        return done.returncode == 0


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
        ("ontology and data are consistent", reason, world, True),
        ("a contradiction is noticed", reason, ontology + turtle(CLASH), False),
    ]
    failed = 0
    for name, command, document, wanted in checks:
        passed = robot(jars, command, document) is wanted
        failed += not passed
        print(f"{'passed' if passed else 'FAILED'}: {name}", flush=True)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
