"""A copy of all that visitors sent, made while the site runs.

Owns what a copy holds and that it is whole: a database as it was at one moment, and each file that it names. Of SQLite
it is the storage folder itself, to be put in place of a lost one. PostgreSQL has tools of its own for its databases;
the copy then holds every entry and message as JSON lines, to be read by whatever comes later.
"""

import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from declweb.model.storage import DATABASE_FILE, KEY
from declweb.storage.database import Database, SqliteDatabase, told
from declweb.storage.folders import make_folder, sync_folder
from declweb.storage.refusals import StoreDown
from declweb.storage.settings import UPLOADS, StoreSettings
from declweb.storage.tables import ENTRIES, METADATA, OUTBOX, moment_text
from declweb.storage.tables import UPLOADS as UPLOADS_TABLE
from declweb.storage.uploads import UploadFolder

Progress = Callable[[int, int], None]

_AT_ONCE = 1000


def back_up(
    database: Database, uploads: UploadFolder, settings: StoreSettings, target: Path, progress: Progress | None
) -> None:
    """Write the copy beside its place and rename it: a folder of that name is always a whole one.

    Raises FileExistsError where there is something already.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(f"{target} is there already")
    with told():
        make_folder(target.parent.absolute())
        part = target.with_name(f".{target.name}-{secrets.token_hex(4)}.part")
        try:
            _write(database, uploads, settings, part, progress or (lambda _done, _all: None))
            if target.exists():
                target.rmdir()
            part.rename(target)
            sync_folder(target.parent.absolute())
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise


def _write(database: Database, uploads: UploadFolder, settings: StoreSettings, part: Path, progress: Progress) -> None:
    make_folder(part / UPLOADS)
    names = (
        _copy_sqlite(database, part / DATABASE_FILE)
        if isinstance(database, SqliteDatabase)
        else _export(database, part)
    )
    missing = []
    for done, name in enumerate(names):
        progress(done, len(names))
        if not _copy_file(uploads.path(name), part / UPLOADS / name):
            missing.append(name)
    progress(len(names), len(names))
    _settle(database, part, missing)
    _copy_file(settings.key_file, part / KEY)
    for folder in (part / UPLOADS, part):
        sync_folder(folder)


def _copy_sqlite(database: SqliteDatabase, copy: Path) -> list[str]:
    """Copy the database in one step, which writers do not wait for; return the files that it names."""
    database.connect().close()
    os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(database.path)) as source, closing(sqlite3.connect(copy)) as into:
        source.backup(into)
        into.execute("PRAGMA journal_mode = DELETE")  # one file, also for those who look into it
        (found,) = into.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            raise StoreDown(f"the copy is damaged: {found}")
        names = [name for (name,) in into.execute("SELECT id FROM uploads ORDER BY id")]
    _sync(copy)
    return names


def _export(database: Database, part: Path) -> list[str]:
    """Write every row of entries, uploads and outbox as of one moment, a file for each."""
    names = []
    with database.reading() as connection:
        connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            for table in (ENTRIES, UPLOADS_TABLE, OUTBOX):
                with (part / f"{table.name}.jsonl").open("w", encoding="utf-8") as file:
                    os.fchmod(file.fileno(), 0o600)
                    for row in _all_rows(connection, table):
                        file.write(f"{json.dumps(row, ensure_ascii=False, default=moment_text)}\n")
                        if table is UPLOADS_TABLE:
                            names.append(row["id"])
                    file.flush()
                    os.fsync(file.fileno())
        finally:
            connection.exec_driver_sql("ROLLBACK")
    return names


def _all_rows(connection: Connection, table: Table) -> Iterator[Mapping[str, Any]]:
    key = table.c.id if table is UPLOADS_TABLE else table.c.number
    statement = wanted = select(table).order_by(key).limit(_AT_ONCE)
    while True:
        rows = connection.execute(statement).mappings().all()
        yield from map(dict, rows)
        if len(rows) < _AT_ONCE:
            return
        statement = wanted.where(key > rows[-1][key])


def _settle(database: Database, part: Path, missing: Iterable[str]) -> None:
    """See to entries that were deleted, with their files, while the copy was made: they are not in it either."""
    missing = list(missing)
    if not missing:
        return
    with database.reading() as connection:
        still = set(connection.execute(select(UPLOADS_TABLE.c.id).where(UPLOADS_TABLE.c.id.in_(missing))).scalars())
    if still:
        raise StoreDown(f"{len(still)} files of entries are missing, {min(still)} for one")
    if not isinstance(database, SqliteDatabase):
        return
    with closing(sqlite3.connect(part / DATABASE_FILE)) as copy:
        for name in missing:
            (receipt,) = copy.execute("SELECT receipt FROM uploads WHERE id = ?", (name,)).fetchone() or ("",)
            for table in METADATA.sorted_tables:
                if "receipt" in table.c:
                    copy.execute(f"DELETE FROM {table.name} WHERE receipt = ?", (receipt,))  # noqa: S608 # our own name
        copy.commit()
    _sync(part / DATABASE_FILE)


def _copy_file(path: Path, copy: Path) -> bool:
    """Copy a file durably, as readable by its owner alone; False if there is none."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return False
    with source, os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as into:
        shutil.copyfileobj(source, into)
        into.flush()
        os.fsync(into.fileno())
    return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
