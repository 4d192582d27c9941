"""What a version asserts and infers as one graph in a store of its own, beside its store.

Most questions are asked of both, and one graph is read in half the time of two.
"""

from pathlib import Path

from peelgraph import terms
from peelgraph.embedded import WHOLE, Embedded
from peelgraph.store import Store
from peelgraph.versions.record import Version


def join(store: Store, folder: Path) -> None:
    """Write the joined graph of `store` into the version that is staged in `folder`."""
    whole = Embedded.open(folder / WHOLE)
    try:
        whole.renew("", store.read("") + store.read(terms.INFERRED))
        whole.compact()
        whole.flush()
    finally:
        whole.close()


def follow(store: Store, touched: bytes, base: Version, folder: Path) -> None:
    """Write it where only `touched`, as N-Triples, came or went since `base`."""
    if not base.whole_path.is_dir():
        return join(store, folder)
    whole = Embedded.checkpoint(base.whole_path, folder / WHOLE)
    try:
        there = store.held(touched, "", terms.INFERRED)
        gone = {*filter(None, touched.split(b"\n"))} - there
        whole.change(b"\n".join(there), b"\n".join(gone))
        whole.flush()
    finally:
        whole.close()
    return None
