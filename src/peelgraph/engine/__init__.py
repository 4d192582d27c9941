"""The engine: SPARQL evaluated in worker processes that may be killed."""

from peelgraph.engine.guard import guard
from peelgraph.engine.pool import Edition, Pool

__all__ = ["Edition", "Pool", "guard"]
