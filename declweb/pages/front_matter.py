"""What stands between two lines `+++` at the top of a page.

Owns the notation, and the messages for those of other programs. What the keys mean is the model's business.
"""

import re
from dataclasses import dataclass

from declweb.model import FrontMatter
from declweb.problems import Place, Problem
from declweb.sitefile.decoding import decode
from declweb.sitefile.source import Source
from declweb.validation import validate_alone

FENCE = "+++"

_YAML = re.compile(
    r"---[ \t]*\n(?=[ \t]*(?:#.*\n[ \t]*)*[A-Za-z_][\w-]*[ \t]*:)(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
)
"""A block of YAML, as other programs want it."""

_KEY = re.compile(r"[A-Za-z_][\w-]*[ \t]*=")


@dataclass(frozen=True, slots=True)
class Head:
    """A file of a pages folder, taken apart."""

    fields: FrontMatter
    text: str
    """The front matter, with as many empty lines above it as there are in the file."""
    source: str
    """What stands below it."""
    first_line: int
    """The line of the file where `source` begins."""
    problems: tuple[Problem, ...] = ()


def take_apart(file: str, content: bytes) -> Head:
    """Return what a file says of itself and what it says; `file` is its name in problems."""
    text, problems = decode(file, content)
    if found := _YAML.match(text):
        return _foreign(file, text, found.end(), problems)
    lines = text.split("\n")
    top = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines[top].rstrip() != FENCE:
        return Head(FrontMatter(), "", text, 1, problems)
    end = next((number for number in range(top + 1, len(lines)) if lines[number].rstrip() == FENCE), None)
    if end is None:
        return _unclosed(file, lines, top, problems)
    head = "\n" * (top + 1) + "\n".join(lines[top + 1 : end]) + "\n"
    source = Source(file, head.encode())
    fields, more = validate_alone(FrontMatter, source, "the front matter", "your own values go below [extra]")
    return Head(fields, head, "\n".join(lines[end + 1 :]), end + 2, (*problems, *source.problems, *more))


def _foreign(file: str, text: str, end: int, problems: tuple[Problem, ...]) -> Head:
    problem = Problem(
        "yaml-front-matter",
        "this is YAML, and here a page says what it is in TOML",
        Place.of(file, text, 0, 3),
        help='write +++ instead of both ---, and title = "…" instead of title: …',
    )
    return Head(FrontMatter(), "", text[end:], text.count("\n", 0, end) + 1, (*problems, problem))


def _unclosed(file: str, lines: list[str], top: int, problems: tuple[Problem, ...]) -> Head:
    """Return the file without what seems to be its front matter: lines with keys, up to the first that is none."""
    end = top + 1
    while end < len(lines) and (_KEY.match(lines[end]) or lines[end].lstrip().startswith(("#", "["))):
        end += 1
    problem = Problem(
        "unclosed-front-matter",
        "nothing ends the front matter that begins here",
        Place(file, top + 1, 1, 4, lines[top]),
        help=f"write +++ in a line of its own below it, such as line {end + 1}",
    )
    return Head(FrontMatter(), "", "\n".join(lines[end:]), end + 1, (*problems, problem))
