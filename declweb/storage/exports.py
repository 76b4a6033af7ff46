"""Entries as tables and lines for other programs: CSV, XLSX, JSON lines.

Owns what stands in a cell, and that no cell does anything in a spreadsheet. Knows neither store nor command line.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import IO, Any

from declweb.model.fields import NUMBERS
from declweb.storage.entry import Entry, Json

ABOUT = ("receipt", "created", "language", "status", "points", "reasons")
"""Columns that every entry has, before its fields; `form` before them where there are several."""

SEPARATOR = "; "
"""What stands between several answers in one cell."""

LONGEST = 32_767
"""Characters that a cell of a spreadsheet may have, in UTF-16."""

ROWS = 1_048_576
"""Rows that a sheet may have."""

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_EXACT = 2**53

Cell = bool | int | float | str
Writing = Callable[[Iterable[Entry], Sequence[str], tzinfo, IO[bytes]], int]


def cells(entry: Entry, names: Iterable[str]) -> list[Cell]:
    """Return what an entry has in the columns of these fields."""
    files: dict[str, list[str]] = {}
    for upload in entry.uploads:
        files.setdefault(upload.field, []).append(upload.name)
    told = entry.told
    return [SEPARATOR.join(files[name]) if name in files else _cell(told.get(name)) for name in names]


def _cell(value: Json) -> Cell:
    if value is None:
        return ""
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return SEPARATOR.join(str(_cell(each)) for each in value)


def _about(entry: Entry, zone: tzinfo) -> list[Cell]:
    return [
        entry.receipt,
        entry.created.astimezone(zone).isoformat(timespec="seconds"),
        entry.language,
        entry.status,
        entry.points,
        SEPARATOR.join(entry.reasons),
    ]


def write_csv(entries: Iterable[Entry], names: Sequence[str], zone: tzinfo, to: IO[bytes]) -> int:
    """Write CSV in UTF-8 (RFC 4180); text that a spreadsheet would take for a formula gets a `'` before it."""
    text = io.TextIOWrapper(to, encoding="utf-8", newline="", write_through=True)
    try:
        writer = csv.writer(text)
        writer.writerow([*ABOUT, *names])
        for entry in entries:
            numbers = {field.name for field in entry.fields if field.type in NUMBERS}
            row = [_guarded(cell, is_number=name in numbers) for name, cell in _named(entry, names)]
            writer.writerow([*map(_guarded, _about(entry, zone)), *row])
    finally:
        text.detach()
    return 0


def _named(entry: Entry, names: Sequence[str]) -> Iterable[tuple[str, Cell]]:
    return zip(names, cells(entry, names), strict=True)


def _guarded(cell: Cell, *, is_number: bool = False) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if not isinstance(cell, str) or (is_number and _NUMBER.fullmatch(cell)):
        return str(cell)
    return f"'{cell}" if _FORMULA.match(cell) else cell


def write_jsonl(entries: Iterable[Entry], names: Sequence[str], zone: tzinfo, to: IO[bytes]) -> int:
    """Write a JSON object on a line for each entry, nothing left out but passwords."""
    for entry in entries:
        to.write(f"{json.dumps(as_json(entry), ensure_ascii=False)}\n".encode())
    return 0


def write_json(entries: Iterable[Entry], names: Sequence[str], zone: tzinfo, to: IO[bytes]) -> int:
    """Write one JSON list with an object for each entry, nothing left out but passwords."""
    before = "[\n"
    for entry in entries:
        to.write(f"{before}{json.dumps(as_json(entry), ensure_ascii=False)}".encode())
        before = ",\n"
    to.write(b"[]\n" if before == "[\n" else b"\n]\n")
    return 0


def as_json(entry: Entry, copies: Mapping[str, str] | None = None) -> dict[str, Json]:
    """Return an entry for programs; `copies` are the names of its files where they lie beside it, by their ids."""
    copies = copies or {}
    return {
        "form": entry.form,
        "receipt": entry.receipt,
        "created": entry.created.isoformat(),
        "language": entry.language,
        "status": entry.status,
        "points": entry.points,
        "reasons": list(entry.reasons),
        "values": entry.told,
        "files": [
            {
                "id": upload.id,
                "field": upload.field,
                "name": upload.name,
                "media_type": upload.media_type,
                "size": upload.size,
                "sha256": upload.digest,
                **({"copy": copies[upload.id]} if upload.id in copies else {}),
            }
            for upload in entry.uploads
        ],
    }


def write_xlsx(entries: Iterable[Entry], names: Sequence[str], zone: tzinfo, to: IO[bytes]) -> int:
    """Write a spreadsheet in which every text is a text; return how many cells were too long and were cut."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped] # noqa: PLC0415 # for this format alone

    options = {"constant_memory": True, "in_memory": False, "default_date_format": "yyyy-mm-dd hh:mm:ss"}
    book = Workbook(to, {**options, "strings_to_formulas": False, "strings_to_urls": False})
    heading = book.add_format({"bold": True})
    cut = 0
    sheet: Any = None
    row = ROWS
    for entry in entries:
        if row == ROWS:
            sheet, row = _sheet(book, names, heading), 1
        for column, cell in enumerate([*_about(entry, zone), *cells(entry, names)]):
            if column == 1:
                sheet.write_datetime(row, column, entry.created.astimezone(zone).replace(tzinfo=None))
            else:
                cut += _write_cell(sheet, row, column, cell)
        row += 1
    if sheet is None:
        _sheet(book, names, heading)
    book.close()
    return cut


def _sheet(book: Any, names: Sequence[str], heading: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for column, name in enumerate([*ABOUT, *names]):
        sheet.set_column(column, column, 20)
        sheet.write_string(0, column, name, heading)
    return sheet


def _write_cell(sheet: Any, row: int, column: int, cell: Cell) -> int:
    """Write a cell as what it is; return 1 if it was cut."""
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, (int, float)) and abs(cell) <= _EXACT:
        sheet.write_number(row, column, cell)
    else:
        text = str(cell)
        if len(text.encode("utf-16-le")) > 2 * LONGEST:
            sheet.write_string(row, column, text.encode("utf-16-le")[: 2 * LONGEST].decode("utf-16-le", "ignore"))
            return 1
        sheet.write_string(row, column, text)
    return 0


FORMATS: Mapping[str, Writing] = {"csv": write_csv, "json": write_json, "jsonl": write_jsonl, "xlsx": write_xlsx}
"""The formats that entries are exported in, and what writes each."""
