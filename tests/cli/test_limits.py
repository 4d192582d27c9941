"""Whatever is given to `validate`, it comes to an end within its time and its memory."""

import http.client
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.cli_world import REPORT, SHAPES, World

MANY = 100 * 2**20  # bytes: what a user may send by mistake
COUNTS = " ".join(f"{{ BIND(0 AS ?v{n}) }} UNION {{ BIND(1 AS ?v{n}) }}" for n in range(40))
ENDLESS = (
    "    sh:path peel:gives ;\n"
    f"    sh:sparql [ sh:select 'SELECT $this {{ {COUNTS} FILTER(?v0 > ?v39 + 1) }}' ] ;\n"
)
RECURSIVE = [
    (
        "a shape that refers to itself",
        "    sh:node psh:Judgment ;\n    sh:property psh:Judgment-gives ;",
    ),
    (
        "shapes that refer to each other",
        "    sh:not [ sh:property [ sh:path peel:gives ; sh:node psh:Judgment ] ] ;\n"
        "    sh:property psh:Judgment-gives ;",
    ),
]


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A file of 100 MB, of triples each on its own."""
    path = tmp_path / "big.nt"
    line = "<urn:a> <urn:b> <urn:c> .\n"
    with path.open("w") as file:
        for _ in range(100):
            file.write(line * (MANY // len(line) // 100 + 1))
    assert path.stat().st_size >= MANY
    return path


@pytest.fixture
def hostile(world: World) -> World:
    """A project one of whose shapes has a query that runs for years."""
    text = SHAPES.replace("    sh:path peel:gives ;\n", ENDLESS)
    (world.root / "shapes" / "shapes.ttl").write_text(text)
    (world.root / "long.ttl").write_text(REPORT.replace("judgment:one", "judgment:two"))
    return world


def test_the_projects_own_shapes_have_a_deadline_too(hostile: World) -> None:
    code, out, err = hostile.run("validate", "long.ttl", "--context", "none", "--timeout", "4")

    assert (2, "") == (code, out)
    assert "longer than 4 seconds" in err
    assert "--timeout" in err


@pytest.mark.parametrize(("name", "shape"), RECURSIVE, ids=[case[0] for case in RECURSIVE])
def test_recursive_shapes_are_judged_with_a_remark_at_their_line(
    name: str, shape: str, world: World
) -> None:
    own = world.root / "own.ttl"
    own.write_text(SHAPES.replace("    sh:property psh:Judgment-gives ;", shape, 1))
    code, out, err = world.run("validate", world.report, "--shapes", own)

    # A judgment that conforms to itself breaks the shape that forbids it.
    assert int("each other" in name) == code, err
    assert re.search(r"own\.ttl:\d+:\d+: warning: psh:Judgment refers to itself", out)


DEEP = "<urn:S{0}> a sh:NodeShape ; sh:node <urn:S{1}> .\n"


@pytest.mark.parametrize("depth", [200, 5000])
def test_shapes_too_deep_inside_one_another_are_refused(depth: int, world: World) -> None:
    chain = "".join(DEEP.format(n, n + 1) for n in range(depth - 1))
    text = f"@prefix sh: <http://www.w3.org/ns/shacl#> .\n{chain}<urn:S0> sh:targetNode 1 .\n"
    own = world.root / "own.ttl"
    own.write_text(f"{text}<urn:S{depth - 1}> a sh:NodeShape .\n")
    code, out, err = world.run("validate", world.report, "--shapes", own, "--context", "none")

    assert (2, "") == (code, out)
    assert f"own.ttl:2:1: <urn:S0>: {depth} shapes stand inside one another" in err
    assert "100 are judged" in err


def test_data_that_go_round_in_circles_are_judged(world: World) -> None:
    text = REPORT + "judgment:a peel:gives judgment:b .\njudgment:b peel:gives judgment:a .\n"
    world.report.write_text(text)
    own = world.root / "own.ttl"
    own.write_text(
        SHAPES.replace("sh:path peel:gives", "sh:path [ sh:oneOrMorePath peel:gives ]", 1)
    )
    code, out, _ = world.run("validate", world.report, "--shapes", own, "--context", "none")

    assert 1 == code
    assert "does not conform" in out


@pytest.mark.parametrize("command", ["build", "serve"])
def test_a_limit_of_the_system_that_is_too_low_is_told(command: str, tmp_path: Path) -> None:
    least = 800 * 2**20
    ran = subprocess.run(
        [sys.executable, "-m", "peelgraph", command, "--home", str(tmp_path / "home")],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (least, least)),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (2, "") == (ran.returncode, ran.stdout)
    assert "leaves each process 800 MiB of address space" in ran.stderr
    assert "ulimit -v unlimited" in ran.stderr


@pytest.mark.slow("a file of 100 MB")
def test_a_file_of_100_mb_is_answered_or_refused_in_bounds(big: Path, world: World) -> None:
    command = [sys.executable, "-m", "peelgraph", "validate", str(big), "--memory", "512"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        out, err = process.communicate(timeout=120)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss

    assert (2, "") == (process.returncode, out)
    assert "Checking took more than 512 MiB" in err
    assert "--memory" in err
    # Kilobytes of the largest process of all that ended: the limit, and what libraries reserve.
    assert most < 1024 * (512 + 512)


@pytest.fixture
def served(world: World) -> Iterator[tuple[int, int]]:
    """The port of a service over the project, and its process."""
    assert 0 == world.run("build")[0]
    command = [sys.executable, "-m", "peelgraph", "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline().rstrip("/\n").rpartition(":")[2]), process.pid
        finally:
            process.terminate()
            process.wait(20)


def memory_of(process: int) -> int:
    """The most memory that one process, this or one below it, ever held, in bytes.

    Not of all together: workers are still being started when the service answers.
    """
    found, waiting = 0, [process]
    while waiting:
        each = waiting.pop()
        folder = Path(f"/proc/{each}")
        status = (folder / "status").read_text()
        found = max(found, int(status.partition("VmHWM:")[2].split()[0]) * 1024)
        for task in (folder / "task").iterdir():
            with suppress(FileNotFoundError):  # a thread that has ended meanwhile
                waiting += map(int, (task / "children").read_text().split())
    return found


@pytest.mark.parametrize("kind", ["text/turtle", "multipart/form-data; boundary=b"])
@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_of_100_mb_is_refused(
    served: tuple[int, int], kind: str, chunked: bool, big: Path
) -> None:
    port, process = served
    before = memory_of(process)
    start = b'--b\r\nContent-Disposition: form-data; name="file"; filename="big.nt"\r\n\r\n'
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("POST", "/validate")
    connection.putheader("Content-Type", kind)
    if chunked:
        connection.putheader("Transfer-Encoding", "chunked")
    else:
        connection.putheader("Content-Length", str(MANY))
    connection.endheaders()
    sent = 0
    try:
        with big.open("rb") as file:
            part = start if kind.startswith("multipart") else file.read(2**16)
            while part and sent < MANY:
                part = part[: MANY - sent]
                framed = b"%x\r\n%s\r\n" % (len(part), part) if chunked else part
                connection.send(framed)
                sent += len(part)
                part = file.read(2**16)
    except (BrokenPipeError, ConnectionResetError):
        assert sent < MANY
    answer = connection.getresponse()
    problem = answer.read().decode()
    connection.close()

    expected = (411, "comes with its Content-Length") if chunked else (413, "longer than 16 MiB")
    assert expected[0] == answer.status
    assert expected[1] in problem
    assert memory_of(process) - before < MANY
