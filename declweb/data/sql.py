"""`[data.NAME]` with `database` and `sql`: rows that are asked for anew, with the parameters of whoever asks.

Owns which kind of database an address names. Knows no page.
"""

from collections.abc import Mapping
from typing import Protocol
from zoneinfo import ZoneInfo

from declweb.data.asking import NOTHING
from declweb.data.dataset import Column, Dataset
from declweb.data.sql_text import Text
from declweb.files import Folder
from declweb.model.data import Data


class SqlSource(Protocol):
    """What a query gives."""

    name: str
    text: Text
    changes: bool
    params: Mapping[str, str]

    def now(self, values: Mapping[str, object] = NOTHING) -> Dataset:
        """Return the rows as they are now; raises CannotAsk, and ValueError for what a parameter cannot be."""

    def find_columns(self) -> tuple[Column, ...]:
        """Return the columns, without asking for rows; raises CannotAsk where the query can never be asked."""

    def stamp(self) -> object:
        """Return what is another one when the rows may have changed."""

    def close(self) -> None:
        """Close the connections that nobody uses."""


def is_postgresql(database: str) -> bool:
    """Tell whether a database is one on a PostgreSQL server."""
    return database.startswith(("postgresql://", "postgres://", "postgresql+psycopg://"))


def source_of(
    name: str, data: Data, folder: Folder, timezone: str, columns: tuple[Column, ...] | None = None
) -> SqlSource:
    """Return the rows of a `[data.NAME]` with a database; nothing is opened before somebody asks.

    The time zone is that of moments which do not say theirs. Columns that are known are not looked for.
    """
    assert data.database is not None
    zone = ZoneInfo(timezone)
    if is_postgresql(data.database):
        from declweb.data.postgres import PostgresSource  # noqa: PLC0415 # few sites need it

        return PostgresSource(name, data, zone, columns)
    from declweb.data.sqlite import SqliteSource  # noqa: PLC0415 # few sites need it

    return SqliteSource(name, data, folder, zone, columns)
