"""Rows and documents as they are sent to programs: JSON (RFC 8259) and CSV (RFC 4180).

Owns how each type of cell is written: numbers with all their digits, days and times as ISO 8601 has them. Knows no
request. Rows are written column by column, since what is done for each row alone takes five times as long.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from json.encoder import encode_basestring

from declweb.data.dataset import Cell, Dataset
from declweb.data.literals import moment, written

_FORMULA = re.compile(r"[=+\-@\t\r]")

Write = Callable[[Cell], str]


def _quoted(cell: Cell) -> str:
    return encode_basestring(str(cell))


_as_text: Write = encode_basestring  # type: ignore[assignment] # cells of these columns are texts


def _number(cell: Cell) -> str:
    return str(cell)


def _yes_or_no(cell: Cell) -> str:
    return "true" if cell else "false"


def _moment(cell: Cell) -> str:
    assert isinstance(cell, date | time)
    return f'"{moment(cell)}"'


_WRITE: Mapping[str, Write] = {
    **dict.fromkeys(("text", "url", "email"), _as_text),
    **dict.fromkeys(("number", "integer"), _number),
    **dict.fromkeys(("date", "time", "datetime"), _moment),
    "yes/no": _yes_or_no,
}
"""How the cells of each type are written; those of several kinds one by one."""


MOST_LINES = 10_000
"""Rows of a dataset that stay in memory as they were written, for those who ask for them again,"""
MOST_KINDS = 4
"""with so many choices of columns: some two MB each, where a row has 200 characters."""


def items(dataset: Dataset, rows: Sequence[int], fields: Iterable[str]) -> str:
    """Return rows as a JSON list of objects, one on a line."""
    if not rows:
        return "[]"
    fields = tuple(fields)
    known = _known(dataset, fields)
    new = [row for row in rows if row not in known]
    written_now = dict(zip(new, _lines(dataset, new, fields), strict=True))
    if len(known) + len(new) <= MOST_LINES:
        known.update(written_now)
    lines = ((written_now.get(row) or known[row]) for row in rows) if new else map(known.__getitem__, rows)
    return "[\n{" + "},\n{".join(lines) + "}\n]"


def _known(dataset: Dataset, fields: tuple[str, ...]) -> dict[int, str]:
    """Return the rows that were written before with these columns."""
    kept: dict[tuple[str, ...], dict[int, str]] = dataset.made.setdefault("written", {})  # type: ignore[assignment] # what is kept there by this function alone
    known = kept.get(fields)
    if known is None:
        if len(kept) >= MOST_KINDS:
            kept.clear()
        known = kept[fields] = {}
    return known


def _lines(dataset: Dataset, rows: Sequence[int], fields: Iterable[str]) -> Iterable[str]:
    """Return each row as the inside of a JSON object."""
    return map(", ".join, zip(*(_column(dataset, name, rows) for name in fields), strict=True))


def _column(dataset: Dataset, name: str, rows: Sequence[int]) -> list[str]:
    """Return the cells of a column with its name before each."""
    cells, write = dataset.cells[name], _WRITE.get(dataset.column(name).type, _value)
    before = f"{encode_basestring(name)}: "
    empty = f"{before}null"
    return [empty if (cell := cells[row]) is None else before + write(cell) for row in rows]


def document(value: object) -> str:
    """Return a value as JSON, with a line for each part of it."""
    return _value(value, "\n")


def _value(value: object, line: str = "") -> str:
    """Return a value as JSON; `line` is what begins a line of it, where each part has one."""
    if isinstance(value, Mapping):
        below = line and f"{line}  "
        parts = [f"{_quoted(name)}: {_value(each, below)}" for name, each in value.items()]
        return _enclosed("{", parts, "}", line)
    if isinstance(value, list | tuple):
        return _enclosed("[", [_value(each, line and line + "  ") for each in value], "]", line)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, date | time):
        return _moment(value)
    if isinstance(value, int | float | Decimal):
        return str(value)
    return _quoted(value)


def _enclosed(start: str, parts: Sequence[str], end: str, line: str) -> str:
    if not parts:
        return start + end
    between = f",{line}  " if line else ", "
    return f"{start}{line}{'  ' if line else ''}{between.join(parts)}{line}{end}"


def as_csv(dataset: Dataset, rows: Sequence[int], fields: Sequence[str]) -> str:
    """Return rows as CSV; a text that a spreadsheet would take for a formula gets a `'` before it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(fields)
    writer.writerows(zip(*(_texts(dataset, name, rows) for name in fields), strict=True))
    return text.getvalue()


def _texts(dataset: Dataset, name: str, rows: Sequence[int]) -> list[str]:
    cells, type_ = dataset.cells[name], dataset.column(name).type
    found = ["" if (cell := cells[row]) is None else _text(cell) for row in rows]
    if type_ in {"number", "integer", "date", "time", "datetime", "yes/no"}:
        return found
    return [f"'{text}" if _FORMULA.match(text) else text for text in found]


def _text(cell: Cell) -> str:
    return _value(cell) if isinstance(cell, list | Mapping) else written(cell)
