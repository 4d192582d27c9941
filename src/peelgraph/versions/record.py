"""What is known of a version without opening its store: `version.json`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from peelgraph.errors import SettingError

SOURCES = "sources"
LOADED = "loaded"

_FILE = "version.json"


@dataclass(frozen=True, slots=True)
class GraphRecord:
    """One asserted graph of a version; `origin` says whether the project's files hold it."""

    triples: int
    digest: str
    origin: str = SOURCES


@dataclass(frozen=True, slots=True)
class Version:
    """One published state of the whole graph; it never changes.

    Units: `created` is an ISO 8601 instant in UTC; `triples` counts asserted ones, each once.
    """

    number: int
    path: Path
    created: str
    message: str
    triples: int
    inferred: int
    graphs: Mapping[str, GraphRecord]
    digest: str
    software: str

    @property
    def store_path(self) -> Path:
        """The folder that the engine opens."""
        return self.path / "store"


def write_record(version: Version, folder: Path) -> None:
    """Write `version.json` into `folder`."""
    content = asdict(version)
    del content["path"]
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / _FILE).write_text(text + "\n", encoding="utf-8")


def read_record(folder: Path) -> Version:
    """The version in `folder`; SettingError when its record is missing or broken."""
    try:
        content = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        graphs = {name: GraphRecord(**record) for name, record in content.pop("graphs").items()}
        return Version(path=folder, graphs=graphs, **content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SettingError(
            f"{folder / _FILE}: the record of this version cannot be read ({error})",
            hint="roll back to another version, or build into a new home folder",
        ) from error
