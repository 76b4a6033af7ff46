"""Turns: tests run in several processes, and one that needs the machine for itself has it.

Owns who waits for whom. Knows nothing of what is tested; where there is one process, nobody waits.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DOOR, ROOM = 0, 1
"""Bytes of the file that are locked: who goes in closes the door behind those who wait to be alone."""


@contextmanager
def turn(file: Path, *, is_alone: bool) -> Iterator[None]:
    """Wait until nobody else is at work, or at least nobody who wants to be alone; then let others know."""
    with file.open("a+b") as shared:
        fcntl.lockf(shared, fcntl.LOCK_EX, 1, DOOR)
        fcntl.lockf(shared, fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH, 1, ROOM)
        fcntl.lockf(shared, fcntl.LOCK_UN, 1, DOOR)
        yield
