"""What the owner does with many entries at once: marking, approving, holding, releasing, deleting for ever.

Owns that all of it happens in one transaction, with its audit. Each function works in the transaction that is open.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from declweb.storage.auditing import note
from declweb.storage.deletion import delete_entries
from declweb.storage.entry import Status
from declweb.storage.outcomes import AuditAction, Done
from declweb.storage.portions import portions
from declweb.storage.refusals import Taken
from declweb.storage.status import change_status, note_shown
from declweb.storage.tables import ENTRIES


def forms_of(connection: Connection, receipts: Sequence[str]) -> dict[str, str]:
    """Return the forms of those entries that there are."""
    found: dict[str, str] = {}
    for some in portions(receipts):
        statement = select(ENTRIES.c.receipt, ENTRIES.c.form).where(ENTRIES.c.receipt.in_(some))
        found.update({receipt: form for receipt, form in connection.execute(statement)})  # noqa: C416 # rows are no pairs
    return found


def only_form(forms: Iterable[str]) -> str:
    """Return the one form that an action concerns, or nothing where there are several."""
    several = set(forms)
    return several.pop() if len(several) == 1 else ""


def mark(connection: Connection, receipts: Sequence[str], by: str, *, is_seen: bool, now: datetime) -> Done:
    """Remember that the owner has seen entries, or is to look at them again."""
    forms = forms_of(connection, receipts)
    there = [receipt for receipt in receipts if receipt in forms]
    changed: list[str] = []
    for some in portions(there):
        is_other = ENTRIES.c.seen.is_(None) if is_seen else ENTRIES.c.seen.is_not(None)
        others = ENTRIES.c.receipt.in_(some) & is_other
        changed += connection.execute(select(ENTRIES.c.receipt).where(others)).scalars()
        connection.execute(update(ENTRIES).where(others).values(seen=now if is_seen else None))
        if is_seen:
            note_shown(connection, some, now)
    if changed:
        action = AuditAction.SEEN if is_seen else AuditAction.UNSEEN
        note(connection, by, action, changed, form=only_form(forms[one] for one in changed))
    return Done(receipts=there, missing=[receipt for receipt in receipts if receipt not in forms])


def judge(  # noqa: PLR0913 # what there is to decide
    connection: Connection,
    receipts: Sequence[str],
    by: str,
    action: AuditAction,
    statuses: Mapping[str, Status],
    otherwise: Status,
) -> Done:
    """Give entries the status of their form; one that cannot have it stays as it is, and the others change."""
    forms = forms_of(connection, receipts)
    done: list[str] = []
    changed: list[str] = []
    taken: dict[str, str] = {}
    is_release = action is AuditAction.RELEASE
    for receipt in (one for one in receipts if one in forms):
        old = connection.execute(select(ENTRIES.c.status).where(ENTRIES.c.receipt == receipt)).scalar()
        wanted = statuses.get(forms[receipt], otherwise)
        if old == wanted or (is_release and old != Status.HELD):
            done.append(receipt)
            continue
        try:
            change_status(connection, receipt, wanted)
        except Taken as refusal:
            taken[receipt] = refusal.field
        else:
            done.append(receipt)
            changed.append(receipt)
    if changed:
        note(connection, by, action, changed, form=only_form(forms[one] for one in changed))
    return Done(receipts=done, taken=taken, missing=[receipt for receipt in receipts if receipt not in forms])


def delete_for_ever(connection: Connection, receipts: Sequence[str], by: str) -> tuple[int, list[str]]:
    """Delete entries; return how many there were, and the ids of the files to delete once this is committed."""
    forms = forms_of(connection, receipts)
    files: list[str] = []
    for some in portions(list(forms)):
        files += delete_entries(connection, some)
    if forms:
        note(connection, by, AuditAction.DELETE, list(forms), form=only_form(forms.values()))
    return len(forms), files
