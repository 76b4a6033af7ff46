"""What `[data.NAME]` is once it is read: rows in columns, or a document.

Owns how cells are held: column by column, since a row of its own for each line would take twice the memory. Knows no
file, no query and no site. Nothing here changes once it is made: whoever was given a dataset keeps what it says.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

Cell = object
"""None for an empty cell; else str, Decimal, int, bool, date, time or datetime, by the type of its column."""

ANY = "any"
"""The type of a column of a document whose cells are of several kinds: nothing is asked of it."""


class CannotRead(Exception):
    """The rows of a dataset cannot be had at the moment; the message is for whoever keeps the site."""


class Row(dict[str, Cell]):
    """A row: its cells by column. Asking it for a column that there is not is a mistake, never a matter of luck."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is known to whoever asks for rows."""

    name: str
    type: str
    """One of the types of the site file, or ANY."""
    choices: tuple[str, ...] = ()
    """The texts that its cells may be; any where there are none."""
    is_required: bool = False
    is_unique: bool = False
    is_key: bool = False
    heading: str | None = None
    """As it is called in the file, where that is another name."""

    @property
    def spoken(self) -> str:
        """What people call it."""
        return self.heading or self.name


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows, all with the same columns."""

    name: str
    columns: tuple[Column, ...]
    cells: Mapping[str, Sequence[Cell]]
    """By column: the cell of each row."""
    version: str = ""
    """The same for the same content."""
    ids: Sequence[int] | None = None
    """What tells the rows apart for good, growing; their numbers where nothing else does."""
    made: dict[object, object] = field(default_factory=dict, repr=False)
    """What was worked out of it, for those who ask again: it never changes."""

    def __len__(self) -> int:
        return len(self.cells[self.columns[0].name]) if self.columns else 0

    def row(self, number: int) -> Row:
        """Return a row, from 0 on."""
        return Row({name: cells[number] for name, cells in self.cells.items()})

    def column(self, name: str) -> Column:
        """Return a column; raises KeyError."""
        return self._by_name[name]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def key(self) -> Column | None:
        """The column that tells the rows apart, if one does."""
        return next((column for column in self.columns if column.is_key), None)

    @cached_property
    def _by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}


class Rows(Sequence[Row]):
    """Some rows of a dataset in some order, as templates see them."""

    __slots__ = ("dataset", "numbers")

    def __init__(self, dataset: Dataset, numbers: Sequence[int] | None = None) -> None:
        self.dataset = dataset
        self.numbers: Sequence[int] = range(len(dataset)) if numbers is None else numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: "int | slice") -> "Row | Rows":  # type: ignore[override] # as of a list
        if isinstance(index, slice):
            return Rows(self.dataset, self.numbers[index])
        return self.dataset.row(self.numbers[index])

    def __iter__(self) -> Iterator[Row]:
        row = self.dataset.row
        return (row(number) for number in self.numbers)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    def __repr__(self) -> str:
        return f"{len(self)} rows of {self.dataset.name}"

    __hash__ = None  # type: ignore[assignment] # as of a list


@dataclass(frozen=True, eq=False)
class Document:
    """A value that is no list of rows, such as the table of a TOML file."""

    name: str
    value: object
    version: str = ""
    """The same for the same content."""
