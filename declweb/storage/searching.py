"""Finding entries: by words, status, dates and what became of their messages; and how many of each there are.

Owns how a search is answered quickly, and that it is answered rightly whatever is indexed by now. Reads in portions,
as `reading` does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice

from sqlalchemy import ColumnElement, Connection, func, select

from declweb.storage.database import Database
from declweb.storage.entry import Entry
from declweb.storage.owner import FormCounts, Labels, Search
from declweb.storage.reading import PORTION, SHOWN, entries_of
from declweb.storage.tables import ENTRIES, FAILED, OUTBOX
from declweb.storage.words import text_of, words_of

_FAILED = select(OUTBOX.c.receipt).where(OUTBOX.c.state == FAILED)


def find(connection: Connection, search: Search, labels: Labels, limit: int) -> list[Entry]:
    """Return the newest entries that a search wants."""
    return list(islice(_found(connection, search, labels), limit if limit >= 0 else None))


def count_found(connection: Connection, search: Search, labels: Labels, most: int) -> int:
    """Return how many entries a search wants, counting no further than `most`."""
    return sum(1 for _ in islice(_found(connection, search, labels), most))


def _found(connection: Connection, search: Search, labels: Labels) -> Iterator[Entry]:
    words = words_of(search, labels)
    statement = select(*SHOWN).where(*_conditions(search)).order_by(ENTRIES.c.number.desc()).limit(PORTION)
    wanted = statement
    while True:
        found = entries_of(connection, wanted)
        for entry in found:
            text = text_of(entry) if words else ""
            if all(word.is_in(text) for word in words):
                yield entry
        if len(found) < PORTION:
            return
        wanted = statement.where(ENTRIES.c.number < found[-1].number)


def found_entries(database: Database, search: Search, labels: Labels, portion: int = PORTION) -> Iterator[Entry]:
    """Yield all entries that a search wants, the newest first, without holding a transaction open."""
    while True:
        with database.reading() as connection:
            found = find(connection, search, labels, portion)
        yield from found
        if len(found) < portion:
            return
        search = replace(search, before=found[-1].number)


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    table = ENTRIES.c
    conditions: list[ColumnElement[bool]] = []
    if search.form is not None:
        conditions.append(table.form == search.form)
    if search.statuses:
        conditions.append(table.status.in_(search.statuses))
    if search.is_seen is not None:
        conditions.append(table.seen.is_not(None) if search.is_seen else table.seen.is_(None))
    if search.has_failed:
        conditions.append(table.receipt.in_(_FAILED))
    if search.since is not None:
        conditions.append(table.created >= search.since)
    if search.until is not None:
        conditions.append(table.created < search.until)
    if search.before is not None:
        conditions.append(table.number < search.before)
    return conditions


def failed_among(connection: Connection, receipts: Sequence[str]) -> frozenset[str]:
    """Return those of some entries with a message that could not be delivered."""
    return frozenset(connection.execute(_FAILED.where(OUTBOX.c.receipt.in_(receipts))).scalars())


def counts(connection: Connection) -> dict[str, FormCounts]:
    """Return how many entries each form has, of each status, unseen, and with messages that failed."""
    table = ENTRIES.c
    statement = select(table.form, table.status, func.count(), func.count(table.seen)).group_by(
        table.form, table.status
    )
    failed = select(OUTBOX.c.form, func.count(OUTBOX.c.receipt.distinct())).where(OUTBOX.c.state == FAILED)
    failed_of: Mapping[str, int] = dict(map(tuple, connection.execute(failed.group_by(OUTBOX.c.form))))
    found: dict[str, FormCounts] = {}
    for form, status, number, seen in connection.execute(statement):
        known = found.get(form, FormCounts(failed=failed_of.get(form, 0)))
        found[form] = FormCounts(
            total=known.total + number,
            unseen=known.unseen + number - seen,
            statuses={**known.statuses, status: number},
            failed=known.failed,
        )
    return found


def per_day(connection: Connection, days: Sequence[date], zone: tzinfo, forms: Sequence[str]) -> dict[str, list[int]]:
    """Return how many entries came on each of some days, by form."""
    table = ENTRIES.c
    found: dict[str, list[int]] = {}
    for each in forms:
        found[each] = [
            connection.execute(
                select(func.count()).where(table.form == each, table.created >= since, table.created < until)
            ).scalar_one()
            for since, until in (_bounds(day, zone) for day in days)
        ]
    return found


def _bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    midnight = time(tzinfo=zone)
    return datetime.combine(day, midnight), datetime.combine(day + timedelta(days=1), midnight)
