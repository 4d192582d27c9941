"""The pages of PEEL, which extend the general service."""

from pathlib import Path

QUERIES = Path(__file__).parent / "queries"
