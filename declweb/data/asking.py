"""What stands in the way of a database's rows, and how long anybody waits for them.

Owns the words for those who run the site, the clock that cuts queries off, and the few connections that are kept.
Knows neither SQLite nor PostgreSQL, and no query.
"""

import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from types import MappingProxyType
from typing import Generic, Literal, TypeVar

from declweb.data.dataset import CannotRead

Kind = Literal["refused", "broken", "slow", "large", "cell", "missing", "unreachable"]

NOTHING: Mapping[str, object] = MappingProxyType({})
"""No parameters."""

AGAIN = 0.02
"""Seconds after which a query that was told to end is told once more: it may have begun only after that."""

MOST = 8
"""Connections that one dataset has at once; whoever comes then waits for one."""


@dataclass(eq=False)
class CannotAsk(CannotRead):
    """No rows can be had, in words for those who run the site."""

    kind: Kind
    """`refused` is a query that does more than read, `broken` one that is wrong, `slow` and `large` one that was cut
    off, `cell` is what a row has, `missing` and `unreachable` is the database."""
    message: str
    help: str | None = None
    word: str = ""
    """The word of the query that is meant, where one is."""

    def __str__(self) -> str:
        return self.message if self.help is None else f"{self.message} ({self.help})"


# --- the clock --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Task:
    stop: Callable[[], object]
    is_done: bool = False
    is_late: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class Clock:
    """Tells queries to end when their time is up, all of a process on one thread, which begins with the first one."""

    def __init__(self) -> None:
        self._begin_anew()
        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        """Begin, in a copy of the process too: no thread but the one that made it is there."""
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, _Task]] = []
        self._numbers = count()
        self._is_running = False

    @contextmanager
    def limit(self, seconds: float, stop: Callable[[], object]) -> Iterator[None]:
        """Call `stop`, again and again, once the block took this long; it then ends with CannotAsk whatever it raised.

        `stop` is never called after the block.
        """
        task = _Task(stop)
        self._add(time.monotonic() + seconds, task)
        try:
            yield
        except Exception as error:
            if task.is_late:
                raise self._too_slow(seconds) from error
            raise
        finally:
            with task.lock:
                task.is_done = True
        if task.is_late:
            raise self._too_slow(seconds)

    @staticmethod
    def _too_slow(seconds: float) -> CannotAsk:
        return CannotAsk(
            "slow",
            f"the query was cut off: it took longer than {seconds:g} s",
            "ask for less, or let the database have an index; `time_limit` gives it longer",
        )

    def _add(self, end: float, task: _Task) -> None:
        with self._changed:
            heappush(self._waiting, (end, next(self._numbers), task))
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, args=(self._changed, self._waiting), daemon=True, name="sql").start()
            if self._waiting[0][2] is task:
                self._changed.notify()

    def _run(self, changed: threading.Condition, waiting: list[tuple[float, int, _Task]]) -> None:
        while True:
            with changed:
                while waiting and waiting[0][2].is_done:
                    heappop(waiting)
                if not waiting:
                    changed.wait()
                    continue
                end, _, task = waiting[0]
                now = time.monotonic()
                if now < end:
                    changed.wait(end - now)
                    continue
                heappop(waiting)
                heappush(waiting, (now + AGAIN, next(self._numbers), task))
            with task.lock:
                if not task.is_done:
                    task.is_late = True
                    task.stop()


CLOCK = Clock()
"""The clock of this process."""


# --- connections ------------------------------------------------------------------------------------------------------

Connection = TypeVar("Connection")


class Pool(Generic[Connection]):
    """A few connections, each lent to one thread at a time, the one that was used last first.

    A copy of the process begins with none: what it inherited belongs to the other one, and is not even closed.
    """

    def __init__(self, make: Callable[[], Connection], close: Callable[[Connection], object], most: int = MOST) -> None:
        self._make, self._close, self._most = make, close, most
        self._inherited: list[list[Connection]] = []
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._idle: list[Connection] = []
        self._free = threading.Semaphore(self._most)
        weakref.finalize(self, _close_all, self._idle, self._close, self._process)

    @contextmanager
    def lend(self, seconds: float, is_good: Callable[[Connection], bool]) -> Iterator[Connection]:
        """Lend a connection, a new one where none is good; one whose user failed is closed."""
        self._look_where_we_are()
        if not self._free.acquire(timeout=seconds):
            raise CannotAsk("slow", f"{self._most} queries are running already, and none came to its end in time")
        try:
            connection = self._good_one(is_good)
            try:
                yield connection
            except BaseException:
                self._close(connection)
                raise
            self._idle.append(connection)
        finally:
            self._free.release()

    def _good_one(self, is_good: Callable[[Connection], bool]) -> Connection:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return self._make()
            if is_good(connection):
                return connection
            self._close(connection)

    def _look_where_we_are(self) -> None:
        if self._process != os.getpid():
            self._inherited.append(self._idle)
            self._begin()

    def close(self) -> None:
        """Close those that nobody uses."""
        self._look_where_we_are()
        _close_all(self._idle, self._close, self._process)


def _close_all(idle: list[Connection], close: Callable[[Connection], object], process: int) -> None:
    """Close connections, but for those that another process made."""
    while idle and process == os.getpid():
        close(idle.pop())
