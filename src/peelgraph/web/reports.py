"""The reports on inspections, and whether what they say is in the data."""

from dataclasses import dataclass

from peelgraph import terms
from peelgraph.web.asked import ask
from peelgraph.web.cells import Cell, link
from peelgraph.web.service import Service

# A judgment has the reports of its inspection, a force those of all its inspections.
KINDS = ("force", "inspection", "judgment")
_REPORTS = f"""
PREFIX dcterms: <{terms.VOCABULARIES["dcterms"]}>
PREFIX foaf: <{terms.VOCABULARIES["foaf"]}>
PREFIX peel: <{terms.PEEL}>
SELECT DISTINCT ?report ?title ?page ?isRead
WHERE {{
  {{ ?thing peel:reportedIn ?report }}
  UNION
  {{ ?thing peel:madeIn/peel:reportedIn ?report }}
  UNION
  {{ ?inspection peel:inspects ?thing ; peel:reportedIn ?report }}
  ?report dcterms:title ?title .
  OPTIONAL {{ ?report foaf:page ?page }}
  # What was read has its sections here.
  BIND (EXISTS {{ ?section peel:sectionOf ?report }} AS ?isRead)
}}
ORDER BY ?title ?report ?page"""


@dataclass(frozen=True, slots=True)
class Report:
    """One publication that reports an inspection: its page here, and its own address if known."""

    name: Cell
    address: str
    is_read: bool


def read_reports(service: Service, kind: str, iri: str) -> list[Report]:
    """The publications on an inspection, a judgment or a force; none for another kind of thing."""
    if kind not in KINDS:
        return []
    reports: dict[str, Report] = {}
    for row in ask(service, _REPORTS, thing=iri):
        name = Cell(row["title"], link(row["report"]))
        reports.setdefault(row["report"], Report(name, row["page"], row["isRead"] == "true"))
    return list(reports.values())
