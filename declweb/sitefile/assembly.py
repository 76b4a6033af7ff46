"""Puts statements together to tables, by TOML's rules on what may be written twice and what may not.

Owns the data of a text that tomli refused; of a text that tomli accepts it would make the same. Must not know what the
statements look like, nor say in words what is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from declweb.sitefile.lexing import Part
from declweb.sitefile.spans import Kind

New = Literal["table", "item", "pair"]
"""What a statement wants to make: `[x]`, `[[x]]` or `x = …`."""


@dataclass(slots=True)
class Node:
    """A table, a list of tables or a value, with where it is first written."""

    kind: Kind
    start: int
    end: int
    value: object = None
    tables: dict[str, "Node"] = field(default_factory=dict)
    items: list["Node"] = field(default_factory=list)

    def data(self) -> object:
        """Return what it stands for."""
        if self.kind == Kind.VALUE:
            return self.value
        if self.kind == Kind.LIST:
            return [item.data() for item in self.items]
        return {name: node.data() for name, node in self.tables.items()}


class Clash(Exception):
    """Something is written that cannot stand beside what is there already."""

    def __init__(self, new: New, names: Sequence[Part], there: Node) -> None:
        super().__init__(new)
        self.new = new
        self.name = ".".join(part.name for part in names)
        """Of what is there, as far as the statement names it."""
        self.start, self.end = names[-1][:2]
        self.there = there


class Assembly:
    """The tables of one text, or of one inline table."""

    def __init__(self) -> None:
        self.top = Node(Kind.TABLE, 0, 0)

    def data(self) -> dict[str, object]:
        """Return all that was put together."""
        return {name: node.data() for name, node in self.top.tables.items()}

    def table(self, names: Sequence[Part], start: int, end: int) -> Node:
        """Open `[names]`."""
        last = names[-1].name
        parent = self._above("table", names, start, end)
        node = parent.tables.setdefault(last, Node(Kind.PART, start, end))
        if node.kind != Kind.PART:
            raise Clash("table", names, node)
        node.kind, node.start, node.end = Kind.TABLE, start, end
        return node

    def item(self, names: Sequence[Part], start: int, end: int) -> Node:
        """Open one more `[[names]]`."""
        parent = self._above("item", names, start, end)
        node = parent.tables.setdefault(names[-1].name, Node(Kind.LIST, start, end))
        if node.kind != Kind.LIST:
            raise Clash("item", names, node)
        node.items.append(Node(Kind.ITEM, start, end))
        return node.items[-1]

    def pair(self, table: Node, names: Sequence[Part], value: object) -> None:
        """Put a value into a table."""
        for depth, part in enumerate(names[:-1], 1):
            table = table.tables.setdefault(part.name, Node(Kind.DOTTED, part.start, part.end))
            if table.kind not in {Kind.DOTTED, Kind.PART}:
                raise Clash("pair", names[:depth], table)
            table.kind = Kind.DOTTED
        last = names[-1]
        if last.name in table.tables:
            raise Clash("pair", names, table.tables[last.name])
        table.tables[last.name] = Node(Kind.VALUE, last.start, last.end, value)

    def is_list(self, names: Sequence[Part]) -> bool:
        """Tell whether there is `[[names]]`."""
        node: Node | None = self.top
        for part in names:
            table = node.items[-1] if node and node.items else node
            node = table.tables.get(part.name) if table else None
        return node is not None and node.kind == Kind.LIST

    def _above(self, new: New, names: Sequence[Part], start: int, end: int) -> Node:
        """Return the table that holds the last of these names; of `[[a]]`, the last one."""
        node = self.top
        for depth, part in enumerate(names[:-1], 1):
            node = node.tables.setdefault(part.name, Node(Kind.PART, start, end))
            if node.kind == Kind.VALUE:
                raise Clash(new, names[:depth], node)
            node = node.items[-1] if node.kind == Kind.LIST else node
        return node
