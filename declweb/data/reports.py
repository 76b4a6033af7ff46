"""What is wrong with a file of data, told to whoever keeps it.

Owns how much of it is told. Knows no notation.
"""

from collections.abc import Callable

from declweb.problems import Place, Problem

MOST = 50
"""Problems that are told of one file: a column of the wrong type has one in each line."""


class Broken(Exception):
    """A file cannot be read any further; what is wrong with it has been told."""


def place_in_line(file: str, number: int, text: str, word: str = "") -> Place:
    """Return the place of a word in a line; of the whole line where the word is not in it."""
    found = text.find(word) if word else -1
    start, width = (found, len(word)) if found >= 0 else (0, len(text.rstrip()))
    return Place(file, number, start + 1, start + 1 + max(width, 1), text)


class Report:
    """The problems of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        """As problems name it."""
        self._found: list[Problem] = []
        self._more = 0

    def add(self, code: str, message: str, place: Callable[[], Place] | None = None, hint: str | None = None) -> None:
        """Note a problem; its place is looked for only where it is told."""
        if len(self._found) >= MOST:
            self._more += 1
        else:
            self._found.append(Problem(code, message, place() if place else Place(self.file), help=hint))

    def take(self, problem: Problem) -> None:
        """Note a problem that somebody else has found."""
        self._found.append(problem)

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is told."""
        if not self._more:
            return tuple(self._found)
        more = Problem("more-errors", f"{self._more:,} more errors in this file", Place(self.file))
        return (*self._found, more)
