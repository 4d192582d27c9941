"""A round that nobody foresaw is on every page, once its framework and a grade are in the data.

The round is that of docs/extending.md: one file in data/reference and one row of a table, and no
other file is touched.
"""

import html
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.services import serving

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
FRAMEWORK = PAGE.partition("<<'END'\n")[2].partition("END\n")[0]
ROW = re.search(r"^echo '(kent,2031,.*)' >> (\S+)$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service over a copy of the project to which the round was added."""
    folder = tmp_path_factory.mktemp("later")
    for name in ("ontology", "shapes", "data", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "data/reference/peel-2031.ttl").write_text(FRAMEWORK, encoding="utf-8")
    assert ROW is not None
    with (folder / ROW[2]).open("a", encoding="utf-8") as table:
        table.write(f"{ROW[1]}\n")
    command = [sys.executable, "-m", "peelgraph", "build", "--home", str(folder / "home")]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    with serving(folder / "home", folder) as url:
        yield url


def read(url: str) -> str:
    with urlopen(Request(url, headers={"Accept": "text/html"}), timeout=60) as response:
        text: str = response.read().decode()
    return text


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_a_force_has_a_table_of_the_round_before_all_others(later: str) -> None:
    page = text_of(read(f"{later}/doc/force/kent"))
    grades = page.partition("Grades over the rounds")[2]

    assert (
        "PEEL 2031 Grades on 1 of 2 questions, scale: Grades since PEEL 2021/22. "
        "Question PEEL 2031 Listening to the public Adequate "
        "Digital investigation not known whether graded" in grades
    )
    assert grades.index("PEEL 2031") < grades.index("PEEL 2023-25")


def test_a_force_that_is_not_graded_yet_says_so(later: str) -> None:
    page = text_of(read(f"{later}/doc/force/gwent"))

    assert "Listening to the public not in this dataset" in page


def test_the_map_and_the_matrix_offer_it(later: str) -> None:
    home = read(f"{later}/?round=peel-2031")
    matrix = read(f"{later}/compare?round=peel-2031")

    assert "“Listening to the public” Grades of 1 of 43 forces." in text_of(home)
    assert 'grade-middle" href="/doc/force/kent"' in home
    assert '<option value="peel-2031"' in matrix
    assert "grades of 1 of 43 forces" in text_of(matrix)
    assert "2 questions, comparable ones next to each other" in text_of(matrix)


def test_nothing_is_compared_with_it(later: str) -> None:
    page = text_of(read(f"{later}/compare/changes?earlier=peel-2023-25&later=peel-2031"))

    assert "no force graded on comparable questions in both rounds" in page


def test_a_stored_question_knows_it(later: str) -> None:
    asked = f"{later}/queries/judgments-in-round.csv?round=round:peel-2031"
    with urlopen(asked, timeout=60) as response:
        rows = response.read().decode().splitlines()

    assert 2 == len(rows)
    assert "Listening to the public" in rows[1]
