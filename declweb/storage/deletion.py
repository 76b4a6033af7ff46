"""Deleting entries with all that belongs to them.

Owns what belongs to an entry and goes with it, in the transaction that is open.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from declweb.storage.adding import change_generation
from declweb.storage.tables import DELIVERY_ATTEMPTS, ENTRIES, OUTBOX, PLACES, UNIQUES, UPLOADS


def delete_entries(connection: Connection, receipts: Sequence[str]) -> list[str]:
    """Delete entries with all that belongs to them; return the ids of the files to delete once this is committed."""
    forms = connection.execute(select(ENTRIES.c.form).where(ENTRIES.c.receipt.in_(receipts)).distinct()).scalars().all()
    files = connection.execute(select(UPLOADS.c.id).where(UPLOADS.c.receipt.in_(receipts))).scalars().all()
    for table in (UNIQUES, PLACES, UPLOADS, DELIVERY_ATTEMPTS, OUTBOX, ENTRIES):
        connection.execute(delete(table).where(table.c.receipt.in_(receipts)))
    for form in sorted(forms):
        change_generation(connection, form)
    return list(files)
