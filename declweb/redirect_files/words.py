"""Pieces of a line, and what is wrong with one.

Owns how much is read and reported. Knows no notation.
"""

from collections.abc import Sequence
from typing import NamedTuple

MOST = 200
"""Errors, and warnings, that are reported of one file."""


LONGEST = 16_000
"""Characters of the longest line that is looked at: two addresses of the longest kind that a browser sends."""


class Word(NamedTuple):
    """A piece of a line and where it stands; columns count from 0."""

    text: str
    start: int
    end: int


class Wrong(Exception):
    """What is wrong with a word; where none is named, with what is being looked at."""

    def __init__(
        self,
        code: str,
        message: str,
        help: str | None = None,  # noqa: A002 - a problem's own word
        word: Word | None = None,
        *,
        part: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help
        self.word = word
        self.part = part
        """The part of the word that is meant, where that is not all of it."""


class Row(NamedTuple):
    """What a line says, before any of it is judged."""

    source: Word
    target: Word
    status: Word | None = None
    parameters: Sequence[Word] = ()
    conditions: Sequence[Word] = ()
