"""Writing: whoever has something to write waits until it is committed, and those who wait are committed together.

Owns groups, their one transaction, and what each of their members is told. One thread of a process writes at a time:
the first of those that wait, for all of them. So there is no thread that could die unnoticed, and while one group is
being synced the next one gathers. Knows no entry.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from declweb.forking import GATE
from declweb.storage.database import PATIENCE, Database, down
from declweb.storage.refusals import StoreDown, StoreTooNew

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

MOST = 256
"""Members of one group."""

PAUSES = (0.0, 0.05, 0.2)
"""Seconds before each new connection, where the old one cannot be written with: others may have to be closed first."""

LEAST = PATIENCE / 2
"""Seconds that a group waits for a lock, however long its first member has waited."""


class Task(Generic[T]):
    """One thing to write, and what came of it."""

    __slots__ = ("_result", "_sleep", "error", "forms", "is_next", "work")

    def __init__(self, work: Callable[[Connection], T], forms: Sequence[str] = ()) -> None:
        self.work = work
        self.forms = forms
        """What nobody else may change meanwhile."""
        self._sleep = Lock()
        """Held while whoever waits for this has nothing to do; an Event would be a dozen calls around such a lock."""
        self._sleep.acquire()
        self.is_next = False
        """Whether whoever waits for this is to write the next group."""
        self._result: T | None = None
        self.error: BaseException | None = None

    @property
    def is_asleep(self) -> bool:
        """Whether whoever waits for this has not been woken."""
        return self._sleep.locked()

    def sleep(self, seconds: float = -1) -> bool:
        """Wait to be woken, for so many seconds at most; tell whether that came."""
        return self._sleep.acquire(timeout=seconds)

    def wake(self) -> None:
        """Wake whoever waits for this."""
        if self.is_asleep:
            self._sleep.release()

    def succeed(self, result: Any) -> None:
        """Note what came of it; it counts once the group is committed."""
        self._result = result
        self.error = None

    def result(self) -> T:
        """Return what came of it, or raise why nothing did."""
        if self.error is not None:
            raise self.error
        return self._result  # type: ignore[return-value] # it was set, if only to None


class Writer:
    """Commits what all threads of a process want to write."""

    def __init__(self, database: Database, do: Callable[[Connection, Sequence[Task[Any]]], None]) -> None:
        self._database = database
        self._do = do
        """Does what a group wants, within its transaction, and notes what came of each task."""
        self._connection: Connection | None = None
        self._lock = Lock()
        self._waiting: deque[Task[Any]] = deque()
        self._is_writing = False
        self.groups = 0
        """Transactions so far."""
        self.members = 0
        """Tasks so far."""

    def write(self, task: Task[T]) -> T:
        """Return a task's result once it is on disk; raises its refusal, or StoreDown."""
        deadline = time.monotonic() + PATIENCE
        with GATE:
            with self._lock:
                self._waiting.append(task)
                is_mine = not self._is_writing
                self._is_writing = True
            if not is_mine:
                is_mine = self._wait(task, deadline)
            if is_mine:
                self._write_group(deadline)
        return task.result()

    def close(self) -> None:
        """Close the connection unless it is in use; the next group opens another."""
        with self._lock:
            if self._is_writing:
                return
            self._is_writing = True
        try:
            self._drop()
        finally:
            self._hand_over()

    def _wait(self, task: Task[T], deadline: float) -> bool:
        """Wait until a task is committed or it is this thread's turn to write; tell which."""
        try:
            if not task.sleep(max(0.0, deadline - time.monotonic())):
                self._check_taken(task)
                task.sleep()  # it is being written now, and whoever does it has a deadline
        except BaseException:
            self._give_up(task)
            raise
        return task.is_next

    def _check_taken(self, task: Task[Any]) -> None:
        with self._lock:
            if task.is_asleep and task in self._waiting:
                raise StoreDown(f"those before it were not written within {PATIENCE:.0f} s")

    def _give_up(self, task: Task[Any]) -> None:
        """Forget a task that nobody waits for any more."""
        with self._lock:
            if task in self._waiting:
                self._waiting.remove(task)
        if task.is_next:
            self._hand_over()

    def _write_group(self, deadline: float) -> None:
        with self._lock:
            group = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
        try:
            self._commit(group, deadline)
        except BaseException as error:
            reason = error if isinstance(error, (StoreDown, StoreTooNew)) else down(error)
            for task in group:
                task.error = reason
            self._drop()
            if not isinstance(error, (SQLAlchemyError, OSError, StoreDown, StoreTooNew)):
                raise
        finally:
            self.groups += 1
            self.members += len(group)
            for task in group:
                task.is_next = False
                task.wake()
            self._hand_over()

    def _hand_over(self) -> None:
        """Let the first of those that wait write the next group."""
        with self._lock:
            if self._waiting:
                first = self._waiting[0]
                first.is_next = True
                first.wake()
            else:
                self._is_writing = False

    def _commit(self, group: Sequence[Task[Any]], deadline: float) -> None:
        names = {form for task in group for form in task.forms}
        deadline = max(deadline, time.monotonic() + LEAST)
        for pause in PAUSES:
            try:
                connection = self._done(group, names, deadline)
                break
            except SQLAlchemyError as error:
                if not self._database.was_opened_in_vain(error):
                    raise
                self._drop()
                time.sleep(pause)
        else:
            connection = self._done(group, names, deadline)
        self._database.commit(connection)

    def _done(self, group: Sequence[Task[Any]], names: Collection[str], deadline: float) -> Connection:
        """Do what a group wants, and return the connection on which it only has to be committed."""
        database, connection = self._database, self._begin(names, deadline)
        try:
            self._do(connection, group)
        except Exception as error:
            if database.was_opened_in_vain(error):
                raise
            _LOG.debug("a group is written one by one", exc_info=True)
            connection.exec_driver_sql("ROLLBACK")
            database.begin(connection, names, deadline)
            for task in group:
                run_in_savepoint(connection, task)
        return connection

    def _begin(self, names: Collection[str], deadline: float) -> Connection:
        database, connection = self._database, self._connection
        if connection is None or not database.is_current(connection):
            self._drop()
            connection = self._connection = database.connect()
        database.begin(connection, names, deadline)
        return connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                self._database.roll_back(connection)
                connection.invalidate()
                connection.close()
            except (SQLAlchemyError, OSError):
                return


def run_in_savepoint(connection: Connection, task: Task[Any]) -> None:
    """Do a task's work; if it is refused or its values do not fit, what it did is undone and the others stay."""
    connection.exec_driver_sql("SAVEPOINT one")
    try:
        task.succeed(task.work(connection))
    except Exception as error:  # noqa: BLE001 # one must not spoil the others
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")
        task.error = down(error) if isinstance(error, SQLAlchemyError) else error
    connection.exec_driver_sql("RELEASE SAVEPOINT one")
