"""Cells as they are read, gathered into columns.

Owns what must hold of a column as a whole: that no cell is empty, that no two are the same, that each is one of a few.
Knows no notation: whoever reads a file says what a cell was written as.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from declweb.data.dataset import Cell, Column, Dataset
from declweb.data.reports import Report
from declweb.data.values import Reading, read_cell, spoken
from declweb.model.data import Column as Declared
from declweb.problems import Place, did_you_mean

Locate = Callable[[int, str], Place]
"""Return where the cell of a row and of a column stands."""


def column_of(name: str, declared: Declared) -> Column:
    """Return a column as it is declared."""
    return Column(
        name,
        declared.type,
        tuple(declared.choices or ()),
        declared.required or declared.key,
        declared.unique or declared.key,
        declared.key,
        declared.heading,
    )


@dataclass(slots=True)
class Gathered:
    """A column while its cells are read."""

    column: Column
    reading: Reading
    report: Report
    locate: Locate
    cells: list[Cell] = field(default_factory=list)
    _wrong: set[int] = field(default_factory=set)
    """The rows whose cells could not be read: nothing more is said of them."""
    _known: dict[str, Cell] = field(default_factory=dict)
    """The cells that were read before: most columns say the same again and again."""

    def read(self, texts: Iterable[str]) -> None:
        """Read the cells of further rows."""
        known, cells = self._known, self.cells
        for text in texts:
            try:
                cells.append(known[text])
            except KeyError:
                cells.append(self._read(text))

    def _read(self, text: str) -> Cell:
        try:
            cell = read_cell(text, self.column.type, self.reading)
        except ValueError as error:
            self.wrong(len(self.cells), text, str(error))
            return None
        if self.column.choices and cell is not None and cell not in self.column.choices:
            self.not_chosen(len(self.cells), text)
        if len(self._known) < _MOST_KNOWN and not self.column.is_unique:
            self._known[text] = cell
        return cell

    def wrong(self, row: int, text: str, hint: str) -> None:
        """Note a cell that is not of its type."""
        self._wrong.add(row)
        what = f"`{_short(text)}` in column `{self.column.spoken}` is not {spoken(self.column.type)}"
        self.report.add("wrong-cell", what, lambda: self.locate(row, self.column.name), hint)

    def not_chosen(self, row: int, text: str) -> None:
        """Note a cell that is none of the column's choices."""
        choices = self.column.choices
        near = did_you_mean(text, choices)
        what = f"`{_short(text)}` in column `{self.column.spoken}` is none of its choices"
        hint = f"did you mean `{near}`?" if near else f"it can be {', '.join(choices[:10])}"
        self.report.add("wrong-cell", what, lambda: self.locate(row, self.column.name), hint)

    def judge(self) -> None:
        """Note what is wrong with the column as a whole."""
        if self.column.is_required:
            for row, cell in enumerate(self.cells):
                if cell is None and row not in self._wrong:
                    self._empty(row)
        if self.column.is_unique and len(set(self.cells)) < len(self.cells):
            first: dict[Cell, int] = {}
            for row, cell in enumerate(self.cells):
                if cell is not None and first.setdefault(cell, row) != row:
                    self._twice(row, first[cell])

    def _empty(self, row: int) -> None:
        what = f"the cell in column `{self.column.spoken}` is empty"
        kind = "the key of the rows" if self.column.is_key else "required"
        hint = f"the column is {kind}: write {spoken(self.column.type)}"
        self.report.add("wrong-cell", what, lambda: self.locate(row, self.column.name), hint)

    def _twice(self, row: int, other: int) -> None:
        name = self.column.name
        what = f"`{_short(str(self.cells[row]))}` in column `{self.column.spoken}` stands in two rows"
        line = self.locate(other, name).line
        hint = f"the other one is in line {line}; change one of them" if line else "change one of them"
        self.report.add("wrong-cell", what, lambda: self.locate(row, name), hint)


_MOST_KNOWN = 10_000


def made(name: str, gathered: Sequence[Gathered], version: str) -> Dataset:
    """Return the dataset of some columns, and judge each of them."""
    for each in gathered:
        each.judge()
    columns = tuple(each.column for each in gathered)
    cells: Mapping[str, Sequence[Cell]] = {each.column.name: each.cells for each in gathered}
    return Dataset(name, columns, cells, version)


def version_of(content: bytes, *said: object) -> str:
    """Return what tells a content, and what was said of it, from all others."""
    digest = hashlib.blake2b(content, digest_size=16)
    digest.update(repr(said).encode())
    return digest.hexdigest()


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
