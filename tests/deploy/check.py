"""Try what docs/deploy offers, as far as one machine can: behind nginx, under systemd, contained.

    python tests/deploy/check.py FOLDER      FOLDER is a virtual environment that holds peelgraph

Needs root, nginx, openssl, systemd-analyze and setpriv. No image is built: what the Containerfile
says of user, environment, health and stopping is done to processes of ours, in a mount namespace
whose root is read-only.
"""

import json
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
ROWS = "query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%202000"
PATIENCE = 180.0


def check(holds: bool, told: str) -> None:
    """Tell what holds; end with what does not."""
    if not holds:
        sys.exit(f"does not hold: {told}")
    print(f"holds: {told}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], **given: object) -> Iterator[subprocess.Popen[str]]:
    """A process for as long as the block lasts."""
    with subprocess.Popen(command, text=True, **given) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def wait_for(answers: Callable[[], bool], told: str) -> None:
    end = time.monotonic() + PATIENCE
    while not answers():
        if time.monotonic() > end:
            sys.exit(f"does not hold: {told}")
        time.sleep(0.1)


def ask(
    url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, method: str = ""
) -> tuple[int, Message, bytes]:
    """Status, headers and body, whatever the certificate says."""
    trusting = ssl._create_unverified_context()
    asked = urllib.request.Request(url, body, dict(headers or {}), method=method or None)
    try:
        with urllib.request.urlopen(asked, timeout=30, context=trusting) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def is_ready(port: int) -> bool:
    try:
        return ask(f"http://127.0.0.1:{port}/health/ready")[0] == 200
    except OSError:
        return False


def behind_nginx(venv: Path, scratch: Path) -> None:
    """nginx.conf as it stands, but for ports and the certificate."""
    inner, outer = free_port(), free_port()
    key, certificate = scratch / "key.pem", scratch / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=graph.example",
         "-days", "1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    text = (DEPLOY / "nginx.conf").read_text()
    for old, new in (
        ("127.0.0.1:8000", f"127.0.0.1:{inner}"),
        ("listen 443 ssl", f"listen 127.0.0.1:{outer} ssl"),
        ("listen [::]:443 ssl", f"listen [::1]:{outer} ssl"),
        ("/etc/ssl/graph.example.pem", str(certificate)),
        ("/etc/ssl/private/graph.example.key", str(key)),
    ):
        check(old in text, f"nginx.conf says {old!r}")
        text = text.replace(old, new)
    if "http2 on" in text and _nginx_version() < (1, 25, 1):
        print("left out: http2, which nginx has as a directive of its own from 1.25.1 on")
        text = text.replace("http2 on;", "")
    configuration = scratch / "nginx.conf"
    paths = "".join(
        f"{name}_temp_path {scratch / name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration.write_text(
        f"daemon off; pid {scratch}/nginx.pid; error_log {scratch}/error.log;\n"
        f"events {{}} http {{ access_log off; {paths}\n{text}\n}}"
    )
    nginx = ["nginx", "-p", str(scratch), "-c", str(configuration)]
    subprocess.run([*nginx, "-t"], check=True, capture_output=True)
    log = (scratch / "serve.log").open("w")
    serving = [str(venv / "bin" / "peelgraph"), "serve", "--port", str(inner), "--log", "requests",
               "--home", str(scratch / "home"), "--public-url", "https://graph.example",
               "--trusted-proxy", "1"]  # fmt: skip
    with running(serving, stderr=log, stdout=subprocess.DEVNULL), running(nginx):
        wait_for(lambda: is_ready(inner), "the service answers")
        url = f"https://127.0.0.1:{outer}"
        _ask_through(url)
    clients = [json.loads(line).get("client") for line in _json_lines(scratch / "serve.log")]
    check("203.0.113.9" not in clients, "an address that a client claims is not believed")
    check("127.0.0.1" in clients, "the address that nginx sees is the client's")


def _ask_through(url: str) -> None:
    status, headers, body = ask(f"{url}/sparql?{ROWS}", headers={"X-Forwarded-For": "203.0.113.9"})
    check(status == 200 and len(body) > 10_000, "a query is answered through nginx")
    check(headers["Strict-Transport-Security"] is not None, "HTTPS is asked for from then on")
    status, _, _ = ask(f"{url}/sparql?{ROWS}", headers={"If-None-Match": headers["ETag"]})
    check(status == 304, "a tag brings a 304 through nginx")
    query = {"Content-Type": "application/sparql-query"}
    check(ask(f"{url}/sparql", b"ASK {}", query, "QUERY")[0] == 200, "QUERY passes")
    check(b"https://graph.example/sparql" in ask(f"{url}/sparql")[2], "links are the public ones")
    check(ask(f"{url}/metrics")[0] == 403, "metrics are not for everybody")
    status, _, _ = ask(f"{url}/sparql", b"x" * (17 * 2**20), query)
    check(status == 413, "a body past the limit is refused")


def _nginx_version() -> tuple[int, ...]:
    told = subprocess.run(["nginx", "-v"], check=True, capture_output=True, text=True).stderr
    return tuple(int(part) for part in re.findall(r"\d+", told)[:3])


def _json_lines(path: Path) -> Iterator[str]:
    found = [line for line in path.read_text().splitlines() if line.startswith("{")]
    check(bool(found), "requests are logged, a JSON object a line")
    yield from found


def under_systemd(venv: Path, scratch: Path) -> None:
    """The unit can be read, and shuts off what it says."""
    unit = scratch / "peelgraph.service"
    text = (DEPLOY / "peelgraph.service").read_text()
    unit.write_text(text.replace("/opt/peelgraph", str(venv)))
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    check(
        told.returncode == 0 and "peelgraph" not in told.stderr, f"the unit is valid {told.stderr}"
    )
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    check(told.returncode == 0, f"exposure is 2 of 10 at most: {told.stdout.splitlines()[-1]}")
    names = re.findall(r"^Environment=(PEELGRAPH_\w+)=", text, re.MULTILINE)
    offered = subprocess.run(
        [str(venv / "bin" / "peelgraph"), "serve", "--help"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in names:
        option = "--" + name.removeprefix("PEELGRAPH_").lower().replace("_", "-")
        check(option in offered, f"{name} stands for an option")


def contained(venv: Path, scratch: Path) -> None:
    """What the Containerfile makes of a process: no root, no capability, nothing to write to."""
    said = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
    instructions = [line.split(None, 1) for line in said.splitlines() if line.strip()]
    given = {name: rest for name, rest in instructions if not name.startswith("#")}
    user = re.search(r"--uid (\d+)", said)
    check(user is not None and given["USER"] == "peelgraph", "the image runs as a user of its own")
    port = free_port()
    volume, room = scratch / "volume", scratch / "tmp"
    volume.mkdir()
    room.mkdir()
    settings = dict(item.split("=", 1) for item in shlex.split(given["ENV"]))
    check(settings["PEELGRAPH_HOME"] == given["VOLUME"].strip(), "versions are in the volume")
    settings |= {"PEELGRAPH_PORT": str(port), "PEELGRAPH_HOME": str(volume), "TMPDIR": str(room)}
    command = [
        part.replace("/opt/peelgraph", str(venv)) for part in json.loads(given["ENTRYPOINT"])
    ]
    health = json.loads(given["HEALTHCHECK"].partition("CMD ")[2])
    health = [
        part.replace("/opt/peelgraph", str(venv)).replace(":8000", f":{port}") for part in health
    ]
    uid = user[1] if user else ""
    python = (venv / "bin" / "python").resolve().parents[1]
    script = "\n".join((
        "set -e",
        "mount --make-rprivate /",
        *_shown(python, scratch),
        f"chown {uid}:{uid} {volume} {room}",
        f"mount -t tmpfs -o size=64m,mode=1777 tmpfs {room}",
        f"mount --bind {volume} {volume}",
        "mount -o remount,bind,ro /",
        f"exec setpriv --reuid {uid} --regid {uid} --clear-groups --no-new-privs "
        f"--bounding-set=-all --inh-caps=-all {shlex.join(command)}",
    ))  # fmt: skip
    environment = {"PATH": os.environ["PATH"], **settings}
    with running(["unshare", "--mount", "sh", "-c", script], env=environment) as process:
        wait_for(lambda: is_ready(port), "it builds and answers without root and without a disk")
        status = Path(f"/proc/{process.pid}/status").read_text()
        check(f"Uid:\t{uid}\t{uid}" in status, "it is not root")
        check("CapEff:\t0000000000000000" in status, "it has no capability")
        check("NoNewPrivs:\t1" in status, "it can get none")
        mounts = Path(f"/proc/{process.pid}/mounts").read_text()
        check(
            re.search(r"^\S+ / \S+ ro", mounts, re.MULTILINE) is not None, "the root is read-only"
        )
        healthy = subprocess.run(health, check=False).returncode
        check(healthy == 0, "the health check of the image passes")
        process.send_signal(getattr(signal, given["STOPSIGNAL"].strip()))
        check(process.wait(20) == 0, "the signal that stops the image ends it in peace")
    check(any((volume / "versions").iterdir()), "what was published is in the volume")


def _shown(folder: Path, scratch: Path) -> list[str]:
    """Commands that show a folder at its place to others where one above it is root's alone."""
    closed = [each for each in reversed(folder.parents) if not each.stat().st_mode & 0o001]
    if not closed:
        return []
    aside = scratch / "aside"
    return [
        f"mkdir {aside}",
        f"mount --bind {folder} {aside}",
        f"mount -t tmpfs -o mode=755 tmpfs {closed[0]}",
        f"mkdir -p {folder}",
        f"mount --bind {aside} {folder}",
    ]


def main() -> None:
    """Check all three."""
    venv = Path(sys.argv[1]).resolve()
    for step in (under_systemd, behind_nginx, contained):
        with tempfile.TemporaryDirectory(prefix="peelgraph-deploy-") as scratch:
            Path(scratch).chmod(0o755)
            print(f"-- {step.__name__.replace('_', ' ')}")
            step(venv, Path(scratch))


if __name__ == "__main__":
    main()
