"""The W3C Reconciliation API's own schemas and examples, tried on a running service from outside.

    python -m tests.suites.reconciliation_suite URL specs/0.2

The folder is that of https://github.com/reconciliation-api/specs, which is not part of this
repository. Every answer must be valid by the schema for it, the batches that the specification
gives as valid must be answered, and those it gives as invalid refused. Prints each check; exit
code 1 when one fails.
"""

import argparse
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

# "props" for "properties" is a member we do not know, and leave alone.
LENIENT = ("misnamed-property.json",)
BATCH = {
    "both": {"query": "Yorkshire", "properties": [{"pid": "covers", "v": "South Yorkshire"}]},
    "name": {"query": "EMSOU", "type": ["CollaborativeUnit"], "limit": 3, "type_strict": "any"},
    "none": {"query": "Gotham City"},
    "properties": {"properties": [{"pid": "covers", "v": {"id": "area/south-yorkshire"}}]},
}


def fetch(url: str, **parameters: str) -> Any:
    """The JSON of an answer."""
    body = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"{url}?{body}" if body else url, timeout=60) as answer:
        return json.load(answer)


class Schemas:
    """The schemas of the specification."""

    def __init__(self, folder: Path) -> None:
        self._read = {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}
        if not self._read:
            raise SystemExit(f"{folder}: no schema here: a check over nothing proves nothing")
        self._all: Registry[Any] = Registry().with_resources(
            (schema.get("$id", name), Resource(schema, DRAFT7))  # type: ignore[call-arg]
            for name, schema in self._read.items()
        )

    def faults(self, name: str, document: Any) -> list[str]:
        """What a document does that its schema does not allow."""
        validator = Draft7Validator(self._read[name], registry=self._all)
        return [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in validator.iter_errors(document)
        ]


def check(url: str, root: Path) -> Iterator[tuple[str, list[str]]]:
    """Each check with what is wrong."""
    schemas = Schemas(root / "schemas")
    manifest = fetch(f"{url}/reconcile")
    yield "the manifest", schemas.faults("manifest.json", manifest)
    yield "our batch", schemas.faults("reconciliation-query-batch.json", BATCH)
    batches = sorted((root / "examples/reconciliation-query-batch/valid").glob("*.json"))
    for name, text in (
        ("our batch", json.dumps(BATCH)),
        *((path.name, path.read_text()) for path in batches),
    ):
        told = fetch(f"{url}/reconcile", queries=text)
        faults = schemas.faults("reconciliation-result-batch.json", told)
        if told.keys() != json.loads(text).keys():
            faults.append(f"the keys {sorted(told)} are others than were asked")
        yield f"the answer to {name}", faults
    for path in sorted((root / "examples/reconciliation-query-batch/invalid").glob("*.json")):
        try:
            fetch(f"{url}/reconcile", queries=path.read_text())
            status = 200
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
        expected = 200 if path.name in LENIENT else 400
        yield f"{path.name}: {status}", [] if status == expected else [f"not {expected}"]
    for what, schema in (("entity", "entities"), ("property", "properties"), ("type", "types")):
        service = manifest["suggest"][what]
        told = fetch(service["service_url"] + service["service_path"], prefix="for")
        faults = schemas.faults(f"suggest-{schema}-response.json", told)
        yield f"suggest {what}", faults or ([] if told["result"] else ["nothing is suggested"])


def main() -> int:
    """Run every check, tell each, and say by the exit code whether all was well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    count = failed = 0
    for name, faults in check(given.url.rstrip("/"), given.folder):
        count += 1
        failed += bool(faults)
        print(f"{'FAIL' if faults else 'ok  '} {name}", *faults, sep="\n       " if faults else "")
    print(f"{count} checks, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
