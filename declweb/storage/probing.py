"""Whether a database takes what is written: it is written and taken back.

Owns that nothing is changed by it: no table is made or brought up to date. Knows no entry.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, insert

from declweb.storage.database import Database, SqliteDatabase, database_of, told
from declweb.storage.folders import nearest
from declweb.storage.migrations import STEPS
from declweb.storage.settings import StoreSettings
from declweb.storage.tables import LEASES

NAME = "declweb check"
"""Under which something is written."""


def probe(settings: StoreSettings) -> str:
    """Write something, take it back, and return in words how it went; raises StoreDown or StoreTooNew."""
    database = database_of(settings)
    try:
        if database.exists:
            return _tried(database)
        assert isinstance(database, SqliteDatabase), "a server is always there"
        return _tried_elsewhere(database.path, settings)
    finally:
        database.close()


def _tried(database: Database) -> str:
    where = "the file" if isinstance(database, SqliteDatabase) else "PostgreSQL"
    with told(), database.as_it_is() as (connection, steps):
        database.begin(connection, [NAME])
        try:
            _write(connection, steps)
        finally:
            database.roll_back(connection)
    later = "" if steps == len(STEPS) else "; it is brought up to date when the site starts"
    return f"{where} takes what is written{later}"


def _write(connection: Connection, steps: int) -> None:
    if steps == 0:
        connection.exec_driver_sql("CREATE TABLE declweb_check (number INTEGER)")
    else:
        connection.execute(insert(LEASES).values(name=NAME, holder=NAME, until=0.0))


def _tried_elsewhere(path: Path, settings: StoreSettings) -> str:
    """Try it with a database beside where the site's own will be."""
    folder = nearest(path.parent)
    with told(), tempfile.TemporaryDirectory(dir=folder, prefix=".declweb-") as made:
        other = database_of(replace(settings, folder=Path(made), database=None))
        try:
            other.connect().close()
            _tried(other)
        finally:
            other.close()
    return "the file can be made"
