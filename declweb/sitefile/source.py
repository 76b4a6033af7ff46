"""One file: its text, its data, and where everything in it is.

Owns the step from bytes to data, and places in one file. Must not know that there are other files, nor the environment.
"""

import re
from array import array
from functools import cached_property

import tomli

from declweb.problems import Place, Problem
from declweb.sitefile.decoding import decode
from declweb.sitefile.lexing import MOST, Statement, statements
from declweb.sitefile.spans import KeyPath, Kind, Spans
from declweb.sitefile.variables import ABSENT

DEEPEST = 100
"""Tables and lists within each other."""

_NEAR = 6
_LARGEST = 2**63


class Source:
    """A file that was read."""

    def __init__(self, file: str, content: bytes) -> None:
        self.file = file
        """As problems name it."""
        self.text, problems = decode(file, content)
        self.data: dict[str, object]
        self.statements: tuple[Statement, ...] | None = None
        try:
            self.data = tomli.loads(self.text)
        except (ValueError, RecursionError):
            from declweb.sitefile.recovery import recover  # noqa: PLC0415 # most files are right

            self.text, self.data, self.statements, more = recover(file, self.text)
            problems += more
        self.problems: list[Problem] = [*problems]
        self._leave_out_extremes()

    @cached_property
    def spans(self) -> Spans:
        """Where everything is; looked for when it is first asked for."""
        return Spans(self.text, statements(self.text) if self.statements is None else self.statements)

    @cached_property
    def _line_ends(self) -> "array[int]":
        return array("L", (found.start() for found in re.finditer("\n", self.text)))

    def is_list_of_tables(self, path: KeyPath) -> bool:
        """Tell whether this is written as `[[a]]`."""
        span = self.spans.find(path)
        return span is not None and span.kind == Kind.LIST

    def place(self, path: KeyPath) -> Place | None:
        """Return the place of a value, or of a table's header."""
        span = self.spans.find(path)
        return self.place_of(span.start, span.end) if span else None

    def word_place(self, path: KeyPath, word: str) -> Place | None:
        """Return the place of a word in a value, on whichever of its lines; of the value where it is not in it."""
        span = self.spans.find(path)
        if span is None:
            return None
        before, after = (r"\b" if sign.isalnum() else "" for sign in (word[:1], word[-1:]))
        alone = re.compile(f"{before}{re.escape(word)}{after}")
        found = alone.search(self.text, span.start, span.end) if word else None
        return self.place_of(*found.span()) if found else self.place_of(span.start, span.end)

    def key_place(self, path: KeyPath) -> Place | None:
        """Return the place of a key."""
        span = self.spans.find(path)
        return self.place_of(span.key, span.key_end) if span else None

    def header_place(self, path: KeyPath) -> Place | None:
        """Return the place of the table header nearest at or above."""
        span = self.spans.header(path)
        return self.place_of(span.start, span.end) if span else None

    def place_of(self, start: int, end: int) -> Place:
        """Return the place of a stretch of the text."""
        return Place.of(self.file, self.text, start, end, self._line_ends)

    def _leave_out_extremes(self) -> None:
        """Leave out what is too deep or too large for whatever comes later."""
        containers: list[tuple[dict[str, object] | list[object], KeyPath]] = [(self.data, ())]
        while containers:
            container, path = containers.pop()
            for key, value in container.items() if isinstance(container, dict) else enumerate(container):
                if isinstance(value, dict | list) and len(path) < DEEPEST:
                    containers.append((value, (*path, key)))
                elif words := _extreme(value):
                    container[key] = ABSENT  # type: ignore[index] # the key comes from this very container
                    self._report_extreme(*words, (*path, key))

    def _report_extreme(self, code: str, message: str, path: KeyPath) -> None:
        """Note what was left out; of what is too deep, the place of what it is in."""
        if len(self.problems) < MOST:
            place = self.place(path[:_NEAR]) or Place(self.file)
            self.problems.append(Problem(code, message, place, help="make it smaller"))


def _extreme(value: object) -> tuple[str, str] | None:
    if isinstance(value, dict | list):
        return "too-deep", "too many tables or lists stand within each other"
    if type(value) is int and not -_LARGEST <= value < _LARGEST:
        return "wrong-number", "this number is too large"
    return None
