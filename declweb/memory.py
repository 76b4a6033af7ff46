"""A memory that forgets the oldest.

Owns how much is remembered, and what goes first. Knows nothing of what it is told.
"""

from threading import Lock
from typing import TypeVar

Key = TypeVar("Key")
Kept = TypeVar("Kept")


class Memory(dict[Key, Kept]):
    """What was made last, as much of it as `most`; it may be told from several threads."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self._lock = Lock()

    def keep(self, key: Key, made: Kept) -> Kept:
        """Remember what was made, as the newest and at the expense of the oldest, and return it."""
        with self._lock:
            self.pop(key, None)
            while len(self) >= self.most:
                del self[next(iter(self))]
            self[key] = made
        return made
