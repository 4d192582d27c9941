"""A report for programs: JSON, CSV and SARIF."""

import csv
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from peelgraph import __version__
from peelgraph.errors import Position
from peelgraph.terms import BASE
from peelgraph.validation.model import (
    POLICY,
    Counterpart,
    Remark,
    Report,
    Severity,
    ShapeResult,
)
from peelgraph.validation.rendering.text import (
    against,
    describe,
    following,
    remainder,
    short,
    side,
)

COLUMNS = (
    "id",
    "severity",
    "file",
    "line",
    "column",
    "pointer",
    "focus",
    "label",
    "path",
    "value",
    "message",
    "hint",
    "shape",
    "component",
    # How many results follow from it, and what it clashes with.
    "follows",
    "against",
)
_MOST_RELATED = 20  # a review shows each of them beside its line
_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def row(result: ShapeResult) -> dict[str, Any]:
    """One result as plain values, in the order of COLUMNS; None where there is no place."""
    where = result.position
    values = (
        result.identifier,
        result.severity.value,
        str(result.file) if result.file else None,
        where.line if where else None,
        where.column if where else None,
        result.pointer,
        result.focus,
        result.label,
        result.path,
        result.value,
        result.message,
        result.hint,
        result.shape.removeprefix("<").removesuffix(">"),
        result.component,
        len(result.follows),
        " | ".join(against(result)),
    )
    return dict(zip(COLUMNS, values, strict=True))


def full(result: ShapeResult) -> dict[str, Any]:
    """One result as plain values, with all that belongs to it: for JSON, which has lists."""
    return {
        **row(result),
        "follows": [full(each) for each in result.follows],
        "against": [_counterpart(each) for each in result.counterparts],
        "suggested": list(result.suggested),
        "rule": result.rule,
        "statements": [list(each) for each in result.statements],
    }


def _counterpart(part: Counterpart) -> dict[str, Any]:
    return {
        "term": part.term,
        "label": part.label,
        "says": part.says,
        "graph": part.graph,
        "page": part.page,
        "place": part.place,
        "text": side(part),
    }


def _remark(remark: Remark) -> dict[str, Any]:
    """One remark as plain values."""
    where = remark.position
    return {
        "file": str(remark.file) if remark.file else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
        "shape": remark.shape.removeprefix("<").removesuffix(">"),
        "term": remark.term,
        "message": describe(remark),
    }


def to_json(report: Report) -> str:
    """The report as one JSON object."""
    document = {
        "conforms": report.conforms and report.is_judged,
        "judged": report.is_judged,
        "policy": POLICY,
        "summary": report.summary,
        "counts": {severity.value: count for severity, count in report.counts.items()},
        "left_out": report.left_out,
        "follows": report.follows_count,
        "results": [full(result) for result in report.listed],
        "revealed_by_inference": [full(result) for result in report.revealed[: report.most]],
        "hidden_by_inference": [result.identifier for result in report.hidden[: report.most]],
        "remarks": [_remark(remark) for remark in report.listed_remarks],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def to_csv(report: Report) -> str:
    """The report as CSV, one row a result, then a remark; the last says what a limit left out."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for result in report.listed:
        writer.writerow({name: _cell(value) for name, value in row(result).items()})
    for remark in report.listed_remarks:
        told = {"severity": "Remark", **_remark(remark)}
        writer.writerow({name: _cell(told.get(name, "")) for name in COLUMNS})
    if report.left_out:
        writer.writerow({"message": remainder(report)})
    return out.getvalue()


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value


def to_sarif(report: Report) -> str:
    """The report as SARIF 2.1.0, which code review tools show beside the lines."""
    shapes = sorted({result.shape for result in report.listed})
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "peelgraph",
                        "version": __version__,
                        "informationUri": BASE,
                        "rules": [_rule(shape) for shape in shapes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": report.is_judged,
                        "toolConfigurationNotifications": [
                            _notification(remark) for remark in report.listed_remarks
                        ],
                    }
                ],
                "results": [_sarif_result(r, shapes.index(r.shape)) for r in report.listed],
                "properties": {"policy": POLICY, "leftOut": report.left_out},
            }
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(shape: str) -> dict[str, Any]:
    if not shape.startswith("<"):
        return {"id": shape}
    return {"id": short(shape), "helpUri": shape[1:-1]}


def _notification(remark: Remark) -> dict[str, Any]:
    """A remark, which SARIF keeps apart from results: it is about the shapes."""
    found: dict[str, Any] = {"level": "warning", "message": {"text": describe(remark)}}
    if remark.file is not None:
        found["locations"] = [{"physicalLocation": _physical(remark.file, remark.position)}]
    return found


def _physical(file: Path, where: Position | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(file.as_posix())}}
    if where is not None:
        place["region"] = {"startLine": where.line, "startColumn": where.column}
    return place


def _sarif_result(result: ShapeResult, index: int) -> dict[str, Any]:
    told = [result.message, *(f"Against: {other}." for other in against(result)), result.hint]
    if result.follows:
        told.append(f"({following(result)}, follow from this.)")
    message = " ".join(filter(None, told))
    found: dict[str, Any] = {
        "ruleId": short(result.shape) if result.shape.startswith("<") else result.shape,
        "ruleIndex": index,
        "level": _LEVELS[result.severity],
        "message": {"text": message or result.component},
        "partialFingerprints": {"peelgraphResult/v1": result.identifier},
    }
    if result.file is not None:
        found["locations"] = [{"physicalLocation": _physical(result.file, result.position)}]
        if result.pointer:
            named = {"fullyQualifiedName": result.pointer, "kind": "value"}
            found["locations"][0]["logicalLocations"] = [named]
    related = [
        {
            "physicalLocation": _physical(each.file, each.position),
            "message": {"text": each.message or each.component},
        }
        for each in result.follows[:_MOST_RELATED]
        if each.file is not None
    ]
    if related:
        found["relatedLocations"] = related
    if result.follows or result.counterparts:
        found["properties"] = {
            "follows": len(result.follows),
            "against": [_counterpart(each) for each in result.counterparts],
        }
    return found
