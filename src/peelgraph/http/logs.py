"""Logs as one JSON object a line, for machines to read; no header and no body is ever in them."""

import json
import logging
import sys
from datetime import UTC, datetime

_LOGGER = "peelgraph"


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= getattr(record, "facts", {})
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def start_logging() -> None:
    """Write what is logged to standard error, a line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(_LOGGER).setLevel(logging.INFO)


def log_request(
    *, request: str, client: str, method: str, path: str, status: int, seconds: float, size: int
) -> None:
    """One request; its parameters stay out, for they may hold what is nobody's business."""
    facts = {
        "request": request,
        "client": client,
        "method": method,
        "path": path,
        "status": status,
        "seconds": round(seconds, 6),
        "bytes": size,
    }
    logging.getLogger(f"{_LOGGER}.requests").info("request", extra={"facts": facts})
