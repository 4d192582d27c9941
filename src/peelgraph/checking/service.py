"""Documents read, validated, corrected, and the report of them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peelgraph import terms
from peelgraph.checking import TABLES, Check, Checked, Document, Mended
from peelgraph.embedded import Embedded
from peelgraph.errors import SourceError
from peelgraph.reasoning import Rules, compile_rules, entail
from peelgraph.repository.digest import digest_graph
from peelgraph.repository.gate import contradiction_results
from peelgraph.repository.rule_cache import rules_of
from peelgraph.repository.version import read_record
from peelgraph.sources import Project, Source, find_root, parse_graphs, read_project
from peelgraph.store import Store
from peelgraph.validation import Report, ShapeResult, Validator, render
from peelgraph.validation.autofix import SYNTAXES, Repair, repair
from peelgraph.validation.rendering.tables import to_json

if TYPE_CHECKING:
    from peelgraph.sources.table_cells import Grid

# The head of a graph of ours, as N-Triples.
_DATASET = re.escape("<http://www.w3.org/ns/dcat#Dataset>")
_HEAD = re.compile(
    rf"^<({re.escape(terms.GRAPH)}[^>]+)> <[^>]+#type> {_DATASET} \.$".encode(), re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Ontology and shapes of a published version, compiled; `key` is made of their digests."""

    key: str
    ontology: tuple[Source, ...]
    validator: Validator
    rules: Rules | None


def read_published(store: Path) -> tuple[bytes, bytes]:
    """The ontology and the shapes of the version in the folder `store`, as N-Triples."""
    published = Embedded.read_only(store)
    return published.read(terms.ONTOLOGY_GRAPH), published.read(terms.SHAPES_GRAPH)


def compile_published(key: str, store: Path, published: tuple[bytes, bytes]) -> Prepared:
    """What `read_published` gave, compiled; no store on disk is opened.

    Errors: ShapesBroken, OntologyOutsideRL.
    """
    ontology, shapes = map(_unfiled, (terms.ONTOLOGY_GRAPH, terms.SHAPES_GRAPH), published)
    rules = rules_of(store.parent, lambda: published[0]) if ontology else None
    return Prepared(key, ontology, Validator(shapes, ontology), rules)


def perform(check: Check, prepared: Prepared | None = None) -> Checked:
    """The verdict and the written report; errors as judge_documents."""
    report = judge_documents(check, prepared)
    mended = tuple(mend(report, each) for each in check.documents) if check.fix else ()
    if check.most is not None:
        report = report.limited(check.most)
    if check.style == "review":
        text = review(report, check.documents)
    else:
        text = render(report, check.style, colour=check.colour)
    return Checked(report.conforms, text, mended, report.is_judged)


def judge_documents(check: Check, prepared: Prepared | None = None) -> Report:
    """The report of the documents; `prepared` spares compiling what the published version holds.

    Errors: SourceError for one that cannot be read, ShapesBroken for ill-formed shapes.
    """
    published = _published(check)
    project = _project(check, published)
    data = [source for each in check.documents for source in _read(each, project)]
    shapes = [source for each in check.shapes for source in _read(each, project)]
    beside = _beside(data, project) if project is not None and check.context else []
    prepared = _prepared(check, project, published, shapes, prepared)
    rules = prepared.rules
    replaced = frozenset(source.graph for source in (*data, *beside))
    return prepared.validator.validate(
        data,
        _context(check, project, published, replaced),
        replaced=replaced,
        beside=beside,
        infer=partial(_entailed, rules=rules) if check.inference and rules else None,
        refute=partial(_refuted, rules=rules, data=data) if rules else None,
    )


def _prepared(
    check: Check,
    project: Project | None,
    published: Store | None,
    shapes: list[Source],
    prepared: Prepared | None,
) -> Prepared:
    """Ontology and shapes that count for a check; its own `shapes` are in place of others."""
    if check.is_general:
        return Prepared("", (), Validator(shapes), None)
    if prepared is None or project is not None:
        ontology = _stated(project, published, terms.ONTOLOGY_GRAPH)
        rules = _rules(check, ontology) if ontology else None
        validator = Validator(shapes or _stated(project, published, terms.SHAPES_GRAPH), ontology)
        return Prepared("", ontology, validator, rules)
    return replace(prepared, validator=Validator(shapes, prepared.ontology)) if shapes else prepared


def _published(check: Check) -> Store | None:
    if check.engine is not None:
        # Clients of HTTP are for those alone who keep the graph elsewhere.
        from peelgraph.remote import RemoteStore  # noqa: PLC0415
        from peelgraph.repository.factory import BUILD_TIMEOUT_S  # noqa: PLC0415
        from peelgraph.repository.remote import RemoteRepository  # noqa: PLC0415

        return RemoteRepository(RemoteStore(check.engine, BUILD_TIMEOUT_S)).seen()
    return Embedded.read_only(check.store) if check.store is not None else None


def _project(check: Check, published: Store | None) -> Project | None:
    """The project that counts, if any; its data, whose tables take long to read, where they do."""
    if check.root is None or check.is_general:
        return None
    folder = (check.root / "data").resolve()
    is_needed = (check.context and published is None) or any(
        each.syntax in TABLES or each.name.resolve().is_relative_to(folder)
        for each in check.documents
    )
    return read_project(check.root, data=is_needed)


def _read(document: Document, project: Project | None) -> tuple[Source, ...]:
    if document.syntax in TABLES:
        return read_tables(document, project or read_project(find_root()))
    sources = parse_graphs(
        document.content, document.syntax, document.graph, document.name, base=document.base
    )
    return tuple(map(_as_headed, sources)) if document.is_guess else sources


def _as_headed(source: Source) -> Source:
    """The source under the name of the one graph that it describes, where it does."""
    described = _HEAD.findall(source.triples)
    return replace(source, graph=described[0].decode()) if len(described) == 1 else source


def _stated(project: Project | None, published: Store | None, graph: str) -> tuple[Source, ...]:
    """The project's ontology or shapes; without a project, those of the published version."""
    if project is not None:
        return project.ontology if graph == terms.ONTOLOGY_GRAPH else project.shapes
    return _unfiled(graph, published.read(graph) if published is not None else b"")


def _unfiled(graph: str, triples: bytes) -> tuple[Source, ...]:
    """A published graph, which stands in no file; nothing where it is empty."""
    name = graph.removeprefix(terms.GRAPH)
    return (Source.unfiled(name, graph, triples),) if triples else ()


def _context(
    check: Check, project: Project | None, published: Store | None, replaced: frozenset[str]
) -> Store | None:
    """The published version; while there is none, the project's own sources but the replaced."""
    if not check.context:
        return None
    if published is not None or project is None:
        return published
    store = Embedded.memory()
    for source in (*project.ontology, *project.shapes, *project.data):
        if source.graph not in replaced:
            store.insert(source.triples, source.graph)
            store.insert(source.triples, "")
    return store


def _beside(data: list[Source], project: Project) -> list[Source]:
    """The project's other files that stand with the documents, where these are files of it: those
    of the same graphs, and the tables, which give way to what a file describes as in a build."""

    def whole(source: Source) -> Path:
        return (project.root / source.path).resolve()

    # A path is shown as seen from the working folder, which may be another than the project's.
    given = {source.path.resolve() for source in data}
    inside = {source.graph for source in project.data if whole(source) in given}
    if not inside:
        return []
    claimed = {source.graph for source in data} - inside
    return [
        source
        for source in project.data
        if whole(source) not in given
        and (source.graph in inside or source.path.suffix == ".csv")
        and source.graph not in claimed
    ]


def _rules(check: Check, ontology: tuple[Source, ...]) -> Rules:
    """The rules of the ontology: those kept with the published version where it has the same."""
    triples = [source.triples for source in ontology]
    if check.store is not None:
        record = read_record(check.store.parent)
        published = record.graphs.get(terms.ONTOLOGY_GRAPH)
        if published is not None and published.digest == digest_graph(triples):
            return rules_of(record.path, lambda: b"".join(triples))
    return compile_rules(b"".join(triples))


def _entailed(asserted: bytes, rules: Rules) -> bytes:
    return b"".join(entail(asserted, rules))


def _refuted(asserted: bytes, rules: Rules, data: list[Source]) -> list[ShapeResult]:
    store = Embedded.memory()
    store.insert(asserted, "")
    store.insert(_entailed(asserted, rules), terms.INFERRED)
    return list(contradiction_results(store, rules, data))


def review(report: Report, documents: tuple[Document, ...]) -> str:
    """The report as JSON, with each document as text and its corrections."""
    told: dict[str, Any] = json.loads(to_json(report))
    told["documents"] = [_review_document(each, report) for each in documents]
    return json.dumps(told, ensure_ascii=False)


def _review_document(document: Document, report: Report) -> dict[str, Any]:
    text = document.text
    told: dict[str, Any] = {"name": str(document.name), "syntax": document.syntax, "text": text}
    repaired = _repair(document, text, report)
    if repaired is None or not repaired.corrections:
        return told
    return {
        **told,
        "corrected": repaired.text,
        "diff": repaired.diff,
        "corrections": {one.result.identifier: one.text for one in repaired.corrections},
    }


def mend(report: Report, document: Document) -> Mended:
    """A document with its safe corrections, unchanged where there is none.

    Errors: SourceError when it cannot be corrected at all.
    """
    if document.syntax not in SYNTAXES:
        return Mended(document.name, "", "", "")
    text = document.content.decode("utf-8-sig")
    mended = repair(document.name, text, report, syntax=document.syntax)
    more = repair(document.name, text, report, syntax=document.syntax, offered=True)
    is_more = len(more.corrections) > len(mended.corrections)
    return Mended(document.name, mended.text, mended.diff, more.diff if is_more else "")


def _repair(document: Document, text: str | None, report: Report) -> Repair | None:
    if text is None or document.syntax not in SYNTAXES:
        return None
    try:
        return repair(document.name, text, report, syntax=document.syntax)
    except SourceError:
        return None


def read_tables(document: Document, project: Project) -> tuple[Source, ...]:
    """The statements of a CSV document, or of each sheet of a workbook, placed at their cells.

    A table is known by its file's name, by the graph it is given for, or by its sheet's title.

    Errors: SourceError when nothing says what the columns mean, or a cell does not fit.
    """
    # csvw takes half a second to import, which only who reads tables should wait for.
    from peelgraph.sources.tables import METADATA, read_copy, table_files  # noqa: PLC0415

    own = [source for source in project.data if _is_file(document, project.root / source.path)]
    if own:
        # Read with the project, once with all the tables that it refers to.
        return (replace(own[0], path=document.name),)
    folder = project.root / "data" / "tables"
    known = {path.stem: path for path in table_files(folder)}
    named = [document.name.stem, document.graph.removeprefix(terms.GRAPH)]
    turtle = [source for source in project.data if source.path.suffix == ".ttl"]
    sources = []
    for names, grid in _grids(document, named):
        original = next((known[name] for name in names if name in known), None)
        if original is None:
            raise SourceError(
                document.name,
                f"no {names[0]}.csv{METADATA} of the project says what its columns mean",
                hint=f"name the file or the sheet as one of: {', '.join(sorted(known))}",
            )
        sources.append(read_copy(grid, document.name, original, project.root, turtle))
    return tuple(sources)


def _is_file(document: Document, path: Path) -> bool:
    return document.name.resolve() == path.resolve() and document.content == path.read_bytes()


def _grids(document: Document, named: list[str]) -> "Iterator[tuple[list[str], Grid]]":
    """Each table of a document, with the names it may be known by."""
    from peelgraph.sources.tables import read_grid  # noqa: PLC0415
    from peelgraph.sources.workbooks import read_workbook  # noqa: PLC0415

    if document.syntax == "csv":
        yield named, read_grid(document.content, document.name)
        return
    sheets = read_workbook(document.content, document.name)
    for title, grid in sheets.items():
        # A workbook of one sheet is the table it is named after, whatever the sheet is called.
        yield [Path(title).stem, *(named if len(sheets) == 1 else [])], grid
