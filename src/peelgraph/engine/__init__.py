"""The engine: SPARQL evaluated in worker processes that may be killed."""

from peelgraph.engine.pool import Edition, Pool
from peelgraph.sparql.policy import guard

__all__ = ["Edition", "Pool", "guard"]
