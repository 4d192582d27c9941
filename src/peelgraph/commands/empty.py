"""A version that holds nothing: where a plain SPARQL store begins."""

from datetime import UTC, datetime

from peelgraph import __version__
from peelgraph.embedded import Embedded
from peelgraph.versions import Home, Version
from peelgraph.versions.digest import digest_version
from peelgraph.versions.record import write_record


def publish_nothing(home: Home) -> Version:
    """A new version without a triple, and without a graph of the project's."""
    with home.hold(), home.stage() as folder:
        store = Embedded.open(folder / "store")
        store.flush()
        store.close()
        number = home.next_number()
        version = Version(
            number=number,
            path=home.folder(number),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            message="empty",
            triples=0,
            inferred=0,
            graphs={},
            digest=digest_version({}),
            software=__version__,
        )
        write_record(version, folder)
        home.commit(folder, number)
    return version
