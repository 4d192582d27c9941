"""Each file of a home truncated, and each replaced by garbage, one at a time.

What is in a file may be lost with it, and no more. Each class of files says which operations fail
then, by name; all others answer as they do where nothing is damaged.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from peelgraph import terms
from peelgraph.catalogue import read_catalogue
from peelgraph.cli import run
from peelgraph.errors import SettingError
from peelgraph.http import server
from peelgraph.http.wsgi import CurrentVersion
from peelgraph.reasoning import compile_rules
from peelgraph.repository import Home, Version
from peelgraph.repository import local as homes
from peelgraph.repository.changes import Gates, Order, Update
from peelgraph.repository.dumps import dumps_of
from peelgraph.repository.rebuild import rebuild
from peelgraph.repository.transaction import write
from peelgraph.settings import Settings
from peelgraph.site.app import create_app
from peelgraph.sources import parse
from peelgraph.terms import ONTOLOGY_GRAPH
from peelgraph.validation import Report, accept
from peelgraph.workers import Edition, Pool
from peelgraph.workers.writer import Writer

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.slow("two minutes: 300 homes, each read, some written to"),
]

QUERIES = Path(__file__).parents[1] / "protocol" / "queries"
GRAPH = "urn:g:kent"
ONTOLOGY_TEXT = """\
@prefix : <urn:t#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:Unit a owl:Class ; rdfs:subClassOf :Body . :Body a owl:Class .
"""
# Many things are counted of it, so that a small write notes counts by what it changed.
MANY = "@prefix : <urn:t#> ." + "".join(f":k{n} a :K{n} ; :p{n} {n} ." for n in range(120))
OLDER, CURRENT = 12, 13
ROWS = {
    "whole": "SELECT ?s ?p ?o { ?s ?p ?o }",
    # Without what is told of the version itself, its time among it.
    "store": "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } FILTER (?g NOT IN "
    f"(<{terms.DESCRIPTION}>)) }}",
}


def truncated(content: bytes) -> bytes:
    """The first third."""
    return content[: len(content) // 3]


def cut(content: bytes) -> bytes:
    """All but the last bytes: what a crash of the system leaves."""
    return content[: len(content) * 9 // 10]


def garbage(content: bytes) -> bytes:
    """As many other bytes, or a few."""
    return (b"\xff\x00{" * (len(content) // 3 + 1))[: len(content) or 3]


def longer(content: bytes) -> bytes:
    """Other bytes, and more of them."""
    return b"7\n{" * (len(content) // 3 + 2)


Answers = dict[str, object]
Damage = Callable[[bytes], bytes]

# The operations that fail, by what is lost with a file.
NOTHING: frozenset[str] = frozenset()
OLDER_STORE = frozenset({f"query {OLDER}", f"dump {OLDER}", "rollback"})
CURRENT_STORE = frozenset({"query", f"dump {CURRENT}", "serve", "void", "write", "rollback again"})
OLDER_WHOLE, CURRENT_WHOLE = OLDER_STORE - {f"dump {OLDER}"}, CURRENT_STORE - {f"dump {CURRENT}"}
OLDER_RECORD = OLDER_STORE | {
    f"record {OLDER}",
    f"file of all {OLDER}",
    f"file of graph {OLDER}",
    f"listed {OLDER}",
    "diff",
    "compared",
    "void",
}
CURRENT_RECORD = frozenset(
    {
        f"record {CURRENT}",
        f"dump {CURRENT}",
        f"file of all {CURRENT}",
        f"file of graph {CURRENT}",
        f"listed {CURRENT}",
        "diff",
        "compared",
        "void",
        "serve",
        "write",
        "rollback again",
    }
)
# Each class by the pattern of its names below the home folder.
CLASSES = {
    "current": frozenset({"serve", "write"}),
    "lock": NOTHING,
    "log.jsonl": frozenset({"events"}),
    "withdrawn.txt": frozenset({"withdrawn"}),
    f"versions/{OLDER}/version.json": OLDER_RECORD,
    f"versions/{CURRENT}/version.json": CURRENT_RECORD,
    # Marks count by being there; what is derived is derived anew.
    "versions/*/published": NOTHING,
    "versions/*/marked": NOTHING,
    "versions/*/cited": NOTHING,
    "versions/*/added.nq": NOTHING,
    "versions/*/removed.nq": NOTHING,
    "versions/*/counts*.json.gz": NOTHING,
    "versions/*/rules.json.gz": NOTHING,
    "versions/*/dumps/*": NOTHING,
    f"versions/{OLDER}/store/CURRENT": OLDER_STORE,
    f"versions/{OLDER}/store/MANIFEST-*": OLDER_STORE,
    f"versions/{OLDER}/store/*.sst": OLDER_STORE,
    f"versions/{OLDER}/whole/CURRENT": OLDER_WHOLE,
    f"versions/{OLDER}/whole/MANIFEST-*": OLDER_WHOLE,
    f"versions/{OLDER}/whole/*.sst": OLDER_WHOLE,
    f"versions/{CURRENT}/store/CURRENT": CURRENT_STORE,
    f"versions/{CURRENT}/store/MANIFEST-*": CURRENT_STORE,
    f"versions/{CURRENT}/store/*.sst": CURRENT_STORE,
    f"versions/{CURRENT}/whole/CURRENT": CURRENT_WHOLE,
    f"versions/{CURRENT}/whole/MANIFEST-*": CURRENT_WHOLE,
    f"versions/{CURRENT}/whole/*.sst": CURRENT_WHOLE,
    # What the engine notes for itself, and versions of older releases have.
    "versions/*/LOG": NOTHING,
    "versions/*/LOCK": NOTHING,
    "versions/*/IDENTITY": NOTHING,
    "versions/*/OPTIONS-*": NOTHING,
    "versions/*/*.log": NOTHING,
}
# Cut short, these cost what the record of their version costs: it says how long they are. A service
# that has not read the current one before, as here, does not start; asked for anything, it fails.
UNREAD = CURRENT_RECORD | {"query", f"query {OLDER}", f"record {OLDER}"}
CUT = {
    f"versions/{number}/{store}/MANIFEST-*": lost
    for number, lost in ((OLDER, OLDER_RECORD), (CURRENT, UNREAD))
    for store in ("store", "whole")
}
CASES = [
    pytest.param(name, each, id=f"{name}-{each.__name__}")
    for name in CLASSES
    # What is left of these may be taken for the whole.
    for each in (truncated, garbage, longer, *([cut] if name == "current" or name in CUT else []))
]


@dataclass(frozen=True)
class Failed:
    """An operation that failed, as it should: by name, and with what to do."""

    how: str


class World:
    """A home of two versions, and a running service over it whose home is put in place anew.

    The service has read the pointer before anything is damaged, and opens each store afterwards.
    """

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.pristine = folder / "pristine"
        self._turn = 0
        _publish(Home(self.pristine))
        self.files = sorted(
            str(path.relative_to(self.pristine))
            for path in self.pristine.rglob("*")
            if path.is_file()
        )
        self.renew()
        # What each operation answers where nothing is damaged.
        self.answers: Answers = {}

    def damage(self, file: str, damage: Damage) -> None:
        """Put the home in place anew, but for one file."""
        # Whether a MANIFEST is whole is seen when the record of its version is read.
        self.renew(is_read="MANIFEST" not in file)
        path = self.home / file
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(damage(content))

    def renew(self, *, is_read: bool = True) -> None:
        """Put a home without damage in place, for a service that has opened no store yet."""
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(self.pristine, self.home)
        self._turn += 1
        self._current = CurrentVersion(self.home)
        if is_read:
            self._current.version()

    def version(self) -> Version:
        """The current version, as the service knows it."""
        return self._current.version()

    def older(self, number: int) -> Version:
        """An older one."""
        return self._current.older(number)

    def edition(self) -> Edition:
        return replace(self._current.edition(), created=str(self._turn))

    def older_edition(self, number: int) -> Edition:
        return replace(self._current.older_edition(number), created=str(self._turn))

    @contextmanager
    def serving(self) -> Iterator["World"]:
        """This world with a client of its service."""
        settings = Settings(home=self.home, open_writes=True, gate="off", at_once=1)
        pool = Pool(settings, self.edition, older=self.older_edition)
        writer = Writer(settings)
        app = create_app(
            pool,
            settings,
            self.version,
            read_catalogue(QUERIES),
            older=self.older,
            writer=writer,
        )
        try:
            pool.warm()
            self.client = app.test_client()
            yield self
        finally:
            writer.close()
            pool.close()


def _publish(home: Home) -> None:
    """Versions OLDER, with what earlier releases left in it, and CURRENT, with all that is kept."""
    # The first number has two digits, so that half of it is another number.
    before = home.folder(OLDER - 4)
    before.mkdir(parents=True)
    (before / "published").touch()
    ontology = parse(ONTOLOGY_TEXT.encode(), "ttl", ONTOLOGY_GRAPH, Path("ontology/ontology.ttl"))
    data = parse(MANY.encode(), "ttl", terms.mint_graph("many"), Path("data/many.ttl"))
    rebuild(home, accept((ontology, data), Report(())), compile_rules(ontology.triples))
    _write(home, _unit(1))
    _write(home, _unit(1, "DELETE"))
    lighten = homes._lighten
    homes._lighten = lambda staged: None
    try:
        _write(home, _unit(100))
    finally:
        homes._lighten = lighten
    # Notes in withdrawn.txt what a version that is removed had taken out.
    home.prune(1)
    _write(home, f"{_unit(101)} ; {_unit(100, 'DELETE')}")
    home.mark(OLDER)
    home.cite(home.current())
    for version in home.list():
        dumps_of(version)
    assert [OLDER, CURRENT] == [*home.numbers()]


def _write(home: Home, text: str) -> None:
    write(home, Order(Update(f"PREFIX : <urn:t#> {text}"), gates=Gates("off")))


def _unit(number: int, verb: str = "INSERT") -> str:
    return f"{verb} DATA {{ GRAPH <{GRAPH}> {{ :u{number} a :Unit }} }}"


class Operations:
    """What is done with a home, each operation by its name, and what it answers."""

    def __init__(self, world: World, capfd: pytest.CaptureFixture[str]) -> None:
        self._world = world
        self._capfd = capfd

    def read(self) -> Answers:
        """What the running service reads of the stores and sends of the files."""
        told: Answers = {"query": self._rows(), f"query {OLDER}": self._rows(at=OLDER)}
        for number in (OLDER, CURRENT):
            for kind, file in (("all", "peelgraph.nq.gz"), ("graph", "graph-ontology.trig.gz")):
                told[f"file of {kind} {number}"] = self._get(f"/dumps/{number}/{file}")
        return told

    def read_more(self) -> Answers:
        """What a service does when it starts, commands that read, and what is told of versions."""
        told: Answers = {"serve": self._served()}
        for number in (OLDER, CURRENT):
            told[f"record {number}"] = self._get(f"/versions/{number}.json")
            told[f"dump {number}"] = self._run("dump", "--at", str(number))
        told["void"] = self._get("/.well-known/void", format="nt")
        told["compared"] = self._get(f"/versions/{OLDER}..{CURRENT}", format="txt")
        told["diff"] = self._run("diff", str(OLDER), str(CURRENT))
        listed = str(self._run("versions"))
        rows = [re.split(r"  +", line.strip("* ")) for line in listed.splitlines()]
        for number in (OLDER, CURRENT):
            told[f"listed {number}"] = [row for row in rows if row[0] == str(number)]
        told["events"] = re.findall(r"^.* (?:prune|mark) of .*", listed, re.MULTILINE)
        told["withdrawn"] = Home(self._world.home).find_withdrawal("urn:t#u1", CURRENT)
        return told

    def change(self) -> Answers:
        """A write, the way back to the older version, and a write from there."""
        written = self._written(200)
        told: Answers = {"write": written}
        told["rollback"] = self._turned(OLDER)
        told["rollback again"] = self._turned(CURRENT)
        if isinstance(written, Failed):
            self._turned(OLDER)
            assert not isinstance(self._written(201), Failed)
        assert not isinstance(self._run("prune", "--keep", "1"), Failed)
        return told

    def _run(self, *arguments: str) -> object:
        code = run([*arguments, "--home", str(self._world.home)])
        out, err = self._capfd.readouterr()
        assert "Traceback" not in err
        if not code:
            return out
        # What failed, and below it what to do.
        assert re.match(r"Error: \S.*\n  \S", err), err
        assert 2 == code
        return Failed(err)

    def _get(self, path: str, **given: object) -> object:
        return _told(self._world.client.get(path, query_string=given))

    def _rows(self, **given: object) -> object:
        found = [self._get("/sparql", query=text, format="tsv", **given) for text in ROWS.values()]
        return next((each for each in found if isinstance(each, Failed)), found)

    def _written(self, number: int) -> object:
        text = f"PREFIX : <urn:t#> {_unit(number)}"
        kind = "application/sparql-update"
        told = _told(self._world.client.post("/update", data=text, content_type=kind))
        return told if isinstance(told, Failed) else self._rows()

    def _turned(self, number: int) -> object:
        told = self._run("rollback", str(number))
        return told if isinstance(told, Failed) else self._rows()

    def _served(self) -> object:
        """What comes of starting the service anew, up to where it listens."""
        listen = server._listen
        server._listen = lambda *_: None
        try:
            server.serve(Settings(home=self._world.home, port=0), QUERIES, print)
        except SettingError as error:
            assert error.hint
            return Failed(str(error))
        finally:
            server._listen = listen
        return True


def _told(response: TestResponse) -> object:
    if response.status_code < 400:
        kind = response.content_type
        if "n-triples" in kind or "turtle" in kind or "values" in kind:
            return sorted(response.text.splitlines())
        return response.data
    assert "application/problem+json" == response.content_type
    problem = response.json
    assert problem["hint"], problem
    assert problem["type"].rpartition("/")[2] not in ("internal", "engine"), problem
    return Failed(f"{response.status_code} {problem['detail']}")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("files")).serving() as world:
        yield world


def test_every_file_is_of_one_class(world: World) -> None:
    found = {file: [name for name in CLASSES if fnmatch(file, name)] for file in world.files}

    assert {} == {file: names for file, names in found.items() if len(names) != 1}
    assert {*CLASSES} == {names[0] for names in found.values()}


@pytest.mark.parametrize(("name", "damage"), CASES)
def test_a_damaged_file_costs_what_is_in_it_and_no_more(
    world: World, name: str, damage: Damage, capfd: pytest.CaptureFixture[str]
) -> None:
    if not world.answers:
        operations = Operations(world, capfd)
        world.answers = operations.read() | operations.read_more() | operations.change()
    files = [file for file in world.files if fnmatch(file, name)]
    for file in files if damage in (truncated, garbage) else files[:1]:
        # A write takes longer than all else: one a class, and one for what a crash leaves.
        world.damage(file, damage)
        operations = Operations(world, capfd)
        told = operations.read()
        if file == files[0]:
            told |= operations.read_more()
        if file == files[0] and damage in (garbage, cut):
            told |= operations.change()
        other = {each for each, answer in told.items() if answer != world.answers[each]}

        lost = CUT[name] if name in CUT and damage in (truncated, cut) else CLASSES[name]
        expected = {each for each in lost if each in told}
        # Of many files of a store the engine opens 16 at first, and others when it needs them.
        assert expected == (other | expected if name.endswith(".sst") else other), file
        assert all(is_less(told[each], world.answers[each]) for each in other), (file, told)


def is_less(told: object, whole: object) -> bool:
    """Whether an operation failed by name, or left out what is lost; it says nothing else."""
    if isinstance(told, list) and isinstance(whole, list):
        return all(each in whole for each in told)
    return isinstance(told, Failed) or told == 0
