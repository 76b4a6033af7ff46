"""What is really in a store, found without declweb: with sqlite3 and the files themselves.

Owns what a whole entry is. Knows the tables, and nothing of how they come to be filled.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from durability.visitors import Report

SIDE_TABLES = ("uniques", "places", "outbox", "uploads")
BUSY = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site keeps what it was given."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "site.db"

    @property
    def uploads(self) -> Path:
        return self.folder / "uploads"

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Return what a query finds."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=BUSY)) as connection:
            return connection.execute(sql, values).fetchall()

    def receipts_of(self, report: Report) -> list[str]:
        """Return the receipts of the entries that hold a report: one, or none."""
        found = self.rows("SELECT receipt FROM uniques WHERE form = 'report' AND value = ?", report.code.casefold())
        return [str(receipt) for (receipt,) in found]


def losses(place: Place, receipts: Mapping[str, Report]) -> list[str]:
    """Return what is wrong with the entries that visitors have a receipt for: none, half, or another one."""
    if not receipts:
        return []
    found = {
        str(receipt): json.loads(str(content))
        for receipt, content in _of(place, "receipt, content", "entries", receipts)
    }
    files: dict[str, list[tuple[str, str, int]]] = {}
    for receipt, name, digest, size in _of(place, "receipt, id, digest, size", "uploads", receipts):
        files.setdefault(str(receipt), []).append((str(name), str(digest), int(str(size))))
    wrong = []
    for receipt, report in receipts.items():
        if receipt not in found:
            wrong.append(f"{receipt} is lost")
        elif (found[receipt].get("code"), found[receipt].get("message")) != (report.code, report.message):
            wrong.append(f"{receipt} holds something else: {found[receipt]}")
        else:
            wrong += _wrong_files(place, receipt, report, files.get(receipt, []))
    return wrong


def _of(place: Place, columns: str, table: str, receipts: Iterable[str]) -> list[tuple[object, ...]]:
    wanted = json.dumps(list(receipts))
    return place.rows(f"SELECT {columns} FROM {table} WHERE receipt IN (SELECT value FROM json_each(?))", wanted)


def _wrong_files(place: Place, receipt: str, report: Report, files: list[tuple[str, str, int]]) -> list[str]:
    expected = [(report.digest, report.size)] if report.size else []
    if [(digest, size) for _, digest, size in files] != expected:
        return [f"{receipt} says of its files: {files}"]
    for name, digest, _ in files:
        path = place.uploads / name
        if not path.is_file():
            return [f"the file of {receipt} is lost"]
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            return [f"the file of {receipt} has another content"]
    return []


def halves(place: Place) -> list[str]:
    """Return what belongs to no entry, and which entries lack what every report has; orphans are another matter."""
    if not place.database.exists():
        return []
    wrong = []
    for table in SIDE_TABLES:
        found = place.rows(f"SELECT receipt FROM {table} WHERE receipt NOT IN (SELECT receipt FROM entries)")
        wrong += [f"{table} has a row of {receipt}, which is no entry" for (receipt,) in found]
    for table in ("uniques", "places", "outbox"):
        found = place.rows(
            f"SELECT receipt FROM entries AS one WHERE (SELECT count(*) FROM {table} WHERE receipt = one.receipt) != 1"
        )
        wrong += [f"{receipt} has not one row in {table}" for (receipt,) in found]
    twice = place.rows("SELECT value, count(*) FROM uniques GROUP BY form, field, value HAVING count(*) > 1")
    wrong += [f"{value} is stored {count} times" for value, count in twice]
    lacking = [
        str(name) for (name,) in place.rows("SELECT id FROM uploads") if not (place.uploads / str(name)).is_file()
    ]
    return wrong + [f"the file {name} of an entry is lost" for name in lacking]


def orphans(place: Place) -> list[str]:
    """Return the files that belong to no entry, but for those that lie under a visitor's ticket for an hour."""
    if not place.uploads.is_dir():
        return []
    known = {str(name) for (name,) in place.rows("SELECT id FROM uploads")} if place.database.exists() else set()
    folders = (place.uploads, place.uploads / "incoming")
    files = [path for folder in folders if folder.is_dir() for path in folder.iterdir() if path.is_file()]
    return [
        str(path.relative_to(place.uploads)) for path in files if path.name not in known or path.parent != place.uploads
    ]


def damage(place: Place) -> list[str]:
    """Return what SQLite itself finds wrong."""
    return [str(line) for (line,) in place.rows("PRAGMA integrity_check") if line != "ok"]
