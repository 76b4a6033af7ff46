"""When a message is tried again.

Owns the schedule. Knows neither mail nor webhooks.
"""

import random
from datetime import datetime, timedelta

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between one attempt and the next; the first one is made at once (as Standard Webhooks suggests)."""

JITTER = 0.1
"""How much longer a pause may be, so that what failed together does not come back together."""

LONGEST = timedelta(hours=24)
"""The longest pause that another side may ask for."""


NOTICES = timedelta(days=30)
"""How long it is tried to tell the owner what could not be delivered: the same server may have been away for all."""


def next_try(
    attempts: int, now: datetime, after: timedelta | None = None, *, is_patient: bool = False
) -> datetime | None:
    """Return when a message is tried again after so many attempts; None where it is out of tries.

    `after` is what the other side asked to wait: no attempt is made earlier. One that `is_patient` is never out
    of tries.
    """
    if attempts > len(PAUSES) and not is_patient:
        return None
    pause = PAUSES[min(attempts, len(PAUSES)) - 1] * random.SystemRandom().uniform(1, 1 + JITTER)
    return now + max(pause, min(after or pause, LONGEST))
