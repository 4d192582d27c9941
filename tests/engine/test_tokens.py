"""Reading a text takes as long as the text is, whatever stands in it."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from peelgraph.sparql.lexer import Token, tokenise

# Each kind of token, whole, broken off, and beginning like another kind.
REPEATED = {
    "words and full stops": "a.",
    "words and hyphens": "a-",
    "middle dots": "a\u00b7.",
    "numbers and words": "1a.",
    "behind variables": "?a.a-",
    "behind tags": "@a.a.",
    "behind a name's colon": "a:.a.",
    "long strings in '": "'''",
    "long strings in '' with escapes": "\\'''",
    "long strings in quotation marks": '"""',
    "escapes in quotation marks": '\\"""',
    "short strings that end with the line": "'a\n",
    "short strings in quotation marks": '"a\n',
    "quotation marks of both kinds": "'\"",
    "IRIs that do not end": "<a",
    "IRIs that a space ends": "<a ",
    "IRIs with escapes": "<\\u0041",
    "less-than": "< ",
    "blank nodes": "_:a.",
    "blank nodes that end in stops": "_:a...(",
    "underscores": "_",
    "names": "a:b.",
    "names with escapes": "a:%41\\-",
    "names with broken escapes": "a:%4\\x",
    "names that end in stops": "a:b...(",
    "prefixes that end in stops": "a.:b ",
    "prefixes alone": "a:",
    "variables": "?a",
    "language tags": "@a-a",
    "language tags that break off": "@a-",
    "numbers": "1.1e1",
    "numbers that break off": "1e+",
    "full stops": ".",
    "comments": "#a\n",
    "a comment": "#",
    "spaces": " \t",
    "backslashes": "\\",
    "signs": "^^&&||!=<=>=",
    "brackets": "([{",
    "brackets that close": "}])",
    "less-than in an expression": "(1<a>",
    "other spaces": "\u00a0\x0b",
}


@contextmanager
def uncollected() -> Iterator[None]:
    """No rounds of the garbage collector, which takes longer the more there is."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def seconds(text: str) -> float:
    """What one reading takes of a processor."""
    start = time.process_time()
    for _ in tokenise(text):
        pass
    return time.process_time() - start


@pytest.mark.slow("the time of twice the text, for each kind of token")
@pytest.mark.parametrize("part", REPEATED.values(), ids=REPEATED)
def test_twice_the_text_takes_at_most_two_and_a_half_times_the_time(part: str) -> None:
    """Twice, four times: what grows with the square takes 256 times the time of a sixteenth."""
    text = part * (4_000 // len(part))
    most = 2.5**4
    with uncollected():
        # Both by turns, and the least disturbed of each counts; a busy machine gets more turns.
        short, long = seconds(text), seconds(text * 16)
        for turn in range(40):
            short, long = min(short, seconds(text)), min(long, seconds(text * 16))
            if turn > 1 and long <= most * short:
                break

    assert long <= most * short


@pytest.mark.parametrize("part", REPEATED.values(), ids=REPEATED)
def test_every_character_is_read(part: str) -> None:
    text = part * 50
    end = 0
    for token in tokenise(text):
        gap = text[end : token.start]
        assert not gap.strip(" \t\r\n") or gap.lstrip(" \t\r\n").startswith("#"), gap
        assert token.text == text[token.start : token.end]
        end = token.end

    rest = text[end:]
    assert not rest.strip(" \t\r\n") or rest.lstrip(" \t\r\n").startswith("#")


@pytest.mark.parametrize("text", ["ASK { ?s ?p 'x }", 'ASK { ?s ?p """x" }', "ASK { '\\'"])
def test_a_string_that_does_not_end_is_one_token(text: str) -> None:
    *_, last = tokenise(text)

    start = text.index("'") if "'" in text else text.index('"')
    assert Token("unclosed", text[start:], start) == last
