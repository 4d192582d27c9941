"""/q: short addresses that name a query.

An address is made from what it names, so the same query always has the same one. None is ever
taken back, for it may stand in a paper; so what is kept is bounded.
"""

import base64
import hashlib
import os
import re
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from flask import Blueprint, Response, json, request

from peelgraph.errors import MediaTypeUnknown, RequestRefused, StorageFull, UnknownName
from peelgraph.http.protocol import FORM, read_at, read_fields, read_single
from peelgraph.http.service import Service
from peelgraph.repository.local import storage_failure

# A longer address is refused by some proxies on the way.
LONGEST = 6 * 1024
MOST = 20_000
_KEPT = ("query", "inference", "at", "default-graph-uri", "named-graph-uri")
_MANY = ("default-graph-uri", "named-graph-uri")
# 60 bits: among 20,000 addresses two meet once in six thousand million times.
_LENGTH = 12
_NAME = re.compile(rf"[a-z2-7]{{{_LENGTH}}}")


class Links:
    """The queries that addresses name, a file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, text: str) -> str:
        """The name of `text`; StorageFull when no more are kept."""
        digest = hashlib.sha256(text.encode()).digest()
        name = base64.b32encode(digest).decode("ascii").lower()[:_LENGTH]
        path = self._folder / name
        if path.exists():
            return name
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if sum(1 for _ in os.scandir(self._folder)) >= MOST:
                raise StorageFull(
                    f"{MOST:,} queries have short addresses already, and no more are kept",
                    hint="Share the address that holds the query itself",
                )
            # Readers find all of it or nothing.
            with tempfile.NamedTemporaryFile("w", dir=self._folder, delete=False) as file:
                file.write(text)
            Path(file.name).replace(path)
        except OSError as error:
            raise storage_failure(error) from error
        return name

    def find(self, name: str) -> str:
        """What `name` names; UnknownName when nothing is."""
        try:
            if _NAME.fullmatch(name):
                return (self._folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            pass
        raise UnknownName(f"No query has the short address {name}")


def link_routes(service: Service) -> Blueprint:
    """Making short addresses, and following them."""
    routes = Blueprint("links", __name__)
    links = Links(service.settings.home / "links")

    @routes.post("/q")
    def make() -> Response:
        name = links.keep(_read_query())
        told = json.dumps({"path": f"/q/{name}", "url": f"{service.settings.url}/q/{name}"})
        response = Response(f"{told}\n", status=201, mimetype="application/json")
        response.headers["Location"] = f"/q/{name}"
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.get("/q/<name>")
    def follow(name: str) -> Response:
        response = Response(status=302)
        response.headers["Location"] = f"/sparql?{links.find(name)}"
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response

    return routes


def _read_query() -> str:
    """The parameters of a query, as an address holds them; nothing else is kept."""
    if request.mimetype != FORM:
        raise MediaTypeUnknown(f"The body's Content-Type is {request.mimetype}; read here: {FORM}")
    fields = read_fields(request.get_data(cache=False, parse_form_data=False), "body")
    unknown = sorted({name for name, _ in fields} - set(_KEPT))
    if unknown:
        raise RequestRefused(f"{', '.join(unknown)}: kept here are {', '.join(_KEPT)}")
    for name in _KEPT:
        if name not in _MANY:
            read_single(fields, name)
    if not read_single(fields, "query").strip():
        raise RequestRefused("There is no query", hint="Send it as the parameter `query`.")
    read_at([value for name, value in fields if name == "at"])
    text = urlencode(sorted(fields))
    if len(text) > LONGEST:
        raise RequestRefused(
            f"The query makes an address of {len(text):,} characters; {LONGEST:,} at most are kept",
            hint="Send the query itself, as a file",
        )
    return text
