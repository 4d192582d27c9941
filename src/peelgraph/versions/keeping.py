"""Where the versions are: in the home folder, or in a remote engine."""

from pathlib import Path

from peelgraph.remote import Engine, RemoteStore, read_engine
from peelgraph.settings import Settings
from peelgraph.versions.home import Home
from peelgraph.versions.hosted import Hosted

Keeper = Home | Hosted

# Seconds that one request of a build or a move may take: the engine copies whole graphs in it.
PATIENCE = 3600.0


def keeper_of(home: Path, engine: Engine | None, timeout: float = PATIENCE) -> Keeper:
    """What keeps the versions: `engine`, or the home folder where there is none."""
    return Home(home) if engine is None else Hosted(RemoteStore(engine, timeout))


def engine_of(settings: Settings) -> Engine | None:
    """The engine that the settings name."""
    return read_engine(settings.store, settings.store_options) if settings.store else None
