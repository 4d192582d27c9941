"""The query behind a view: a stored question, narrowed to what the view is narrowed to."""

import re
from collections.abc import Mapping, Sequence
from textwrap import fill

_HEADER = re.compile(r"\A(?:#\+[^\n]*\n)+\n*")
_WHERE = re.compile(r"^WHERE \{\n", re.MULTILINE)
_WIDTH = 100


def narrow(text: str, chosen: Mapping[str, Sequence[str]], *conditions: str) -> str:
    """A stored question that gives only what is `chosen`, and what meets the conditions.

    `chosen` are the IRIs that a variable may have; none leaves it free. Conditions are SPARQL.
    """
    lines = [
        fill(
            f"VALUES ?{name} {{ {' '.join(f'<{iri}>' for iri in iris)} }}",
            _WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for name, iris in chosen.items()
        if iris
    ]
    lines += [f"  FILTER ({condition})" for condition in conditions]
    said = "".join(f"{line}\n" for line in lines)
    return _WHERE.sub(lambda found: found[0] + said, _HEADER.sub("", text), count=1)
