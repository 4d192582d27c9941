"""Every limit and choice of the service as one table: name, default, unit, reason."""

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

# MiB that the interpreter needs to answer anything.
_LEAST_MEMORY = 64


def _row(default: T, unit: str, reason: str) -> T:
    """One row of the table; its type is the default's, for the field that it is assigned to."""
    return field(default=default, metadata={"unit": unit, "reason": reason})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service runs with; each field is one row of the table in the README."""

    home: Path = _row(Path(".peelgraph"), "folder", "where versions are kept")
    host: str = _row("127.0.0.1", "address", "not open to others unless asked")
    port: int = _row(8000, "port", "the address in the README")
    workers: int = _row(2, "processes", "as many as cores of a small machine")
    timeout: float = _row(60.0, "seconds", "as long as Wikidata allows a query")
    memory: int = _row(2048, "MiB", "address space one evaluation may take")
    max_memory: int = _row(8192, "MiB", "all queries, writes and validations together")
    max_body: int = _row(16, "MiB", "longest request body")
    max_bodies: int = _row(256, "MiB", "all bodies that are held, however many processes")
    max_query: int = _row(1024, "KiB", "longest query text")
    max_result: int = _row(256, "MiB", "longest answer; past it the query fails, never cut")
    max_depth: int = _row(200, "brackets", "4,000 nested braces end the process that parses them")
    max_parts: int = _row(1000, "parts", "2,500 in a row end the process that evaluates them")
    at_once: int = _row(3, "queries", "evaluated at a time by each process")
    per_client: int = _row(2, "queries", "evaluated at a time for one client: another finds a turn")
    max_waiting: int = _row(256, "queries", "waiting in each process; beyond it, 503 at once")
    max_uploads: int = _row(32, "requests", "whose bodies each process reads at a time")
    max_rate: float = _row(0.0, "requests/s", "of one client to each process; 0: any number")
    cache: int = _row(128, "MiB", "answers kept, by all processes together")
    max_wait: float = _row(
        2.0, "seconds", "a question waits for its turn; then 503 with Retry-After"
    )
    copy_below: int = _row(1_000_000, "triples", "a smaller version is copied into memory")
    keep_versions: int = _row(100, "versions", "the last so many are kept, whatever made them")
    keep_days: int = _row(7, "days", "younger ones are kept, too; 0 and 0: all are")
    empty: bool = _row(False, "on/off", "begin with an empty graph, not with the project's")
    inference: bool = _row(True, "on/off", "inferred triples are in the default graph")
    default_graph: str = _row("union", "union/strict", "strict: the unnamed graph alone")
    gate: str = _row("enforce", "enforce/warn/report/off", "what shapes do to a write")
    open_writes: bool = _row(False, "on/off", "writes without a token; on loopback only")
    token_file: Path | None = _row(None, "file", "tokens that may write; none: nobody may")
    store: str = _row("", "URL", "an engine that holds the graph; empty: the home folder does")
    store_options: Path | None = _row(None, "file", "the engine's other addresses, credentials")
    public_url: str = _row("", "URL", "the address links are made with; empty: host and port")
    trusted_proxy: int = _row(0, "proxies", "in front, each adding to X-Forwarded-For")
    log: str = _row("failures", "failures/requests", "which requests are logged")
    allow_service: tuple[str, ...] = _row((), "IRIs", "endpoints SERVICE and LOAD may call")

    @property
    def url(self) -> str:
        """The address under which readers reach us, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def query_memory(self) -> int:
        """The MiB that one evaluation may take: all together have half of `max_memory`."""
        return self._part(2 * self.workers * self.at_once)

    @property
    def write_memory(self) -> int:
        """The MiB that a process which writes may take: all together have a quarter."""
        return self._part(4 * self.workers)

    @property
    def validation_memory(self) -> int:
        """The MiB that one validation may take: as many as `workers` at a time have a quarter."""
        return self._part(4 * self.workers)

    def _part(self, parts: int) -> int:
        return max(_LEAST_MEMORY, min(self.memory, self.max_memory // parts))

    @property
    def is_plain(self) -> bool:
        """Whether it serves as a plain SPARQL store, which checks and infers nothing."""
        return self.gate == "off" and not self.inference


def to_json(settings: Settings) -> dict[str, Any]:
    """The settings as values of JSON, for another process."""
    given = asdict(settings)
    return {name: str(v) if isinstance(v, Path) else v for name, v in given.items()}


def from_json(given: dict[str, Any]) -> Settings:
    """The settings that `to_json` wrote."""
    files = {name: given[name] for name in ("token_file", "store_options")}
    paths = {name: Path(file) if file else None for name, file in files.items()}
    rest = {"home": Path(given["home"]), "allow_service": tuple(given["allow_service"])}
    return Settings(**{**given, **paths, **rest})


def table() -> list[tuple[str, str, str, str]]:
    """Name, default, unit and reason of each setting."""
    return [
        (f.name, _shown(f.default), str(f.metadata["unit"]), str(f.metadata["reason"]))
        for f in fields(Settings)
    ]


def _shown(value: object) -> str:
    """A default as one would write it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None or value == () else str(value)
