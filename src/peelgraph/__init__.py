"""An open knowledge graph of police inspections."""

__version__ = "0.1.0"
