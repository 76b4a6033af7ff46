"""Spreadsheets saved as CSV (RFC 4180, and what office programs make of it).

Owns encodings, separators, quotes and headings. Knows no type: what a cell says is looked at elsewhere.
"""

import csv
import io
import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from declweb.data.building import Gathered, column_of
from declweb.data.reports import Broken, Report, place_in_line
from declweb.data.values import Reading
from declweb.model import Data
from declweb.model.data import RESERVED
from declweb.model.data import Column as Declared
from declweb.problems import Place, suggestion

SEPARATORS = (",", ";", "\t", "|")
"""What may stand between cells; of two that fit as well the first is taken."""

LONGEST = 1_000_000
"""Characters of the longest cell."""

_SPOKEN = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "an upright line"}
_AT_ONCE = 2_000
"""Rows that are looked at before they become columns: the file is never in memory as a list of rows."""
_SAYS_SEPARATOR = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def read_csv(content: bytes, data: Data, reading: Reading, report: Report) -> list[Gathered]:
    """Return the columns of a CSV file. Raises Broken."""
    sheet = _Sheet(_decoded(content, data, report), data, report)
    columns = sheet.columns()
    gathered = [
        Gathered(column_of(name, declared), reading, report, sheet.locate) for name, (_, declared) in columns.items()
    ]
    places = [place for place, _ in columns.values()]
    for rows in sheet.portions():
        by_place = list(zip(*rows, strict=True))
        for each, place in zip(gathered, places, strict=True):
            each.read(by_place[place])
    return gathered


def _decoded(content: bytes, data: Data, report: Report) -> str:
    """Return the text of a file, in whatever encoding an office program saved it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content[:4096]:
        report.add("bad-encoding", "this is not a text file", hint="save the spreadsheet as CSV, in UTF-8")
        raise Broken
    encodings = ("utf-8", "windows-1252") if data.encoding is None else (data.encoding,)
    start = 0
    for encoding in encodings:
        try:
            return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        except UnicodeDecodeError as error:
            start = error.start
    line = content.count(b"\n", 0, start) + 1
    spoken = " nor in ".join(f"`{encoding}`" for encoding in encodings)
    message = f"line {line} is {'neither' if len(encodings) > 1 else 'not'} in {spoken}"
    report.add("bad-encoding", message, lambda: Place(report.file, line), "save the file in UTF-8")
    raise Broken


def without_column(heading: str) -> str:
    """Say that no column has a heading; whoever knows where it is declared finds the problem by this."""
    return f"there is no column with the heading `{heading}`"


@dataclass(slots=True)
class _Line:
    """A row as it was read: its cells, and the line of the file where it begins."""

    cells: list[str]
    number: int


class _Sheet:
    """The text of a CSV file, row by row."""

    def __init__(self, text: str, data: Data, report: Report) -> None:
        self._data = data
        self._report = report
        self._text = text
        said = _SAYS_SEPARATOR.match(text)
        self._skipped = 1 if said else 0
        self._body = text[said.end() :] if said else text
        self._separator = data.separator or (said.group(1) if said else _separator(self._body, data))
        self._rows = self._read()
        self._numbers = array("L")
        """The line in which each row begins."""
        self._places: Mapping[str, int] = {}
        self._header = next((row for row in self._rows if _has_content(row.cells)), None)

    def columns(self) -> dict[str, tuple[int, Declared]]:
        """Return the columns by name: where each stands in a row, and what is declared of it."""
        if self._header is None:
            self._report.add("bad-column", "the file is empty", hint="its first line has the headings of its columns")
            raise Broken
        headings = [cell.strip() for cell in self._header.cells]
        declared = self._data.columns
        if declared is None:
            found = self._by_headings(headings)
        else:
            wanted = {name: column.heading or name for name, column in declared.items()}
            places = {name: self._find(heading, headings) for name, heading in wanted.items()}
            if None in places.values():
                raise Broken
            found = {name: (place, declared[name]) for name, place in places.items() if place is not None}
        self._places = {name: place for name, (place, _) in found.items()}
        return found

    def _by_headings(self, headings: Sequence[str]) -> dict[str, tuple[int, Declared]]:
        """Return a column of texts for each heading, where each is a name."""
        wrong = [heading for heading in headings if not _NAME.fullmatch(heading) or heading in RESERVED]
        if wrong or len(set(headings)) < len(headings):
            self._report.add(
                "bad-column",
                f"`{wrong[0]}` cannot be the name of a column" if wrong else "two columns have the same heading",
                lambda: self._place_of_heading(wrong[0] if wrong else headings[0]),
                f"say which columns are used: columns = {{ {_proposal(headings)} }}",
            )
            raise Broken
        return {heading: (place, Declared()) for place, heading in enumerate(headings)}

    def _find(self, heading: str, headings: Sequence[str]) -> int | None:
        """Return where the column with a heading stands; what looks alike is the same if need be."""
        found = [place for place, each in enumerate(headings) if each == heading]
        found = found or [place for place, each in enumerate(headings) if _folded(each) == _folded(heading)]
        if len(found) == 1:
            return found[0]
        if found:
            what, hint = f"two columns have the heading `{heading}`", "give one of them another heading"
        else:
            what = without_column(heading)
            hint = suggestion(heading, headings) or f"its headings are {', '.join(filter(None, headings[:12]))}"
        self._report.add("bad-column", what, lambda: self._place_of_heading(""), hint)
        return None

    def portions(self) -> Iterator[list[list[str]]]:
        """Yield the rows, all as long as the first one, so many at once."""
        width = len(self._header.cells) if self._header else 0
        rows = (row for row in self._rows if self._is_row(row, width))
        while portion := list(islice(rows, _AT_ONCE)):
            self._numbers.extend(row.number for row in portion)
            yield [row.cells for row in portion]

    def _is_row(self, row: _Line, width: int) -> bool:
        count = len(row.cells)
        if not _has_content(row.cells):
            return False
        if count == width:
            return True
        if count > width and not any(cell.strip() for cell in row.cells[width:]):
            del row.cells[width:]
            return True
        separator = _SPOKEN.get(self._separator, f"`{self._separator}`")
        hint = f"a cell with {separator} in it stands in quotes"
        if count < width:
            hint = f"{separator} stands between two cells, also where one is empty; a title has no place in the file"
        what = f"this row has {count} {'cell' if count == 1 else 'cells'}, but there are {width} headings"
        self._report.add("bad-row", what, lambda: self._line(row.number), hint)
        return False

    def locate(self, row: int, name: str) -> Place:
        """Return where a cell stands: on a line below the first one of its row where a cell before it has several."""
        number = self._numbers[row]
        found = _beginning(islice(self._lines, number - 1, None), self._places[name], self._separator)
        if found is None:
            return self._line(number)
        below, start = found
        text = self._lines[number - 1 + below]
        try:
            cell = next(csv.reader([text[start:]], delimiter=self._separator), [""])[0].strip()
        except csv.Error:
            return self._line(number)
        start = max(text.find(cell, start), start)
        return Place(self._report.file, number + below, start + 1, start + 1 + max(len(cell), 1), text)

    def _read(self) -> Iterator[_Line]:
        """Yield every row; what cannot be read ends it."""
        csv.field_size_limit(LONGEST)
        reader = csv.reader(io.StringIO(self._body, newline=""), delimiter=self._separator, strict=True)
        begin = self._skipped + 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._unreadable(str(error), begin)
                return
            if cells:
                yield _Line(cells, begin)
            begin = self._skipped + reader.line_num + 1

    def _unreadable(self, why: str, begin: int) -> None:
        if "field larger" in why:
            what, hint = "a cell is longer than a million characters", "look for a missing quote"
        else:
            what, hint = "a quote opens or closes in the wrong place", 'a quote within a text is doubled: "say ""hi"""'
        self._report.add("bad-row", what, lambda: self._line(begin), hint)

    @cached_property
    def _lines(self) -> list[str]:
        return io.StringIO(self._text, newline=None).read().split("\n")

    def _line(self, number: int, word: str = "") -> Place:
        return place_in_line(self._report.file, number, self._lines[number - 1], word)

    def _place_of_heading(self, heading: str) -> Place:
        return self._line(self._header.number if self._header else 1, heading)


def _has_content(cells: Sequence[str]) -> bool:
    """Tell whether anything stands in a row."""
    return bool(cells[0].strip()) or any(cell.strip() for cell in cells)


def _separator(text: str, data: Data) -> str:
    """Return what stands between the cells: what gives the most of the headings that are wanted, or the most cells."""
    first = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    wanted = {_folded(column.heading or name) for name, column in (data.columns or {}).items()}

    def fits(separator: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([first], delimiter=separator))
        except (csv.Error, StopIteration):
            return 0, 0
        return len(wanted & {_folded(cell) for cell in cells}), len(cells)

    return max(SEPARATORS, key=fits)


def _folded(heading: str) -> str:
    """Return a heading without what nobody sees: capitals, kinds of spaces, and how accents are put together."""
    return " ".join(unicodedata.normalize("NFC", heading).casefold().split())


def _beginning(lines: Iterable[str], column: int, separator: str) -> tuple[int, int] | None:
    """Return on which of the lines of a row a cell begins, and where; separators within quotes are none."""
    is_quoted, passed = False, 0
    for number, line in enumerate(lines):
        for position, sign in enumerate(line):
            if passed == column:
                return number, position
            if sign == '"':
                is_quoted = not is_quoted
            elif sign == separator and not is_quoted:
                passed += 1
        if passed == column:
            return number, len(line)
        if not is_quoted:
            return None
    return None


def _proposal(headings: Sequence[str]) -> str:
    """Return how columns with such headings can be declared."""
    parts = []
    for place, heading in enumerate(headings[:8], 1):
        folded = re.sub(r"[^a-z0-9]+", "_", heading.casefold()).strip("_")
        name = folded if _NAME.fullmatch(folded) and folded not in RESERVED else f"column_{place}"
        parts.append(f'{name} = "text"' if name == heading else f'{name} = {{ heading = "{heading}" }}')
    return ", ".join(parts)
