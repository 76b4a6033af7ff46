"""The status of an entry, and what follows from it: its unique values, its messages, and whether it was shown.

Owns that an entry that is held takes no unique value and sends nothing. Each function works in the open transaction.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from declweb.storage.adding import change_generation
from declweb.storage.entry import MessageState, Status
from declweb.storage.refusals import Taken
from declweb.storage.tables import ENTRIES, OUTBOX, UNIQUES


def change_status(connection: Connection, receipt: str, status: Status) -> bool:
    """Give an entry another status, with all that follows from it; False if there is no such entry."""
    row = connection.execute(
        select(ENTRIES.c.form, ENTRIES.c.status, ENTRIES.c.wanted).where(ENTRIES.c.receipt == receipt)
    ).first()
    if row is None:
        return False
    if row.status == status:
        return True
    if status == Status.HELD:
        connection.execute(delete(UNIQUES).where(UNIQUES.c.receipt == receipt))
        _move_messages(connection, receipt, MessageState.WAITING, MessageState.HELD)
    elif row.status == Status.HELD:
        _take_values(connection, row.form, receipt, row.wanted)
        _move_messages(connection, receipt, MessageState.HELD, MessageState.WAITING)
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


def note_shown(connection: Connection, receipts: Iterable[str], now: datetime) -> None:
    """Remember that the owner has seen these entries, those that are held."""
    unseen = ENTRIES.c.receipt.in_(list(receipts)) & (ENTRIES.c.status == Status.HELD) & ENTRIES.c.shown.is_(None)
    connection.execute(update(ENTRIES).where(unseen).values(shown=now))
