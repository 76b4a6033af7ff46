"""Reading bodies: how many at once, for how long, how much.

Owns the bounds on reading. A thread that reads a body is a thread that answers nothing else, on every server; so bodies
never take more than half of the threads, one visitor never more than a share of these, and a body that comes slowly is
waited for only as long as nobody else needs its place. Knows neither what is in a body nor an environ.
"""

import ipaddress
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from declweb.http.incoming import SLOW, Incoming
from declweb.model.words import spoken_size
from declweb.translations import Say, mark

GRACE = 0.5
"""Seconds for which a body is waited for, though it is slow and others wait."""
PATIENCE = 3.0
"""Seconds that a body waits for its turn."""
OWN_PATIENCE = 1.5
"""Seconds that a body waits for others of the same visitor, unless one of them comes slowly."""
RETRY_AFTER = 5
"""Seconds after which a visitor may try again."""

_CHUNK = 16_384
"""Bytes asked for at once: how slow a body is can be seen only between two chunks."""
_TICK = 0.25
"""Seconds between two looks at those that have to end."""
_IDLE = 20
"""Ticks after which nobody looks any more."""


class Refused(Exception):
    """A body that is not taken."""

    status: int
    text: str

    def __init__(self, text: str = "", **values: object) -> None:
        self.text = text or self.text
        self.values = values
        super().__init__(self.text.format(**values))

    def told(self, say: Say) -> str:
        """Return what the visitor is told: one sentence, or two."""
        return say(self.text).format(**self.values)


class Unreadable(Refused):
    """A body that cannot be understood: 400."""

    status = 400


class Unsupported(Unreadable):
    """A body in a format that is not known: 415."""

    status = 415


class TooSlow(Refused):
    """A body that takes too long to arrive: 408."""

    status = 408
    text = mark("What you sent took too long to arrive. Please try again.")


class TooLarge(Refused):
    """A body that is larger than allowed: 413."""

    status = 413


class Busy(Refused):
    """Too many bodies are being read: 503."""

    status = 503
    text = mark("Too many forms are being sent at this moment. Please try again in a few seconds.")
    retry_after = RETRY_AFTER


CUT_OFF = mark("What you sent broke off before its end. Please try again.")
LARGER = mark("What you sent is larger than {most}, which is the most that this form takes.")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may be read."""

    longest: int
    """Bytes of a body that is taken."""
    seconds: float = 60
    """For how long a body may come slowly; one that comes faster than `SLOW` has as long as it takes."""
    readers: int = 32
    """Bodies that are read at once; never more than half of the server's threads."""
    readers_per_visitor: int = 8
    """Of these, from one visitor."""
    threads: int = 128
    """Requests that the server answers at once, where it does not say so itself."""
    looked_at: int = 0
    """Bytes of a body that is too large to be taken, and is read nevertheless for what was written in it."""

    @property
    def most(self) -> int:
        """Bytes that are read at all."""
        return max(self.longest, self.looked_at)


class Body:
    """A body that is being read, within its bounds; one thread reads it, others may end it."""

    __slots__ = ("_bounds", "_incoming", "_is_read", "began", "cut_at", "is_stopped", "length", "received", "visitor")

    def __init__(self, incoming: Incoming, bounds: Bounds, visitor: str) -> None:
        self._incoming = incoming
        self._bounds = bounds
        self._is_read = False
        self.length = incoming.length
        self.visitor = visitor
        self.began = time.monotonic()
        self.received = 0
        self.is_stopped = False
        """Whether another body was given the place of this one."""
        self.cut_at = 0.0

    def read(self, size: int) -> bytes:
        """Return up to that many bytes, none at the end; raise TooLarge, TooSlow or Unreadable."""
        if self._is_read:
            return b""
        rest = self._bounds.most + 1 - self.received if self.length is None else self.length - self.received
        asked = min(size, _CHUNK, rest)
        data = b""
        if asked > 0:
            try:
                data = self._incoming.read(asked)
            except Exception as error:  # each server has its own for a broken body
                raise self._cut_off() from error
        self.received += len(data)
        if self.is_over(time.monotonic()):
            raise TooSlow
        if self.received > self._bounds.most:
            raise too_large(self._bounds.longest)
        if len(data) < asked and self.length is not None:
            raise self._cut_off()
        self._is_read = len(data) < asked if self.length is None else self.received == self.length
        return data

    def is_over(self, now: float) -> bool:
        """Tell whether it has had its time."""
        return self.is_stopped or now - self.began > self._bounds.seconds + self.received / SLOW

    def is_slow(self, now: float) -> bool:
        """Tell whether it may have to make room for another."""
        waited = now - self.began
        return waited >= GRACE and self.received < waited * SLOW

    def cut(self, now: float) -> None:
        """Have its thread come back from a read."""
        self._incoming.cut(now - self.began)

    def end(self) -> None:
        """Let nothing wait for what has not been read."""
        if not self._is_read and (self.length is None or self.received < self.length):
            self._incoming.abandon()

    def _cut_off(self) -> Refused:
        now = time.monotonic()
        return TooSlow() if self.is_over(now) or self.is_slow(now) else Unreadable(CUT_OFF)


def too_large(most: int) -> TooLarge:
    """Return what is raised for a body that is larger than that."""
    return TooLarge(LARGER, most=spoken_size(most))


@lru_cache(maxsize=1024)
def visitor_of(address: str) -> str:
    """Return what stands for all addresses of one visitor: of IPv6 the first 64 bits."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return parsed.exploded[:19]


class Readers:
    """Who reads bodies at this moment, in this process; outlives the App."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._reading: set[Body] = set()
        self._visitors: Counter[str] = Counter()
        self._waiting = 0
        self._queueing = 0
        """Those that wait for others of their own visitor."""
        self._watch: threading.Thread | None = None

    @contextmanager
    def reading(self, address: str, incoming: Incoming, bounds: Bounds) -> Iterator[Body]:
        """Give a body to read; raise Busy or TooLarge at once, or Busy after having waited a little."""
        body = Body(incoming, bounds, visitor_of(address))
        try:
            if incoming.length is not None and incoming.length > bounds.most:
                raise too_large(bounds.longest)
            self._enter(body, bounds, incoming.threads or bounds.threads)
            try:
                yield body
            finally:
                self._leave(body)
        finally:
            body.end()

    def __len__(self) -> int:
        return len(self._reading)

    def _enter(self, body: Body, bounds: Bounds, threads: int) -> None:
        most = max(1, min(bounds.readers, threads // 2))
        with self._changed:
            queue = min(max(4, most // 4), threads - most - 1)
            self._wait_for_own(min(bounds.readers_per_visitor, max(2, most // 4)), queue, body.visitor)
            self._visitors[body.visitor] += 1
            try:
                self._wait(most, queue, body.visitor)
            except BaseException:
                self._forget(body.visitor)
                raise
            body.began = time.monotonic()
            self._reading.add(body)
            if self._watch is None or not self._watch.is_alive():
                self._watch = threading.Thread(target=self._look, name="declweb-bodies", daemon=True)
                self._watch.start()

    def _wait_for_own(self, most: int, queue: int, visitor: str) -> None:
        """Wait until fewer bodies of a visitor are read; not for slow ones, which come to no end."""
        deadline = time.monotonic() + OWN_PATIENCE
        while self._visitors[visitor] >= most:
            now = time.monotonic()
            is_slow = any(body.visitor == visitor and body.is_slow(now) for body in self._reading)
            if is_slow or now >= deadline or self._waiting + self._queueing >= queue:
                raise Busy
            self._queueing += 1
            try:
                self._changed.wait(_TICK)
            finally:
                self._queueing -= 1

    def _wait(self, most: int, queue: int, visitor: str) -> None:
        """Wait for a place, having one emptied if need be; only visitors wait of whom nothing else is read."""
        if len(self._reading) < most:
            return
        if self._waiting + self._queueing >= queue or self._visitors[visitor] > 1:
            raise Busy
        self._waiting += 1
        try:
            deadline = time.monotonic() + PATIENCE
            while len(self._reading) >= most:
                now = time.monotonic()
                if now >= deadline:
                    raise Busy
                self._make_room(now, len(self._reading) - most + self._waiting)
                self._changed.wait(_TICK)
        finally:
            self._waiting -= 1

    def _make_room(self, now: float, wanted: int) -> None:
        """Stop slow bodies: first those of the visitors with most of them, then those that came slowest."""
        wanted -= sum(body.is_stopped for body in self._reading)
        slow = [body for body in self._reading if not body.is_stopped and body.is_slow(now)]
        slow.sort(key=lambda body: (-self._visitors[body.visitor], body.received / (now - body.began)))
        for body in slow[: max(0, wanted)]:
            body.is_stopped = True

    def _leave(self, body: Body) -> None:
        with self._changed:
            self._reading.discard(body)
            self._forget(body.visitor)
            self._changed.notify_all()

    def _forget(self, visitor: str) -> None:
        self._visitors[visitor] -= 1
        if self._visitors[visitor] <= 0:
            del self._visitors[visitor]

    def _look(self) -> None:
        """Cut what has had its time, until nothing has been read for a while."""
        idle = 0
        while idle < _IDLE:
            time.sleep(_TICK)
            now = time.monotonic()
            with self._changed:
                over = [body for body in self._reading if body.is_over(now) and now - body.cut_at > 1]
                idle = 0 if self._reading else idle + 1
                if idle >= _IDLE:
                    self._watch = None
                    return
            for body in over:
                body.cut_at = now
                body.cut(now)


READERS = Readers()
"""Those of this process."""
