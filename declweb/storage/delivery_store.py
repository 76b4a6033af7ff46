"""The store's side of delivery: what the processes that deliver ask of it.

Owns who is woken when there is something to deliver. What becomes of messages stands in `outbox.py`.
"""

import secrets
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from declweb.storage.base_store import BaseStore
from declweb.storage.entry import Attempt, Message, MessageKind, News, Outgoing

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")

KINDS = tuple(MessageKind)


def _now() -> datetime:
    return datetime.now(UTC)


def _going_on(now: datetime | None) -> Callable[[], datetime]:
    """Return a clock that begins at a moment: a claim counts from when it is made, not from when it began to wait."""
    begin, start = now or _now(), time.monotonic()
    return lambda: begin + timedelta(seconds=time.monotonic() - start)


class DeliveryStore(BaseStore):
    """The outbox of a store."""

    def claim(
        self, limit: int, seconds: float, *, kinds: Collection[MessageKind] = KINDS, now: datetime | None = None
    ) -> list[Outgoing]:
        """Return messages that are due, the oldest first, for this caller alone and for so many seconds.

        `renew` makes that longer; all messages of one claim have the same `lease`.
        """
        from declweb.storage.outbox import claim

        lease, moment = secrets.token_hex(8), _going_on(now)

        def work(connection: "Connection") -> list[Outgoing]:
            begin = moment()
            until = begin + timedelta(seconds=seconds)
            return claim(connection, kinds, limit, lease, begin, until)

        return self._write(work)

    def is_claimed(self, message: Outgoing, seconds: float = 0, now: datetime | None = None) -> bool:
        """Tell whether a message is still the caller's to deliver, for so many seconds at least.

        Its entry may be held or gone meanwhile, or the claim over: whoever is late must not begin.
        """
        from declweb.storage.outbox import is_claimed

        until = (now or _now()) + timedelta(seconds=seconds)
        return self._read(partial(is_claimed, number=message.number, lease=message.lease, until=until))

    def renew(self, lease: str, seconds: float, now: datetime | None = None) -> None:
        """Keep what was claimed for so many seconds from now."""
        from declweb.storage.outbox import renew

        moment = _going_on(now)
        self._write(lambda connection: renew(connection, lease, moment() + timedelta(seconds=seconds)))

    def give_back(self, messages: Sequence[Outgoing], due: datetime | None = None) -> None:
        """Let others have messages of one claim that nobody tried to deliver, at once or from a moment on."""
        from declweb.storage.outbox import give_back

        if messages:
            numbers = [message.number for message in messages]
            self._write(partial(give_back, numbers=numbers, lease=messages[0].lease, due=due))

    def note_attempt(
        self,
        message: Outgoing,
        words: str,
        *,
        is_delivered: bool,
        again: datetime | None = None,
        now: datetime | None = None,
    ) -> bool:
        """Note what came of an attempt: delivered, to be tried `again`, or failed for good. See `outbox.py`."""
        from declweb.storage.outbox import note_attempt

        work = partial(
            note_attempt, message=message, words=words, moment=now or _now(), is_delivered=is_delivered, again=again
        )
        return self._write(work)

    def next_due(self, kinds: Collection[str] = KINDS) -> datetime | None:
        """Return when the next message is to be delivered; None where none waits."""
        from declweb.storage.outbox import next_due

        return self._read(partial(next_due, kinds=kinds))

    def attempts(self, receipt: str) -> list[Attempt]:
        """Return every attempt to deliver the messages of an entry, in their order."""
        from declweb.storage.outbox import read_attempts

        return self._read(partial(read_attempts, receipt=receipt))

    def resend(self, number: int, by: str, now: datetime | None = None) -> bool:
        """Let a message be delivered now, with all tries before it; False if there is none, or its entry is held.

        Who wants that is written down with it.
        """
        from declweb.storage.outbox import resend

        is_there = self._write(partial(resend, number=number, by=by, now=now or _now()))
        self._ring()
        return is_there

    def resend_failed(self, now: datetime | None = None) -> int:
        """Let all that failed be delivered now, but for entries that are held; return how many messages those are."""
        from declweb.storage.outbox import resend_failed

        count = self._write(partial(resend_failed, now=now or _now()))
        self._ring()
        return count

    def hurry(self, now: datetime | None = None) -> int:
        """Make everything due that waits for its next try; return how many those are."""
        from declweb.storage.outbox import hurry

        return self._write(partial(hurry, now=now or _now()))

    def claim_address(self, address: str, number: int, seconds: float, now: datetime | None = None) -> datetime | None:
        """Let a message go to an address that a visitor typed, and no other one for so many seconds.

        `address` stands for it, as `visitor` makes it. Returns None, or the moment at which it is free again.
        """
        from declweb.storage.outbox import claim_address

        now = now or _now()
        until = now + timedelta(seconds=seconds)
        work = partial(claim_address, address=address, number=number, now=now, until=until)
        return self._write(work, f"address {address}")

    def tell_failed(self, write: Callable[[Sequence[Outgoing]], Sequence[Message]], now: datetime | None = None) -> int:
        """Write to the owner of messages that failed and that nobody was told of; return how many there are.

        Nothing is written while the last such message waits, or is younger than an hour. `write` makes messages of
        what failed, none where nobody can be told.
        """
        from declweb.storage.notices import tell_failed

        return self._write(partial(tell_failed, write=write, now=now or _now()), "owner")

    def tell_news(
        self, since: datetime, write: Callable[[News], Sequence[Message]], now: datetime | None = None
    ) -> bool:
        """Write a digest unless one was written since then; False if one was, or there was nothing to write."""
        from declweb.storage.notices import tell_news

        return self._write(partial(tell_news, since=since, write=write, now=now or _now()), "owner")

    def waiting_messages(self) -> int:
        """Return how many messages wait in the outbox for delivery."""
        from declweb.storage.outbox import count_messages

        return self._read(count_messages)

    def last_words(self) -> str:
        """Return what was said last about a message that waits; empty where none was tried yet."""
        from declweb.storage.outbox import last_words

        return self._read(last_words)

    def failed_messages(self) -> int:
        """Return how many messages were refused for good, or are out of tries."""
        from declweb.storage.outbox import count_failed

        return self._read(count_failed)
