"""A JSON document as a tree that knows where each value stands, and its pointer (RFC 6901)."""

import re
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]

_SPACE = re.compile(r"[ \t\r\n]*")
_ATOM = re.compile(r"[^\s,\]}]+")
_WORDS = {"true": True, "false": False, "null": None}

Scalar = str | int | float | bool | None


@dataclass(slots=True)
class Value:
    """One value: a scalar, the members of an object, or the items of an array."""

    start: int
    pointer: str
    scalar: Scalar = None
    members: "dict[str, Member] | None" = None
    items: "list[Value] | None" = None


@dataclass(slots=True)
class Member:
    """One member of an object: where its key stands, and its value."""

    start: int
    value: Value = field(repr=False)


def read_tree(text: str) -> Value:
    """The tree of a document that a parser has taken already; ValueError when it is no JSON."""
    return _Reader(text).value("")


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        """The next character that is no space, "" at the end."""
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.text[self.at : self.at + 1]

    def value(self, pointer: str) -> Value:
        opening = self.peek()
        start = self.at
        if opening == "{":
            return Value(start, pointer, members=self.members(pointer))
        if opening == "[":
            return Value(start, pointer, items=self.items(pointer))
        return Value(start, pointer, self.scalar(opening))

    def scalar(self, opening: str) -> Scalar:
        if opening == '"':
            return self.string()
        found = _ATOM.match(self.text, self.at)
        if found is None:
            raise ValueError(f"no value at {self.at}")
        self.at = found.end()
        word = found.group()
        if word in _WORDS:
            return _WORDS[word]
        return int(word) if re.fullmatch(r"-?\d+", word) else float(word)

    def string(self) -> str:
        text, self.at = scanstring(self.text, self.at + 1)
        return str(text)

    def members(self, pointer: str) -> dict[str, Member]:
        found: dict[str, Member] = {}
        self.at += 1
        while self.peek() != "}":
            start = self.at
            if self.peek() != '"':
                raise ValueError(f"no key at {self.at}")
            key = self.string()
            self.expect(":")
            escaped = key.replace("~", "~0").replace("/", "~1")
            found[key] = Member(start, self.value(f"{pointer}/{escaped}"))
            if self.peek() == ",":
                self.at += 1
        self.at += 1
        return found

    def items(self, pointer: str) -> list[Value]:
        found: list[Value] = []
        self.at += 1
        while self.peek() != "]":
            found.append(self.value(f"{pointer}/{len(found)}"))
            if self.peek() == ",":
                self.at += 1
        self.at += 1
        return found

    def expect(self, mark: str) -> None:
        if self.peek() != mark:
            raise ValueError(f"no {mark!r} at {self.at}")
        self.at += 1
