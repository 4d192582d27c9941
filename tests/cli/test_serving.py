"""`peelgraph serve`: builds what is missing, says what is old, answers, and stops."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.cli.cli_world import World

SERVE = [sys.executable, "-m", "peelgraph", "serve", "--workers", "1"]


def test_serve_builds_first_answers_and_stops_on_ctrl_c(world: World) -> None:
    with subprocess.Popen(
        [*SERVE, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as service:
        assert service.stdout is not None
        assert service.stderr is not None
        told = re.fullmatch(r"Version 1 at (http://127\.0\.0\.1:\d+)/\n", service.stdout.readline())
        assert told, service.stderr.read()
        asked = world.run("query", "forces", "--endpoint", f"{told[1]}/sparql", "--format", "csv")
        service.send_signal(signal.SIGINT)
        _, complaints = service.communicate(timeout=30)

    assert 0 == asked[0], asked
    assert asked[1].endswith("Kent Police\r\n")
    assert "" == complaints
    assert service.returncode in {0, 130}


def test_serve_says_which_sources_are_newer(world: World) -> None:
    world.run("build")
    made = Path(".peelgraph/versions/1/version.json").stat().st_mtime
    os.utime(world.report, (made + 5, made + 5))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, _, err = world.run("serve", "--port", taken.getsockname()[1])

    assert 2 == code
    assert "1 sources are newer than version 1, data/reports/gwent-2015/report.ttl" in err
    assert "peelgraph build" in err


def test_a_port_in_use_is_told_with_another_to_take(world: World) -> None:
    world.run("build")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = world.run("serve", "--port", port)

    assert (2, "") == (code, out)
    assert f"cannot listen at 127.0.0.1, port {port}: Address already in use" in err
    assert f"--port {port + 1}" in err


def test_serve_without_a_version_tells_the_fault_in_the_sources(world: World) -> None:
    world.report.write_text("")
    code, _, err = world.run("serve", "--port", "0")

    assert 2 == code
    assert "report.ttl: states nothing" in err
