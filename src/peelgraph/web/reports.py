"""The reports on inspections, and whether what they say is in the data."""

from dataclasses import dataclass

from peelgraph.web.cells import Cell, link
from peelgraph.web.page_queries import ask
from peelgraph.web.service import Service

# What is a report itself, and what has reports: a force those of all its inspections.
_THEMSELVES = ("publication", "report")
_REPORTED = ("force", "inspection", "judgment")


@dataclass(frozen=True, slots=True)
class Report:
    """One publication that reports an inspection: its page here, and its own address if known."""

    name: Cell
    address: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class Reports:
    """The publications on a thing, or the thing itself where it is one."""

    found: tuple[Report, ...]
    is_unread: bool

    @property
    def read(self) -> int:
        """How many of them were read."""
        return sum(report.is_read for report in self.found)


def read_reports(service: Service, kind: str, iri: str) -> Reports:
    """The publications on an inspection, a judgment or a force; none for another kind of thing.

    `is_unread` says that there is something to read and that none of it is in the data.
    """
    if kind not in (*_THEMSELVES, *_REPORTED):
        return Reports((), is_unread=False)
    found: dict[str, Report] = {}
    for row in ask(service, "publications-about", thing=iri):
        name = Cell(row["title"], link(row["report"]))
        found.setdefault(row["report"], Report(name, row["page"], row["isRead"] == "true"))
    is_read = any(report.is_read for report in found.values())
    return Reports(tuple(found.values()), not is_read and (bool(found) or kind in _REPORTED))
