"""How much may be laid aside for each visitor: files that wait, under a ticket, for their form to be sent again.

Owns the bound, in this process; without it one visitor could fill the disk with forms that are never right. Knows no
file and no form.
"""

from collections import deque
from datetime import datetime
from threading import Lock

from declweb.forms.tickets import LIFETIME

MOST_ENTRIES = 4
"""How many of the largest entries one visitor may have laid aside at a time."""
_MOST_VISITORS = 10_000
"""Visitors after whom those are looked for who have nothing any more."""


class Allowance:
    """What each visitor has laid aside within the life of a ticket, in bytes."""

    def __init__(self) -> None:
        self._taken: dict[str, deque[tuple[datetime, int]]] = {}
        self._lock = Lock()

    def take(self, visitor: str, size: int, most: int, now: datetime) -> bool:
        """Tell whether a file of this size may be laid aside as well; it counts from now on."""
        with self._lock:
            if len(self._taken) > _MOST_VISITORS:
                self._taken = {who: files for who, files in self._taken.items() if _living(files, now)}
            files = _living(self._taken.setdefault(visitor, deque()), now)
            if sum(each for _, each in files) + size > most:
                return False
            files.append((now, size))
            return True


def _living(files: deque[tuple[datetime, int]], now: datetime) -> deque[tuple[datetime, int]]:
    """Forget what has had its time."""
    while files and files[0][0] < now - LIFETIME:
        files.popleft()
    return files


ALLOWANCE = Allowance()
"""That of this process."""
