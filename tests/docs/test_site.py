"""The site is built without a warning, and no link on it, or in the README, leads nowhere."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from peelgraph.repository import Home

ROOT = Path(__file__).parents[2]
# Modules of the ontology that import others or relate their terms, and have none of their own.
NO_TERMS = {"peelgraph", "disjointness"}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


class Links(HTMLParser):
    """The addresses that a page names, and the places in it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: set[str] = set()
        self.loaded: set[str] = set()
        self.places: set[str] = {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.places.add(given.get("id") or "")
        if tag == "a":
            self.addresses.add(given.get("href") or "")
        if tag in {"script", "img", "iframe"}:
            self.loaded.add(given.get("src") or "")
        if tag == "link" and given.get("rel") == "stylesheet":
            self.loaded.add(given.get("href") or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, project_home: Home) -> dict[Path, Links]:
    """The site without the answers of its notebooks, which tests/docs/test_notebooks runs."""
    return build(tmp_path_factory, project_home, "-D", "nb_execution_mode=off")


def build(
    tmp_path_factory: pytest.TempPathFactory, project_home: Home, *options: str
) -> dict[Path, Links]:
    """Build the site, every warning an error, and read the links of its pages."""
    folder = tmp_path_factory.mktemp("site")
    # Of its own: kernels of notebooks write to the error stream whatever they like.
    told = tmp_path_factory.mktemp("told") / "warnings.txt"
    built = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"),
            *options,
            *("--warning-file", str(told)),
            *("--builder", "html", str(ROOT / "docs"), str(folder)),
        ],
        env={**os.environ, "PEELGRAPH_HOME": str(project_home.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ("", 0) == (told.read_text(encoding="utf-8"), built.returncode), built.stderr
    return {path: Links(path.read_text(encoding="utf-8")) for path in folder.rglob("*.html")}


def test_every_page_is_there(site: dict[Path, Links]) -> None:
    names = {path.stem for path in site}

    assert {path.stem for path in (ROOT / "docs").glob("*.md")} <= names
    assert {path.stem for path in (ROOT / "ontology").glob("*.ttl")} - NO_TERMS <= {
        name.removeprefix("ontology-") for name in names
    }


@pytest.mark.slow("the site built with its notebooks, which run alone in test_notebooks")
def test_a_notebook_is_shown_with_what_it_answers(
    tmp_path_factory: pytest.TempPathFactory, project_home: Home
) -> None:
    site = build(tmp_path_factory, project_home)
    shown = {path.stem: links for path, links in site.items() if path.parent.name == "notebooks"}

    assert {path.stem for path in (ROOT / "docs" / "notebooks").glob("*.ipynb")} == shown.keys()
    for name, links in shown.items():
        assert any("_images/" in each for each in links.loaded), name


# The hosts that pages lead to, none of which a test asks. What is generated from the ontology
# leads to none, so a new one here is a choice of somebody.
ELSEWHERE = {
    "github.com",
    "keepachangelog.com",
    "networkx.org",
    "pradyunsg.me",  # who made the theme
    "semver.org",
    "w3id.org",
    "www.sphinx-doc.org",
}


def test_links_to_elsewhere_are_whole_and_lead_to_known_hosts(site: dict[Path, Links]) -> None:
    away = [
        (page.name, urlsplit(address))
        for page, links in site.items()
        for address in links.addresses
        if urlsplit(address).scheme or urlsplit(address).netloc
    ]

    assert away
    assert [] == [
        (page, parts.geturl())
        for page, parts in away
        if parts.scheme not in {"http", "https"} or re.search(r"[\s<>{}]", parts.geturl())
    ]
    assert {parts.hostname for _, parts in away} <= ELSEWHERE


def test_no_link_is_dead(site: dict[Path, Links]) -> None:
    dead = []
    for page, links in site.items():
        for address in links.addresses | links.loaded:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            there = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not there.exists() or (
                there in site and unquote(parts.fragment) not in site[there].places
            ):
                dead.append((page.name, address))

    assert [] == sorted(dead)


def test_no_page_loads_anything_from_another_host(site: dict[Path, Links]) -> None:
    loaded = {address for links in site.values() for address in links.loaded if address}

    assert loaded
    assert [] == [address for address in loaded if urlsplit(address).netloc]


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "ontology/publication/README.md"])
def test_files_of_the_checkout_link_to_what_is_there(name: str) -> None:
    path = ROOT / name
    linked = [a for a in LINK.findall(path.read_text(encoding="utf-8")) if ":" not in a]

    assert [] == [
        address for address in linked if not (path.parent / address.split("#")[0]).exists()
    ]
