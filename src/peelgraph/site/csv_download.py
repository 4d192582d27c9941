"""A table of a view as a CSV file to download."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response


def csv_of(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """The rows as a CSV file of that name."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows(rows)
    response = Response(out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
