"""JSON (RFC 8259), JSON lines and TOML files: values that have their types already.

Owns which of their values fit a column, and where each is written. Knows no spreadsheet.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import tomli

from declweb.data.building import Gathered, column_of
from declweb.data.dataset import ANY, Cell, Column
from declweb.data.reports import Broken, Report, place_in_line
from declweb.data.values import LARGEST_WHOLE, Reading
from declweb.model import Data
from declweb.model.data import RESERVED
from declweb.model.data import Column as Declared
from declweb.problems import Place, suggestion
from declweb.sitefile.source import DEEPEST, Source

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_END_OF_KEY = re.compile(r"\s*:\s*")
_BETWEEN = re.compile(r"\s*,?\s*")


@dataclass(frozen=True, slots=True)
class Content:
    """What a file says, and where."""

    value: Any
    place: Callable[[Sequence[str | int]], Place]
    """Of a value, by the keys and numbers that lead to it; of what is around it where it is not found."""


# --- notations --------------------------------------------------------------------------------------------------------


def read_toml(content: bytes, report: Report) -> Content:
    """Return what a TOML file says; numbers are exact. Raises Broken."""
    source = Source(report.file, content)
    for problem in source.problems:
        report.take(problem)
    if source.problems:
        raise Broken

    def place(path: Sequence[str | int]) -> Place:
        return source.place(tuple(path)) or source.header_place(tuple(path)) or Place(report.file)

    value = tomli.loads(source.text, parse_float=_exact)
    endless = list(_endless(value))
    for path in endless:
        what = "this is no number that could be counted with, or be sent to programs (RFC 8259, section 6)"
        report.add("out-of-range", what, partial(place, path), "leave it out, or write a text in quotes")
    if endless:
        raise Broken
    return Content(value, place)


def _endless(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the ways to numbers that are none, or have no end: `nan` and `inf`."""
    if isinstance(value, Decimal) and not value.is_finite():
        yield path
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _endless(part, (*path, key))


def read_json(content: bytes, report: Report) -> Content:
    """Return what a JSON file says; numbers are exact. Raises Broken."""
    text = _text(content, report)
    value = _parsed(text, 0, report)
    return Content(value, lambda path: _place(text, path, report.file))


def read_json_lines(content: bytes, report: Report) -> Content:
    """Return the list of what the lines of a file say; empty ones say nothing. Raises Broken."""
    lines = _text(content, report).split("\n")
    numbers = [number for number, line in enumerate(lines, 1) if line.strip()]
    values = [_parsed(lines[number - 1], number - 1, report) for number in numbers]

    def place(path: Sequence[str | int]) -> Place:
        number = numbers[int(path[0])] if path else 1
        word = _written_key(str(path[1])) if len(path) > 1 else ""
        return place_in_line(report.file, number, lines[number - 1], word)

    return Content(values, place)


READERS: Mapping[str, Callable[[bytes, Report], Content]] = {
    ".json": read_json,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".toml": read_toml,
}
"""By the ending of a file's name."""


def _text(content: bytes, report: Report) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        report.add(
            "bad-encoding", f"line {line} is not in UTF-8", lambda: Place(report.file, line), "save the file in UTF-8"
        )
        raise Broken from None


def _parsed(text: str, above: int, report: Report) -> Any:
    """Return what a text says that begins below so many lines."""
    try:
        value = json.loads(text, parse_float=_countable, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        line = text.split("\n")[error.lineno - 1]
        at = Place(report.file, above + error.lineno, error.colno, error.colno + 1, line)
        report.add("bad-json", f"this is not JSON: {_in_words(error.msg)}", lambda: at, _MEANT.get(error.msg))
    except ValueError as error:
        report.add("bad-json", f"this is not JSON: {error}", lambda: Place(report.file), "write null in its place")
    except RecursionError:
        report.add("too-deep", TOO_DEEP, hint="make it smaller")
    else:
        if not _is_too_deep(value):
            return value
        report.add("too-deep", TOO_DEEP, hint="make it smaller")
    raise Broken


TOO_DEEP = "too many lists or objects stand within each other"


def _exact(text: str) -> Decimal:
    """Return a number; one with more digits before or behind its point than programs count with is without end."""
    try:
        number = Decimal(text.replace("_", ""))
    except InvalidOperation:  # even the exponent is too long
        return Decimal("inf")
    return number if not number.is_finite() or abs(number.adjusted()) <= LARGEST else Decimal("inf")


def _countable(text: str) -> Decimal:
    number = _exact(text)
    if not number.is_finite():
        raise ValueError(f"`{text[:20]}` is no number that could be counted with")
    return number


LARGEST = 400
"""The digits that a number may have before its point, and the zeros behind it."""


def _no_constant(word: str) -> None:
    raise ValueError(f"it has no number `{word}`")


def _in_words(message: str) -> str:
    return message[:1].lower() + message[1:]


_MEANT = {
    "Expecting property name enclosed in double quotes": "names stand in double quotes; no comma follows the last",
    "Illegal trailing comma before end of object": "take the comma behind the last value out",
    "Illegal trailing comma before end of array": "take the comma behind the last value out",
    "Expecting ',' delimiter": "a comma parts two values",
    "Expecting value": "a text stands in double quotes; there is no comma behind the last value",
    "Extra data": "a JSON file has one value; many lines of them are a .jsonl file",
}


def _is_too_deep(value: Any) -> bool:
    layer, depth = [value], 0
    while layer and depth <= DEEPEST:
        parts = (each.values() if isinstance(each, dict) else each for each in layer if isinstance(each, dict | list))
        layer, depth = [part for each in parts for part in each], depth + 1
    return bool(layer)


# --- places in JSON ---------------------------------------------------------------------------------------------------


def _place(text: str, path: Sequence[str | int], file: str) -> Place:
    """Return where a value is written: the text is walked once more, down to it."""
    start, end = _span(text, path)
    return Place.of(file, text, start, end)


def _span(text: str, path: Sequence[str | int]) -> tuple[int, int]:
    position = _BETWEEN.match(text, 0).end()  # type: ignore[union-attr] # it matches nothing, too
    for step in path:
        found = next((start for key, start in _parts(text, position) if key == step), None)
        if found is None:
            break
        position = found
    return position, json.JSONDecoder().raw_decode(text, position)[1]


def _parts(text: str, position: int) -> Iterator[tuple[str | int, int]]:
    """Yield the keys or numbers of what begins at a position, and where the value of each begins."""
    decoder, is_object = json.JSONDecoder(), text[position] == "{"
    if text[position] not in "[{":
        return
    position, number = _BETWEEN.match(text, position + 1).end(), 0  # type: ignore[union-attr] # as above
    while text[position] not in "]}":
        key: str | int = number
        if is_object:
            key, position = decoder.raw_decode(text, position)
            position = _END_OF_KEY.match(text, position).end()  # type: ignore[union-attr] # it was read before
        yield key, position
        position = _BETWEEN.match(text, decoder.raw_decode(text, position)[1]).end()  # type: ignore[union-attr] # as above
        number += 1


def _written_key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


# --- rows -------------------------------------------------------------------------------------------------------------


class Listed(NamedTuple):
    """The rows that a file has."""

    rows: list[Any]
    path: tuple[str, ...]
    """The keys that lead to them."""
    place: Callable[[Sequence[str | int]], Place]
    headings: Mapping[str, str]
    """The keys of columns that have other names."""

    def locate(self, row: int, name: str) -> Place:
        """Return where a cell stands."""
        return self.place((*self.path, row, self.headings.get(name, name)))


def listed(content: Content, data: Data, report: Report) -> Listed | None:
    """Return the rows that a file has; None where it is a document. Raises Broken."""
    value, path = content.value, ()  # type: tuple[Any, tuple[str, ...]]
    names = [name for name, part in value.items() if isinstance(part, list)] if isinstance(value, dict) else []
    if data.rows is not None:
        if data.rows not in names:
            hint = suggestion(data.rows, names) or (f"it has {', '.join(names)}" if names else "take `rows` out")
            report.add("bad-row", f"the file has no list `{data.rows}`", lambda: content.place(()), hint)
            raise Broken
        value, path = value[data.rows], (data.rows,)
    is_list = isinstance(value, list)
    if data.columns is None and not (is_list and all(isinstance(row, dict) for row in value)):
        return None
    if not is_list:
        hint = f'say where they are: rows = "{names[0]}"' if names else "take `columns` out: it is a document"
        report.add("bad-row", "the file has columns, but is no list of rows", lambda: content.place(()), hint)
        raise Broken
    headings = {name: column.heading for name, column in (data.columns or {}).items() if column.heading}
    return Listed(value, path, content.place, headings)


def gathered(found: Listed, data: Data, reading: Reading, report: Report) -> list[Gathered]:
    """Return the columns of a list of rows. Raises Broken."""
    for number, row in enumerate(found.rows):
        if not isinstance(row, dict):
            what = f"this row is {_called(row)}, not a table"
            report.add("bad-row", what, partial(found.place, (*found.path, number)))
    if report:
        raise Broken
    declared = data.columns or _inferred(found, report)
    columns = [Gathered(column_of(name, column), reading, report, found.locate) for name, column in declared.items()]
    for each in columns:
        values = [row.get(each.column.heading or each.column.name) for row in found.rows]
        if data.columns is None:
            each.column = typed_column(each.column.name, values)
        fit = _FITS[each.column.type]
        for value in values:
            each.cells.append(_cell(value, fit, each))
    return columns


def _inferred(found: Listed, report: Report) -> Mapping[str, Declared]:
    """Return a column for each key of the rows. Raises Broken where one cannot be its name."""
    names = dict.fromkeys(key for row in found.rows for key in row)
    wrong = next((name for name in names if not _NAME.fullmatch(name) or name in RESERVED), None)
    if wrong is not None:
        row = next(number for number, row in enumerate(found.rows) if wrong in row)
        hint = f'say which columns are used: columns = {{ name = {{ heading = "{wrong}" }} }}'
        report.add("bad-column", f"`{wrong}` cannot be the name of a column", lambda: found.locate(row, wrong), hint)
        raise Broken
    return {name: Declared() for name in names}


def typed_column(name: str, values: Iterable[Any]) -> Column:
    """Return a column of the type that all of its values have; ANY where they have several."""
    kinds = {type(value) for value in values if value is not None}
    return Column(name, next((type_ for type_, fit in _KINDS.items() if kinds <= fit), ANY) if kinds else "text")


_KINDS: Mapping[str, frozenset[type]] = {
    "yes/no": frozenset({bool}),
    "integer": frozenset({int}),
    "number": frozenset({int, Decimal}),
    "date": frozenset({date}),
    "datetime": frozenset({datetime}),
    "time": frozenset({time}),
    "text": frozenset({str}),
}


def _cell(value: Any, fit: Callable[[Any, Reading], Cell], each: Gathered) -> Cell:
    if value is None or value == "":
        return None
    if each.column.type not in _TYPED_ONLY and isinstance(value, str):
        each.read([value])  # written as a text, as in a spreadsheet
        return each.cells.pop()
    cell = fit(value, each.reading)
    if cell is None:
        each.wrong(len(each.cells), _written(value), f"write it as {_AS_WRITTEN[each.column.type]}")
    return cell


def _number(value: Any, _reading: Reading) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _integer(value: Any, _reading: Reading) -> int | None:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    is_near = is_number and -LARGEST_WHOLE < value < LARGEST_WHOLE
    return int(value) if is_near and value == int(value) else None


def _moment(value: Any, reading: Reading) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=ZoneInfo(reading.timezone))


def _only(*kinds: type) -> Callable[[Any, Reading], Cell]:
    return lambda value, _reading: value if type(value) in kinds else None


_FITS: Mapping[str, Callable[[Any, Reading], Cell]] = {
    "number": _number,
    "integer": _integer,
    "yes/no": _only(bool),
    "date": _only(date),
    "time": _only(time),
    "datetime": _moment,
    "text": _only(str),
    "url": _only(str),
    "email": _only(str),
    ANY: lambda value, _reading: value,
}

_TYPED_ONLY = frozenset({"yes/no", "number", "integer", ANY})
"""Types whose values such files have themselves."""

_AS_WRITTEN: Mapping[str, str] = {
    "number": "a number such as 4.20, without quotes",
    "integer": "a whole number such as 12, without quotes",
    "yes/no": "true or false",
    "date": 'a day such as "2026-12-24"',
    "time": 'a time such as "18:30"',
    "datetime": 'a day with a time such as "2026-12-24 18:30"',
    "text": "a text in quotes",
    "url": "a text in quotes",
    "email": "a text in quotes",
}


def _called(value: Any) -> str:
    return "a list" if isinstance(value, list) else "a text" if isinstance(value, str) else f"`{_written(value)}`"


def _written(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)
