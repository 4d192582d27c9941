"""Pages of the reference, written from what they describe, so that none falls behind."""

import re
from collections.abc import Iterable
from pathlib import Path

import click
import pyoxigraph as ox

from peelgraph import terms
from peelgraph.catalogue import read_catalogue
from peelgraph.cli import COMMANDS, find_command
from peelgraph.settings import table

_V = terms.VOCABULARIES
_KINDS = {
    f"{_V['owl']}Class": "Classes",
    f"{_V['owl']}ObjectProperty": "Properties between things",
    f"{_V['owl']}DatatypeProperty": "Properties with a value",
    f"{_V['owl']}AnnotationProperty": "Annotations",
}
_SHOWN = {
    f"{_V['skos']}scopeNote": "Note",
    f"{_V['skos']}example": "Example",
    f"{_V['vann']}example": "Example",
    f"{_V['rdfs']}subClassOf": "Kind of",
    f"{_V['rdfs']}subPropertyOf": "Kind of",
    f"{_V['rdfs']}domain": "Of",
    f"{_V['rdfs']}range": "Gives",
    f"{_V['owl']}inverseOf": "Inverse of",
    f"{_V['owl']}disjointWith": "Never also",
}


def write_pages(root: Path, folder: Path) -> None:
    """Every generated page, in `folder`; one that is the same already is left alone."""
    pages = {
        **_ontology_pages(root / "ontology"),
        "questions.md": _questions_page(root / "queries"),
        "commands.md": _commands_page(),
        "settings.md": _settings_page(),
    }
    folder.mkdir(exist_ok=True)
    for stale in {path.name for path in folder.glob("*.md")} - pages.keys():
        (folder / stale).unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _ontology_pages(folder: Path) -> dict[str, str]:
    found = {}
    modules = {path.stem: _read(path) for path in sorted(folder.glob("*.ttl"))}
    owner = {
        term: module
        for module, store in modules.items()
        for kind in _KINDS
        for term in _instances(store, kind)
    }
    for module, store in modules.items():
        if any(_instances(store, kind) for kind in _KINDS):
            found[f"ontology-{module}.md"] = _module_page(module, store, owner)
    return found


def _read(path: Path) -> ox.Store:
    store = ox.Store()
    store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    return store


def _instances(store: ox.Store, kind: str) -> list[str]:
    typed = store.quads_for_pattern(None, ox.NamedNode(f"{_V['rdf']}type"), ox.NamedNode(kind))
    named = {quad.subject.value for quad in typed if isinstance(quad.subject, ox.NamedNode)}
    return sorted(iri for iri in named if iri.startswith(terms.PEEL))


def _values(store: ox.Store, subject: str, predicate: str) -> list[ox.NamedNode | ox.Literal]:
    quads = store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None)
    found = [quad.object for quad in quads if not isinstance(quad.object, ox.BlankNode)]
    return sorted(found, key=lambda term: term.value)


def _module_page(module: str, store: ox.Store, owner: dict[str, str]) -> str:
    title = f"Ontology: {module}"
    lines = [f"# {title}", ""]
    for kind, heading in _KINDS.items():
        found = _instances(store, kind)
        if found:
            lines += [f"## {heading}", ""]
        for iri in found:
            lines += _term(store, iri, owner)
    return "\n".join(lines)


def _term(store: ox.Store, iri: str, owner: dict[str, str]) -> Iterable[str]:
    local = iri.removeprefix(terms.PEEL)
    yield from (f"({_anchor(iri)})=", f"### peel:{local}", "")
    label = ", ".join(term.value for term in _values(store, iri, f"{_V['rdfs']}label"))
    for definition in _values(store, iri, f"{_V['skos']}definition"):
        yield from (f"*{label}*: {_escaped(definition.value)}", "")
    for predicate, name in _SHOWN.items():
        found = _values(store, iri, predicate)
        if found:
            yield f"- {name}: {', '.join(_shown(term, owner) for term in found)}"
    yield ""


def _shown(term: ox.NamedNode | ox.Literal, owner: dict[str, str]) -> str:
    if isinstance(term, ox.NamedNode):
        short = terms.shorten(term.value)
        name = f"`{short.strip('<>')}`"
        return f"[{name}](#{_anchor(term.value)})" if term.value in owner else name
    return f"`{term.value}`" if "\n" not in term.value else f"\n\n```turtle\n{term.value}\n```\n"


def _anchor(iri: str) -> str:
    """A label that a class and a property whose names differ in case alone do not share."""
    local = iri.removeprefix(terms.PEEL)
    return f"class-{local.lower()}" if local[0].isupper() else f"property-{local.lower()}"


def _escaped(text: str) -> str:
    return re.sub(r"([*_<>\[\]`])", r"\\\1", text)


def _questions_page(folder: Path) -> str:
    lines = [
        "# Stored questions",
        "",
        "Asked by `peelgraph query NAME`, at `/queries/NAME`, and in Python as a function of the",
        "same name with underscores.",
        "",
    ]
    subject = ""
    for stored in sorted(read_catalogue(folder).questions, key=lambda each: each.subject):
        if stored.subject != subject:
            subject = stored.subject
            lines += [f"## {subject.capitalize()}", ""]
        level = "###" if subject else "##"
        lines += [f"{level} {stored.name}", "", f"{_escaped(stored.summary)}.", ""]
        if stored.description:
            lines += [_escaped(stored.description), ""]
        older = [f"`{each.name}`" for each in stored.former if each.name != stored.name]
        if older:
            lines += [f"Formerly {', '.join(older)}.", ""]
        if stored.needs_inference:
            lines += ["It rests on what is inferred: with inference off, rows may be missing.", ""]
        lines += [
            f"- `{each.name}` ({each.type}, default `{each.default}`): {_escaped(each.about)}"
            for each in stored.parameters
        ]
        lines += ["", "```sparql", _body(stored.text), "```", ""]
    return "\n".join(lines)


def _body(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("#+")).strip()


def _commands_page() -> str:
    lines = ["# Commands", "", "Every option is also an environment variable; both are shown.", ""]
    for name in COMMANDS:
        lines += _command(f"peelgraph {name}", find_command(name))
    return "\n".join(lines)


def _command(name: str, command: click.Command) -> list[str]:
    context = click.Context(command, info_name=name, max_content_width=90)
    context.help_option_names = ["-h", "--help"]
    lines = [f"## {name}", "", "```text", command.get_help(context), "```", ""]
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            lines += _command(f"{name} {inner.name}", inner)
    return lines


def _settings_page() -> str:
    rows = [
        f"| `{name}` | `{default}` | {unit} | {reason} |" for name, default, unit, reason in table()
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "| name | default | unit | why |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )
