"""The rows and lists that the template of a page is tried out with, before any visitor asks for it.

Owns which of many rows are enough. Knows neither templates nor addresses.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from werkzeug.exceptions import NotFound

from declweb.compiler.data import Chosen, SiteData, variables_of
from declweb.data.dataset import Cell, Dataset, Row, Rows
from declweb.data.views import Items as Shown
from declweb.data.views import blank, sample
from declweb.model import Items
from declweb.rules.data import variables_in

MOST_ROWS = 1_000
"""Rows of a dataset with which the template of a page is tried out; of those below, one of each mix of empty cells."""


class Tried(NamedTuple):
    """A page that is tried out."""

    variables: Mapping[str, object]
    """Those of its address that are cells of the data."""
    given: Mapping[str, object]
    """What its template is given: `item`, `items`, both or nothing."""


class Trials:
    """What the template of one route is tried out with, for some values of the variables of its address."""

    def __init__(self, data: SiteData, variables: Mapping[str, object], closed: Collection[str] = ()) -> None:
        self._data = data
        self._variables = variables
        self._closed = closed
        """The variables that are one of a few words: each of these is tried out by itself."""

    def pages(self, item: Items | None, items: Items | None) -> Iterator[Tried]:
        """Yield each page: of every row that it may be about, and of each list, or of one where it shows neither."""
        lists = Chosen.of(items, self._data) if items is not None else None
        if item is not None:
            yield from self._of_rows(item, lists)
        elif lists is not None:
            yield from (Tried({}, {"items": shown}) for shown in self._lists(lists))
            yield from self._of_addresses(lists)
        else:
            yield Tried({}, {})

    def _of_rows(self, item: Items, lists: Chosen | None) -> Iterator[Tried]:
        """Yield the page of each row, with the list that belongs to it, and then the other pages of one list."""
        made = _dataset(Chosen.of(item, self._data))
        several: Mapping[str, object] = {} if lists is None else {"items": next(self._lists(lists))}
        for number in _numbers(made):
            found = variables_of(item.where, made.row(number))
            if not self._is_asked(found):
                continue
            row = made.row(number)
            shown = self._list_of(lists, found)
            if shown is not None or lists is None or lists.source.changes:
                yield Tried(found, {"item": row, **several} if shown is None else {"item": row, "items": shown})
        row = _blank(item, made)
        found = variables_of(item.where, row)
        yield Tried(found, {"item": row, **several})
        for shown in islice(self._lists(lists), 1, None) if lists is not None else ():
            yield Tried(found, {"item": row, "items": shown})

    def _list_of(self, lists: Chosen | None, found: Mapping[str, object]) -> Shown | None:
        try:
            return lists.rows({**self._variables, **found}, None) if lists is not None else None
        except NotFound:
            return None

    def _of_addresses(self, lists: Chosen) -> Iterator[Tried]:
        """Yield the lists at the addresses that there are, as many as have a thousand rows together."""
        if not any(variables_in(each) for value in lists.where.values() for each in _texts(value)):
            return
        known: set[tuple[object, ...]] = set()
        left = MOST_ROWS
        for found in lists.variables():
            address = tuple(found.values())
            if not found or address in known or not self._is_asked(found):
                continue
            known.add(address)
            for number in (1, None):
                shown = self._page(lists, found, number)
                if shown is not None:
                    yield Tried(found, {"items": shown})
                    left -= len(shown) + 1
            if left <= 0:
                return

    def _page(self, lists: Chosen, found: Mapping[str, object], number: int | None) -> Shown | None:
        """Return a page of a list, the last one where no number is given; None where that is the first, too."""
        shown = self._list_of(lists, found)
        if number is not None or shown is None:
            return shown
        last = shown.pages
        return lists.rows({**self._variables, **found}, str(last)) if last > 1 else None

    def _lists(self, lists: Chosen) -> Iterator[Shown]:
        """Yield the pages of a list, the last one too: of the rows that are found, else of all there are."""
        try:
            first = lists.rows(self._variables, None)
            yield first
            for number in _page_numbers(first.pages, lists.size):
                yield lists.rows(self._variables, str(number))
        except NotFound:
            rows = Rows(_dataset(lists))
            first = Shown(rows, 1, lists.size)
            yield first
            for number in _page_numbers(first.pages, lists.size):
                yield Shown(rows, number, lists.size)

    def _is_asked(self, found: Mapping[str, object]) -> bool:
        """Tell whether somebody who chose the present words could come to an address."""
        return all(str(found[name]) == str(self._variables[name]) for name in self._closed if name in found)


def _texts(value: object) -> list[str]:
    """Return the texts of a value of `where`."""
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _dataset(chosen: Chosen) -> Dataset:
    made = chosen.source.now()
    assert isinstance(made, Dataset)
    return made


def _page_numbers(pages: int, size: int | None) -> Iterator[int]:
    """Yield the numbers of the pages after the first: those with the first thousand rows, and the last."""
    most = min(pages, MOST_ROWS // (size or MOST_ROWS))
    yield from range(2, most + 1)
    if pages > max(most, 1):
        yield pages


def _numbers(made: Dataset) -> Iterator[int]:
    """Yield the numbers of the rows that are tried out."""
    yield from range(min(len(made), MOST_ROWS))
    gaps = [cells for cells in made.cells.values() if None in cells]
    if len(made) <= MOST_ROWS or not gaps:
        return
    known: set[tuple[bool, ...]] = set()
    for number, cells in enumerate(zip(*gaps, strict=True)):
        mix = tuple(cell is None for cell in cells)
        if mix not in known:
            known.add(mix)
            if number >= MOST_ROWS:
                yield number
        if len(known) > MOST_ROWS:
            return


def _blank(item: Items, made: Dataset) -> Row:
    """Return a row whose optional cells are empty, but for those by which it is found."""
    found = blank(made)
    asked: dict[str, Cell] = {name: sample(made.column(name)) for name in item.where if found.get(name, "") is None}
    asked |= {name: cell for name, cell in (made.row(0).items() if len(made) else ()) if name in asked and cell}
    return Row({**found, **asked})
