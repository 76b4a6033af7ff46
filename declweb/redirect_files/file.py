"""A file with redirects: where things stand in it, and what is wrong with it.

Owns places and the count of problems. Knows no rules.
"""

import re
from array import array
from bisect import bisect
from collections.abc import Sequence
from functools import cached_property

from declweb.problems import CODES, Also, Place, Problem, Severity
from declweb.redirect_files.notation import Notation
from declweb.redirect_files.words import LONGEST, MOST, Word, Wrong


class File:
    """A file: its text, where things stand in it, and what is wrong with it."""

    def __init__(self, name: str, above: int) -> None:
        self.name = name
        self.above = above
        """Lines of the files read before."""
        self.text = ""
        self.notation: Notation | None = None
        self._problems: list[Problem] = []
        self._counts: dict[Severity, int] = {"error": 0, "warning": 0}

    @cached_property
    def starts(self) -> "array[int]":
        """Where each line begins, and where one more would."""
        return array("Q", [0, *(found.end() for found in re.finditer("\n", self.text)), len(self.text) + 1])

    def line(self, number: int) -> str:
        """Return the line with this number."""
        return self.text[self.starts[number - 1] : self.starts[number] - 1]

    def place(self, number: int, word: Word | None = None, part: str = "") -> Place:
        """Return the place of a word or a part of it, or of all that is written in a line."""
        line = self.line(number)
        start, end = (word.start, word.end) if word else (len(line) - len(line.lstrip()), len(line.rstrip()))
        if part and (found := line.find(part, start, end)) >= 0:
            start, end = found, found + len(part)
        return Place(self.name, number, start + 1, max(start + 1, end) + 1, line if len(line) <= LONGEST else None)

    def source_place(self, number: int) -> Place:
        """Return the place of the old address in a line that has one."""
        row = self.notation.cut(self.line(number)) if self.notation else None
        return self.place(number, row.source if row else None)

    def complain(self, number: int | None, wrong: Wrong, also: tuple[Also, ...] = ()) -> None:
        """Add a problem with a line, or with the file as a whole."""
        severity = CODES[wrong.code].severity
        self._counts[severity] += 1
        if self._counts[severity] <= MOST:
            place = self.place(number, wrong.word, wrong.part) if number else Place(self.name)
            self._problems.append(Problem(wrong.code, wrong.message, place, also, wrong.help))

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return self._counts["error"]

    @property
    def problems(self) -> list[Problem]:
        """As many problems as anyone will read, and how many more there are."""
        more = [
            Problem(f"more-{severity}s", f"{count - MOST:,} more {severity}s in this file", Place(self.name))
            for severity, count in self._counts.items()
            if count > MOST
        ]
        return self._problems + more


def place_of_row(files: Sequence[File], row: int) -> Place:
    """Return the place of an old address by its line, counted through all files."""
    file = files[bisect(files, row - 1, key=lambda one: one.above) - 1]
    return file.source_place(row - file.above)
