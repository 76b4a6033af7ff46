"""Where the words of a template stand: Jinja's tokens with their columns.

Jinja's syntax tree knows lines only. Here a line number carries its column along, so that every node of the tree does.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jinja2 import nodes

_NEWLINE = re.compile(r"\r\n|\r|\n")


class Line(int):
    """A line number that knows the column, too."""

    column: int


class Spot(NamedTuple):
    """A place in a template; both count from 1, columns in characters."""

    line: int
    column: int


class Token(NamedTuple):
    """A token of Jinja's lexer, and where it begins in the normalized source."""

    line: Line
    kind: str
    text: str
    start: int


def normalized(source: str) -> str:
    """Return a source as Jinja's lexer sees it: one kind of line ending, and none after the last line."""
    return _NEWLINE.sub("\n", source).removesuffix("\n")


def located(tokens: Iterable[tuple[int, str, str]], source: str) -> Iterator[Token]:
    """Add places to the raw tokens of a normalized source, in which only white space is left out."""
    position = begin = 0
    for number, kind, text in tokens:
        start = source.find(text, position)
        begin = source.rfind("\n", position, start) + 1 or begin
        line = Line(number)
        line.column = start - begin + 1
        yield Token(line, kind, text, start)
        position = start + len(text)
        begin = source.rfind("\n", start, position) + 1 or begin


def spot(node: nodes.Node, offset: int = 0) -> Spot:
    """Return where a node's token begins."""
    return Spot(int(node.lineno), getattr(node.lineno, "column", 1) + offset)
