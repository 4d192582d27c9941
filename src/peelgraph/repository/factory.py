"""Where the versions are: in the home folder, or in a remote engine."""

from pathlib import Path

from peelgraph.remote import Engine, RemoteStore, read_engine
from peelgraph.repository.local import Home
from peelgraph.repository.protocol import Repository
from peelgraph.repository.remote import RemoteRepository
from peelgraph.settings import Settings

# Seconds that one request of a build or a migration may take: the engine copies whole graphs in it.
BUILD_TIMEOUT_S = 3600.0


def open_repository(
    home: Path, engine: Engine | None, timeout_s: float = BUILD_TIMEOUT_S
) -> Repository:
    """The repository in `engine`, or in the home folder where there is none."""
    return Home(home) if engine is None else RemoteRepository(RemoteStore(engine, timeout_s))


def repository_of(settings: Settings) -> Repository:
    """The repository that the settings name; a request to an engine takes their timeout at most."""
    return open_repository(settings.home, engine_of(settings), settings.timeout)


def engine_of(settings: Settings) -> Engine | None:
    """The engine that the settings name."""
    return read_engine(settings.store, settings.store_options) if settings.store else None
