"""`[data.NAME]` with `database` and `sql`: rows that are asked for anew, with the parameters of whoever asks.

Owns which kind of database an address names. Knows no page.
"""

from collections.abc import Mapping
from typing import Protocol

from declweb.data.dataset import Dataset
from declweb.data.sql_text import Text
from declweb.files import Folder
from declweb.model.data import Data


class SqlSource(Protocol):
    """What a query gives."""

    name: str
    text: Text

    def now(self, params: Mapping[str, object] = {}) -> Dataset:
        """Return the rows as they are now; raises CannotAsk."""

    def check(self) -> None:
        """Raise CannotAsk where the query could not be asked, whatever its parameters are; it is not run."""

    def close(self) -> None:
        """Close the connections that nobody uses."""


def is_postgresql(database: str) -> bool:
    """Tell whether a database is one on a PostgreSQL server."""
    return database.startswith(("postgresql://", "postgres://", "postgresql+psycopg://"))


def source_of(name: str, data: Data, folder: Folder) -> SqlSource:
    """Return the rows of a `[data.NAME]` with a database; nothing is opened before somebody asks."""
    assert data.database is not None
    if is_postgresql(data.database):
        from declweb.data.postgres import PostgresSource  # noqa: PLC0415 # few sites need it

        return PostgresSource(name, data)
    from declweb.data.sqlite import SqliteSource  # noqa: PLC0415 # few sites need it

    return SqliteSource(name, data, folder)
