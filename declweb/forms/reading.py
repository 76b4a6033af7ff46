"""Reading bodies: how many at once, for how long, how much.

Owns the bounds on reading. Knows neither what is in a body nor an environ.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from declweb.http.incoming import Incoming
from declweb.translations import Say, mark


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
    retry_after = 5


class Body(Protocol):
    """A body that is being read, within its bounds."""

    length: int | None

    def read(self, size: int) -> bytes:
        """Return up to that many bytes, fewer only at the end; raise TooLarge, TooSlow or Unreadable (cut off)."""
        ...


class Readers:
    """How many threads read bodies at once: one per process, it outlives the App."""

    def __init__(self, threads: int) -> None:
        self.threads = threads

    @contextmanager
    def reading(self, visitor: str, body: Incoming, longest: int, within: float) -> Iterator[Body]:
        """Give a body to read; raise Busy or TooLarge at once.

        `visitor` is the client address, `within` the seconds that a body may take whose size needs no time.
        """
        raise NotImplementedError
        yield
