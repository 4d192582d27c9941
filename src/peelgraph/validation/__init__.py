"""Judging data by shapes before it is published."""

from peelgraph.validation.autofix import Repair, repair
from peelgraph.validation.model import (
    POLICY,
    DataRefused,
    Remark,
    Report,
    Severity,
    ShapeResult,
    Validated,
    accept,
)
from peelgraph.validation.rendering import FORMATS, render
from peelgraph.validation.validator import Validator, validate

__all__ = [
    "FORMATS",
    "POLICY",
    "DataRefused",
    "Remark",
    "Repair",
    "Report",
    "Severity",
    "ShapeResult",
    "Validated",
    "Validator",
    "accept",
    "render",
    "repair",
    "validate",
]
