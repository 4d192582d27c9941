"""What a judgment, a figure or a question says, as a sentence made from its parts."""

from peelgraph import terms
from peelgraph.web.page_queries import Row, ask
from peelgraph.web.service import Service

_PREFIXES = f"PREFIX peel: <{terms.PEEL}> PREFIX rdfs: <{terms.VOCABULARIES['rdfs']}>"


def _force(row: Row) -> str:
    where = f" ({row['region']})" if row["region"] else ""
    unit = f" It is one of the forces of the {row['unit']}." if row["unit"] else ""
    return f"The police force of the {row['area']}{where}.{unit}"


def _judgment(row: Row) -> str:
    return (
        f"In {row['round']}, {row['force']} was judged {row['grade'].lower()} on "
        f"{_number(row)}{_of_pillar(row)}: “{row['question']}”"
    )


def _observation(row: Row) -> str:
    held = [row["measure"], *(row[name] for name in ("area", "period") if row[name])]
    unit = "" if row["unit"] == "number" else f" {row['unit']}"
    return f"{row['figure']}{unit}: {', '.join(held)}."


def _question(row: Row) -> str:
    asked = _number(row) if row["number"] else "A diagnostic question"
    told = f"{asked[0].upper()}{asked[1:]}{_of_pillar(row)} in {row['round']}."
    # Only questions with a number are graded.
    if not row["number"]:
        return told
    return f"{told} This dataset has the grades of {row['graded']} of {row['forces']} forces on it."


def _of_pillar(row: Row) -> str:
    return f" of {row['pillar'].lower()}" if row["pillar"] else ""


def _number(row: Row) -> str:
    return "the overall question" if row["number"] == "overall" else f"question {row['number']}"


_SENTENCES = {
    "force": ("force-in-words", _force),
    "judgment": ("judgment-in-words", _judgment),
    "observation": ("figure-in-words", _observation),
    "question": ("question-in-words", _question),
}


def sentence_of(service: Service, kind: str, iri: str) -> str:
    """The sentence for a thing of that kind; "" where its description has to do."""
    if kind not in _SENTENCES:
        return ""
    name, say = _SENTENCES[kind]
    rows = ask(service, name, thing=iri)
    return say(rows[0]) if rows else ""
