"""Validations in forks of a warm process: isolated, bounded, and by the shapes that count."""

import logging
import os
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from peelgraph.checking import Check, Document
from peelgraph.checking.service import perform
from peelgraph.embedded import Embedded
from peelgraph.errors import (
    DeadlinePassed,
    MemoryExceeded,
    PeelgraphError,
    ServiceStopping,
    ShapesBroken,
)
from peelgraph.repository import Home
from peelgraph.repository.version import Version, write_record
from peelgraph.settings import Settings
from peelgraph.sources import parse
from peelgraph.terms import mint_graph
from peelgraph.workers.validations import Validations
from tests.validation.world import GOOD, PREFIXES, SHAPES
from tests.waiting import wait_until

WRONG = GOOD.replace("grade:good", "grade:goood")
# One that allows what the published one refuses, under its name, and changes what pySHACL shares.
LOOSE = """\
psh:Judgment-gives a sh:PropertyShape ; sh:path peel:gives ; sh:minCount 0 .
psh:Loose a sh:NodeShape ; sh:targetClass peel:Judgment ; sh:property psh:Judgment-gives .
peel:Judgment a sh:NodeShape ; sh:deactivated true .
"""
COUNTS = " ".join(f"{{ BIND(0 AS ?v{n}) }} UNION {{ BIND(1 AS ?v{n}) }}" for n in range(40))
ENDLESS = f"""\
psh:Endless a sh:NodeShape ; sh:targetClass peel:Judgment ; sh:sparql [ sh:select
  'SELECT $this {{ {COUNTS} FILTER(?v0 > ?v39 + 1) }}' ] .
"""


@pytest.fixture(scope="module")
def settings(home: Path) -> Settings:
    return Settings(home=home, timeout=60, workers=2)


@pytest.fixture(scope="module")
def version(home: Path) -> Version:
    return Home(home).current()


@pytest.fixture(scope="module")
def validations(settings: Settings, version: Version) -> Iterator[Validations]:
    made = Validations(settings)
    made.warm(version)
    yield made
    made.stop()


def check(version: Version, text: str, shapes: str = "", **given: Any) -> Check:
    documents, own = (
        (Document(Path(f"{name}.ttl"), (PREFIXES + body).encode(), "ttl", mint_graph(name)),)
        for name, body in (("judgments", text), ("shapes", shapes))
    )
    base = Check(documents, own if shapes else (), store=version.store_path, style="json")
    return replace(base, **given)


def test_the_verdict_is_that_of_the_same_check_elsewhere(
    validations: Validations, version: Version
) -> None:
    for text in (GOOD, WRONG):
        for inference in (False, True):
            asked = check(version, text, inference=inference)

            assert perform(asked) == validations.validate(asked, version)


def test_no_document_and_no_shape_reaches_the_next_verdict(
    validations: Validations, version: Version
) -> None:
    asked = check(version, WRONG)
    before = validations.validate(asked, version, "a")
    for shapes in (LOOSE, SHAPES.replace("minCount 1", "minCount 2")):
        validations.validate(check(version, GOOD, shapes), version, "b")
        validations.validate(check(version, GOOD, shapes, context=False), version, "b")

    assert not before.conforms
    assert before == validations.validate(asked, version, "a")


def warm_process(validations: Validations) -> int:
    wait_until(lambda: validations._server is not None)
    assert validations._server
    return validations._server.pid


def forks(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in found]


def test_a_shape_without_end_ends_at_the_deadline_alone(
    settings: Settings, version: Version
) -> None:
    made = Validations(replace(settings, timeout=12.0))
    made.warm(version)
    with ThreadPoolExecutor(1) as threads:
        endless = threads.submit(made.validate, check(version, GOOD, ENDLESS), version, "heavy")
        light = made.validate(check(version, GOOD), version, "light")
        with pytest.raises(DeadlinePassed, match="longer than 12 seconds"):
            endless.result()
    server = warm_process(made)
    wait_until(lambda: not forks(server))
    again = made.validate(check(version, GOOD), version, "heavy")
    is_same = server == warm_process(made)
    made.stop()

    assert (True, True, True) == (light.conforms, again.conforms, is_same)


def test_memory_is_bounded_and_the_next_document_has_its_own(
    settings: Settings, version: Version
) -> None:
    made = Validations(replace(settings, memory=256))
    long = WRONG + f'judgment:one rdfs:comment "{"x" * 100_000_000}" .'
    with pytest.raises(MemoryExceeded, match="more than 256 MiB"):
        made.validate(check(version, long), version)
    next_one = made.validate(check(version, GOOD), version)
    made.stop()

    assert next_one.conforms


def test_a_warm_process_that_dies_is_replaced(validations: Validations, version: Version) -> None:
    validations.validate(check(version, GOOD), version)
    before = warm_process(validations)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{before}/exe").exists())

    assert not validations.validate(check(version, WRONG), version).conforms
    assert before != warm_process(validations)


def test_the_warm_process_has_one_thread_and_ends_with_its_parent(
    settings: Settings, version: Version
) -> None:
    made = Validations(settings)
    made.warm(version)
    process = warm_process(made)
    threads = [thread.name for thread in Path(f"/proc/{process}/task").iterdir()]
    made._server._channel.close()

    assert [str(process)] == threads
    assert 0 == made._server._process.wait(20)
    made.stop()


def test_forks_end_with_the_process_that_asked(settings: Settings, version: Version) -> None:
    made = Validations(settings)
    with ThreadPoolExecutor(1) as threads:
        endless = threads.submit(made.validate, check(version, GOOD, ENDLESS), version)
        process = warm_process(made)
        wait_until(lambda: bool(forks(process)) and made.is_busy)
        (fork,) = forks(process)
        # As when the process that asked is killed: its descriptors are closed, and no more.
        made._server._channel.shut()
        wait_until(lambda: not Path(f"/proc/{fork}").exists())
        made.stop()
        assert isinstance(endless.exception(), ServiceStopping)


def test_who_waits_while_it_stops_is_told_to_come_back(
    settings: Settings, version: Version
) -> None:
    made = Validations(settings)
    with ThreadPoolExecutor(1) as threads:
        endless = threads.submit(made.validate, check(version, GOOD, ENDLESS), version)
        wait_until(lambda: made.is_busy)
        made.stop()
        assert isinstance(endless.exception(), ServiceStopping)
    with pytest.raises(ServiceStopping):
        made.validate(check(version, GOOD), version)


def other_version(home: Path, folder: Path, shapes: str) -> Version:
    """A copy of the version whose shapes are others, in the store as in its record."""
    shutil.copytree(home, folder)
    found = Home(folder).current()
    store = Embedded.open(found.store_path)
    graph = mint_graph("shapes")
    store.renew(graph, parse((PREFIXES + shapes).encode(), "ttl", graph, Path("s.ttl")).triples)
    store.flush()
    store.close()
    changed = replace(found.graphs[graph], digest=f"of {shapes}")
    version = replace(found, graphs={**found.graphs, graph: changed})
    write_record(version, found.path)
    return version


def test_shapes_that_are_published_anew_count_at_once(
    settings: Settings, version: Version, home: Path, tmp_path: Path
) -> None:
    made = Validations(settings)
    made.validate(check(version, GOOD), version)
    before = warm_process(made)
    strict = other_version(home, tmp_path / "home", SHAPES.replace("minCount 1", "minCount 2"))
    refused = made.validate(check(strict, GOOD), strict)
    wait_until(lambda: warm_process(made) != before)
    wait_until(lambda: not Path(f"/proc/{before}").exists())
    later = made.validate(check(strict, GOOD), strict)
    made.stop()

    assert not refused.conforms
    assert refused == later


def test_published_shapes_that_are_broken_are_told_as_without_a_warm_process(
    settings: Settings, home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    broken = other_version(home, tmp_path / "home", SHAPES + "psh:Judgment sh:minCount 'x' .")
    made = Validations(settings)
    told: list[PeelgraphError] = []
    for _ in range(2):
        with pytest.raises(ShapesBroken) as caught:
            made.validate(check(broken, GOOD), broken)
        told.append(caught.value)
    # A caller's own shapes are still judged by.
    own = made.validate(check(broken, GOOD, SHAPES), broken)
    made.stop()

    assert told[0].message == told[1].message
    assert own.conforms
    assert 1 == caplog.text.count("no shapes are compiled ahead")
