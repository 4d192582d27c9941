"""Where a page leads to learn why a triple holds."""

from urllib.parse import urlencode


def why(subject: str, predicate: str, value: str) -> str:
    """The address of the proof of a triple of three IRIs."""
    named = {"subject": subject, "predicate": predicate, "object": value}
    return "/explain?" + urlencode({part: f"<{iri}>" for part, iri in named.items()})
