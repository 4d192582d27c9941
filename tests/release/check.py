"""Whether the bills of materials of a release name what the wheel brings along.

    python tests/release/check.py FOLDER      FOLDER is what .ci/release made

Needs cyclonedx-python-lib[json-validation].
"""

import email
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SHIPPED = re.compile(r"^(?:@([\w-]+)/)?([\w.-]+) (\d[\w.-]*)$", re.MULTILINE)


def check(holds: bool, told: str) -> None:
    """Tell what holds; end with what does not."""
    if not holds:
        sys.exit(f"does not hold: {told}")
    print(f"holds: {told}")


def only(folder: Path, pattern: str) -> Path:
    found = list(folder.glob(pattern))
    check(len(found) == 1, f"there is one {pattern}")
    return found[0]


def read_bill(path: Path) -> dict[str, Any]:
    """A bill of materials that its schema accepts and that tells nothing of where it was made."""
    text = path.read_text(encoding="utf-8")
    faults = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    check(faults is None, f"{path.name} is CycloneDX 1.6 {faults or ''}")
    check("file:" not in text and "/tmp/" not in text, f"{path.name} names no path of a machine")
    bill: dict[str, Any] = json.loads(text)
    check(
        all(part.get("version") and part.get("purl") for part in bill["components"]),
        f"{path.name}: each of {len(bill['components'])} parts has a version and an address",
    )
    return bill


def main() -> None:
    """Check both."""
    folder = Path(sys.argv[1])
    with zipfile.ZipFile(only(folder, "*.whl")) as wheel:
        names = wheel.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        told = email.message_from_bytes(wheel.read(metadata))
        shipped = next(name for name in names if name.endswith("/built/THIRD-PARTY.txt"))
        notices = wheel.read(shipped).decode()

    bill = read_bill(only(folder, "*.python.cdx.json"))
    root = bill["metadata"]["component"]
    check(
        (root["name"], root["version"]) == (told["Name"], told["Version"]),
        f"it is of {told['Name']} {told['Version']}",
    )
    needed = {
        canonicalize_name(each.name)
        for each in map(Requirement, told.get_all("Requires-Dist") or [])
        if each.marker is None or each.marker.evaluate({"extra": ""})
    }
    named = {part["bom-ref"]: canonicalize_name(part["name"]) for part in bill["components"]}
    depends = {each["ref"]: each.get("dependsOn", []) for each in bill["dependencies"]}
    direct = {named[ref] for ref in depends[root["bom-ref"]]}
    # An extra's need that something else brings along anyway is named among them too.
    check(needed <= direct, f"it says that the wheel needs {', '.join(sorted(needed))}")
    reached, left = set[str](), list(depends[root["bom-ref"]])
    while left:
        if (ref := left.pop()) not in reached:
            reached.add(ref)
            left += depends[ref]
    check(reached == named.keys(), "and names what those need, and nothing else")

    parts = read_bill(only(folder, "*.npm.cdx.json"))["components"]
    bundled = {(part.get("group", ""), part["name"], part["version"]) for part in parts}
    inside = {
        (f"@{group}" if group else "", name, version)
        for group, name, version in SHIPPED.findall(notices)
    }
    check(len(inside) > 10, f"the wheel's pages hold {len(inside)} packages from npm")
    check(inside <= bundled, f"the bill names each of them {sorted(inside - bundled) or ''}")


if __name__ == "__main__":
    main()
