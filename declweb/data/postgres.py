"""Rows of a PostgreSQL database, which is only ever read.

Owns how a query is asked there: in a transaction that reads only, with a limit of time. Knows no site.
"""

import select
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from declweb.data.asking import CLOCK, NOTHING, CannotAsk, Kind, Pool
from declweb.data.dataset import Cell, Column, Dataset
from declweb.data.sql_cells import bound, columns_of, dataset_of, fetched
from declweb.data.sql_text import Text
from declweb.model.data import Data

if TYPE_CHECKING:
    import psycopg

USUAL = {
    "connect_timeout": "5",
    "keepalives_idle": "30",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
    "application_name": "declweb data",
}
"""How connections are made, where the address does not say it."""

_KINDS = {
    "bool": "yes/no",
    "int2": "integer",
    "int4": "integer",
    "int8": "integer",
    "numeric": "number",
    "float4": "number",
    "float8": "number",
    "date": "date",
    "time": "time",
    "timestamp": "datetime",
    "timestamptz": "datetime",
}
"""The types of the site file, by those of PostgreSQL; everything else is text."""

_READING_ONLY = {"25001", "25006", "42809", "42501", "0A000"}
"""What PostgreSQL says (SQLSTATE) of a query that does more than read, or more than this user may."""

_CURSOR = "declweb"

AT_ONCE = 200
"""Rows that the server sends at once."""


class _Lost(CannotAsk):
    """A connection was lost."""


class PostgresSource:
    """What a query gives of a database on a server."""

    changes = True

    def __init__(self, name: str, data: Data, zone: tzinfo = UTC, columns: tuple[Column, ...] | None = None) -> None:
        assert data.database is not None
        assert data.sql is not None
        self.name, self._data, self._zone, self._columns = name, data, zone, columns
        self.params: Mapping[str, str] = data.params
        self._url = "postgresql://" + data.database.partition("://")[2]
        self.text = Text(data.sql, is_postgresql=True)
        self._pool: Pool[psycopg.Connection[Any]] = Pool(self._open, lambda connection: connection.close())

    def now(self, values: Mapping[str, object] = NOTHING) -> Dataset:
        """Return the rows as they are now; raises CannotAsk, and ValueError for what a parameter cannot be."""
        params = bound(self._data, self.text.parameters, values, self._zone)
        try:
            return self._rows(params)
        except _Lost:  # the server ended connections that nobody used: new ones may do better
            self._pool.close()
            return self._rows(params)

    def _rows(self, params: Mapping[str, Cell]) -> Dataset:
        with self._asking() as connection, connection.cursor(_CURSOR) as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(self._spelt(self.text.written), params)
            kinds = self._described(cursor)
            rows = fetched(self._data, cursor)
        columns = self._columns or columns_of(self._data, kinds)
        return dataset_of(self.name, columns, [name for name, _ in kinds], rows, self._zone)

    def find_columns(self) -> tuple[Column, ...]:
        """Return the columns, without making any row; raises CannotAsk where the query can never be asked."""
        with self._asking() as connection, connection.cursor(_CURSOR) as cursor:
            cursor.execute(self._spelt(self.text.written), dict.fromkeys(self.text.parameters))
            return columns_of(self._data, self._described(cursor))

    def stamp(self) -> object:
        """Return always another one: nobody says when there is something new."""
        return object()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._pool.close()

    def _spelt(self, sql: str) -> bytes:
        """Return a query as the driver reads it; it sends values apart from it."""
        doubled = self.text.rewritten(lambda name: f"%({name})s", lambda rest: rest.replace("%", "%%"))
        return (doubled if self.text.parameters else sql.replace("%", "%%")).encode()

    @staticmethod
    def _described(cursor: Any) -> list[tuple[str, str]]:
        types = cursor.connection.adapters.types
        names = [(column.name, types.get(column.type_code)) for column in cursor.description]
        return [(name, _KINDS.get(kind.name if kind else "", "text")) for name, kind in names]

    @contextmanager
    def _asking(self) -> "Iterator[psycopg.Connection[Any]]":
        """Lend a connection within a transaction, and let all that goes wrong come out as CannotAsk."""
        try:
            import psycopg  # noqa: PLC0415 # few sites need it
        except ImportError as error:
            raise CannotAsk("unreachable", "PostgreSQL needs psycopg", "pip install 'declweb[postgresql]'") from error
        self.text.check()
        limit, used = self._data.time_limit, None
        try:
            with self._pool.lend(limit, _is_open) as connection:
                used = connection
                with (
                    CLOCK.limit(limit, lambda: connection.cancel_safe(timeout=1)),
                    connection.transaction(force_rollback=True),
                ):
                    connection.execute(f"SET LOCAL statement_timeout = {round(limit * 1000) + 100}")
                    connection.execute("SELECT set_config('timezone', %s, true)", (str(self._zone),))
                    yield connection
        except psycopg.Error as error:
            told = self._told(error)
            raise (_Lost(told.kind, told.message) if told.kind == "unreachable" and used else told) from error

    def _open(self) -> "psycopg.Connection[Any]":
        import psycopg  # noqa: PLC0415 # few sites need it

        said = psycopg.conninfo.conninfo_to_dict(self._url)
        usual: dict[str, Any] = {name: value for name, value in USUAL.items() if name not in said}
        connection: psycopg.Connection[Any] = psycopg.connect(self._url, **usual)
        connection.read_only = True
        connection.autocommit = False
        connection.prepare_threshold = None
        return connection

    def _told(self, error: "psycopg.Error") -> CannotAsk:
        """Return what a failure means, in words for those who run the site."""
        said = self._discreet(error.diag.message_primary or (str(error).strip().splitlines() or ["no answer"])[0])
        if error.sqlstate is None or error.sqlstate[:2] in {"08", "28", "3D", "53", "57"}:
            return CannotAsk("unreachable", f"the database cannot be reached: {said}")
        if error.sqlstate in _READING_ONLY or "cursor" in said:
            return CannotAsk("refused", f"PostgreSQL refuses the query: {said}", "databases are only read")
        word = self._word(error)
        kind: Kind = "broken" if error.sqlstate[:2] == "42" else "cell"
        return CannotAsk(kind, f"PostgreSQL cannot answer the query: {said}", error.diag.message_hint, word=word)

    def _word(self, error: "psycopg.Error") -> str:
        """Return the word of the query that is meant."""
        found = [part for part in (error.diag.message_primary or "").split('"')[1::2] if part in self.text.written]
        return found[0] if found else ""

    def _discreet(self, said: str) -> str:
        password = urlsplit(self._url).password
        return said.replace(password, "…").replace(unquote(password), "…") if password else said


def _is_open(connection: "psycopg.Connection[Any]") -> bool:
    """Tell whether a connection that nobody uses still leads somewhere: the server only speaks up to end it."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
