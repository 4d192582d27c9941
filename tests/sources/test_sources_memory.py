"""Long tokens: reading them takes memory for the text, not for each of its characters."""

import subprocess
import sys
from pathlib import Path

import pytest

from peelgraph.errors import Position, SourceError
from peelgraph.sources.reading import parse

LENGTH = 2_000_000
# The text, its copies as bytes, tokens and triples; a state a character took 160 times the text.
MOST = 40 * LENGTH
READ = f"""
import resource, sys
from pathlib import Path
from peelgraph.errors import SourceError
from peelgraph.sources import reading
from peelgraph.sources.table_cells import split_rows

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

start, part, end = map(str.encode, sys.argv[2:])
content = start + part * ({LENGTH} // len(part)) + end
before = peak()
try:
    if sys.argv[1] == "csv":
        split_rows(content.decode(), Path("x"))
    else:
        source = reading.parse(content, sys.argv[1], "urn:g", Path("x"))
        source.positions.of("<urn:a>")
except SourceError as error:
    print(error.message, file=sys.stderr)
print(peak() - before)
"""
TEXTS = {
    "a literal": ("ttl", '<urn:a> <urn:a> "', "x", '" .'),
    "escapes": ("ttl", '<urn:a> <urn:a> "', "\\n", '" .'),
    "a long literal": ("ttl", '<urn:a> <urn:a> """', "x\n", '""" .'),
    "quotation marks": ("ttl", "<urn:a> <urn:a> '''", "x'", "x''' ."),
    "a literal that does not end": ("ttl", '<urn:a> <urn:a> "', "x", ""),
    "a name": ("ttl", "@prefix a: <urn:a> . a:", "x", " a:p a:o ."),
    "a name with dots": ("ttl", "@prefix a: <urn:a> . a:", "x.", "x a:p a:o ."),
    "comments": ("ttl", "", "#\n", "<urn:a> <urn:a> 1 ."),
    "text of XML": (
        "rdf",
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">'
        '<r:Description r:about="urn:a"><e:p>',
        "x",
        "</e:p></r:Description></r:RDF>",
    ),
    "a cell": ("csv", 'a\n"', "x", '"\n'),
    "a cell that does not end": ("csv", 'a\n"', "x,", ""),
    "doubled marks": ("csv", 'a\n"', '""', '"\n'),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_long_token_takes_no_memory_for_each_character(text: tuple[str, str, str, str]) -> None:
    command = [sys.executable, "-c", READ, *text]
    read = subprocess.run(command, check=False, capture_output=True, text=True)

    assert 0 == read.returncode, read.stderr
    assert int(read.stdout) < MOST, read.stderr


def test_elements_that_nest_too_deep_are_refused_by_their_place() -> None:
    deep = (
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">\n'
        + "<r:Description><e:p>\n" * 100_000
        + "</e:p></r:Description>" * 100_000
        + "</r:RDF>"
    )
    with pytest.raises(SourceError, match="elements nest deeper than 200") as caught:
        parse(deep.encode(), "rdf", "urn:g", Path("x.rdf"))

    # The first line has the root, each after it two elements.
    assert caught.value.position == Position(101, 16)
