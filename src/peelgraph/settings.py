"""Every limit and choice of the service as one table: name, default, unit, reason."""

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

# MiB that the interpreter needs to answer anything.
_LEAST_MEMORY = 64


def _row(default: object, unit: str, reason: str) -> object:
    return field(default=default, metadata={"unit": unit, "reason": reason})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service runs with; each field is one row of the table in the README."""

    home: Path = _row(Path(".peelgraph"), "folder", "where versions are kept")  # type: ignore[assignment]
    host: str = _row("127.0.0.1", "address", "not open to others unless asked")  # type: ignore[assignment]
    port: int = _row(8000, "port", "the address in the README")  # type: ignore[assignment]
    workers: int = _row(2, "processes", "as many as cores of a small machine")  # type: ignore[assignment]
    timeout: float = _row(60.0, "seconds", "as long as Wikidata allows a query")  # type: ignore[assignment]
    memory: int = _row(2048, "MiB", "address space one evaluation may take")  # type: ignore[assignment]
    max_memory: int = _row(8192, "MiB", "all queries, writes and validations together")  # type: ignore[assignment]
    max_body: int = _row(16, "MiB", "longest request body")  # type: ignore[assignment]
    max_bodies: int = _row(256, "MiB", "all bodies that are held, however many processes")  # type: ignore[assignment]
    max_query: int = _row(1024, "KiB", "longest query text")  # type: ignore[assignment]
    max_result: int = _row(256, "MiB", "longest answer; past it the query fails, never cut")  # type: ignore[assignment]
    max_depth: int = _row(200, "brackets", "4,000 nested braces end the process that parses them")  # type: ignore[assignment]
    max_parts: int = _row(1000, "parts", "2,500 in a row end the process that evaluates them")  # type: ignore[assignment]
    at_once: int = _row(3, "queries", "evaluated at a time by each process")  # type: ignore[assignment]
    per_client: int = _row(2, "queries", "evaluated at a time for one client: another finds a turn")  # type: ignore[assignment]
    max_waiting: int = _row(256, "queries", "waiting in each process; beyond it, 503 at once")  # type: ignore[assignment]
    max_uploads: int = _row(32, "requests", "whose bodies each process reads at a time")  # type: ignore[assignment]
    max_rate: float = _row(0.0, "requests/s", "of one client to each process; 0: any number")  # type: ignore[assignment]
    cache: int = _row(128, "MiB", "answers kept, by all processes together")  # type: ignore[assignment]
    max_wait: float = _row(
        2.0, "seconds", "a question waits for its turn; then 503 with Retry-After"
    )  # type: ignore[assignment]
    copy_below: int = _row(1_000_000, "triples", "a smaller version is copied into memory")  # type: ignore[assignment]
    keep_versions: int = _row(100, "versions", "the last so many are kept, whatever made them")  # type: ignore[assignment]
    keep_days: int = _row(7, "days", "younger ones are kept, too; 0 and 0: all are")  # type: ignore[assignment]
    empty: bool = _row(False, "on/off", "begin with an empty graph, not with the project's")  # type: ignore[assignment]
    inference: bool = _row(True, "on/off", "inferred triples are in the default graph")  # type: ignore[assignment]
    default_graph: str = _row("union", "union/strict", "strict: the unnamed graph alone")  # type: ignore[assignment]
    gate: str = _row("enforce", "enforce/warn/report/off", "what shapes do to a write")  # type: ignore[assignment]
    open_writes: bool = _row(False, "on/off", "writes without a token; on loopback only")  # type: ignore[assignment]
    token_file: Path | None = _row(None, "file", "tokens that may write; none: nobody may")  # type: ignore[assignment]
    store: str = _row("", "URL", "an engine that holds the graph; empty: the home folder does")  # type: ignore[assignment]
    store_options: Path | None = _row(None, "file", "the engine's other addresses, credentials")  # type: ignore[assignment]
    public_url: str = _row("", "URL", "the address links are made with; empty: host and port")  # type: ignore[assignment]
    trusted_proxy: int = _row(0, "proxies", "in front, each adding to X-Forwarded-For")  # type: ignore[assignment]
    log: str = _row("failures", "failures/requests", "which requests are logged")  # type: ignore[assignment]
    allow_service: tuple[str, ...] = _row((), "IRIs", "endpoints SERVICE and LOAD may call")  # type: ignore[assignment]

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


def hand_on(settings: Settings) -> dict[str, Any]:
    """The settings as values of JSON, for another process."""
    given = asdict(settings)
    return {name: str(v) if isinstance(v, Path) else v for name, v in given.items()}


def take_up(given: dict[str, Any]) -> Settings:
    """The settings that another process handed on."""
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
