"""What is kept no longer: entries whose time is over, and who posted what.

Owns how long entries are held, and how long visitors are remembered. Each function works in the transaction that is
open.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update

from declweb.storage.entry import Status
from declweb.storage.tables import ATTEMPTS, ENTRIES, SIGN_INS

HELD_FOR = timedelta(days=30)
"""How long an entry is held after the owner was shown it."""

REMEMBERED = timedelta(hours=1)
"""How long it is known which visitor an entry without a submission key came from; a repeat is much quicker."""

PORTION = 200


def expired(connection: Connection, keeps: Mapping[str, timedelta | None], now: datetime) -> list[str]:
    """Return the receipts of some entries that are kept no longer."""
    table = ENTRIES.c
    # no entry goes unseen because it looked like spam
    may_go = or_(table.status != Status.HELD, table.shown.is_not(None))
    conditions = [
        may_go & (table.expires <= now) & table.form.not_in(list(keeps)),
        (table.status == Status.HELD) & (table.shown <= now - HELD_FOR),
        *(
            may_go & (table.form == form) & (table.created <= now - keep)
            for form, keep in sorted(keeps.items())
            if keep is not None
        ),
    ]
    return list(connection.execute(select(table.receipt).where(or_(*conditions)).limit(PORTION)).scalars())


def forget_visitors(connection: Connection, now: datetime) -> None:
    """Forget who posted what as soon as it is of no use."""
    for table in (ATTEMPTS, SIGN_INS):
        connection.execute(delete(table).where(table.c.until < now.timestamp()))
    remembered = ENTRIES.c.repeats_visitor.is_not(None) & (ENTRIES.c.created < now - REMEMBERED)
    connection.execute(update(ENTRIES).where(remembered).values(repeats_visitor=None))
