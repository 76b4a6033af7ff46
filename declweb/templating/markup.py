"""Tags of HTML, that of templates among it, which may be interrupted by expressions.

Owns reading tags and attributes, and where they stand. Must not know what any of them means.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape

from declweb.templating.positions import Spot, Token

HOLE = "\0"
"""Stands for each character of what is not literal."""
_INSIDE = r"(?:[^\"'<>]|\"[^\"]*\"|'[^']*')*+"
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)"
    rf"|<(?P<raw>script|style|textarea|title)\b(?P<first>{_INSIDE})>(?P<content>.*?)(?:</(?P=raw)\b|\Z)"
    rf"|<(?P<tag>[a-z][^\s/<>]*)(?P<rest>{_INSIDE})>",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"(?<![^\s\"'/])(?P<name>[^\s\"'<>/=]+)\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'=<>`]+))"
)
_ID = re.compile(r"""\sid\s*=\s*["']?([^\s"'<>]+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute with a value, as it is written."""

    name: str
    value: str
    start: int
    """Where the value begins."""
    name_start: int


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that opens an element, and the text in elements that hold nothing but text."""

    name: str
    attributes: tuple[Attribute, ...]
    start: int
    content: str = ""
    content_start: int = 0

    def get(self, name: str) -> str | None:
        """Return the value of an attribute as it is written."""
        return next((each.value for each in self.attributes if each.name == name), None)


def literal(tokens: Iterable[Token], source: str) -> str:
    """Return a template of the same length in which all that is no text of the page is a hole."""
    text = list(HOLE * len(source))
    for token in tokens:
        if token.kind == "data":
            text[token.start : token.start + len(token.text)] = token.text
    return "".join(text)


def tags(text: str) -> Iterator[Tag]:
    """Return the tags of a text in their order."""
    for markup in _MARKUP.finditer(text):
        name = markup["raw"] or markup["tag"]
        if name:
            group = "first" if markup["raw"] else "rest"
            attributes = tuple(_attributes(markup[group], markup.start(group)))
            yield Tag(name.lower(), attributes, markup.start(), markup["content"] or "", markup.start("content"))


def _attributes(text: str, start: int) -> Iterator[Attribute]:
    for found in _ATTRIBUTE.finditer(text):
        kind = next(kind for kind in ("double", "single", "bare") if found[kind] is not None)
        yield Attribute(found["name"].lower(), found[kind], start + found.start(kind), start + found.start("name"))


def ids(text: str) -> Iterator[str]:
    """Return the ids that stand in tags, or in a part of one; faster than by looking at every tag."""
    return map(unescape, _ID.findall(text))


def spot_at(text: str, start: int) -> Spot:
    """Return where a character of a text stands."""
    return Spot(text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))
