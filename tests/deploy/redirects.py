"""Try the redirects of w3id.org in Apache itself, before a service that answers them.

    python tests/deploy/redirects.py FOLDER      FOLDER: an environment that holds peelgraph

Needs root and apache2. Each kind of IRI is asked in each syntax, as a reader of RDF or a browser
does: Apache answers 303, the service what was asked for, about what was asked.
"""

import json
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from check import (  # type: ignore[import-not-found] # a program beside this one
    ask,
    check,
    free_port,
    is_ready,
    running,
    wait_for,
)

KIT = Path(__file__).parents[2] / "ontology" / "publication"
W3ID = "https://w3id.org/peelgraph/"
SYNTAXES = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json")
VERSION = re.findall(
    r'owl:versionInfo "([^"]+)"', (KIT.parent / "peelgraph.ttl").read_text(encoding="utf-8")
)[0]
# Documents; what else there is, is asked of the service: one thing of each type.
DOCUMENTS = (
    *("ontology", "ontology/0.1.0", "ontology/inspection", "ontology/alignment/org"),
    *(f"ontology/{VERSION}", f"ontology/{VERSION}/inspection", "ontology/schemes/pillars"),
    *("shapes", "shapes/inspection", "graph/grades"),
)
ONE_OF_EACH = """
SELECT ?type (MIN(STR(?thing)) AS ?one) WHERE {
  ?thing a ?class .
  FILTER(STRSTARTS(STR(?thing), "https://w3id.org/peelgraph/id/"))
  BIND(STRBEFORE(STRAFTER(STR(?thing), "/id/"), "/") AS ?type)
} GROUP BY ?type ORDER BY ?type"""
APACHE = """
ServerRoot {scratch}
ServerName w3id.example
PidFile {scratch}/apache.pid
ErrorLog {scratch}/error.log
Listen 127.0.0.1:{port}
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule rewrite_module /usr/lib/apache2/modules/mod_rewrite.so
User www-data
Group www-data
DocumentRoot {scratch}/www
<Directory {scratch}/www>
  AllowOverride All
</Directory>
"""


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are told, not followed."""

    def redirect_request(self, *_: Any) -> None:
        return None


def led(url: str) -> tuple[int, str]:
    """Status, and where it leads."""
    try:
        with urllib.request.build_opener(_Stay).open(url, timeout=30) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Location", "")


def kinds(service: str) -> Iterator[str]:
    """A path of each kind that a client may come with."""
    yield from DOCUMENTS
    query = urllib.parse.urlencode({"query": ONE_OF_EACH})
    body = ask(f"{service}/sparql?{query}", headers={"Accept": "application/json"})[2]
    rows = json.loads(body)["results"]["bindings"]
    check(len(rows) > 20, f"the graph holds things of {len(rows)} types")
    for row in rows:
        yield row["one"]["value"].removeprefix(W3ID)


def negotiate(w3id: str, service: str) -> None:
    """Each kind in each syntax, and as a page."""
    asked = list(kinds(service))
    for path in asked:
        told = led(f"{w3id}/{path}")
        if told != (303, f"{service}/{path}"):
            sys.exit(f"does not hold: {path} leads to {told}")
        for media_type in SYNTAXES:
            status, headers, body = ask(f"{w3id}/{path}", headers={"Accept": media_type})
            syntax = ox.RdfFormat.from_media_type(media_type)
            found = ox.parse(body, syntax) if _is(media_type, headers) else ()
            if status != 200 or W3ID + path not in {_told_of(quad) for quad in found}:
                sys.exit(f"does not hold: {path} as {media_type}: {status}, {headers.items()}")
        status, headers, _ = ask(f"{w3id}/{path}", headers={"Accept": "text/html"})
        if status != 200 or not _is("text/html", headers):
            sys.exit(f"does not hold: {path} as a page: {status}, {headers.items()}")
    print(f"holds: {len(asked)} kinds of IRI lead to a page and to RDF in {len(SYNTAXES)} syntaxes")


def _told_of(quad: ox.Quad) -> str:
    """The document of what it tells of; of an ontology's version, that version."""
    told = quad.object if quad.predicate.value.endswith("#versionIRI") else quad.subject
    return getattr(told, "value", "").partition("#")[0]


def _is(media_type: str, headers: Mapping[str, str]) -> bool:
    return headers["Content-Type"].partition(";")[0] == media_type


def main() -> None:
    """A service, Apache with the kit before it, and all that a client asks."""
    venv = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="peelgraph-w3id-") as name:
        scratch = Path(name)
        scratch.chmod(0o755)
        inner, outer = free_port(), free_port()
        service, w3id = f"http://127.0.0.1:{inner}", f"http://127.0.0.1:{outer}/peelgraph"
        rules = (KIT / ".htaccess").read_text()
        check(rules.count("https://peelgraph.example") == 1, "one line names the host")
        folder = scratch / "www" / "peelgraph"
        folder.mkdir(parents=True)
        (folder / ".htaccess").write_text(rules.replace("https://peelgraph.example", service))
        settings = scratch / "apache.conf"
        settings.write_text(APACHE.format(scratch=scratch, port=outer))
        serving = [str(venv / "bin" / "peelgraph"), "serve", "--port", str(inner),
                   "--home", str(scratch / "home"), "--public-url", service]  # fmt: skip
        apache = ["apache2", "-f", str(settings), "-D", "FOREGROUND"]
        subprocess.run([*apache[:3], "-t"], check=True, capture_output=True)
        log = (scratch / "serve.log").open("w")
        with running(serving, stdout=log, stderr=log), running(apache):
            wait_for(lambda: is_ready(inner), "the service answers")
            wait_for(lambda: _listens(w3id), "Apache answers")
            check(led(f"{w3id}/") == (303, f"{service}/"), "the project leads to its home page")
            negotiate(w3id, service)
            for path in (".well-known/void", ".well-known/sparql-examples"):
                check(led(f"{w3id}/{path}") == (303, f"{service}/{path}"), f"{path} is led on")
            # Apache encodes anew, with small hexadecimal digits, which are the same in a path.
            status, target = led(f"{w3id}/id/force/caf%C3%A9%20x?a=b")
            check(
                (status, target.lower()) == (303, f"{service}/id/force/caf%c3%a9%20x?a=b"),
                "what is percent-encoded stays so, and a query string stays",
            )
            for path in ("elsewhere", "idle", "ontology/0.1", "id/"):
                check(led(f"{w3id}/{path}")[0] == 404, f"{path} is not ours: 404")


def _listens(url: str) -> bool:
    try:
        return led(f"{url}/elsewhere")[0] == 404
    except OSError:
        return False


if __name__ == "__main__":
    main()
