"""The outbox: messages are claimed, each attempt to deliver them is noted, and none is forgotten.

Owns who may deliver a message at the moment, and what becomes of it. Each function works in the transaction that is
open. Knows neither mail nor webhooks.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, insert, null, or_, select, update

from declweb.storage.auditing import note
from declweb.storage.entry import Attempt, MessageKind, MessageState, Outgoing, Status
from declweb.storage.outcomes import AuditAction
from declweb.storage.status import note_shown
from declweb.storage.tables import COURTESIES, DELIVERY_ATTEMPTS, ENTRIES, OUTBOX

MESSAGE = (
    OUTBOX.c.number,
    OUTBOX.c.receipt,
    OUTBOX.c.form,
    OUTBOX.c.kind,
    OUTBOX.c.target,
    OUTBOX.c.content,
    OUTBOX.c.send,
    OUTBOX.c.state,
    OUTBOX.c.created,
    OUTBOX.c.due,
    OUTBOX.c.attempts,
    OUTBOX.c.last_words,
    func.coalesce(OUTBOX.c.lease, "").label("lease"),
)
"""The columns of a message, by the names of `Outgoing`."""

LONGEST_WORDS = 1000
"""Characters that are kept of what a server said."""

OWN_FOR = timedelta(days=30)
"""How long messages of no entry are kept once they have gone out, or failed."""

FARTHEST = timedelta(hours=30)
"""No message waits for longer, no claim and no courtesy lasts longer: what does was written by a wrong clock."""


# --- who delivers -----------------------------------------------------------------------------------------------------


def claim(  # noqa: PLR0913 # who, what and when
    connection: Connection, kinds: Collection[MessageKind], limit: int, lease: str, now: datetime, until: datetime
) -> list[Outgoing]:
    """Return some messages that are due, the oldest first; nobody else gets them until then.

    What another one claims at this moment is passed over (PostgreSQL: SKIP LOCKED; SQLite has one writer).
    """
    table = OUTBOX.c
    free = or_(table.leased_until.is_(None), table.leased_until <= now)
    ready = and_(table.state == MessageState.WAITING, table.due <= now, table.kind.in_(kinds), free)
    found = select(table.number).where(ready).order_by(table.due, table.number).limit(limit)
    numbers = connection.execute(found.with_for_update(skip_locked=True)).scalars().all()
    if not numbers:
        return []
    chosen = table.number.in_(numbers)
    connection.execute(update(OUTBOX).where(chosen).values(lease=lease, leased_until=until))
    rows = connection.execute(select(*MESSAGE).where(chosen).order_by(table.due, table.number)).mappings()
    return [Outgoing(**row) for row in rows]


def is_claimed(connection: Connection, number: int, lease: str, until: datetime) -> bool:
    """Tell whether a message is to be delivered, and claimed under a lease until then."""
    table = OUTBOX.c
    found = select(table.number).where(
        table.number == number, table.lease == lease, table.state == MessageState.WAITING, table.leased_until >= until
    )
    return connection.execute(found).first() is not None


def renew(connection: Connection, lease: str, until: datetime) -> None:
    """Keep what is claimed under a lease until then."""
    connection.execute(update(OUTBOX).where(OUTBOX.c.lease == lease).values(leased_until=until))


def give_back(connection: Connection, numbers: Collection[int], lease: str, due: datetime | None) -> None:
    """Let others claim messages again, at once or from a moment on; no attempt was made."""
    values = {"lease": None, "leased_until": None} | ({} if due is None else {"due": due})
    connection.execute(update(OUTBOX).where(OUTBOX.c.number.in_(numbers), OUTBOX.c.lease == lease).values(**values))


def next_due(connection: Connection, kinds: Collection[str]) -> datetime | None:
    """Return when the next message is to be delivered; None where none waits."""
    table = OUTBOX.c
    is_free = or_(table.leased_until.is_(None), table.leased_until <= table.due)
    found = []
    for kind in kinds:  # one by one, so that an index has the answer however many wait
        waiting = and_(table.state == MessageState.WAITING, table.kind == kind)
        free = select(table.due).where(waiting, is_free).order_by(table.due).limit(1)
        claimed = select(table.leased_until).where(waiting, table.leased_until.is_not(None), ~is_free)
        claimed = claimed.order_by(table.leased_until).limit(1)
        found += [connection.execute(each).scalar() for each in (free, claimed)]
    return min((moment for moment in found if moment is not None), default=None)


# --- what becomes of it -----------------------------------------------------------------------------------------------


def note_attempt(  # noqa: PLR0913 # what there is to note
    connection: Connection,
    message: Outgoing,
    words: str,
    moment: datetime,
    *,
    is_delivered: bool,
    again: datetime | None = None,
) -> bool:
    """Note what came of an attempt: delivered, to be tried `again`, or failed for good.

    False where the message is gone, or somebody else's by now: then only a delivery changes it.
    """
    table = OUTBOX.c
    words = words.replace("\0", "")[:LONGEST_WORDS]
    own = table.number == message.number
    exists = connection.execute(select(table.number).where(own)).first() is not None
    if not exists:
        return False
    attempt = {"message": message.number, "receipt": message.receipt, "moment": moment}
    connection.execute(insert(DELIVERY_ATTEMPTS), [{**attempt, "is_delivered": int(is_delivered), "words": words}])
    values = {"attempts": table.attempts + 1, "last_words": words, "lease": None, "leased_until": None}
    values["target"] = message.target
    if is_delivered:
        values["state"] = MessageState.DELIVERED
        shown = message.content.get("shows")
        if isinstance(shown, list):
            note_shown(connection, map(str, shown), moment)
    else:
        own = and_(own, table.lease == message.lease)
        # an entry that was held meanwhile holds its messages
        state = MessageState.WAITING if again else MessageState.FAILED
        values["state"] = case((table.state == MessageState.WAITING, state), else_=table.state)
        values["due"] = again or table.due
    return connection.execute(update(OUTBOX).where(own).values(**values)).rowcount > 0


def read_attempts(connection: Connection, receipt: str) -> list[Attempt]:
    """Return every attempt to deliver the messages of an entry, in their order."""
    table = DELIVERY_ATTEMPTS.c
    wanted = select(table.message, table.moment, table.is_delivered, table.words).where(table.receipt == receipt)
    rows = connection.execute(wanted.order_by(table.moment, table.message))
    return [Attempt(message, moment, bool(is_delivered), words) for message, moment, is_delivered, words in rows]


def resend(connection: Connection, number: int, by: str, now: datetime) -> bool:
    """Let a message be delivered now, with all tries before it; False if there is none, or its entry is held."""
    sendable = OUTBOX.c.state.in_((MessageState.WAITING, MessageState.DELIVERED, MessageState.FAILED))
    message = OUTBOX.c.number == number
    if not _begin_again(connection, sendable & message, now):
        return False
    receipt = connection.execute(select(OUTBOX.c.receipt).where(message)).scalar_one()
    note(connection, by, AuditAction.RESEND, [receipt] if receipt else [])
    return True


def resend_failed(connection: Connection, now: datetime) -> int:
    """Let all that failed of entries that are not held be delivered now; return how many those are."""
    return _begin_again(connection, (OUTBOX.c.state == MessageState.FAILED) & (OUTBOX.c.receipt != ""), now)


def _begin_again(connection: Connection, wanted: ColumnElement[bool], now: datetime) -> int:
    """Let messages be delivered now, with all tries before them; whoever delivers one at the moment keeps it."""
    held = select(ENTRIES.c.receipt).where(ENTRIES.c.status == Status.HELD)
    again = update(OUTBOX).where(wanted, OUTBOX.c.receipt.not_in(held))
    return connection.execute(again.values(state=MessageState.WAITING, due=now, attempts=0, told=null())).rowcount


def hurry(connection: Connection, now: datetime) -> int:
    """Make everything due that waits for its next try; return how many those are."""
    waiting = and_(OUTBOX.c.state == MessageState.WAITING, OUTBOX.c.due > now)
    return connection.execute(update(OUTBOX).where(waiting).values(due=now)).rowcount


def mend_moments(connection: Connection, now: datetime) -> None:
    """Let go out what would wait for a moment that a clock named which was ahead then."""
    table, late = OUTBOX.c, now + FARTHEST
    waiting = table.state == MessageState.WAITING
    connection.execute(update(OUTBOX).where(waiting, table.due > late).values(due=now))
    claimed = update(OUTBOX).where(waiting, table.leased_until > late)
    connection.execute(claimed.values(lease=None, leased_until=None))
    connection.execute(delete(COURTESIES).where(COURTESIES.c.until > late))


def claim_address(connection: Connection, address: str, number: int, now: datetime, until: datetime) -> datetime | None:
    """Let a message go to an address that a visitor typed, and no other one until then.

    Returns None, or the moment at which the address is free again.
    """
    table = COURTESIES.c
    row = connection.execute(select(table.message, table.until).where(table.address == address)).first()
    if row is not None and row.message != number and row.until > now:
        busy: datetime = row.until
        return busy
    connection.execute(delete(COURTESIES).where(table.address == address))
    connection.execute(insert(COURTESIES), [{"address": address, "message": number, "until": until}])
    return None


# --- what there is ----------------------------------------------------------------------------------------------------


def count_messages(connection: Connection, state: MessageState = MessageState.WAITING) -> int:
    """Return how many messages have a state."""
    return connection.execute(select(func.count()).where(OUTBOX.c.state == state)).scalar_one()


def last_words(connection: Connection) -> str:
    """Return what was said last about a message that waits; empty where none was tried yet."""
    table = OUTBOX.c
    tried = select(table.last_words).where(table.state == MessageState.WAITING, table.attempts > 0)
    return str(connection.execute(tried.order_by(table.due.desc()).limit(1)).scalar() or "")


def count_failed(connection: Connection) -> int:
    """Return how many messages have failed for good."""
    return count_messages(connection, MessageState.FAILED)


def forget_own(connection: Connection, now: datetime) -> None:
    """Delete messages of no entry that are old, and what is known of addresses that are free again."""
    table = OUTBOX.c
    over = table.state.in_((MessageState.DELIVERED, MessageState.FAILED))
    old = select(table.number).where(table.receipt == "", over, table.created <= now - OWN_FOR)
    numbers: Sequence[int] = connection.execute(old).scalars().all()
    for name, column in ((DELIVERY_ATTEMPTS, DELIVERY_ATTEMPTS.c.message), (OUTBOX, table.number)):
        connection.execute(delete(name).where(column.in_(numbers)))
    connection.execute(delete(COURTESIES).where(COURTESIES.c.until <= now))
