"""Deleting with a minute to think: what is deleted leaves its tables, whole, and lies in one row of its own.

So nobody who reads entries has to look away from some of them, and its places and unique values are free at once; it
comes back as it was, and where another entry has got its unique value meanwhile, it comes back held. Its files stay
where they are until it is gone for ever. Each function works in the transaction that is open.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Executable, Table, column, delete, insert, select, table

from declweb.storage.adding import change_generation
from declweb.storage.auditing import note
from declweb.storage.decisions import forms_of, only_form
from declweb.storage.entry import MessageState, Status
from declweb.storage.indexing import index_late
from declweb.storage.outcomes import UNDO, AuditAction, Discarded, Done
from declweb.storage.portions import portions
from declweb.storage.status import first_taken
from declweb.storage.tables import DELIVERY_ATTEMPTS, DISCARDED, ENTRIES, OUTBOX, PLACES, UNIQUES, UPLOADS

_LEAVING = (ENTRIES, UNIQUES, PLACES, OUTBOX, DELIVERY_ATTEMPTS)
"""Tables with the rows of an entry. Its files stay listed, or a sweep would take them for orphans."""

Rows = dict[str, list[dict[str, Any]]]


def discard(connection: Connection, receipts: Sequence[str], by: str, now: datetime) -> Discarded:
    """Delete entries, to be brought back within a minute."""
    known = forms_of(connection, receipts)
    forms = {receipt: known[receipt] for receipt in receipts if receipt in known}
    token = secrets.token_urlsafe(16)
    for some in portions(list(forms)):
        rows = _rows(connection, some)
        lying = [{"receipt": one, "form": forms[one], "token": token, "moment": now, "rows": rows[one]} for one in some]
        connection.execute(insert(DISCARDED), lying)
        for each in _LEAVING:
            connection.execute(delete(each).where(each.c.receipt.in_(some)))
    for form in sorted(set(forms.values())):
        change_generation(connection, form)
    if forms:
        note(connection, by, AuditAction.DISCARD, list(forms), form=only_form(forms.values()))
    return Discarded(token=token if forms else "", receipts=list(forms), until=now + UNDO)


def _rows(connection: Connection, receipts: Sequence[str]) -> dict[str, Rows]:
    """Return the rows of some entries, as they stand in the tables."""
    found: dict[str, Rows] = {receipt: {} for receipt in receipts}
    for each in _LEAVING:
        raw = _raw(each)
        for row in connection.execute(select(raw).where(raw.c.receipt.in_(receipts))).mappings():
            found[row["receipt"]].setdefault(each.name, []).append(dict(row))
    return found


def _raw(of: Table) -> Any:
    """Return a table whose values come and go as they are kept."""
    return table(of.name, *(column(each.name) for each in of.c))


def lying(connection: Connection, token: str) -> dict[str, str]:
    """Return what was deleted under a token and is there yet, with its form."""
    statement = select(DISCARDED.c.receipt, DISCARDED.c.form).where(DISCARDED.c.token == token)
    return {receipt: form for receipt, form in connection.execute(statement)}  # noqa: C416 # rows are no pairs


def restore(connection: Connection, token: str, by: str, now: datetime) -> Done | None:
    """Bring back what was deleted; None where its minute is over, or it was brought back before."""
    of = DISCARDED.c
    since = now - UNDO
    statement = select(of.receipt, of.form, of.rows).where(of.token == token, of.moment >= since)
    found = connection.execute(statement).all()
    if not found:
        return None
    taken = {}
    for receipt, form, rows in found:
        field = _restore_one(connection, form, rows)
        if field is not None:
            taken[receipt] = field
    connection.execute(delete(DISCARDED).where(of.token == token))
    for form in sorted({form for _, form, _ in found}):
        change_generation(connection, form)
    receipts = [receipt for receipt, _, _ in found]
    note(connection, by, AuditAction.UNDO, receipts, form=only_form(form for _, form, _ in found))
    return Done(receipts=receipts, taken=taken)


def _restore_one(connection: Connection, form: str, rows: Rows) -> str | None:
    """Bring an entry back; return the field whose unique value another one has, where it must come back held."""
    (entry,) = rows[ENTRIES.name]
    wanted: Mapping[str, str] = json.loads(entry["wanted"])
    field = first_taken(connection, form, wanted) if entry["status"] != Status.HELD else None
    if field is not None:
        entry = {**entry, "status": Status.HELD, "shown": None}
        rows = {**rows, UNIQUES.name: []}
        messages = rows.get(OUTBOX.name, ())
        rows[OUTBOX.name] = [
            {**one, "state": MessageState.HELD if one["state"] == MessageState.WAITING else one["state"]}
            for one in messages
        ]
    if _is_repeated(connection, entry):
        entry = {**entry, "submission_key": None}
    (number,) = _put_back(connection, ENTRIES, [{**entry, "noted": None}]).values()
    index_late(connection, number)
    for each in (UNIQUES, PLACES):
        _put_back(connection, each, rows.get(each.name, ()))
    messages = [{**one, "lease": None, "leased_until": None} for one in rows.get(OUTBOX.name, ())]
    numbers = _put_back(connection, OUTBOX, messages)
    attempts = [{**one, "message": numbers[one["message"]]} for one in rows.get(DELIVERY_ATTEMPTS.name, ())]
    _put_back(connection, DELIVERY_ATTEMPTS, attempts)
    return field


def _is_repeated(connection: Connection, entry: Mapping[str, Any]) -> bool:
    """Tell whether its visitor handed the very same in again meanwhile."""
    of = ENTRIES.c
    same = (of.form == entry["form"], of.digest == entry["digest"], of.submission_key == entry["submission_key"])
    return connection.execute(select(of.number).where(*same)).first() is not None


def _put_back(connection: Connection, into: Table, rows: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Insert rows, with new numbers where theirs were given to others meanwhile; return which became which."""
    numbers: dict[int, int] = {}
    for row in rows:
        values = dict(row)
        number = values.get("number")
        if number is None:
            connection.execute(insert(_raw(into)), [values])
            continue
        if connection.execute(select(into.c.number).where(into.c.number == number)).first() is not None:
            del values["number"]
        made: Executable = insert(_raw(into)).values(values).returning(column("number"))
        numbers[number] = connection.execute(made).scalar_one()
    return numbers


def gone(connection: Connection, receipts: Sequence[str]) -> list[str]:
    """Delete for ever what was deleted before; return the ids of the files to delete once this is committed."""
    files: list[str] = []
    for some in portions(receipts):
        there = connection.execute(select(DISCARDED.c.receipt).where(DISCARDED.c.receipt.in_(some))).scalars().all()
        files += connection.execute(select(UPLOADS.c.id).where(UPLOADS.c.receipt.in_(there))).scalars()
        for each in (UPLOADS, DISCARDED):
            connection.execute(delete(each).where(each.c.receipt.in_(there)))
    return files


def overdue(connection: Connection, now: datetime) -> dict[str, str]:
    """Return what cannot be brought back any more, with its form."""
    statement = select(DISCARDED.c.receipt, DISCARDED.c.form).where(DISCARDED.c.moment < now - UNDO)
    return {receipt: form for receipt, form in connection.execute(statement.limit(1000))}  # noqa: C416 # rows are no pairs
