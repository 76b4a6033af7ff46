"""The list of who did what: written in the transaction of what was done, so that neither is there without the other.

Owns what an audit says, which is never what an entry says, and how long it is kept.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Text, delete, insert, select, type_coerce

from declweb.storage.outcomes import AUDITED, MOST_RECEIPTS, Audit, AuditAction
from declweb.storage.tables import AUDITS


def note(  # noqa: PLR0913 # what there is to note
    connection: Connection,
    by: str,
    action: AuditAction,
    receipts: Sequence[str] = (),
    *,
    form: str = "",
    count: int | None = None,
    subject: str = "",
) -> None:
    """Write down what somebody does."""
    row = {
        "moment": datetime.now(UTC),
        "by": by,
        "action": action,
        "form": form,
        "receipts": list(receipts[:MOST_RECEIPTS]),
        "count": len(receipts) if count is None else count,
        "subject": subject,
    }
    connection.execute(insert(AUDITS), [row])


def read_audits(connection: Connection, limit: int, before: int | None, receipt: str | None) -> list[Audit]:
    """Return the latest audits, the newest first."""
    table = AUDITS.c
    wanted = select(AUDITS).order_by(table.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(table.number < before)
    if receipt is not None:
        wanted = wanted.where(type_coerce(table.receipts, Text).contains(f'"{receipt}"', autoescape=True))
    return [Audit(**{**row, "receipts": tuple(row["receipts"])}) for row in connection.execute(wanted).mappings()]


def forget_audits(connection: Connection, now: datetime) -> None:
    """Forget what was done long ago."""
    connection.execute(delete(AUDITS).where(AUDITS.c.moment < now - AUDITED))
