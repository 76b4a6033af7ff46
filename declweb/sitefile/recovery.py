"""Reads on behind syntax errors, so that all mistakes of a file come at once.

Owns what is made of text that tomli refused: the data of all that can be read, and a problem for each thing that
cannot. What is lost leaves `ABSENT` where its name is known, so that nothing else is wrong because of it. Must not
know other files, nor what the tables mean.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

import tomli

from declweb.problems import Also, Place, Problem
from declweb.sitefile import clashes, lexing, mistakes
from declweb.sitefile.assembly import Assembly, Clash, Node
from declweb.sitefile.header_mistakes import HEADER
from declweb.sitefile.lexing import MOST, Fault, Item, Part, Statement
from declweb.sitefile.mistakes import Found, Mistake, Where
from declweb.sitefile.repairs import shown
from declweb.sitefile.spans import Kind
from declweb.sitefile.variables import ABSENT

DEEPEST_KEY = 100
"""Names that may be joined by dots."""

_DEEPEST = 20
_LONGEST = 1_000_000
"""Brackets within brackets, and characters in them, that are looked into one by one; what is more is one value."""

_LONE_RETURN = re.compile(r"\r")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_CONTROL_LINE = re.compile(rf"(?P<at>{_CONTROLS.pattern})[^\n]*+")


class Recovered(NamedTuple):
    """What could be read of a text."""

    text: str
    """The text, with characters that may stand nowhere replaced; as long as it was."""
    data: dict[str, object]
    statements: tuple[Statement, ...]
    """Those that say something, for the spans."""
    problems: tuple[Problem, ...]


def recover(file: str, text: str) -> Recovered:
    """Read a text that tomli refused; there is at least one problem."""
    reports = _Reports(file, text)
    reader = _Reader(reports)
    try:
        reader.read()
    except _EnoughError:
        message = f"there are more mistakes than these {MOST}; reading stopped here"
        place = reports.problems[-1].place
        reports.problems.append(Problem("too-many-mistakes", message, place, help="repair the others first"))
    return Recovered(reports.text, reader.tables.data(), tuple(reader.kept), tuple(reports.problems))


class _EnoughError(Exception):
    """So many mistakes that more would not help."""


class _Reports:
    """A text and what is wrong with it."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.problems: list[Problem] = []
        self.more: tuple[int, int] | None = None
        """A key with its value that was found behind something else, and is still to be read."""

    def report(self, code: str, message: str, span: tuple[int, int], help_: str, first: Node | None = None) -> None:
        """Note a problem at these offsets."""
        if len(self.problems) == MOST:
            raise _EnoughError
        also = (Also(self._place(first.start, first.end), "is the first"),) if first else ()
        self.problems.append(Problem(code, message, self._place(*span), also, help_))

    def _place(self, start: int, end: int) -> Place:
        return Place.of(self.file, self.text, start, end)

    def find(self, kinds: Iterable[Mistake], start: int, end: int) -> Found | None:
        """Note the mistake that stands here."""
        found = mistakes.find(kinds, self.text, start, end)
        if found:
            self.report(found.code, found.message, (found.start, found.end), found.help)
            if found.match.groupdict().get("more"):
                self.more = found.match.span("more")
        return found

    def clash(self, clash: Clash) -> None:
        """Note that something stands twice."""
        code, message, help_ = clashes.CLASHES[clash.new, clash.there.kind]
        name = shown(clash.name)
        self.report(code, message.format(name=name), (clash.start, clash.end), help_.format(name=name), clash.there)

    def unreadable(self, start: int, end: int, before: str = "") -> None:
        """Note what the parser says of a text that no mistake of ours describes."""
        message, help_ = "the parser does not understand this", None
        try:
            tomli.loads(before + self.text[start:end])
        except tomli.TOMLDecodeError as error:
            start = min(max(start, start + error.pos - len(before)), end)
            help_ = f"it says: {error.msg}"
        except (ValueError, RecursionError) as error:
            help_ = f"it says: {error}"
        self.report("unreadable-line", message, (start, start), help_ or "write it in another way")

    def clean(self) -> None:
        """Note characters that may stand nowhere, one for each line, and take them for spaces."""
        if found := _LONE_RETURN.search(self.text):
            help_ = "save the file with the line endings of Unix or of Windows"
            self.report("odd-character", "a line ends as on very old computers", found.span(), help_)
            self.text = self.text.replace("\r", "\n")
        for found in _CONTROL_LINE.finditer(self.text):
            code = ord(found["at"])
            self.report(
                "odd-character", f"a control character stands here, U+{code:04X}", found.span("at"), "delete it"
            )
        self.text = _CONTROLS.sub(" ", self.text)

    def clean_statement(self, start: int, end: int) -> bool:
        """Note the first invisible character outside of texts, and take all of them for spaces."""
        found = self.find((mistakes.ODD_CHARACTER,), start, end)
        while again := mistakes.find((mistakes.ODD_CHARACTER,), self.text, start, end):
            self.text = f"{self.text[: again.start]} {self.text[again.end :]}"
        return found is not None


class _Reader:
    """Reads statement by statement."""

    def __init__(self, reports: _Reports) -> None:
        self.reports = reports
        self.kept: list[Statement] = []
        self.tables = Assembly()
        self.section: Node | None = self.tables.top
        """The table that keys go into; None below a header that could not be understood."""
        self.is_doubled = False
        """Whether this table was begun before, so that keys it has already are no mistakes of their own."""
        self.depth = 0
        self.length = 0
        """Of all brackets that were looked into."""

    @property
    def text(self) -> str:
        return self.reports.text

    def read(self) -> None:
        """Read everything."""
        self.reports.clean()
        for statement in lexing.statements(self.text, broken=True):
            self._take(statement)
        if not self.reports.problems:
            self.reports.unreadable(0, len(self.text))

    def _take(self, statement: Statement) -> None:
        if statement.kind in {"table", "item"}:
            self._header(statement)
            return
        value = _parsed(self.text[statement.value : statement.end]) if statement.kind == "pair" else None
        if value is None and self.reports.clean_statement(statement.start, statement.end):
            cleaned = next(lexing.statements(self.text, statement.start, broken=True), None)
            if cleaned and cleaned.start < statement.end:
                self._take(cleaned)
        elif statement.kind == "line" and self.text[statement.start] == "[":
            self._broken_header(statement)
        else:
            self._line(statement, value)

    # --- headers ------------------------------------------------------------------------------------------------------

    def _header(self, statement: Statement) -> None:
        names = self._names(statement.key, statement.key_end)
        self.section, self.is_doubled = None, False
        if not names:
            return
        try:
            self.section = self._opened(statement, names)
        except Clash as clash:
            if clash.there.value is not ABSENT:
                self.reports.clash(clash)
            if clash.new == "table" and clash.there.kind == Kind.TABLE:
                self.section, self.is_doubled = clash.there, True
            elif clash.new == "table" and clash.there.kind == Kind.LIST:
                statement = statement._replace(kind="item")
                self.section = self._opened(statement, names)
        if self.section is not None:
            self.kept.append(statement)

    def _opened(self, statement: Statement, names: Sequence[Part]) -> Node:
        open_ = self.tables.item if statement.kind == "item" else self.tables.table
        return open_(names, statement.start, statement.end)

    def _broken_header(self, statement: Statement) -> None:
        """Go on below a header that is not right, so that its keys do not fall into the table above it."""
        found = self.reports.find(HEADER, statement.start, statement.end)
        self.section = None
        if found and found.match.groupdict().get("name"):
            key, key_end = found.match.span("name")
            opening = self.text.count("[", statement.start, key)
            closing = self.text.count("]", key_end, found.match.end())
            names = self._names(key, key_end)
            is_list = self.tables.is_list(names)
            if closing in {0, opening} or is_list:
                kind: Literal["table", "item"] = "item" if is_list or opening > 1 else "table"
                self._header(statement._replace(kind=kind, key=key, key_end=key_end))
            else:
                self._lose(names)
        self._more()

    def _lose(self, names: Sequence[Part]) -> None:
        """Leave something in place of a table that cannot be told to be one or one of many."""
        if names:
            with suppress(Clash):
                self.tables.pair(self.tables.top, names, ABSENT)

    # --- keys and values ----------------------------------------------------------------------------------------------

    def _line(self, statement: Statement, value: object | None = None) -> None:
        if value is None:
            kept = self._member(self.tables, self.section, statement, "line")
        else:
            kept = self._put(self.tables, self.section, statement, value)
        if kept:
            self.kept.append(kept)
        self._more()

    def _more(self) -> None:
        """Read what was found behind something else in one line."""
        more, self.reports.more = self.reports.more, None
        if more:
            self._line(next(lexing.statements(self.text, more[0], broken=True)))

    def _member(self, tables: Assembly, table: Node | None, statement: Statement, where: Where) -> Statement | None:
        """Read a key with its value into a table; return where they are, when they were added."""
        if statement.kind == "pair":
            value = self._value(statement.value, statement.end, where, statement.fault)
        else:
            found = self.reports.find(mistakes.LINE, statement.start, statement.end)
            groups = found.match.groupdict() if found else {}
            if not found or not groups.get("key"):
                return None
            key, key_end = found.match.span("key")
            start = found.match.start("value") if groups.get("value") else statement.end
            value = self._value(start, statement.end, where, statement.fault) if groups.get("value") else ABSENT
            statement = Statement("pair", statement.start, key, key_end, start, statement.end)
        return self._put(tables, table, statement, value)

    def _put(self, tables: Assembly, table: Node | None, statement: Statement, value: object) -> Statement | None:
        names = self._names(statement.key, statement.key_end)
        if table is None or not names:
            return None
        try:
            tables.pair(table, names, value)
        except Clash as clash:
            if not (self.is_doubled and tables is self.tables):
                self.reports.clash(clash)
            return None
        return statement

    def _names(self, start: int, end: int) -> list[Part]:
        names = lexing.key_parts(self.text, start, end)
        for part in names:
            if self.text[part.start] == '"' and "\\" in self.text[part.start : part.end]:
                self.reports.find(mistakes.ESCAPES, part.start, part.end)
        if len(names) > DEEPEST_KEY:
            self.reports.report("too-deep", "too many names are joined by dots", (start, end), f"{DEEPEST_KEY} at most")
            return []
        return names

    def _value(self, start: int, end: int, where: Where, fault: Fault | None = None) -> object:
        """Return a value, or what can be saved of it."""
        value = _parsed(self.text[start:end])
        if value is not None:
            return value
        before = len(self.reports.problems)
        value = self._saved(start, end, where, fault)
        if len(self.reports.problems) == before:
            self.reports.unreadable(start, end, _BEFORE)
        return value

    def _saved(self, start: int, end: int, where: Where, fault: Fault | None) -> object:
        """Report what is wrong with a value, and return what is left of it."""
        is_bracket = self.text[start : start + 1] in _BRACKETS
        if is_bracket and fault and fault.kind != "string":
            self._fault(fault)
            return ABSENT
        if is_bracket and self._is_closed(start, end):
            return self._items(start, end)
        is_empty = start == end and where == "line"
        if self.reports.find(mistakes.VALUE, start, _line_end(self.text, end) if is_empty else end):
            return ABSENT
        stop = lexing.complete(self.text, start, end)
        if stop is not None and stop < end and self.reports.find(mistakes.BEHIND[where], stop, end):
            more = self.reports.more
            value = self._value(start, stop, where)
            self.reports.more = more
            return value
        if fault or stop is None:
            self._fault(fault or Fault("string", start, start))
        return ABSENT

    def _is_closed(self, start: int, end: int) -> bool:
        self.length += end - start
        is_too_much = self.depth >= _DEEPEST or self.length > _LONGEST
        is_template = self.text.startswith("{{", start)
        return not is_too_much and not is_template and lexing.closing(self.text, start, end) == end

    def _fault(self, fault: Fault) -> None:
        end = _line_end(self.text, fault.start)
        line = self.text.rfind("\n", 0, fault.start) + 1
        if fault.kind != "string" or not self.reports.find((mistakes.QUOTE_IN_TEXT,), line, end):
            self.reports.find(mistakes.FAULTS[fault.kind], fault.start, end)

    def _items(self, start: int, end: int) -> object:
        """Read what is between brackets one by one."""
        self.depth += 1
        value = self._array(start, end) if self.text[start] == "[" else self._table(start, end)
        self.depth -= 1
        return value

    def _array(self, start: int, end: int) -> list[object]:
        values = []
        for item in self._parted(start, end):
            values.append(self._value(item.start, item.end, "list"))
            self.reports.more = None
        return values

    def _table(self, start: int, end: int) -> dict[str, object]:
        tables = Assembly()
        for item in self._parted(start, end):
            self._member(tables, tables.top, self._pair(item.start, item.end), "table")
            while self.reports.more:
                more, self.reports.more = self.reports.more, None
                self._member(tables, tables.top, self._pair(*more), "table")
        return tables.data()

    def _parted(self, start: int, end: int) -> Iterator[Item]:
        """Yield what is between commas; report commas that are missing or too many."""
        for item in lexing.items(self.text, start, end):
            if item.start == item.end:
                self.reports.find(mistakes.NO_ITEM, item.start, item.end + 1)
                continue
            before = len(self.reports.problems)
            yield item
            if not item.comma and len(self.reports.problems) == before:
                self.reports.find(mistakes.NO_COMMA, item.end, item.end)

    def _pair(self, start: int, end: int) -> Statement:
        if cut := lexing.pair(self.text, start, end):
            return Statement("pair", start, start, cut[0], cut[1], end)
        return Statement("line", start, start, start, start, end)


_BRACKETS = {"[", "{"}
_BEFORE = "x = "


def _parsed(text: str) -> object | None:
    """Return the value that a text stands for; TOML has none that is None."""
    if lexing.PLAIN.fullmatch(text):
        return text[1:-1]
    try:
        values = tomli.loads(_BEFORE + text)
    except (ValueError, RecursionError):
        return None
    return values.get("x") if len(values) == 1 else None


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end
