"""A damaged file of a home costs what is in it, and no more; what was derived is derived anew."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from peelgraph.cli import run
from peelgraph.errors import SettingError
from peelgraph.http.wsgi import CurrentVersion
from peelgraph.repository import Home
from peelgraph.repository.counts import read_counts
from peelgraph.repository.dumps import dumps_of
from peelgraph.repository.rule_cache import read_rules

Damage = Callable[[Path], None]


def truncated(path: Path) -> None:
    """Leave the first third, in a file of its own: others may be linked to the old one."""
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: len(content) // 3])


def garbage(path: Path) -> None:
    """Put other bytes in the place of the content."""
    length = len(path.read_bytes())
    path.unlink()
    path.write_bytes(b"\xff\x00{" * (length // 3 + 1))


DAMAGES = [pytest.param(truncated, id="truncated"), pytest.param(garbage, id="garbage")]
DERIVED = ["counts.json.gz", "rules.json.gz", "dumps/index.json", "dumps/peelgraph.nq.gz"]
DERIVED += ["added.nq", "removed.nq"]


@pytest.fixture(scope="module")
def two_versions(project_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of two versions: the project, and one graph more."""
    folder = tmp_path_factory.mktemp("damage") / "home"
    shutil.copytree(project_home.path, folder)
    (folder / "more.ttl").write_text('<urn:a> <urn:b> "c"@cy .', encoding="utf-8")
    arguments = ["--graph", "urn:g:more", "--gate", "off", "--home", str(folder)]
    assert 0 == run(["load", str(folder / "more.ttl"), *arguments])
    return folder


@pytest.fixture
def home(two_versions: Path, tmp_path: Path) -> Home:
    shutil.copytree(two_versions, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_record_of_an_older_version_costs_that_version(
    home: Home, damage: Damage, capfd: pytest.CaptureFixture[str]
) -> None:
    damage(home.folder(1) / "version.json")
    code = run(["versions", "--home", str(home.path)])
    printed = capfd.readouterr()

    assert (0, [2], [1]) == (
        code,
        [version.number for version in home.list()],
        [each.number for each in home.damaged()],
    )
    assert "version 1 is damaged" in printed.err
    assert [1] == [*home.prune(5)]
    assert [2] == [*home.numbers()]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", ["current", "versions/2/version.json"])
def test_a_current_version_that_cannot_be_read_names_the_way_back(
    home: Home, damage: Damage, file: str, caplog: pytest.LogCaptureFixture
) -> None:
    reading = CurrentVersion(home.path)
    reading.mark()
    assert 2 == reading.version().number
    damage(home.path / file)
    (home.path / "current").touch()
    with pytest.raises(SettingError) as error:
        home.current()
    reading.mark()

    newest = 2 if file == "current" else 1
    assert f"peelgraph rollback {newest}" in (error.value.hint or "")
    with caplog.at_level(logging.ERROR):
        assert 2 == reading.version().number
    assert "still reading version 2" in caplog.text
    assert newest == home.rollback(newest).number
    assert newest == home.current().number


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", DERIVED)
@pytest.mark.slow("each derived file of the project's home damaged")
def test_what_was_derived_is_derived_anew(home: Home, damage: Damage, file: str) -> None:
    version = home.current()
    dumps_of(version)
    whole = [(version.path / file).read_bytes() for file in DERIVED[2:4]]
    damage(version.path / file)
    (home.path / "less.ttl").write_text('<urn:a> <urn:b> "d" .', encoding="utf-8")
    loaded = ["load", str(home.path / "less.ttl"), "--graph", "urn:g:less", "--gate", "off"]

    assert 0 == run([*loaded, "--home", str(home.path)])
    assert 0 == run(["diff", "1", "2", "--home", str(home.path)])
    assert {dump.size for dump in dumps_of(version)}
    assert whole == [(version.path / file).read_bytes() for file in DERIVED[2:4]]
    newest = home.current()
    assert read_counts(newest.path)
    assert read_rules(newest.path)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_noted_difference_that_was_cut_is_not_told(
    home: Home, damage: Damage, capfd: pytest.CaptureFixture[str]
) -> None:
    damage(home.folder(2) / "added.nq")
    run(["diff", "1", "2", "--home", str(home.path)])

    assert '+ <urn:a> <urn:b> "c"@cy <urn:g:more> .\n' in capfd.readouterr().out
