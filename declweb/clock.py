"""What time it is: now, or the moment that a test of a site is meant for.

Owns the one clock that sites are loaded and answer by. What must not be fooled, such as deadlines and what is cleared
away, asks the machine instead. Knows nothing of sites.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_meant: ContextVar[datetime | None] = ContextVar("declweb-now", default=None)
"""Of one thread: while a test has another day in one, visitors in others are answered as of today."""
_tested: ContextVar[bool] = ContextVar("declweb-tested", default=False)


def is_tested() -> bool:
    """Tell whether a test of a site is asking: then nothing may be as it was a moment ago."""
    return _tested.get()


def present() -> datetime:
    """Return the moment it is, aware and in UTC."""
    return _meant.get() or datetime.now(UTC)


@contextmanager
def set_to(moment: datetime | None) -> Iterator[None]:
    """Let it be this moment meanwhile, in this thread alone; with None it is what it is."""
    token = _meant.set(moment.astimezone(UTC) if moment is not None else None)
    tested = _tested.set(True)
    try:
        yield
    finally:
        _tested.reset(tested)
        _meant.reset(token)
