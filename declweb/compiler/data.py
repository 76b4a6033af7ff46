"""`[data.NAME]`: what templates and endpoints are given, and the rows that a page is about.

Owns where the rows come from at the moment: those of a file never change, since a changed file makes a new site; those
of a form and of a database are asked for anew. Knows neither how a file is read, nor how rows are shown.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from time import monotonic
from types import MappingProxyType
from typing import Any, Protocol

from werkzeug.exceptions import NotFound, ServiceUnavailable

from declweb.clock import is_tested
from declweb.data.dataset import CannotRead, Cell, Column, Dataset, Document, Row, Rows
from declweb.data.selecting import Order, matching, ordered
from declweb.data.values import Reading, read_cell
from declweb.data.views import Items as Shown
from declweb.data.views import condition, sampled
from declweb.model import Data, Items
from declweb.model.urls import Variable, parse
from declweb.rules.data import Known, variables_in
from declweb.storage import StoreDown, StoreTooNew
from declweb.storage.entry import Entry, Status

NOTHING: Mapping[str, Any] = MappingProxyType({})

logger = logging.getLogger("declweb.data")

LATER = 30
"""Seconds after which rows that cannot be had are asked for again."""

PATIENCE = 0.25
"""Seconds for which the entries of a form may be as they were, for visitors who read."""


class Source(Protocol):
    """Where the rows of a dataset come from."""

    @property
    def changes(self) -> bool:
        """Whether it may be another one with each request."""

    @property
    def params(self) -> Mapping[str, str]:
        """The parameters that it must be given, with their types."""

    def now(self, _values: Mapping[str, object] = ...) -> Dataset | Document:
        """Return what there is at the moment."""

    def stamp(self) -> object:
        """Return what is another one when something has changed."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file: it is what it was when the site was made."""

    made: Dataset | Document
    changes: bool = False
    params: Mapping[str, str] = field(default_factory=dict)

    def now(self, _values: Mapping[str, object] = NOTHING) -> Dataset | Document:
        """Return what the file says."""
        return self.made

    def stamp(self) -> object:
        """Return always the same."""
        return self.made.version


class Bound:
    """A dataset by its name: where its rows come from is settled when the site is made."""

    __slots__ = ("changes", "name", "params", "shape", "source")

    def __init__(self, name: str, source: Source, shape: Dataset | Document) -> None:
        self.name = name
        self.shape = shape
        """What its columns are, whatever its rows are at the moment."""
        self.bind(source)

    def bind(self, source: Source) -> None:
        """Let the rows come from somewhere."""
        self.source, self.changes, self.params = source, source.changes, source.params

    def now(self, values: Mapping[str, object] = NOTHING) -> Dataset | Document:
        """Return what there is at the moment; raises ServiceUnavailable, and ValueError for a wrong parameter."""
        try:
            return self.source.now(values)
        except (CannotRead, StoreDown, StoreTooNew, OSError) as error:
            logger.error("data.%s cannot be read: %s", self.name, error)  # noqa: TRY400 # what it says is enough
            raise ServiceUnavailable(retry_after=LATER) from error

    def stamp(self) -> object:
        """Return what is another one when something has changed."""
        return self.source.stamp()


class SiteData(Mapping[str, object]):
    """`data` in templates: the rows or the document of each dataset, as they are now."""

    def __init__(self, known: Mapping[str, Known]) -> None:
        self._changing = {
            name: (each.made.columns, each.params)
            for name, each in known.items()
            if each.changes and isinstance(each.made, Dataset)
        }
        self._sources = {
            name: Bound(name, Fixed(each.made, each.changes, each.params), each.made)
            for name, each in known.items()
            if each.made is not None
        }

    @property
    def changes(self) -> bool:
        """Whether any of it changes while the site runs."""
        return bool(self._changing)

    def source(self, name: str) -> Bound:
        """Return where the rows of a dataset come from."""
        return self._sources[name]

    def rehearse(self, *, is_empty: bool) -> None:
        """Let what changes be a few rows with all that they may have in them, or none at all."""
        for name, (columns, params) in self._changing.items():
            dataset = Dataset(name, columns, dict.fromkeys((each.name for each in columns), ()))
            self.source(name).bind(Fixed(dataset if is_empty else sampled(columns, name), True, params))  # noqa: FBT003 # it changes

    def __getitem__(self, name: str) -> object:
        source = self._sources[name]
        if source.params:
            listed = ", ".join(f"`{each}`" for each in source.params)
            raise ValueError(f"data.{name} has to be told {listed}: ask for it with `items` on the route")
        made = source.now()
        return Rows(made) if isinstance(made, Dataset) else made.value

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


# --- forms ------------------------------------------------------------------------------------------------------------


class Store(Protocol):
    """What is asked of the store."""

    def generation(self, form: str) -> int:
        """Return a number that is another one after each change of a form's entries."""

    def entries(self, form: str, status: Status | None = None) -> Iterator[Entry]:
        """Yield a form's entries in the order in which they came."""


class Generation:
    """The entries of a form as a whole: whether one of them has changed."""

    def __init__(self, store: Store, form: str) -> None:
        self._store, self._form = store, form
        self._looked: tuple[float, int, bool] = (-PATIENCE, -1, False)

    def stamp(self) -> object:
        """Return the number of the last change, as it was a moment ago; another one while nobody knows."""
        moment, number, is_known = self._looked
        now = monotonic()
        if now - moment >= PATIENCE or is_tested():
            try:
                number, is_known = self._store.generation(self._form), True
            except (StoreDown, StoreTooNew, OSError):
                is_known = False
            self._looked = now, number, is_known
        return number if is_known else (number,)

    def look_again(self) -> None:
        """Ask the store the next time: something has just been added."""
        self._looked = (-PATIENCE, *self._looked[1:])


class Entries:
    """What a form received, as rows; read anew when its entries have changed."""

    changes = True
    params: Mapping[str, str] = NOTHING

    def __init__(self, name: str, data: Data, columns: tuple[Column, ...], store: Store) -> None:
        assert data.form is not None
        self._name, self._form, self._columns, self._store = name, data.form, columns, store
        self._statuses = (Status.APPROVED,) if data.only else (Status.NEW, Status.APPROVED)
        self._kept: tuple[int, Dataset] | None = None
        self._generation = Generation(store, self._form)

    def stamp(self) -> object:
        """Return what is another one when an entry has changed."""
        return self._generation.stamp()

    def now(self, _values: Mapping[str, object] = NOTHING) -> Dataset:
        """Return the rows of the entries that may be shown."""
        try:
            number = self._store.generation(self._form)
        except (StoreDown, StoreTooNew, OSError):
            if self._kept is None:
                raise
            return self._kept[1]
        if self._kept is None or self._kept[0] != number:
            self._kept = number, self._read(number)
        return self._kept[1]

    def _read(self, number: int) -> Dataset:
        found = [entry for entry in self._store.entries(self._form) if entry.status in self._statuses]
        reading = Reading()
        cells: dict[str, list[Cell]] = {
            column.name: [_cell(entry, column, reading) for entry in found] for column in self._columns
        }
        return Dataset(self._name, self._columns, cells, str(number), [entry.number for entry in found])


def bind_entries(name: str, data: Data, known: SiteData, store: Store) -> None:
    """Let the rows of a dataset be the entries of its form."""
    source = known.source(name)
    columns = source.now()
    assert isinstance(columns, Dataset)
    source.bind(Entries(name, data, columns.columns, store))


def _cell(entry: Entry, column: Column, reading: Reading) -> Cell:
    if column.name == "created":
        return entry.created
    value = entry.values.get(column.name)
    if value is None or value == "":
        return None
    if column.type == "yes/no":
        return bool(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    try:
        return read_cell(str(value), column.type, reading)
    except ValueError:
        return None  # it came when the field was of another type


# --- the rows of a page -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chosen:
    """`item` or `items` of a route."""

    source: Bound
    where: Mapping[str, object]
    orders: tuple[Order, ...] = ()
    size: int | None = None

    @classmethod
    def of(cls, items: Items, data: SiteData) -> "Chosen":
        """Return what a table declares."""
        return cls(
            data.source(items.data),
            items.where,
            tuple(map(Order.of, items.order)),
            items.page_size,
        )

    def row(self, variables: Mapping[str, object]) -> Row:
        """Return the first row that is meant; raises NotFound."""
        rows = self._rows(variables)
        if not rows.numbers:
            raise NotFound
        return rows.dataset.row(rows.numbers[0])

    def variables(self) -> Iterator[dict[str, object]]:
        """Yield the variables of the address of each row; of what changes while the site runs none are known."""
        made = None if self.source.changes else self.source.now()
        for row in Rows(made) if isinstance(made, Dataset) else ():
            yield variables_of(self.where, row)

    def rows(self, variables: Mapping[str, object], page: str | None) -> Shown:
        """Return the rows of one page; raises NotFound where there is no such page, or nothing is found."""
        rows = self._rows(variables)
        number = page_number(page) if self.size is not None else 1
        shown = Shown(rows, number or 1, self.size)
        if number is None or number > shown.pages or (self.where and not rows.numbers):
            raise NotFound
        return shown

    def _rows(self, variables: Mapping[str, object]) -> Rows:
        source = self.source
        values = {name: _filled(value, variables) for name, value in self.where.items()}
        try:
            given = {name: _param(values.pop(name), type_) for name, type_ in source.params.items() if name in values}
            dataset = source.now(given)
            assert isinstance(dataset, Dataset)
            conditions = [condition(dataset, name, value) for name, value in values.items()]
        except ValueError:
            raise NotFound from None  # what stands in the address is nothing that the column could have
        found = matching(dataset, conditions)
        return Rows(dataset, ordered(dataset, found, self.orders))


def page_number(text: str | None) -> int | None:
    """Return which page `?page=2` asks for; None where it is none."""
    if text is None:
        return 1
    is_number = text.isascii() and text.isdigit() and len(text) < 10 and not text.startswith("0")
    return int(text) if is_number else None


def _filled(value: object, variables: Mapping[str, object]) -> object:
    """Return a value of `where` with the variables of the address put in; one that is all of it stays what it is."""
    if isinstance(value, list):
        return [_filled(each, variables) for each in value]
    if not isinstance(value, str) or not variables_in(value):
        return Decimal(str(value)) if isinstance(value, float) else value
    parts = parse(value)
    if len(parts) == 1 and isinstance(parts[0], Variable):
        return variables[parts[0].name]
    return "".join(str(variables[part.name]) if isinstance(part, Variable) else part for part in parts)


def _param(value: object, type_: str) -> object:
    return read_cell(str(value), type_, Reading()) if isinstance(value, str) else value


def variables_of(where: Mapping[str, object], row: Row) -> dict[str, object]:
    """Return the variables of the address at which a row is found, as far as they are cells of it."""
    found: dict[str, object] = {}
    for name, value in where.items():
        parts = parse(value) if isinstance(value, str) and variables_in(value) else ()
        if len(parts) == 1 and isinstance(parts[0], Variable) and row.get(name) is not None:
            found[parts[0].name] = row[name]
    return found
