"""What is wrong with a site: where, what, why it matters, and what would be right.

Owns the shape of a problem, the table of problem codes, and how problems are drawn for people, for programs and for
CI services. Knows nothing of TOML, of models or of the web: whoever finds a problem brings its place.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of problem."""

    severity: Severity
    why: str
    """Why it matters, one sentence for the person who wrote the file."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of one line of a file; lines and columns count from 1, columns in characters.

    A place without a line is the file as a whole.
    """

    file: str
    line: int | None = None
    column: int | None = None
    end_column: int | None = None
    """The column after the last character."""
    text: str | None = field(default=None, compare=False)
    """The whole line, without its line ending."""

    @classmethod
    def of(cls, file: str, text: str, start: int, end: int) -> "Place":
        """Return the place of `text[start:end]`; what spans several lines ends with the first one."""
        begin = text.rfind("\n", 0, start) + 1
        stop = text.find("\n", start)
        line = text[begin : len(text) if stop < 0 else stop].removesuffix("\r")
        column = start - begin + 1
        last = max(column + 1, min(end - begin, len(line)) + 1)
        return cls(file, text.count("\n", 0, start) + 1, column, last, line)

    @classmethod
    def of_line(cls, file: str, text: str, number: int, word: str = "") -> "Place":
        """Return the place of `word` in the line with this number; of the whole line where the word is not in it."""
        lines = text.splitlines()
        if not 1 <= number <= len(lines):
            return cls(file)
        line = lines[number - 1]
        found = line.find(word) if word else -1
        start, width = (found, len(word)) if found >= 0 else (len(line) - len(line.lstrip()), len(line.strip()))
        return cls(file, number, start + 1, start + 1 + max(width, 1), line)

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Also:
    """Another place that belongs to a problem, and what is there, such as `in [routes.product]`."""

    place: Place
    note: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in the words of the site file."""

    code: str
    message: str
    place: Place
    also: tuple[Also, ...] = ()
    help: str | None = None

    @property
    def severity(self) -> Severity:
        """Whether the site can run with it."""
        return CODES[self.code].severity

    @property
    def is_error(self) -> bool:
        """Whether it keeps the site from running."""
        return self.severity == "error"


class SiteError(Exception):
    """A site that cannot run; carries all its problems."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n\n" + draw_text(self.problems))


CODES: dict[str, Code] = {}


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems without repeats, in order of place."""

    def key(problem: Problem) -> tuple[str, int, int, str, str]:
        place = problem.place
        return (place.file, place.line or 0, place.column or 0, problem.code, problem.message)

    return tuple(sorted(dict.fromkeys(problems), key=key))


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `word` most likely was meant to be, if there is one."""
    choices = {candidate.casefold(): candidate for candidate in candidates}
    for cutoff in (0.75, 0.6):
        if found := get_close_matches(word.casefold(), choices, n=1, cutoff=cutoff):
            return choices[found[0]]
    return None


def suggestion(word: str, candidates: Iterable[str]) -> str | None:
    """Return the help line for a misspelt word: did you mean `word`?"""
    found = did_you_mean(word, candidates)
    return f"did you mean `{found}`?" if found else None


def draw_text(problems: Sequence[Problem]) -> str:
    """Draw problems for a person at a terminal."""
    return "\n\n".join(_text(problem) for problem in problems)


def _text(problem: Problem) -> str:
    place = problem.place
    lines = [f"{place}: {problem.severity}[{problem.code}]: {problem.message}"]
    if place.line is not None and place.text is not None and place.column is not None:
        number = f"{place.line:>5}"
        margin = " " * len(number)
        before = "".join("\t" if character == "\t" else " " for character in place.text[: place.column - 1])
        marks = "^" * max(1, (place.end_column or place.column + 1) - place.column)
        lines += [f"{number} | {place.text}", f"{margin} | {before}{marks}"]
    lines += [f"  also: {other.place}{' ' if other.note else ''}{other.note}" for other in problem.also]
    if problem.help:
        lines.append(f"  help: {problem.help}")
    return "\n".join(lines)


def draw_json(problems: Sequence[Problem]) -> str:
    """Draw problems for a program: a list of objects, one for each problem."""
    return json.dumps([_object(problem) for problem in problems], indent=2, ensure_ascii=False)


def _object(problem: Problem) -> dict[str, object]:
    return {
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "why": CODES[problem.code].why,
        **_position(problem.place),
        "also": [{**_position(other.place), "note": other.note} for other in problem.also],
        "help": problem.help,
    }


def _position(place: Place) -> dict[str, object]:
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_column": place.end_column,
        "text": place.text,
    }
