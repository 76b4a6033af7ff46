"""The database's connections, and what SQLite and PostgreSQL do differently.

Owns how a connection is opened, made durable and made up to date, how a transaction begins and ends, and which foreign
exceptions mean that the store is down. Knows no entry.
"""

import contextlib
import hashlib
import os
import random
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

import sqlalchemy
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from declweb.forking import GATE
from declweb.model.storage import DATABASE_FILE
from declweb.storage.folders import make_folder
from declweb.storage.migrations import STEPS, migrate, present
from declweb.storage.refusals import StoreDown
from declweb.storage.settings import StoreSettings

PATIENCE = 10.0
"""Seconds to wait for somebody else's lock."""

READERS = 32
"""Connections that may read at once."""

_FILE = "declweb file"
"""Where a connection remembers which file it opened; others may have opened a newer one of that name since."""


def down(error: BaseException) -> StoreDown:
    """Return what a failure means for callers, in the database's own words, without statement and values."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    words = str(cause).strip().splitlines() or [type(cause).__name__]
    return StoreDown(words[0])


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Let failures of the database, of the disk and of the network come out as StoreDown."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise down(error) from error


class Database:
    """One database; connects when it must. Belongs to one process."""

    grace: ClassVar[float] = 0
    """Seconds that it may take to do what a process asked of it before it was killed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_ready = False
        self._lock = Lock()

    def connect(self) -> Connection:
        """Return a new connection for writing, in autocommit mode; the tables are there and up to date."""
        connection = self._engine.connect()
        try:
            self._make_ready(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def as_it_is(self) -> Iterator[tuple[Connection, int]]:
        """Lend a new connection to a database whose tables are as they are, with how many steps it has had."""
        with self._engine.connect() as connection:
            yield connection, present(connection)

    def _make_ready(self, connection: Connection) -> None:
        with self._lock:
            if not self._is_ready:
                if present(connection) < len(STEPS):
                    self.begin(connection, ["declweb"])
                    try:
                        migrate(connection)
                        self.commit(connection)
                    except BaseException:
                        self.roll_back(connection)
                        raise
                self._is_ready = True

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection for reading."""
        with told(), GATE:
            if not self._is_ready:
                self.connect().close()
            with self._lend() as connection:
                yield connection

    def _lend(self) -> Connection:
        raise NotImplementedError

    def begin(self, connection: Connection, names: Iterable[str], deadline: float | None = None) -> None:
        """Begin a transaction in which nobody else changes what has these names."""
        raise NotImplementedError

    def commit(self, connection: Connection) -> None:
        """End a transaction; when this returns, it is on disk."""
        connection.exec_driver_sql("COMMIT")

    def roll_back(self, connection: Connection) -> None:
        """End a transaction as if it had not begun; where that fails, closing the connection does it."""
        with contextlib.suppress(SQLAlchemyError, sqlite3.Error):
            connection.exec_driver_sql("ROLLBACK")

    def is_current(self, connection: Connection) -> bool:
        """Tell whether a connection still leads to the database."""
        return not connection.closed and not connection.invalidated

    def was_opened_in_vain(self, error: Exception) -> bool:
        """Tell whether nothing could be written because of how connections were opened: new ones may do better."""
        return False

    @property
    def exists(self) -> bool:
        """Whether there is a database to read, without making one."""
        return True

    def close(self) -> None:
        """Close all connections that are not in use."""
        raise NotImplementedError


class SqliteDatabase(Database):
    """A file with a write-ahead log that is synced at every commit."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: tuple[int, int] | None = None
        super().__init__(_sqlite_engine(path, NullPool))
        self._reading = _sqlite_engine(
            path, QueuePool, pool_size=4, max_overflow=READERS - 4, pool_timeout=PATIENCE, pool_reset_on_return=None
        )

    def connect(self) -> Connection:
        """Return a new connection for writing; another file of the same name is another database."""
        before = self._identity()
        if before != self._file:
            self._is_ready = False
            self._reading.dispose()
        connection = super().connect()
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")  # `begin` waits, and does so better
        self._file = self._identity()
        connection.info[_FILE] = self._file if before is None else before
        return connection

    def _lend(self) -> Connection:
        if self._identity() != self._file:
            self.connect().close()
        return self._reading.connect()

    def begin(self, connection: Connection, names: Iterable[str], deadline: float | None = None) -> None:
        """Take the one lock for writing; asks for it more often than SQLite itself would, so that it is never idle."""
        end = time.monotonic() + PATIENCE if deadline is None else deadline
        wait = 0.0002
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except DBAPIError as error:
                if not _is_busy(error.orig) or time.monotonic() > end:
                    raise
            else:
                return
            time.sleep(wait * random.SystemRandom().uniform(0.5, 1))
            wait = min(wait * 1.5, 0.005)

    def is_current(self, connection: Connection) -> bool:
        """Tell whether the file that this connection opened is still the one of that name."""
        return super().is_current(connection) and self._identity() == connection.info.get(_FILE)

    def _identity(self) -> tuple[int, int] | None:
        """Tell this file from another one of the same name: who restores a copy must not write to the old one."""
        try:
            status = os.stat(self.path)  # noqa: PTH116 # asked for every group
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def was_opened_in_vain(self, error: Exception) -> bool:
        """Tell whether the folder was read-only when connections were opened, and close those for reading.

        Connections of one process share the log's index, and it stays read-only for as long as one of them is open.
        """
        code = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0)
        is_read_only = isinstance(code, int) and code & 0xFF == sqlite3.SQLITE_READONLY
        if is_read_only:
            self._reading.dispose()
        return is_read_only

    @property
    def exists(self) -> bool:
        """Whether there is a file."""
        return self.path.exists()

    def close(self) -> None:
        """Close the connections for reading."""
        self._reading.dispose()


class PostgresqlDatabase(Database):
    """A database on a server."""

    grace = 60

    def __init__(self, url: URL) -> None:
        usual: dict[str, Any] = {
            "connect_timeout": "10",
            "keepalives_idle": "30",
            "keepalives_interval": "5",
            "keepalives_count": "3",
            "tcp_user_timeout": "20000",
            "application_name": "declweb",
        }
        usual = {name: value for name, value in usual.items() if name not in url.query}
        options = f"-c lock_timeout={PATIENCE:.0f}s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"
        if "options" not in url.query:
            usual["options"] = options
        engine = create_engine(
            url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=usual, hide_parameters=True
        )
        sqlalchemy.event.listen(engine, "connect", _durable)
        super().__init__(engine)
        self._reading = create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            connect_args=usual,
            hide_parameters=True,
            pool_size=4,
            max_overflow=READERS - 4,
            pool_timeout=PATIENCE,
            pool_pre_ping=True,
        )

    def _lend(self) -> Connection:
        return self._reading.connect()

    def begin(self, connection: Connection, names: Iterable[str], deadline: float | None = None) -> None:
        """Take a lock for each name, always in the same order, so that no two wait for each other."""
        connection.exec_driver_sql("BEGIN")
        for key in sorted(map(_lock_number, names)):
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (key,))

    def commit(self, connection: Connection) -> None:
        """End a transaction; PostgreSQL takes the COMMIT of a failed one, and rolls it back without a complaint."""
        said = connection.connection.driver_connection.info.transaction_status.name  # type: ignore[union-attr] # it is connected
        if said != "INTRANS":
            raise StoreDown(f"there is nothing to commit: {said}")
        super().commit(connection)

    def close(self) -> None:
        """Close the connections for reading."""
        self._reading.dispose()


def database_of(settings: StoreSettings) -> Database:
    """Return the database that settings name; raises StoreDown where that is none."""
    if settings.database is None:
        return SqliteDatabase(settings.folder / DATABASE_FILE)
    try:
        url = make_url(settings.database)
    except (SQLAlchemyError, ValueError) as error:
        raise StoreDown("the database's URL cannot be read") from error
    if url.get_backend_name() == "sqlite":
        return SqliteDatabase(settings.folder.parent / (url.database or DATABASE_FILE))
    if url.get_backend_name() in {"postgresql", "postgres"}:
        try:
            return PostgresqlDatabase(url.set(drivername="postgresql+psycopg"))
        except ImportError as error:
            raise StoreDown("PostgreSQL needs psycopg: pip install 'declweb[postgresql]'") from error
    raise StoreDown(f"a database is `postgresql://…` or `sqlite:///…`, not `{url.get_backend_name()}`")


def _sqlite_engine(path: Path, poolclass: type[sqlalchemy.Pool], **options: Any) -> Engine:
    def connect() -> sqlite3.Connection:
        _make_file(path)
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            _make_durable(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=poolclass, hide_parameters=True, **options)


def _make_file(path: Path) -> None:
    """Make an empty file that nobody else may read; SQLite gives its log the same mode, and syncs the folder."""
    if not path.exists():
        make_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def _make_durable(connection: sqlite3.Connection) -> None:
    mode = _begin_log(connection)
    if mode != "wal":
        raise sqlite3.OperationalError(f"the file system allows no write-ahead log (journal_mode is {mode})")
    connection.execute("PRAGMA synchronous = FULL")


def _begin_log(connection: sqlite3.Connection) -> str:
    """Return the journal's mode; while another process begins its log, SQLite refuses and does not wait by itself."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > end:
                raise
        time.sleep(0.005)


def _is_busy(error: BaseException | None) -> bool:
    code = getattr(error, "sqlite_errorcode", 0)
    return isinstance(code, int) and code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _lock_number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"declweb {name}".encode()).digest()[:8], "big", signed=True)


def _durable(connection: Any, _record: object) -> None:
    """Have a commit wait for the disk also where the server's own default does not."""
    with connection.cursor() as cursor:
        if cursor.execute("SHOW synchronous_commit").fetchone()[0] == "off":
            cursor.execute("SET synchronous_commit = on")
