"""Claims, figures, and the tables they are shown in.

Owns what passes and what misses. Knows nothing of how anything is measured.
"""

import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks.rounds import Series
from benchmarks.servers import output_of

TIMES = "times"
CLAIMS = ("claim", "target", "measured", "")
"""The columns of a table of claims."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that must hold: a measured figure and the least or the most that it may be."""

    what: str
    figure: float
    unit: str = TIMES
    least: float | None = None
    most: float | None = None

    @property
    def target(self) -> str:
        """What was promised."""
        if self.least is not None:
            return f"≥ {_spoken(self.least, self.unit)}"
        return f"≤ {_spoken(self.most, self.unit)}" if self.most is not None else ""

    @property
    def verdict(self) -> str:
        """Whether it holds; nothing where nothing was promised."""
        if self.least is None and self.most is None:
            return ""
        is_enough = self.least is None or self.figure >= self.least
        return "pass" if is_enough and (self.most is None or self.figure <= self.most) else "MISS"

    @property
    def row(self) -> tuple[str, ...]:
        """The claim as a row of the table."""
        return self.what, self.target, _spoken(self.figure, self.unit), self.verdict


@dataclass(frozen=True, slots=True)
class Figure:
    """What one contender did."""

    what: str
    series: Series
    unit: str
    note: str = ""

    @property
    def row(self) -> tuple[str, ...]:
        """The figure as a row of the table."""
        least, greatest = self.series.spread
        bounds = f"{_number(least)} to {_number(greatest)}" if len(self.series.figures) > 1 else ""
        return self.what, _spoken(self.series.median, self.unit), bounds, self.note


@dataclass(frozen=True, slots=True)
class Section:
    """One run of contenders beside each other."""

    title: str
    claims: list[Claim] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """Return the section with its tables."""
        claims = _table(CLAIMS, [claim.row for claim in self.claims])
        figures = _table(("contender", "median", "least to greatest", ""), [figure.row for figure in self.figures])
        remarks = "\n".join(f"- {remark}" for remark in self.remarks)
        return "\n\n".join(part for part in (f"### {self.title}", claims, figures, remarks) if part)


def _number(figure: float) -> str:
    if figure >= 1000:
        return f"{figure:,.0f}"
    return f"{figure:.0f}" if figure >= 100 else f"{figure:.3g}"


def _spoken(figure: float, unit: str) -> str:
    return f"{figure:.4g} {unit}" if unit == TIMES else f"{_number(figure)} {unit}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    used = [column for column in range(len(head)) if head[column] or any(row[column] for row in rows)]
    lines = [[row[column] for column in used] for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(used))]
    drawn = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    drawn.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(drawn)


def machine() -> str:
    """Return what the figures were measured on, as a list."""
    packages = ("granian", "gunicorn", "flask", "werkzeug", "jinja2", "pydantic", "tomli")
    cores = len(os.sched_getaffinity(0))
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    lines = (
        f"{cores} cores ({model[1] if model else platform.machine()}), {platform.system()} {platform.release()}",
        f"{platform.python_implementation()} {platform.python_version()}; "
        + ", ".join(f"{name} {version(name)}" for name in packages),
        f"Caddy {_version(output_of('caddy', 'version'))}; wrk {_version(output_of('wrk', '-v'))}",
    )
    return "\n".join(f"- {line}" for line in lines)


def _version(said: str) -> str:
    found = re.search(r"\d+\.\d+(?:\.\d+)?", said)
    return found[0] if found else "of unknown version"


def write(path: Path, mark: str, text: str) -> None:
    """Put a text between a page's `<!-- mark -->` and `<!-- end of mark -->`."""
    before, _, after = _around(path, mark)
    path.write_text(f"{before}\n{text}\n\n{after}", encoding="utf-8")


def written(path: Path, mark: str) -> str:
    """Return the text between a page's `<!-- mark -->` and `<!-- end of mark -->`."""
    return _around(path, mark)[1].strip("\n")


def _around(path: Path, mark: str) -> tuple[str, str, str]:
    before, start, rest = path.read_text(encoding="utf-8").partition(f"<!-- {mark} -->\n")
    between, end, after = rest.partition(f"<!-- end of {mark} -->")
    if not (start and end):
        raise SystemExit(f"{path} has no `<!-- {mark} -->` and `<!-- end of {mark} -->`")
    return before + start, between, end + after


def with_sections(page: str, measured: str) -> str:
    """Return the sections of a page with those in their places that were measured anew."""
    found = {}
    for text in (page, measured):
        for section in re.split(r"^(?=### )", text, flags=re.MULTILINE):
            found[section.partition("\n")[0]] = section.strip("\n")
    return "\n\n".join(filter(None, found.values()))


def with_claims(page: str, measured: str) -> str:
    """Return a table of claims with those in their places that were measured anew."""
    found = {}
    for text in (page, measured):
        for line in text.splitlines():
            cells = tuple(cell.strip() for cell in line.strip("| ").split("|"))
            if line.startswith("|") and not line.startswith("|-"):
                found[cells[0]] = (*cells, *("",) * (len(CLAIMS) - len(cells)))
    found.pop(CLAIMS[0], None)
    return _table(CLAIMS, list(found.values()))


def summary(sections: Iterable[Section]) -> str:
    """Return all claims that have a target in one table."""
    rows = [claim.row for section in sections for claim in section.claims if claim.verdict]
    return _table(CLAIMS, rows)
