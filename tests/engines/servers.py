"""Other people's engines, started on loopback and ended with the block: for tests and benchmarks.

What is not there is installed: Debian's packages by apt-get, Fuseki from Maven Central.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
JARS = HERE.parents[1] / "build" / "engines"
_STARTING = 120.0

VIRTUOSO = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
ErrorLogLevel = 7
FileExtend = 200
MaxCheckpointRemap = 2000
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
MaxCheckpointRemap = 2000
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
ServerThreads = 30
CheckpointInterval = 0
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
MaxQueryMem = 1G
DirsAllowed = .
ThreadsPerQuery = 2
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 20
MaxClientConnections = 20
MaxKeepAlives = 20
[SPARQL]
ResultSetMaxRows = 1000000
[AutoRepair]
BadParentLinks = 0
"""


@dataclass(frozen=True)
class Server:
    """A running engine: its addresses, its process, and who may write."""

    name: str
    query: str
    update: str
    graphs: str
    pid: int
    admin: str = ""
    user: str = ""
    password: str = ""

    @property
    def options(self) -> str:
        """The file for --store-options."""
        lines = [f'update = "{self.update}"', f'graphs = "{self.graphs}"']
        if self.user:
            lines += [f'user = "{self.user}"', f'password = "{self.password}"', 'auth = "digest"']
        return "\n".join(lines) + "\n"


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def install(program: str, *packages: str) -> None:
    """See that a program is there, from Debian's packages where it is not."""
    if shutil.which(program) is None:
        print(f"installing {' '.join(packages)} ...", flush=True)
        quiet = {
            "stdout": subprocess.DEVNULL,
            "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        }
        subprocess.run(["apt-get", "update", "-qq"], check=True, **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
            check=True,
            **quiet,
        )


def fuseki_jar() -> Path:
    """Fuseki's jar, brought from Maven Central once."""
    found = sorted(JARS.glob("jena-fuseki-server-*.jar"))
    if not found:
        install("java", "default-jre-headless")
        install("mvn", "maven")
        print("bringing Fuseki from Maven Central ...", flush=True)
        command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
        subprocess.run([*command, f"-DoutputDirectory={JARS}"], check=True)
        found = sorted(JARS.glob("jena-fuseki-server-*.jar"))
    return found[-1]


@contextmanager
def fuseki(folder: Path, memory: str = "2g") -> Iterator[Server]:
    """Fuseki over an empty TDB2 dataset."""
    install("java", "default-jre-headless")
    jar, port = fuseki_jar(), free_port()
    database = folder / "tdb2"
    database.mkdir(parents=True)
    command = ["java", f"-Xmx{memory}", "-jar", str(jar), "--ping", "--localhost"]
    command += ["--port", str(port), "--update", "--tdb2", "--loc", str(database), "/peel"]
    address = f"http://127.0.0.1:{port}"
    with running(command, folder, f"{address}/$/ping") as pid:
        base = f"{address}/peel"
        yield Server("Fuseki", f"{base}/sparql", f"{base}/update", f"{base}/data", pid, address)


@contextmanager
def virtuoso(folder: Path, megabytes: int = 1400) -> Iterator[Server]:
    """Virtuoso over an empty database; Debian's package must not start a service of its own."""
    install("virtuoso-t", "virtuoso-opensource")
    folder.mkdir(parents=True)
    http, buffers = free_port(), megabytes * 1024 // 8
    settings = {"sql": free_port(), "http": http, "buffers": buffers, "dirty": buffers * 3 // 4}
    (folder / "virtuoso.ini").write_text(VIRTUOSO.format(**settings))
    command = ["virtuoso-t", "+configfile", "virtuoso.ini", "+foreground"]
    address = f"http://127.0.0.1:{http}"
    with running(command, folder, f"{address}/sparql?query=ask%7B%7D") as pid:
        # The password that a new database comes with; it is reached on loopback alone.
        yield Server(
            "Virtuoso",
            f"{address}/sparql",
            f"{address}/sparql-auth",
            f"{address}/sparql-graph-crud-auth",
            pid,
            user="dba",
            password="dba",
        )


@contextmanager
def oxigraph(folder: Path) -> Iterator[Server]:
    """Oxigraph's own server over an empty store on disk."""
    folder.mkdir(parents=True)
    port = free_port()
    # PyPI's package `oxigraph` brings the program of crates.io's oxigraph-cli.
    program = Path(sys.executable).with_name("oxigraph")
    command = [str(program), "serve", "--location", str(folder / "store")]
    command += ["--bind", f"127.0.0.1:{port}"]
    address = f"http://127.0.0.1:{port}"
    with running(command, folder, f"{address}/query?query=ASK%7B%7D") as pid:
        yield Server("Oxigraph", f"{address}/query", f"{address}/update", f"{address}/store", pid)


@contextmanager
def running(
    command: Sequence[str],
    folder: Path,
    url: str,
    patience: float = _STARTING,
) -> Iterator[int]:
    """A process that is awaited until it answers, and ended with the block."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(process, url, folder, patience)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], url: str, folder: Path, patience: float) -> None:
    end = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            ended = process.poll() is not None
            if ended or time.monotonic() > end:
                log = (folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{process.args!r} does not answer at {url}:\n{log}") from None
            time.sleep(0.1)


def new_dataset(server: Server, name: str) -> Server:
    """One more empty TDB2 dataset of a running Fuseki."""
    body = f"dbName={name}&dbType=tdb2".encode()
    with urllib.request.urlopen(f"{server.admin}/$/datasets", body, timeout=30):
        base = f"{server.admin}/{name}"
    return Server("Fuseki", f"{base}/sparql", f"{base}/update", f"{base}/data", server.pid)
