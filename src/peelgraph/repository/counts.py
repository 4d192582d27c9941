"""What a version holds, counted once: classes, their properties, datatypes, links to elsewhere."""

import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.repository.version import read_packed, write_packed

_FILE = "counts.json.gz"
# What the counts of a version made by a write are told from, shared by those that follow it.
_EARLIER = "counts-earlier.json.gz"
_PART = 16  # a change of more than a part of all is not told as one
_OVER_ALL = ("objects", "of objects")

_TYPE = f"<{terms.VOCABULARIES['rdf']}type>".encode()
_STRING = f"<{terms.VOCABULARIES['xsd']}string>".encode()
_LANGUAGE = f"<{terms.VOCABULARIES['rdf']}langString>".encode()
_OURS = f"<{terms.BASE}".encode()
_THING = f"<{terms.ID}".encode()
# Properties that say of two things in two datasets how they belong together.
_LINKING = frozenset(
    f"<{terms.VOCABULARIES[prefix]}{name}>".encode()
    for prefix, name in (
        ("owl", "sameAs"),
        ("rdfs", "seeAlso"),
        ("schema", "sameAs"),
        ("skos", "exactMatch"),
        ("skos", "closeMatch"),
        ("skos", "broadMatch"),
        ("skos", "narrowMatch"),
        ("skos", "relatedMatch"),
    )
)

Term = bytes
# What is counted, then the terms that it is counted of, as N-Triples writes them:
# triples, subjects, objects, entities; class C; pair C P; datatype C P D; link P HOST; property P,
# of subjects P and of objects P.
Key = tuple[str, ...]


def count(documents: Iterable[bytes]) -> Counter[Key]:
    """The counts of some N-Triples lines that repeat no triple.

    A walk over the lines takes a fifth of the time that aggregates take in the store.
    """
    triples = [line for document in documents for line in _triples(document)]
    types: defaultdict[Term, set[Term]] = defaultdict(set)
    for subject, predicate, value in triples:
        if predicate == _TYPE and value.startswith(b"<"):
            types[subject].add(value)
    # Things come in few combinations of classes, so these are counted, not things by class.
    kinds = {subject: frozenset(found) for subject, found in types.items()}
    combined: Counter[tuple[frozenset[Term], Term, Term]] = Counter()
    subjects: defaultdict[Term, set[Term]] = defaultdict(set)
    objects: defaultdict[Term, set[Term]] = defaultdict(set)
    counted: Counter[tuple[str | Term, ...]] = Counter()
    for subject, predicate, value in triples:
        subjects[predicate].add(subject)
        objects[predicate].add(value)
        combined[kinds.get(subject, frozenset()), predicate, _datatype(value)] += 1
        if predicate in _LINKING and value.startswith(b"<") and not value.startswith(_OURS):
            host = b"/".join(value.rstrip(b">").split(b"/")[:3])
            counted["link", predicate, host + b"/>"] += 1
    counted["triples",] = len(triples)
    everything = set().union(*subjects.values())
    counted["subjects",] = len(everything)
    counted["entities",] = sum(subject.startswith(_THING) for subject in everything)
    counted["objects",] = len(set().union(*objects.values()))
    for predicate, found in subjects.items():
        counted["of subjects", predicate] = len(found)
        counted["of objects", predicate] = len(objects[predicate])
    for classes in kinds.values():
        counted.update(("class", name) for name in classes)
    for (classes, predicate, datatype), number in combined.items():
        counted["property", predicate] += number
        for name in classes:
            counted["pair", name, predicate] += number
            if datatype:
                counted["datatype", name, predicate, datatype] += number
    return Counter({tuple(map(_text, key)): number for key, number in counted.items()})


def _text(part: str | Term) -> str:
    return part if isinstance(part, str) else part.decode()


def recount(
    counts: Counter[Key], before: Embedded, after: Embedded, changed: bytes
) -> Counter[Key]:
    """The counts of `after` from those of `before`: only what was changed is looked at.

    Source of `changed`: every triple that came or went, and perhaps some that did not.
    """
    triples = {quad.triple for quad in ox.parse(changed, ox.RdfFormat.N_TRIPLES)}
    subjects = {t.subject for t in triples if isinstance(t.subject, ox.NamedNode)}
    found = Counter(counts)
    found.update(_by_subject(count([after.about(subjects)])))
    found.subtract(_by_subject(count([before.about(subjects)])))
    for value in {triple.object for triple in triples}:
        found["objects",] += after.is_value(value) - before.is_value(value)
    for name, value in {(triple.predicate, triple.object) for triple in triples}:
        key = ("of objects", str(name))
        found[key] += after.is_value(value, name) - before.is_value(value, name)
    return +found


def write_counts(folder: Path, counts: Counter[Key], base: Path | None = None) -> None:
    """Keep the counts beside a version: where few differ from those of `base`, these few alone.

    All but those few are a file that the versions share, that of the last one with all counts.
    """
    earlier = None if base is None else next(_whole(base), None)
    if earlier is not None:
        path, before = earlier
        changed = {key: counts[key] for key in {*counts, *before} if counts[key] != before[key]}
        if _PART * len(changed) < len(counts):
            with suppress(OSError):
                (folder / _EARLIER).hardlink_to(path)
                write_packed(folder / _FILE, {"changed": _rows(Counter(changed))})
                return
            (folder / _EARLIER).unlink(missing_ok=True)
    write_packed(folder / _FILE, _rows(counts))


def read_counts(folder: Path) -> Counter[Key] | None:
    """The counts of a version; None where none were kept, or where they are damaged."""
    found = read_packed(folder / _FILE, _read)
    if found is None or not isinstance(found, _Changed):
        return found
    earlier = read_packed(folder / _EARLIER, _read)
    if earlier is None or isinstance(earlier, _Changed):
        return None
    return +Counter({**earlier, **found.counts})


@dataclass(frozen=True, slots=True)
class _Changed:
    """Counts that differ from those in the file _EARLIER."""

    counts: Counter[Key]


def _rows(counts: Counter[Key]) -> list[list[str | int]]:
    return [[*key, number] for key, number in sorted(counts.items())]


def _read(content: list[Any] | dict[str, Any]) -> Counter[Key] | _Changed:
    rows = content if isinstance(content, list) else content["changed"]
    found: Counter[Key] = Counter({tuple(key): int(number) for *key, number in rows})
    return found if isinstance(content, list) else _Changed(found)


def _whole(base: Path) -> Iterator[tuple[Path, Counter[Key]]]:
    """The file with all counts that a version has, and the counts; nothing where it is damaged."""
    for name in (_EARLIER, _FILE):
        found = read_packed(base / name, _read) if (base / name).exists() else None
        if isinstance(found, Counter):
            yield base / name, found


def _by_subject(counts: Counter[Key]) -> Counter[Key]:
    """The counts that are sums over subjects."""
    return Counter({key: n for key, n in counts.items() if key[0] not in _OVER_ALL})


def _triples(document: bytes) -> Iterator[tuple[Term, Term, Term]]:
    for line in io.BytesIO(document):
        if line.strip():
            subject, predicate, rest = line.split(b" ", 2)
            yield subject, predicate, rest.rstrip()[:-1].rstrip()


def _datatype(value: Term) -> Term:
    """The datatype of a literal; nothing for an IRI or a blank node."""
    if not value.startswith(b'"'):
        return b""
    after = value[value.rindex(b'"') + 1 :]
    if after.startswith(b"^^"):
        return after[2:]
    return _LANGUAGE if after else _STRING
