"""The scripts and styles that were built from npm, as pages name them.

Where npm could not be reached there are none: pages then serve their plain forms.
"""

from pathlib import Path

from flask import Flask
from markupsafe import Markup

# Written beside what was built; it changes with every source, so it makes a fresh address.
_DIGEST = "sources.sha256"
_ENOUGH = 12


def register_assets(app: Flask, folder: Path | None) -> None:
    """Let templates ask for the address of a built file, and for the link of a style sheet.

    Both are "" where there is none. `folder` holds what was built.
    """
    digest = folder / _DIGEST if folder else None
    mark = digest.read_text().strip()[:_ENOUGH] if digest and digest.is_file() else ""
    names = {path.name for path in folder.glob("*")} if folder and mark else set()

    def built(name: str) -> str:
        return f"/static/built/{name}?v={mark}" if name in names else ""

    def style(name: str) -> str:
        link = Markup('<link rel="stylesheet" href="/static/{}">')
        return link.format(name) if app.has_static_folder else ""

    app.jinja_env.globals["built"] = built
    app.jinja_env.globals["style"] = style
