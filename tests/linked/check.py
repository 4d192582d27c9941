"""Ask a running service with clients of others: Comunica, and Jena's riot for each syntax.

    python tests/linked/check.py URL FOLDER_OF_JARS FOLDER_OF_NODE

The jars come by `mvn -f tests/linked/pom.xml dependency:copy-dependencies -DoutputDirectory=...`,
Comunica by `npm install` of tests/linked/package.json in the other folder.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
SYNTAXES = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
DOCUMENTS = (
    "/doc/force/derbyshire",
    "/doc/topic/judgments",
    "/ontology",
    "/shapes",
    "/graph/regions",
    "/.well-known/void",
    "/.well-known/sparql-examples",
    "/versions/1",
    "/queries/units-of-force",
    "/problems/deadline",
)
FILES = ("/dumps/1/peelgraph.nq.gz", "/dumps/1/peelgraph.trig.gz")
# Nothing is well-formed in this: a validator that finds no fault here finds none anywhere.
BROKEN = "<https://example.org/a> <https://example.org/b> .\n"


def fetch(url: str, accept: str = "*/*") -> bytes:
    """The body of an answer."""
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=60) as answer:
        body: bytes = answer.read()
        return body


def riot(jars: Path, files: list[Path]) -> tuple[bool, str]:
    """Whether Jena finds every file well-formed, without as much as a warning, and what it says."""
    command = ["java", "-cp", f"{jars}/*", "riotcmd.riot", "--validate", *map(str, files)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    said = (told.stdout + told.stderr).strip()
    wrong = [line for line in said.splitlines() if "WARN" in line or "ERROR" in line]
    return told.returncode == 0 and not wrong, "\n".join(wrong or [said])


def check_syntaxes(url: str, jars: Path) -> bool:
    """Whether every document is well-formed in every syntax, as Jena reads it."""
    with tempfile.TemporaryDirectory() as folder:
        files: list[Path] = []
        for path in DOCUMENTS:
            for ending, media_type in SYNTAXES.items():
                file = Path(folder, f"{path.strip('/').replace('/', '-')}.{ending}")
                # By the Accept header and by the ending, in turn.
                address = f"{url}{path}.{ending}" if len(files) % 2 else url + path
                file.write_bytes(fetch(address, media_type))
                files.append(file)
        for path in FILES:
            file = Path(folder, path.rpartition("/")[2])
            file.write_bytes(fetch(url + path))
            files.append(file)
        broken = Path(folder, "broken.nt")
        broken.write_text(BROKEN)
        is_well, said = riot(jars, files)
        notices, _ = riot(jars, [broken])
    print(f"riot: {len(files)} files, {'all well-formed' if is_well else said[:2000]}")
    return is_well and not notices


def check_federation(url: str, folder: Path) -> bool:
    """Whether Comunica finds the endpoint by its description, and joins it with a document."""
    node = shutil.which("node") or "node"
    command = [node, str(HERE / "federate.mjs"), url, str(folder)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if told.returncode:
        print(f"Comunica: {told.stderr[-2000:]}")
        return False
    found = json.loads(told.stdout)
    print(f"Comunica: {found}")
    return (
        found["forces"] == 43
        and "Leicestershire Police" in found["joined"]
        and len(found["joined"]) == 5
        and found["label"] == ["Kent Police"]
    )


def main() -> int:
    """Check both, and say by the exit code whether all was well."""
    url, jars, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    return 0 if check_syntaxes(url, jars) & check_federation(url, folder) else 1


if __name__ == "__main__":
    sys.exit(main())
