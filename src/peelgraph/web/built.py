"""The scripts and styles that were built from npm, as pages name them.

Where npm could not be reached there are none: pages then serve their plain forms.
"""

from pathlib import Path

from flask import Flask

_FOLDER = Path(__file__).parent / "static" / "built"
# Written beside what was built; it changes with every source, so it makes a fresh address.
_DIGEST = "sources.sha256"
_ENOUGH = 12


def register_assets(app: Flask, folder: Path = _FOLDER) -> None:
    """Let templates ask for the address of a built file: "" where it was not built."""
    digest = folder / _DIGEST
    mark = digest.read_text().strip()[:_ENOUGH] if digest.is_file() else ""
    names = {path.name for path in folder.glob("*")} if mark else set()

    def built(name: str) -> str:
        return f"/static/built/{name}?v={mark}" if name in names else ""

    app.jinja_env.globals["built"] = built
