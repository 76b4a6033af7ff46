"""What stands between two lines `+++` at the top of a page.

Owns the notation, and the messages for those of other programs. What the keys mean is the model's business.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from declweb.model import FrontMatter
from declweb.problems import Place, Problem
from declweb.sitefile.decoding import decode
from declweb.sitefile.source import Source
from declweb.validation import validate_alone

FENCE = "+++"

FOREIGN = "---"
"""What stands around a block of YAML."""
_ENDS_OF_YAML = (FOREIGN, "...")

_NEARLY = re.compile(r"\+\+|\+{4,}")
"""A fence with too few signs, or too many."""

_YAML_KEY = re.compile(r"[A-Za-z_][\w-]*[ \t]*[:=]")
_OPEN_YAML_KEY = re.compile(r"[a-z_][\w-]*[ \t]*(?::(?:[ \t]|$)|=)")
"""The same where nothing ends the block: a line drawn above a text is none."""
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
    lines = text.split("\n")
    top = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines[top].rstrip() != FENCE:
        start, problem = _misfenced(file, lines, top)
        found = () if problem is None else (problem,)
        return Head(FrontMatter(), "", "\n".join(lines[start:]), start + 1, (*problems, *found))
    end = _line(lines, top + 1, lambda line: line == FENCE)
    if end is None:
        nearly = _line(lines, top + 1, lambda line: _NEARLY.fullmatch(line) is not None)
        if nearly is None:
            return _unclosed(file, lines, top, problems)
        end, problems = nearly, (*problems, _wrong_fence(file, lines, nearly))
    head = "\n" * (top + 1) + "\n".join(lines[top + 1 : end]) + "\n"
    source = Source(file, head.encode())
    fields, more = validate_alone(FrontMatter, source, "the front matter", "your own values go below [extra]")
    return Head(fields, head, "\n".join(lines[end + 1 :]), end + 2, (*problems, *source.problems, *more))


def _line(lines: list[str], start: int, fits: Callable[[str], bool]) -> int | None:
    return next((number for number in range(start, len(lines)) if fits(lines[number].rstrip())), None)


def _misfenced(file: str, lines: list[str], top: int) -> tuple[int, Problem | None]:
    """Return where the text begins below what should have been front matter, and what is wrong with that."""
    fence = lines[top].rstrip()
    first = next((line.lstrip() for line in lines[top + 1 :] if not line.lstrip().startswith("#")), "")
    if fence == FOREIGN and _YAML_KEY.match(first):
        end = _line(lines, top + 1, lambda line: line in _ENDS_OF_YAML)
        if end is not None or _OPEN_YAML_KEY.match(first):
            return _end_of_keys(lines, top) if end is None else end + 1, _foreign(file, lines, top)
    if _NEARLY.fullmatch(fence) and _KEY.match(first):
        end = _line(lines, top + 1, lambda line: line == FENCE or _NEARLY.fullmatch(line) is not None)
        return _end_of_keys(lines, top) if end is None else end + 1, _wrong_fence(file, lines, top)
    return 0, None


def _foreign(file: str, lines: list[str], top: int) -> Problem:
    return Problem(
        "yaml-front-matter",
        "this is how YAML begins, and here a page says what it is in TOML",
        _place(file, lines, top),
        help='write +++ instead of both ---, and title = "…" instead of title: …',
    )


def _wrong_fence(file: str, lines: list[str], number: int) -> Problem:
    signs = lines[number].rstrip()
    message = f"front matter stands between two lines of three plus signs, and this one has {len(signs)}"
    return Problem("wrong-fence", message, _place(file, lines, number), help=f"write {FENCE}")


def _place(file: str, lines: list[str], number: int) -> Place:
    return Place(file, number + 1, 1, len(lines[number].rstrip()) + 1, lines[number])


def _end_of_keys(lines: list[str], top: int) -> int:
    """Return the first line below `top` that is none of the lines of a table, nor of YAML."""
    end = top + 1
    while end < len(lines) and (
        _YAML_KEY.match(lines[end]) or lines[end].startswith((" ", "\t", "- ", "-\t")) or _is_of_table(lines[end])
    ):
        end += 1
    return end


def _is_of_table(line: str) -> bool:
    return _KEY.match(line) is not None or line.lstrip().startswith(("#", "["))


def _unclosed(file: str, lines: list[str], top: int, problems: tuple[Problem, ...]) -> Head:
    """Return the file without what seems to be its front matter: lines with keys, up to the first that is none."""
    end = top + 1
    while end < len(lines) and _is_of_table(lines[end]):
        end += 1
    problem = Problem(
        "unclosed-front-matter",
        "nothing ends the front matter that begins here",
        _place(file, lines, top),
        help=f"write +++ in a line of its own below it, such as line {end + 1}",
    )
    return Head(FrontMatter(), "", "\n".join(lines[end:]), end + 1, (*problems, problem))
