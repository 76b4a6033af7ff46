"""What the owner does with an entry, and what time does: approving, holding, releasing, deleting, leases.

Owns what belongs to an entry and goes with it. Each function works in the transaction that is open.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from declweb.storage.adding import change_generation
from declweb.storage.entry import Status
from declweb.storage.refusals import Taken
from declweb.storage.tables import (
    ATTEMPTS,
    DELIVERY_ATTEMPTS,
    ENTRIES,
    HELD,
    LEASES,
    OUTBOX,
    PLACES,
    UNIQUES,
    UPLOADS,
    WAITING,
)

HELD_FOR = timedelta(days=30)
"""How long an entry is held after the owner was shown it."""

REMEMBERED = timedelta(hours=1)
"""How long it is known which visitor an entry without a submission key came from; a repeat is much quicker."""

PORTION = 200


def change_status(connection: Connection, receipt: str, status: Status) -> bool:
    """Give an entry another status, with all that follows from it; False if there is no such entry."""
    row = connection.execute(
        select(ENTRIES.c.form, ENTRIES.c.status, ENTRIES.c.wanted).where(ENTRIES.c.receipt == receipt)
    ).first()
    if row is None:
        return False
    if row.status == status:
        return True
    if status == HELD:
        connection.execute(delete(UNIQUES).where(UNIQUES.c.receipt == receipt))
        _move_messages(connection, receipt, WAITING, HELD)
    elif row.status == HELD:
        _take_values(connection, row.form, receipt, row.wanted)
        _move_messages(connection, receipt, HELD, WAITING)
    connection.execute(update(ENTRIES).where(ENTRIES.c.receipt == receipt).values(status=status, shown=None))
    change_generation(connection, row.form)
    return True


def _take_values(connection: Connection, form: str, receipt: str, wanted: Mapping[str, str]) -> None:
    field = first_taken(connection, form, wanted)
    if field is not None:
        raise Taken(field)
    if wanted:
        rows = [{"form": form, "field": name, "value": value, "receipt": receipt} for name, value in wanted.items()]
        connection.execute(insert(UNIQUES), rows)


def first_taken(connection: Connection, form: str, wanted: Mapping[str, str]) -> str | None:
    """Return the first field whose unique value an entry has already."""
    table = UNIQUES.c
    for name, value in wanted.items():
        taken = select(table.receipt).where(table.form == form, table.field == name, table.value == value)
        if connection.execute(taken).first() is not None:
            return name
    return None


def _move_messages(connection: Connection, receipt: str, old: str, new: str) -> None:
    connection.execute(update(OUTBOX).where(OUTBOX.c.receipt == receipt, OUTBOX.c.state == old).values(state=new))


def form_of(connection: Connection, receipt: str) -> str | None:
    """Return the form that an entry came by."""
    return connection.execute(select(ENTRIES.c.form).where(ENTRIES.c.receipt == receipt)).scalar()


def delete_entries(connection: Connection, receipts: Sequence[str]) -> list[str]:
    """Delete entries with all that belongs to them; return the ids of the files to delete once this is committed."""
    forms = connection.execute(select(ENTRIES.c.form).where(ENTRIES.c.receipt.in_(receipts)).distinct()).scalars().all()
    files = connection.execute(select(UPLOADS.c.id).where(UPLOADS.c.receipt.in_(receipts))).scalars().all()
    for table in (UNIQUES, PLACES, UPLOADS, DELIVERY_ATTEMPTS, OUTBOX, ENTRIES):
        connection.execute(delete(table).where(table.c.receipt.in_(receipts)))
    for form in sorted(forms):
        change_generation(connection, form)
    return list(files)


def expired(connection: Connection, keeps: Mapping[str, timedelta | None], now: datetime) -> list[str]:
    """Return the receipts of some entries that are kept no longer."""
    table = ENTRIES.c
    may_go = or_(table.status != HELD, table.shown.is_not(None))  # no entry goes unseen because it looked like spam
    conditions = [
        may_go & (table.expires <= now) & table.form.not_in(list(keeps)),
        (table.status == HELD) & (table.shown <= now - HELD_FOR),
        *(
            may_go & (table.form == form) & (table.created <= now - keep)
            for form, keep in sorted(keeps.items())
            if keep is not None
        ),
    ]
    return list(connection.execute(select(table.receipt).where(or_(*conditions)).limit(PORTION)).scalars())


def forget_visitors(connection: Connection, now: datetime) -> None:
    """Forget who posted what as soon as it is of no use."""
    connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.until < now.timestamp()))
    remembered = ENTRIES.c.repeats_visitor.is_not(None) & (ENTRIES.c.created < now - REMEMBERED)
    connection.execute(update(ENTRIES).where(remembered).values(repeats_visitor=None))


def note_shown(connection: Connection, receipts: Iterable[str], now: datetime) -> None:
    """Remember that the owner has seen these entries, those that are held."""
    unseen = ENTRIES.c.receipt.in_(list(receipts)) & (ENTRIES.c.status == HELD) & ENTRIES.c.shown.is_(None)
    connection.execute(update(ENTRIES).where(unseen).values(shown=now))


def take_lease(connection: Connection, name: str, holder: str, now: float, seconds: float) -> bool:
    """Tell whether a piece of work is this holder's from now on, for so many seconds."""
    row = connection.execute(select(LEASES.c.holder, LEASES.c.until).where(LEASES.c.name == name)).first()
    if row is None:
        connection.execute(insert(LEASES), [{"name": name, "holder": holder, "until": now + seconds}])
        return True
    if row.holder != holder and now < row.until <= now + seconds:  # one from the future is a clock's mistake
        return False
    connection.execute(update(LEASES).where(LEASES.c.name == name).values(holder=holder, until=now + seconds))
    return True
