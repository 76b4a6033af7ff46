"""What a store has in each process: connections, the thread that writes, and the site's key.

Owns that a store survives forks and failures, and how work is done in a transaction. Knows nothing of what is stored.
"""

import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from declweb.storage.refusals import StoreDown
from declweb.storage.search import folded
from declweb.storage.secret import derived, site_key
from declweb.storage.settings import StoreSettings
from declweb.storage.uploads import UploadFolder

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from declweb.storage.database import Database
    from declweb.storage.tidying import Tidier
    from declweb.storage.writer import Task

T = TypeVar("T")


class Process:
    """What a store has in one process: connections are never shared with another one."""

    def __init__(self, settings: StoreSettings) -> None:
        from declweb.storage.database import database_of
        from declweb.storage.writer import Writer

        self.pid = os.getpid()
        self.name = f"{os.uname().nodename}-{self.pid}-{secrets.token_hex(4)}"
        self.database: Database = database_of(settings)
        self.writer = Writer(self.database, _write_group)
        self.tidier: Tidier | None = None


class BaseStore:
    """What every part of a store works with."""

    def __init__(self, settings: StoreSettings) -> None:
        self.settings = settings
        self.uploads = UploadFolder(settings.uploads_folder)
        self.bells: list[Callable[[], None]] = []
        """Rung as soon as this process has stored something that is to be delivered."""
        self._current: Process | None = None
        self._lock = threading.Lock()
        self._tend: Callable[[Process], None] | None = None
        """What begins in each process that serves."""
        self._visitors_key: bytes | None = None
        self._abandoned: list[Process] = []

    @property
    def exists(self) -> bool:
        """Whether there is anything to read, without making it."""
        return self._process().database.exists

    def prepare(self) -> None:
        """Make the folder, the key and the tables, or bring the tables up to date. Done by itself on first use."""
        self._key()
        with self._process().database.reading():
            return

    def stop(self) -> None:
        """End what tends this store, and close all connections. The next use opens them again."""
        self._tend = None
        with self._lock:
            process, self._current = self._current, None
        if process is not None and process.pid == os.getpid():
            if process.tidier is not None:
                process.tidier.stop()
            process.writer.close()
            process.database.close()

    def before_fork(self) -> None:
        """Close all connections that are not in use: they would be the child's as well."""
        process = self._current
        if process is not None and process.pid == os.getpid():
            process.writer.close()
            process.database.close()

    def after_fork(self) -> None:
        """Begin anew in a child."""
        self._lock = threading.Lock()
        self.uploads.after_fork()

    def visitor(self, address: str, user_agent: str = "") -> str:
        """Return what stands for a visitor in the store: a hash that nobody without the site's key can make."""
        told = f"{address}\n{user_agent}".encode(errors="replace")
        return hmac.digest(self._key(), told, hashlib.sha256).hex()[:32]

    def address_mark(self, address: str) -> str:
        """Return what stands for an address in audits: a hash that nobody without the site's key can make."""
        told = f"address\n{folded(address.strip())}".encode(errors="replace")
        return hmac.digest(self._key(), told, hashlib.sha256).hex()[:32]

    def _process(self) -> Process:
        process = self._current
        if process is None or process.pid != os.getpid():
            with self._lock:
                process = self._current
                if process is None or process.pid != os.getpid():
                    if process is not None:
                        self._abandoned.append(process)  # the parent's connections: neither used nor closed
                    process = self._current = Process(self.settings)
            if (tend := self._tend) is not None:
                tend(process)
        return process

    def _key(self) -> bytes:
        key = self._visitors_key
        if key is None:
            try:
                key = self._visitors_key = derived(site_key(self.settings.key_file), "visitors")
            except OSError as error:
                raise StoreDown(f"the site's key: {error}") from error
        return key

    def _read(self, work: "Callable[[Connection], T]") -> T:
        with self._process().database.reading() as connection:
            return work(connection)

    def _write(self, work: "Callable[[Connection], T]", *names: str) -> T:
        from declweb.storage.writer import Task

        return self._process().writer.write(Task(work, names))

    def _ring(self) -> None:
        for bell in tuple(self.bells):
            bell()


def _write_group(connection: "Connection", tasks: "Sequence[Task[Any]]") -> None:
    """Do what a group wants: entries together, anything else one by one."""
    from declweb.storage.adding import Adding, add_many
    from declweb.storage.writer import run_in_savepoint

    adding = [task for task in tasks if isinstance(task, Adding)]
    if adding:
        add_many(connection, adding)
    for task in tasks:
        if not isinstance(task, Adding):
            run_in_savepoint(connection, task)
