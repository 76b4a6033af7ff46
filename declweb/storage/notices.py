"""What declweb owes its owner: word of what could not be delivered, and the digest.

Owns that each is written once, whichever process does it. Each function works in the transaction that is open, whose
lock keeps others from writing the same. Knows no words.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from declweb.storage.entry import Message, MessageState, News, Outgoing, Status
from declweb.storage.outbox import MESSAGE, count_failed
from declweb.storage.tables import ENTRIES, MILESTONES, OUTBOX

LISTED = 50
"""Entries or messages that are listed one by one."""

PAUSE = timedelta(hours=1)
"""Between two messages about what failed: a server that is down fails many."""

BLOCKS = timedelta(days=4)
"""How long one that cannot be delivered keeps others from being written."""

LATE = timedelta(minutes=1)
"""How much later than it came an entry may be stored: what is not there yet when a digest is written is in the next."""

NOTICE = "notice"
"""What a message of no entry is, as its content says."""
DIGEST = "digest"

OWN = ""
"""The receipt and the form of messages of no entry."""


def tell_failed(connection: Connection, write: Callable[[Sequence[Outgoing]], Sequence[Message]], now: datetime) -> int:
    """Write to the owner of messages that failed and that nobody was told of; return how many there are."""
    table = OUTBOX.c
    untold = (table.state == MessageState.FAILED) & table.told.is_(None) & (table.receipt != OWN)
    count = connection.execute(select(func.count()).where(untold)).scalar_one()
    last = _milestone(connection, NOTICE)
    if count == 0 or (last is not None and now - PAUSE < last <= now) or _is_waiting(connection, NOTICE, now):
        return 0
    rows = connection.execute(select(*MESSAGE).where(untold).order_by(table.number).limit(LISTED)).mappings()
    messages = write([Outgoing(**row) for row in rows])
    if not messages:
        return 0
    _post(connection, messages, now)
    connection.execute(update(OUTBOX).where(untold).values(told=now))
    _set_milestone(connection, NOTICE, now)
    return count


def tell_news(
    connection: Connection, since: datetime, write: Callable[[News], Sequence[Message]], now: datetime
) -> bool:
    """Write a digest of what came since the last one, unless that was written after `since`."""
    last = _milestone(connection, DIGEST)
    if last is not None and since <= last <= now:
        return False
    _set_milestone(connection, DIGEST, now)
    if last is None:  # the first one comes when its day does, with all that came until then
        return False
    messages = write(_news(connection, last - LATE, now - LATE))
    _post(connection, messages, now)
    return bool(messages)


def _news(connection: Connection, since: datetime, until: datetime) -> News:
    from declweb.storage.reading import SHOWN, entries_of  # noqa: PLC0415 # it imports the outbox

    table, box = ENTRIES.c, OUTBOX.c
    came = (table.created > since) & (table.created <= until)
    counts = connection.execute(select(table.form, func.count()).where(came).group_by(table.form).order_by(table.form))
    latest = select(*SHOWN).where(came, table.status != Status.HELD).order_by(table.number.desc()).limit(LISTED)
    held = table.status == Status.HELD
    failed = (box.state == MessageState.FAILED) & (box.receipt != OWN)
    lost = connection.execute(select(*MESSAGE).where(failed).order_by(box.number.desc()).limit(LISTED)).mappings()
    return News(
        since=since,
        until=until,
        counts={form: number for form, number in counts},  # noqa: C416 # rows are no pairs
        latest=entries_of(connection, latest),
        # those first that the owner was not shown yet
        held=entries_of(
            connection,
            select(*SHOWN).where(held).order_by(table.shown.is_not(None), table.number).limit(LISTED),
        ),
        held_count=connection.execute(select(func.count()).where(held)).scalar_one(),
        failed=[Outgoing(**row) for row in lost],
        failed_count=count_failed(connection),
    )


def _is_waiting(connection: Connection, what: str, now: datetime) -> bool:
    table = OUTBOX.c
    waiting = (table.receipt == OWN) & (table.state == MessageState.WAITING) & (table.created > now - BLOCKS)
    contents = connection.execute(select(table.content).where(waiting)).scalars()
    return any(content.get("what") == what for content in contents)


def _post(connection: Connection, messages: Sequence[Message], now: datetime) -> None:
    rows: list[dict[str, Any]] = [
        {
            "receipt": OWN,
            "form": OWN,
            "kind": message.kind,
            "target": message.target,
            "content": dict(message.content),
            "send": message.send,
            "state": MessageState.WAITING,
            "created": now,
            "due": now,
            "attempts": 0,
            "last_words": "",
        }
        for message in messages
    ]
    if rows:
        connection.execute(insert(OUTBOX), rows)


def _milestone(connection: Connection, name: str) -> datetime | None:
    return connection.execute(select(MILESTONES.c.moment).where(MILESTONES.c.name == name)).scalar()


def _set_milestone(connection: Connection, name: str, moment: datetime) -> None:
    connection.execute(delete(MILESTONES).where(MILESTONES.c.name == name))
    connection.execute(insert(MILESTONES), [{"name": name, "moment": moment}])
