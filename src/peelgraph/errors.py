"""What can fail, with the status the web answers and the code the command line exits with.

PeelgraphError
├── SourceError         a source file cannot be read, or says something we cannot take
│   └── RDFVersionRefused   a document, query or update needs RDF 1.2 (a QueryRefused, too)
├── SettingError        a setting, a port or the home folder cannot be used
│   └── VersionUnreadable   a file of a version, or the pointer to the current one, is damaged
├── ShapesBroken        the shapes themselves are ill-formed
├── OntologyOutsideRL   an axiom that OWL 2 RL has no rule for
├── PublicationRefused  the data does not conform, or contradicts itself: nothing was published
├── NothingPublished    no version is there to answer from
├── UnknownName         a version, a stored query or a graph of that name does not exist
│   └── NoLongerKept        a version was published once and was removed
├── Withdrawn           a thing was published once and is no more
├── AccessRefused       nobody may write here, or not from there
├── TokenMissing        the token that writing needs is missing or wrong
├── WriteConflict       what is to be written belongs to the project's files, or to the rules
├── PreconditionFailed  what is to be changed is no longer what the caller saw
├── StorageFull         the disk takes nothing more
├── StoreDamaged        files of a published version cannot be read
├── HomeUnwritable      the home folder may only be read
├── QueryRefused        the query is malformed, or uses a form we do not serve
│   ├── RequestRefused      the request around the query breaks the protocol
│   ├── NotAcceptable       none of the formats asked for is offered
│   ├── MediaTypeUnknown    the body is of a type we do not read
│   ├── MethodRefused       the path does not answer that method
│   ├── LengthRequired      a body that is to be written does not say how long it is
│   └── BodyTooLarge        the body is longer than the limit
├── DeadlinePassed      evaluation took longer than the deadline
├── MemoryExceeded      evaluation took more memory than the limit
├── Cancelled           whoever asked took the question back
├── ServiceBusy         every worker is taken and the queue is full
│   ├── ServiceStopping     the service was told to stop
│   └── TooManyRequests     this client has its whole share already
└── EngineUnavailable   a remote engine, or our own worker, does not answer
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_FAULTS = 50  # told of one reading; whoever has more makes one mistake over and over


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text; line and column count from 1."""

    line: int
    column: int


class PeelgraphError(Exception):
    """The base of every failure we name; `kind` is the last part of its problem type's IRI."""

    kind = "internal"
    status = 500
    exit_code = 2
    # Seconds after which the same request may well succeed; None where it would fail again. A class
    # says what this service tells its clients, an instance what an engine told us.
    retry_after: float | None = None

    def __init__(
        self,
        message: str,
        *,
        position: Position | None = None,
        hint: str | None = None,
        token: str | None = None,
        limit: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.hint = hint
        self.token = token
        self.limit = limit

    def __reduce__(self) -> tuple[object, ...]:
        """Exceptions cross process borders with all they carry."""
        return _rebuild, (type(self), self.args, dict(self.__dict__))

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


def _rebuild(
    cls: type[PeelgraphError], args: tuple[object, ...], state: dict[str, object]
) -> PeelgraphError:
    error = cls.__new__(cls, *args)
    Exception.__init__(error, *args)
    error.__dict__.update(state)
    return error


class SourceError(PeelgraphError):
    """A source file cannot be read, or says something we cannot take.

    `others` are the faults beside this one that the same reading found, `left_out` counts those
    that are not among them.
    """

    kind = "source"
    status = 400
    others: "tuple[SourceError, ...]" = ()
    left_out = 0

    def __init__(
        self,
        path: Path | str,
        message: str,
        *,
        position: Position | None = None,
        hint: str | None = None,
    ) -> None:
        where = f"{path}:{position.line}:{position.column}" if position else f"{path}"
        super().__init__(f"{where}: {message}", position=position, hint=hint)
        self.path = str(path)

    @classmethod
    def join(cls, faults: "Sequence[SourceError]") -> "SourceError":
        """The first of `faults`, which carries the others."""
        first, *others = faults
        first.others = tuple(others[: MOST_FAULTS - 1])
        first.left_out = max(0, len(faults) - MOST_FAULTS)
        return first

    @property
    def more(self) -> str:
        """How many faults are not told; "" where all are."""
        if not self.left_out:
            return ""
        return f"and {self.left_out} more: correct these first, and read again"

    def __str__(self) -> str:
        told = [PeelgraphError.__str__(each) for each in (self, *self.others)]
        return "\n".join([*told, *([self.more] if self.more else [])])


class SettingError(PeelgraphError):
    """A setting, a port or the home folder cannot be used."""

    kind = "setting"


class VersionUnreadable(SettingError):
    """A file of a version, or the pointer to the current one, is damaged.

    The message is for the operator and names the file; clients are sent StoreDamaged.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "go back to another version with peelgraph rollback, or restore a backup",
    ) -> None:
        super().__init__(message, hint=hint)


def is_damage(error: Exception) -> bool:
    """Whether the embedded engine says that files of a store are damaged.

    It opens some of them late, so that whatever reads a store may raise this.
    """
    return str(error).startswith("Corruption")


class ShapesBroken(PeelgraphError):
    """The shapes themselves are ill-formed: a failure, never a report (SHACL 3.4.2)."""

    kind = "shapes-broken"
    status = 422


class OntologyOutsideRL(PeelgraphError):
    """An axiom that OWL 2 RL has no rule for."""

    kind = "outside-rl"
    status = 422


class PublicationRefused(PeelgraphError):
    """The data does not conform, or contradicts itself: nothing was published."""

    kind = "refused"
    status = 422
    exit_code = 1


class NothingPublished(PeelgraphError):
    """No version is there to answer from."""

    kind = "nothing-published"
    status = 503
    retry_after = 10


class UnknownName(PeelgraphError):
    """A version, a stored query or a graph of that name does not exist."""

    kind = "unknown"
    status = 404


class NoLongerKept(UnknownName):
    """The version was published once and was removed; its number will mean no other."""

    kind = "no-longer-kept"
    status = 410


class Withdrawn(PeelgraphError):
    """The thing was published once and was taken out; its IRI will mean nothing else."""

    kind = "withdrawn"
    status = 410


class AccessRefused(PeelgraphError):
    """Nobody may write here, or not from there."""

    kind = "access"
    status = 403


class TokenMissing(PeelgraphError):
    """The token that writing needs is missing or wrong."""

    kind = "token"
    status = 401


class WriteConflict(PeelgraphError):
    """What is to be written belongs to the project's files, or to the rules."""

    kind = "conflict"
    status = 409


class PreconditionFailed(PeelgraphError):
    """What is to be changed is no longer what the caller saw."""

    kind = "precondition"
    status = 412


class StorageFull(PeelgraphError):
    """The disk takes nothing more; what was published before is whole."""

    kind = "storage"
    status = 507


class StoreDamaged(PeelgraphError):
    """Files of the published version are damaged; other versions may be whole."""

    kind = "damaged"
    status = 500


class HomeUnwritable(PeelgraphError):
    """The service's folder may only be read, or fails; what was published before is whole."""

    kind = "read-only"
    status = 507


class QueryRefused(PeelgraphError):
    """The query is malformed, or uses a form we do not serve."""

    kind = "query"
    status = 400


class RDFVersionRefused(SourceError, QueryRefused):
    """It needs RDF 1.2 or SPARQL 1.2, and readers of RDF 1.1 could not read what came of it."""

    kind = "rdf-version"


class RequestRefused(QueryRefused):
    """The request around the query breaks the protocol."""

    kind = "request"


class NotAcceptable(QueryRefused):
    """None of the formats asked for is offered."""

    kind = "not-acceptable"
    status = 406


class MediaTypeUnknown(QueryRefused):
    """The body is of a type we do not read."""

    kind = "media-type"
    status = 415


class MethodRefused(QueryRefused):
    """The path does not answer that method."""

    kind = "method"
    status = 405


class LengthRequired(QueryRefused):
    """A body that is to be written does not say how long it is, so half of it looks whole."""

    kind = "length"
    status = 411


class BodyTooLarge(QueryRefused):
    """The body is longer than the limit."""

    kind = "too-large"
    status = 413


class DeadlinePassed(PeelgraphError):
    """Evaluation took longer than the deadline."""

    kind = "deadline"
    status = 503


class MemoryExceeded(PeelgraphError):
    """Evaluation took more memory than the limit."""

    kind = "memory"
    status = 503


class Cancelled(PeelgraphError):
    """Whoever asked took the question back while it was evaluated."""

    kind = "cancelled"
    status = 409


class ServiceBusy(PeelgraphError):
    """Every worker is taken and the queue is full; retrying helps."""

    kind = "busy"
    status = 503
    retry_after = 2


class ServiceStopping(ServiceBusy):
    """The service was told to stop; another process, or the next one, answers."""

    def __init__(self) -> None:
        super().__init__("The service is stopping", hint="Try again in a moment.")


class TooManyRequests(ServiceBusy):
    """This client has its whole share already; others are served. Retrying helps."""

    kind = "rate"
    status = 429


class EngineUnavailable(PeelgraphError):
    """A remote engine, or our own worker, does not answer."""

    kind = "engine"
    status = 502
