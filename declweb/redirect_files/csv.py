"""Redirects in a spreadsheet saved as CSV.

Owns columns, separators and quotes. Must not know what an address means.
"""

import re
from collections.abc import Callable, Sequence

from declweb.problems import did_you_mean
from declweb.redirect_files.notation import Complain, Notation, is_address, is_plain
from declweb.redirect_files.words import LONGEST, Row, Word, Wrong

_COLUMNS = {
    **dict.fromkeys(("from", "old", "source", "von"), "from"),
    **dict.fromkeys(("to", "new", "target", "nach"), "to"),
    **dict.fromkeys(("status", "code"), "status"),
}


_UNKNOWN = "?"


_SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}


_EMPTY = re.compile(r'(?:(?i:sep)=.)?+[\s,;"]*')
"""A line that is no header and no row; Excel is told its separator by `sep=;`."""


class Csv(Notation):
    """A row on each line, its cells parted by a separator."""

    def __init__(self, lines: Sequence[str], complain: Complain) -> None:
        written = (number for number, line in enumerate(lines) if not _EMPTY.fullmatch(line))
        self.top = next(written, len(lines))
        first = lines[self.top][:LONGEST] if self.top < len(lines) else ""
        self._separator = max(_SEPARATORS, key=lambda separator: _score(_cells(first, separator)))
        self._blank = f"{self._separator} \t"
        self._columns = ["from", "to", "status"]
        cells = _cells(first, self._separator)
        if first and not any(is_address(cell.text) for cell in cells):
            self.top += 1
            self._columns = _columns(cells, lambda wrong: complain(self.top, wrong))
        index = {name: number for number, name in enumerate(self._columns)}
        if not {"from", "to"} <= set(index):
            self.top = len(lines)
        self._from, self._to = index.get("from", 0), index.get("to", 0)
        self._status = index.get("status", len(self._columns))
        self._least = max(self._from, self._to)
        self._most = len(self._columns) if index.keys() <= {"from", "to", "status"} else 0

    def plain(self, line: str) -> tuple[str, str] | None:
        cells = line.rstrip(self._blank).split(self._separator)
        if not self._least < len(cells) <= self._most:
            return None
        cells = [cell.strip() for cell in cells] if '"' not in line else [_unquoted(cell.strip()) for cell in cells]
        if len(cells) > self._status and cells[self._status] not in {"", "301"}:
            return None
        source, target = cells[self._from], cells[self._to]
        return (source, target) if is_plain(source, target) else None

    def cut(self, line: str) -> Row | None:
        cells = _cells(line, self._separator)
        if not any(cell.text for cell in cells):
            return None
        end = len(line.rstrip())
        cells += [Word("", end, end)] * (len(self._columns) - len(cells))
        for number, cell in enumerate(cells):
            if cell.text.startswith('"') and cell.text == line[cell.start : cell.end]:
                raise Wrong(
                    "bad-row", "a quote is opened here and not closed where the cell ends", 'close it with `"`', cell
                )
            if cell.text and (number >= len(self._columns) or not self._columns[number]):
                hint = f"put an address with {_SEPARATORS[self._separator]} in quotes, or take the cell out"
                raise Wrong("bad-row", f"`{cell.text}` is a cell too many", hint, cell)
        source, target = cells[self._from], cells[self._to]
        if not source.text:
            raise Wrong("bad-row", "the old address is missing", "write it, or delete the row", source)
        if not target.text:
            raise Wrong("bad-row", f"`{source.text}` leads nowhere", "write a target, or delete the row", target)
        status = cells[self._status] if self._status < len(cells) else None
        return Row(source, target, status if status and status.text else None)


def _unquoted(cell: str) -> str:
    """Return what a cell says whose quotes are simple ones; a sign that is no address where they are not."""
    if cell[:1] != '"':
        return cell
    inner = cell[1:-1].strip()
    return inner if len(cell) > 1 and cell[-1] == '"' and '"' not in inner else '"'


def _score(cells: Sequence[Word]) -> tuple[int, int, int]:
    """Rate a separator by what it makes of the first line."""
    return (
        sum(cell.text.lower() in _COLUMNS for cell in cells),
        sum(is_address(cell.text) for cell in cells),
        len(cells),
    )


_CELLS = {
    separator: re.compile(
        rf'[^\S{separator}]*+(?:(?P<quoted>"(?:[^"]|"")*+")[^\S{separator}]*+(?={separator}|\Z)|(?P<bare>[^{separator}]*+))'
    )
    for separator in _SEPARATORS
}


def _cells(line: str, separator: str) -> list[Word]:
    cells: list[Word] = []
    position = 0
    while position <= len(line):
        found = _CELLS[separator].match(line, position)
        assert found is not None
        quoted, bare = found["quoted"], found["bare"]
        text = quoted[1:-1].replace('""', '"').strip() if bare is None else bare.rstrip()
        start = found.start("quoted" if bare is None else "bare")
        cells.append(Word(text, start, start + len(text if bare is not None else quoted)))
        position = found.end() + 1
    return cells


def _columns(cells: Sequence[Word], complain: Callable[[Wrong], None]) -> list[str]:
    """Return what each column gives; a misspelt one is taken for what was meant."""
    found: list[str] = []
    for cell in cells:
        word = cell.text.lower()
        near = did_you_mean(word, _COLUMNS)
        name = _COLUMNS.get(word) or _COLUMNS.get(near or "", _UNKNOWN if word else "")
        if word and word not in _COLUMNS:
            hint = f"did you mean `{near}`?" if near else "take it out; columns are `from`, `to` and `status`"
            complain(Wrong("bad-column", f"there is no column `{cell.text}`", hint, cell))
        if name in found and name in _COLUMNS:
            complain(Wrong("bad-column", f"two columns give `{name}`", "take one of them out", cell))
        found.append(name)
    for name, words in (("from", "the old address"), ("to", "the target")):
        if name not in found:
            complain(Wrong("bad-column", f"no column gives {words}", f"name it `{name}` in the first row"))
    return found
