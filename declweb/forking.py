"""Copies of the process: none is made while a database is in use.

Owns that whoever copies the process waits for what is being read and written, and that nobody begins meanwhile. SQLite
remembers for a process as a whole which locks its connections hold: in a copy that is made meanwhile they would stay
locked for ever, for whoever holds them is not there. Knows no database.
"""

import os
from threading import Condition
from typing import Final

PATIENCE = 5.0
"""Seconds that a copy waits for what is being read and written; then it is made all the same."""

CLOSED = 6.0
"""Seconds that somebody waits for a copy to be made; then it goes on all the same."""


class Gate:
    """Lets everybody in but while the process is copied."""

    _changed: Condition
    _inside: int
    _is_closed: bool

    def __init__(self) -> None:
        self.begin_anew()

    def __enter__(self) -> None:
        with self._changed:
            if self._is_closed:
                self._changed.wait_for(lambda: not self._is_closed, CLOSED)
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._inside -= 1
            if self._is_closed:
                self._changed.notify_all()

    def close(self) -> None:
        """Let nobody in, and wait until all others are out."""
        with self._changed:
            if self._is_closed:
                return
            self._is_closed = True
            self._changed.wait_for(lambda: self._inside <= 0, PATIENCE)

    def open(self) -> None:
        """Let everybody in again."""
        with self._changed:
            self._is_closed = False
            self._changed.notify_all()

    def begin_anew(self) -> None:
        """Begin, in a copy too: nobody else is there, and a lock that another thread held is not let go by anybody."""
        self._changed = Condition()
        self._inside = 0
        self._is_closed = False


GATE: Final = Gate()
"""The gate of this process."""

os.register_at_fork(before=GATE.close, after_in_parent=GATE.open, after_in_child=GATE.begin_anew)
