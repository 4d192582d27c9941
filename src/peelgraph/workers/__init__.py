"""Processes that may be killed: queries, writes and validations are messages to them."""

from peelgraph.workers.pool import Edition, Pool

__all__ = ["Edition", "Pool"]
