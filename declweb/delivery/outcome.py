"""What came of an attempt to deliver a message, in the words of the other side.

Owns the three outcomes. Knows neither mail nor webhooks.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Delivered:
    """The other side has it, and said so."""

    words: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side will never take it, or it can never be sent: there is no use in trying again."""

    words: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: the next attempt may succeed."""

    words: str
    after: timedelta | None = None
    """What the other side asked to wait; the schedule says it where it did not."""


Outcome: TypeAlias = Delivered | Refused | Later
