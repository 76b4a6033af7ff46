"""Where every key and value of a site file is written.

Owns one walk over text that tomli accepted, and what it finds: character offsets, kept in arrays, some 40 bytes a key.
What is inside an array or an inline table is looked for when it is asked for. Must not know files, lines or what the
values mean.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from declweb.sitefile.lexing import PLAIN, Part, Statement, items, key_parts, pair

KeyPath = tuple[str | int, ...]
"""The way to a value: names of keys, and the numbers of items from 0."""


class Kind(IntEnum):
    """How something is written."""

    PART = 0
    """A table that is only part of a longer name: `a` in `[a.b]`."""
    TABLE = 1
    """`[a]`."""
    LIST = 2
    """All of `[[a]]` together."""
    ITEM = 3
    """One `[[a]]`."""
    DOTTED = 4
    """A table made by keys: `a` in `a.b = 1`."""
    VALUE = 5
    """What stands behind `=`, or in an array."""


class Span(NamedTuple):
    """The character offsets of a key and of its value; a table's value is its header, brackets included."""

    kind: Kind
    key: int
    key_end: int
    start: int
    end: int


_Stretch = tuple[int, int]
_NONE = 0xFFFF_FFFF


class Spans:
    """The spans of one text, by key path."""

    __slots__ = ("_order", "_rows", "_text")

    def __init__(self, text: str, statements: Iterable[Statement]) -> None:
        self._text = text
        self._rows = _Rows()
        walk = _Walk(text, self._rows)
        for statement in statements:
            walk.take(statement)
        hashes = self._rows.hashes
        self._order = array("I", sorted(range(len(hashes)), key=hashes.__getitem__))

    def find(self, path: KeyPath) -> Span | None:
        """Return where this is written, if it is."""
        row = 0
        for depth, step in enumerate(path):
            child = self._child(row, step)
            if child is None:
                return self._inside(self._rows.span(row), path[depth:])
            row = child
        return self._rows.span(row) if row else None

    def header(self, path: KeyPath) -> Span | None:
        """Return the table header nearest at or above this path."""
        row = found = 0
        for step in path:
            child = self._child(row, step)
            if child is None:
                break
            row = child
            if self._rows.kinds[row] < Kind.DOTTED:
                found = row
        return self._rows.span(found) if found else None

    def _child(self, row: int, step: str | int) -> int | None:
        rows = self._rows
        if isinstance(step, int):
            items_of_row = rows.items.get(row, ())
            return items_of_row[step] if step < len(items_of_row) else None
        wanted = hash((row, step))
        for index in range(bisect_left(self._order, wanted, key=rows.hashes.__getitem__), len(self._order)):
            child = self._order[index]
            if rows.hashes[child] != wanted:
                break
            if rows.parents[child] == row and self._name(child) == step:
                return child
        return None

    def _name(self, row: int) -> str:
        return key_parts(self._text, self._rows.keys[row], self._rows.key_ends[row])[0].name

    def _inside(self, span: Span, path: KeyPath) -> Span | None:
        """Return what is at this path inside an array or an inline table."""
        while path and span.kind == Kind.VALUE:
            step = _item(self._text, span, path) if isinstance(path[0], int) else _member(self._text, span, path)
            if step is None:
                return None
            span, path = step
        return None if path else span


def _item(text: str, span: Span, path: KeyPath) -> tuple[Span, KeyPath] | None:
    if text[span.start] == "[":
        for number, item in enumerate(items(text, span.start, span.end)):
            if number == path[0]:
                return Span(Kind.VALUE, item.start, item.end, item.start, item.end), path[1:]
    return None


def _member(text: str, span: Span, path: KeyPath) -> tuple[Span, KeyPath] | None:
    if text[span.start] == "{":
        for item in items(text, span.start, span.end):
            if not (cut := pair(text, item.start, item.end)):
                continue
            parts = key_parts(text, item.start, cut[0])
            names = tuple(part.name for part in parts)
            if path[: len(names)] == names:
                last = parts[-1]
                return Span(Kind.VALUE, last.start, last.end, cut[1], item.end), path[len(names) :]
            if names[: len(path)] == path:
                last = parts[len(path) - 1]
                return Span(Kind.DOTTED, last.start, last.end, last.start, last.end), ()
    return None


class _Rows:
    """What the walk notes: one row for every name, none for what is inside a value. Row 0 is the file."""

    __slots__ = ("ends", "hashes", "items", "key_ends", "keys", "kinds", "parents", "starts")

    def __init__(self) -> None:
        self.kinds = array("B", [Kind.PART])
        self.parents = array("I", [_NONE])
        self.keys = array("I", [0])
        self.key_ends = array("I", [0])
        self.starts = array("I", [0])
        self.ends = array("I", [0])
        self.hashes = array("q", [0])
        """Of parent and name: what rows are found by."""
        self.items: dict[int, array[int]] = {}
        """The rows of each `[[a]]`."""

    def add(self, kind: Kind, parent: int, name: str, key: _Stretch, value: _Stretch) -> int:
        """Note a name; return its row."""
        self.kinds.append(kind)
        self.parents.append(parent)
        self.keys.append(key[0])
        self.key_ends.append(key[1])
        self.starts.append(value[0])
        self.ends.append(value[1])
        self.hashes.append(hash((parent, name)))
        return len(self.kinds) - 1

    def move(self, row: int, kind: Kind, key: _Stretch, value: _Stretch) -> None:
        """Note that what a row stands for is written elsewhere."""
        self.kinds[row] = kind
        self.keys[row], self.key_ends[row] = key
        self.starts[row], self.ends[row] = value

    def span(self, row: int) -> Span:
        """Return what was noted."""
        return Span(Kind(self.kinds[row]), self.keys[row], self.key_ends[row], self.starts[row], self.ends[row])


class _Walk:
    """Goes through the statements of a text and notes what they write where."""

    def __init__(self, text: str, rows: _Rows) -> None:
        self.text = text
        self.rows = rows
        self.tables: dict[tuple[int, str], int] = {}
        self.section = 0

    def take(self, statement: Statement) -> None:
        """Note one statement."""
        if statement.kind == "pair":
            self._pair(statement)
        else:
            self._header(statement)

    def _pair(self, statement: Statement) -> None:
        key, value = (statement.key, statement.key_end), (statement.value, statement.end)
        written = self.text[statement.key : statement.key_end]
        if written.isidentifier() or PLAIN.fullmatch(written):
            self.rows.add(Kind.VALUE, self.section, written.strip('"'), key, value)
            return
        *above, last = key_parts(self.text, *key)
        table = self.section
        for part in above:
            table = self._enter(Kind.DOTTED, table, part, part[:2])
        self.rows.add(Kind.VALUE, table, last.name, last[:2], value)

    def _header(self, statement: Statement) -> None:
        whole = (statement.start, statement.end)
        *above, last = key_parts(self.text, statement.key, statement.key_end)
        table = 0
        for part in above:
            table = self._enter(Kind.PART, table, part, whole)
        if statement.kind == "item":
            self.section = self._item(table, last, whole)
        else:
            self.section = self._enter(Kind.TABLE, table, last, whole)
            if self.rows.kinds[self.section] == Kind.PART:
                self.rows.move(self.section, Kind.TABLE, last[:2], whole)

    def _enter(self, kind: Kind, table: int, part: Part, value: _Stretch) -> int:
        """Return the row of a table that is in this table; of `[[a]]`, the last one."""
        row = self.tables.get((table, part.name))
        if row is None:
            row = self.tables[table, part.name] = self.rows.add(kind, table, part.name, part[:2], value)
        return self.rows.items[row][-1] if row in self.rows.items else row

    def _item(self, table: int, part: Part, header: _Stretch) -> int:
        self._enter(Kind.LIST, table, part, header)
        item = self.rows.add(Kind.ITEM, _NONE, "", part[:2], header)
        self.rows.items.setdefault(self.tables[table, part.name], array("I")).append(item)
        return item
