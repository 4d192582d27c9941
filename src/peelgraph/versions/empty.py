"""A version that holds nothing: where a plain SPARQL store begins."""

from datetime import UTC, datetime

from peelgraph import __version__
from peelgraph.embedded import Embedded
from peelgraph.versions.digest import digest_graph, digest_version
from peelgraph.versions.home import Home
from peelgraph.versions.joining import join
from peelgraph.versions.record import EMPTY, LOADED, GraphRecord, Version, write_record


def publish_empty(home: Home, *, strict: bool) -> Version:
    """A first version that holds nothing; the unnamed graph is one of its own when `strict`."""
    with home.hold(), home.stage() as folder:
        number = home.next_number()
        unnamed = GraphRecord(0, digest_graph([]), LOADED) if strict else None
        version = Version(
            number=number,
            path=home.folder(number),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            message="empty",
            triples=0,
            inferred=0,
            graphs={},
            digest=digest_version({"": unnamed} if unnamed else {}),
            software=__version__,
            unnamed=unnamed,
            digests_by_value=True,
            made=EMPTY,
        )
        store = Embedded.open(folder / "store")
        store.flush()
        join(store, folder)
        store.close()
        write_record(version, folder)
        home.commit(folder, number)
    return version
