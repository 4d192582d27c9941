"""Crawl a running service from its home page, and ask for every own IRI in every syntax.

    python tests/linked/crawl.py URL [--sample N]

Every link of every page must answer, each page as HTML, each fragment be there; every IRI that
the data use must lead to a document of the type asked for, the same graph in every syntax.
Exit code 1, and a line a fault, when one does not. Addresses with parameters are many more than
there are documents, and those with an ending repeat them: a few of each form are followed. With
--sample, so are documents.
"""

import argparse
import http.client
import re
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, unquote, urldefrag, urljoin, urlsplit

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.repository import canonical_lines

SYNTAXES = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
}
HTML = "text/html"
PARAMETERS = 12
THREADS = 2  # as many questions as one client may ask at a time
REDIRECTS = 3
RETRIES = 20
NESTED = 3  # parts of /doc/force, with the empty one before
OK, SEE_OTHER, LATER = 200, 303, (429, 503)
# Files, and addresses that answer in formats of their own.
NO_DOCUMENTS = tuple(f"{terms.BASE}{part}" for part in ("dump", "sparql", "openapi.json"))
# Where a link leads to an answer for machines on purpose, with its own type.
TYPES = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "html": HTML,
    "rq": "application/sparql-query",
    "nq": "application/n-quads",
    "gz": "application/gzip",
    "css": "text/css",
    "svg": "image/svg+xml",
    "js": "text/javascript",
}


@dataclass(slots=True)
class Report:
    """What was looked at, and what was wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{number:,} {what}" for what, number in sorted(self.counts.items()))
        return f"{told}; {len(self.faults)} faults"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, after its redirects; `steps` are the statuses on the way."""

    url: str
    status: int
    media_type: str
    body: bytes
    steps: tuple[int, ...] = ()


class Client:
    """Requests over connections that are kept, one a thread."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self._host = urlsplit(base).netloc
        self._local = threading.local()
        self._open: list[http.client.HTTPConnection] = []

    def close(self) -> None:
        """Give every connection back."""
        for connection in self._open:
            connection.close()

    def get(self, url: str, accept: str) -> Answer:
        """The answer to GET, at most a few redirects on."""
        steps: list[int] = []
        waits = 0
        while True:
            status, headers, body = self._ask(url, accept)
            if status in LATER and "Retry-After" in headers and waits < RETRIES:
                waits += 1
                time.sleep(int(headers["Retry-After"]))
                continue
            if status != SEE_OTHER or len(steps) >= REDIRECTS:
                media_type = headers.get("Content-Type", "").partition(";")[0]
                return Answer(url, status, media_type, body, tuple(steps))
            steps.append(status)
            url = urljoin(url, headers["Location"])

    def _ask(self, url: str, accept: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        split = urlsplit(url)
        target = split.path + (f"?{split.query}" if split.query else "")
        for attempt in (1, 2):
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = http.client.HTTPConnection(self._host, timeout=120)
                self._local.connection = connection
                self._open.append(connection)
            try:
                connection.request("GET", target or "/", headers={"Accept": accept})
                response = connection.getresponse()
                return response.status, response.headers, response.read()
            except (http.client.HTTPException, ConnectionError):
                connection.close()
                self._local.connection = None
                if attempt > 1:
                    raise
        raise AssertionError(url)


class Links(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.found.add(value)
            elif name == "id" and value:
                self.anchors.add(value)


class Sampler:
    """Which addresses are followed: a few of each form that has parameters, and of the rest all."""

    def __init__(self, sample: int) -> None:
        self._sample = sample
        self._taken: Counter[str] = Counter()

    def takes(self, url: str) -> bool:
        """Whether to follow an address; it counts as followed from now on."""
        split = urlsplit(url)
        names = sorted({name for name, _ in parse_qsl(split.query)})
        parts = split.path.split("/")
        ending = split.path.rpartition(".")[2] if "." in parts[-1] else ""
        # All endings of documents are one form, else each kind of thing is one.
        stem = parts[1] if ending or names or len(parts) < NESTED else "/".join(parts[:-1])
        form = f"{stem} {ending} {names}"
        self._taken[form] += 1
        few = names or (ending and parts[1] == "doc")
        most = self._sample or (PARAMETERS if few else 0)
        return not most or self._taken[form] <= most


def crawl_pages(client: Client, report: Report, sampler: Sampler) -> None:
    """Follow every link from the home page on."""
    waiting, seen = [f"{client.base}/"], {f"{client.base}/"}
    anchors: dict[str, set[str]] = {}
    fragments: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    with ThreadPoolExecutor(THREADS) as pool:
        while waiting:
            following: list[str] = []
            for answer, page in pool.map(lambda url: _page(client, url), waiting):
                report.counts["pages and files"] += 1
                _judge_page(answer, report)
                if page is None:
                    continue
                anchors[answer.url] = page.anchors
                report.counts["links"] += len(page.found)
                for link in page.found:
                    url, fragment = urldefrag(urljoin(answer.url, link))
                    if not url.startswith(f"{client.base}/"):
                        continue
                    if fragment:
                        fragments[url].add((fragment, answer.url))
                    if url not in seen:
                        seen.add(url)
                        if sampler.takes(url):
                            following.append(url)
            waiting = following
    for url, wanted in fragments.items():
        for fragment, source in wanted:
            report.counts["fragments"] += 1
            if url in anchors and unquote(fragment) not in anchors[url]:
                report.faults.append(f"{source}: links to #{fragment}, which {url} lacks")


def _page(client: Client, url: str) -> tuple[Answer, Links | None]:
    answer = client.get(url, HTML)
    is_page = answer.media_type == HTML and answer.status == OK
    return answer, Links(answer.body.decode()) if is_page else None


def _judge_page(answer: Answer, report: Report) -> None:
    path = urlsplit(answer.url).path
    if answer.status != OK:
        report.faults.append(f"{answer.url}: {answer.status}")
        return
    expected = TYPES.get(path.rpartition(".")[2], HTML) if "." in path.rpartition("/")[2] else HTML
    has_format = "format=" in urlsplit(answer.url).query
    # A number in a name is no ending, and what a question is asked for is its own.
    if not has_format and answer.media_type not in (expected, HTML, "application/json"):
        report.faults.append(f"{answer.url}: {answer.media_type}, not {expected}")


def own_iris(text: bytes) -> set[str]:
    """Every IRI of ours that some N-Quads use, in any place."""
    return set(re.findall(rf"<({re.escape(terms.BASE)}[^>]*)>", text.decode()))


def check_iris(client: Client, iris: Iterable[str], report: Report) -> None:
    """Ask for the document of each IRI in every syntax, and compare."""
    documents: defaultdict[str, set[str]] = defaultdict(set)
    for iri in iris:
        report.counts["own IRIs"] += 1
        document, fragment = urldefrag(iri)
        documents[document].add(fragment)
    with ThreadPoolExecutor(THREADS) as pool:
        for faults, triples in pool.map(
            lambda item: list_faults(client, *item), sorted(documents.items())
        ):
            report.counts["documents in every syntax"] += 1
            report.counts["triples in them"] += triples
            report.faults += faults


def list_faults(client: Client, document: str, fragments: set[str]) -> tuple[list[str], int]:
    """What is wrong with one document, and how many triples it states."""
    url = f"{client.base}/{document.removeprefix(terms.BASE)}"
    faults: list[str] = []
    graphs: dict[str, list[bytes]] = {}
    for media_type, syntax in SYNTAXES.items():
        answer = client.get(url, media_type)
        if answer.status != OK or answer.media_type != media_type:
            faults.append(f"{url} as {media_type}: {answer.status} {answer.media_type}")
            continue
        if document.startswith(terms.ID) and answer.steps != (SEE_OTHER,):
            faults.append(f"{url}: a thing leads to its document by 303, not {answer.steps}")
        try:
            quads = ox.parse(answer.body, syntax, base_iri=url)
            text = ox.serialize(quads, format=ox.RdfFormat.N_TRIPLES) or b""
        except SyntaxError as error:
            faults.append(f"{url} as {media_type}: {error}")
            continue
        graphs[media_type] = canonical_lines([text])
    first = next(iter(graphs.values()), [])
    faults += [f"{url}: {name} states another graph" for name, g in graphs.items() if g != first]
    told = b"\n".join(first)
    for fragment in fragments - {""}:
        if f"<{document}#{fragment}>".encode() not in told:
            faults.append(f"{url}: says nothing of #{fragment}")
    if "" in fragments and document.startswith(terms.ID) and f"<{document}>".encode() not in told:
        faults.append(f"{url}: says nothing of <{document}>")
    page = client.get(url, HTML)
    if page.status != OK or page.media_type != HTML:
        faults.append(f"{url} as a page: {page.status} {page.media_type}")
    return faults, len(first)


def spread(iris: set[str], sample: int) -> Iterator[str]:
    """All IRIs, or a few of each kind."""
    taken: Counter[str] = Counter()
    for iri in sorted(iris):
        kind = re.split(r"[#/][^#/]*$", iri)[0]
        taken[kind] += 1
        if not sample or taken[kind] <= sample:
            yield iri


def crawl(base: str, sample: int = 0) -> Report:
    """Everything looked at, or a few of each kind."""
    report = Report()
    with connected(base) as client:
        crawl_pages(client, report, Sampler(sample))
        iris = own_iris(client.get(f"{client.base}/dump.nq", "*/*").body)
        described = client.get(f"{client.base}/.well-known/void.nt", "*/*").body.decode()
        # The service's own addresses, as the data name them: those of files are no documents.
        iris |= own_iris(described.replace(f"<{client.base}/", f"<{terms.BASE}").encode())
        documents = {iri for iri in iris if not iri.startswith(NO_DOCUMENTS)}
        check_iris(client, spread(documents, sample), report)
    return report


@contextmanager
def connected(base: str) -> Iterator[Client]:
    """A client whose connections are closed at the end."""
    client = Client(base)
    try:
        yield client
    finally:
        client.close()


def main() -> int:
    """Crawl, tell, and say by the exit code whether all was well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--sample", type=int, default=0)
    given = parser.parse_args()
    report = crawl(given.url, given.sample)
    print("\n".join(report.faults[:50]))
    print(report)
    return 1 if report.faults or not report.counts["own IRIs"] else 0


if __name__ == "__main__":
    sys.exit(main())
