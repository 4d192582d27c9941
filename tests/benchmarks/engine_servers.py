"""Each engine as the benchmark runs it, with its own defaults: started, loaded, asked by GET."""

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.remote import Engine, RemoteStore
from peelgraph.repository import GraphRecord, Version
from peelgraph.repository.local_stage import materialise_union
from peelgraph.repository.version import write_record
from tests.benchmarks.engine_workload import NAMED, Data, Query
from tests.engines.servers import Server, free_port, fuseki, oxigraph, running, virtuoso

BULK = "urn:bench:graph"
# Seconds for which a query may run; the same for all.
DEADLINE = 10


@dataclass(frozen=True)
class Running:
    """An engine that holds the data and answers."""

    pid: int
    address: str
    loaded: float
    graphs: tuple[tuple[str, str], ...] = ()

    def url(self, query: Query) -> str:
        """The address of a question."""
        return f"{self.address}?{urlencode([('query', query.text), *self.graphs])}"


Start = AbstractContextManager[Running]


@contextmanager
def ours(data: Data, folder: Path, *, cache: bool) -> Iterator[Running]:
    """peelgraph over its embedded store, two workers; each client is told by its address."""
    home = folder / "home"
    began = time.perf_counter()
    _publish(data, home)
    loaded = time.perf_counter() - began
    port = free_port()
    command = [sys.executable, "-m", "peelgraph", "serve", "--port", str(port)]
    command += ["--home", str(home), "--trusted-proxy", "1", "--timeout", str(DEADLINE)]
    command += [] if cache else ["--cache", "0"]
    address = f"http://127.0.0.1:{port}"
    with running(command, folder, f"{address}/health/ready") as pid:
        yield Running(pid, f"{address}/sparql", loaded)


def _publish(data: Data, home: Path) -> None:
    """The data as one version, without judging it or inferring again: no other engine does."""
    number = 1
    folder = home / "versions" / str(number)
    folder.mkdir(parents=True)
    store = Embedded.open(folder / "store")
    bulk = terms.mint_graph("bench")
    for triples, graphs in (
        (data.asserted, ("", bulk)),
        (data.inferred, (terms.INFERRED,)),
        (data.named, (NAMED,)),
    ):
        for graph in graphs:
            store.insert(triples, graph)
    store.flush()
    sizes = {name: store.size(name) for name in (bulk, NAMED)}
    version = Version(
        number=number,
        path=folder,
        created="2026-01-01T00:00:00+00:00",
        message="benchmark",
        triples=store.size(""),
        inferred=store.size(terms.INFERRED),
        graphs={name: GraphRecord(size, "") for name, size in sizes.items()},
        digest="",
        software="benchmark",
    )
    materialise_union(store, folder)
    store.close()
    write_record(version, folder)
    (folder / "published").touch()
    (home / "current").write_text(f"{number}\n")


@contextmanager
def on_fuseki(data: Data, folder: Path) -> Iterator[Running]:
    """Apache Jena Fuseki over TDB2."""
    with fuseki(folder, "4g") as server:
        yield _filled(server, data)


@contextmanager
def on_oxigraph(data: Data, folder: Path) -> Iterator[Running]:
    """Oxigraph's own server."""
    with oxigraph(folder) as server:
        yield _filled(server, data)


@contextmanager
def on_virtuoso(data: Data, folder: Path) -> Iterator[Running]:
    """Virtuoso; its default graph would be all graphs, so the request names ours."""
    with virtuoso(folder, 2000) as server:
        yield _filled(
            server,
            data,
            default=BULK,
            graphs=(("default-graph-uri", BULK), ("named-graph-uri", NAMED)),
        )


@contextmanager
def on_rdflib(data: Data, folder: Path) -> Iterator[Running]:
    """rdflib-endpoint: rdflib's own store and evaluation behind FastAPI."""
    folder.mkdir(parents=True)
    quads = folder / "data.nq"
    named = data.named.replace(b" .\n", f" <{NAMED}> .\n".encode())
    quads.write_bytes(data.asserted + data.inferred + named)
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("rdflib_server.py"))]
    command += [str(quads), str(port)]
    began = time.perf_counter()
    address = f"http://127.0.0.1:{port}/"
    with running(command, folder, f"{address}?query=ASK%7B%7D", patience=600) as pid:
        yield Running(pid, address, time.perf_counter() - began)


def _filled(
    server: Server, data: Data, default: str = "", graphs: tuple[tuple[str, str], ...] = ()
) -> Running:
    """The data sent by the Graph Store Protocol, as anybody would send it."""
    auth = "digest" if server.user else ""
    engine = Engine(server.query, server.update, server.graphs, auth, server.user, server.password)
    store = RemoteStore(engine, 3600)
    began = time.perf_counter()
    store.insert(data.asserted + data.inferred, default)
    store.insert(data.named, NAMED)
    return Running(server.pid, server.query, time.perf_counter() - began, graphs)


def ask(url: str, accept: str) -> tuple[float, bytes | str]:
    """Seconds until the whole answer is there, and the answer or what went wrong."""
    request = urllib.request.Request(url, headers={"Accept": accept, "X-Forwarded-For": "10.0.0.1"})
    began = time.perf_counter()
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            body: bytes | str = answer.read()
    except urllib.error.HTTPError as error:
        body = f"{error.code}: {' '.join(error.read(300).decode(errors='replace').split())[:120]}"
    except OSError as error:
        body = f"{getattr(error, 'reason', error)}"
    return time.perf_counter() - began, body
