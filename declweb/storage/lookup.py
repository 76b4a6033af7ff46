"""Finding entries: by words, status, dates and what became of their messages; and how many of each there are.

Owns how a search is answered quickly, and that it is answered rightly whatever is indexed by now: what is not is looked
at itself. What is indexed is found by numbers alone, in indexes that are small; whole entries are read at the end.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select, text

from declweb.storage.database import Database
from declweb.storage.entry import Entry, MessageState
from declweb.storage.indexing import behind
from declweb.storage.outcomes import FormCounts
from declweb.storage.portions import PORTION, portions
from declweb.storage.reading import SHOWN, entries_of
from declweb.storage.search import Labels, Search
from declweb.storage.tables import ENTRIES, OUTBOX, moment_text
from declweb.storage.words import Word, text_of, words_of

ALL = 2**62
"""More entries than there are."""

FEW = 3000
"""Entries that are looked through one by one rather than all that have a word."""

_SHORTEST = 3
"""Characters that an index of three characters knows."""

_TRIGRAMS = 8
"""Of a long word, so many groups of three characters are asked for; those that have them are compared anyway."""

_FAILED = select(OUTBOX.c.receipt).where(OUTBOX.c.state == MessageState.FAILED)


# --- conditions -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Filter:
    """What is wanted of entries `e`, as SQL; words apart."""

    conditions: tuple[str, ...]
    values: Mapping[str, Any]


_ANY_FAILED = (
    "e.number IN (SELECT number FROM entries WHERE receipt IN (SELECT receipt FROM outbox WHERE state = :failed))"
)


def _filter(search: Search) -> _Filter:
    conditions = []
    values: dict[str, Any] = {f"status{at}": status for at, status in enumerate(search.statuses)}
    if values:
        conditions.append(f"e.status IN ({', '.join(f':{name}' for name in values)})")
    if search.is_seen is not None:
        conditions.append(f"e.seen IS {'NOT ' if search.is_seen else ''}NULL")
    wanted = {
        "e.form = :form": ("form", search.form),
        "e.created >= :since": ("since", search.since and moment_text(search.since)),
        "e.created < :until": ("until", search.until and moment_text(search.until)),
        _ANY_FAILED: ("failed", MessageState.FAILED if search.has_failed else None),
    }
    for condition, (name, value) in wanted.items():
        if value is not None:
            conditions.append(condition)
            values[name] = value
    return _Filter(tuple(conditions), values)


# --- finding ----------------------------------------------------------------------------------------------------------


def find(connection: Connection, search: Search, labels: Labels, limit: int) -> list[Entry]:
    """Return the newest entries that a search wants."""
    words = words_of(search, labels)
    found = {entry.number: entry for entry in islice(_not_indexed(connection, search, words), limit)}
    numbers = sorted({*_indexed(connection, search, words, limit), *found}, reverse=True)[:limit]
    missing = [number for number in numbers if number not in found]
    for some in portions(missing):
        statement = select(*SHOWN).where(ENTRIES.c.number.in_(some))
        found.update({entry.number: entry for entry in entries_of(connection, statement)})
    return [found[number] for number in numbers if number in found]


def count_found(connection: Connection, search: Search, labels: Labels, most: int) -> int:
    """Return how many entries a search wants, counting no further than `most`."""
    words = words_of(search, labels)
    found = {entry.number for entry in islice(_not_indexed(connection, search, words), most)}
    return min(most, len(found.union(_indexed(connection, search, words, most))))


def found_entries(database: Database, search: Search, labels: Labels, portion: int = PORTION) -> Iterator[Entry]:
    """Yield all entries that a search wants, the newest first, without holding a transaction open."""
    while True:
        with database.reading() as connection:
            found = find(connection, search, labels, portion)
        yield from found
        if len(found) < portion:
            return
        search = replace(search, before=found[-1].number)


def _not_indexed(connection: Connection, search: Search, words: Sequence[Word]) -> Iterator[Entry]:
    """Yield the entries that are wanted and not in the indexes, the newest first."""
    missing = behind(connection)
    if not missing.count:
        return
    wanted = _filter(search)
    conditions = " AND ".join([missing.condition, *wanted.conditions, "e.number < :before"])
    chosen = text(f"SELECT e.number FROM entries e WHERE {conditions} ORDER BY e.number DESC LIMIT {PORTION}")  # noqa: S608 # our own words
    before = ALL if search.before is None else search.before
    while True:
        numbers = list(connection.execute(chosen, {**wanted.values, "before": before}).scalars())
        statement = select(*SHOWN).where(ENTRIES.c.number.in_(numbers)).order_by(ENTRIES.c.number.desc())
        for entry in entries_of(connection, statement):
            kept = text_of(entry) if words else ""
            if all(word.is_in(kept) for word in words):
                yield entry
        if len(numbers) < PORTION:
            return
        before = numbers[-1]


def _indexed(connection: Connection, search: Search, words: Sequence[Word], limit: int) -> list[int]:
    """Return the numbers of the newest entries that are wanted and in the indexes.

    SQLite is told in which order to look (`CROSS JOIN`): it cannot know how many entries have a word.
    """
    wanted = _filter(search)
    values: dict[str, Any] = {**wanted.values, "limit": limit}
    is_sqlite = connection.dialect.name == "sqlite"
    match = _match(words) if words and is_sqlite and connection.execute(_HAS_TRIGRAMS).first() else ""
    if match and not (wanted.conditions and _is_narrow(connection, wanted)):
        values["match"] = match
        source = "trigrams t CROSS JOIN searched s ON s.number = t.rowid"
        source += " CROSS JOIN entries e ON e.number = t.rowid" if wanted.conditions else ""
        conditions, number = ["t.trigrams MATCH :match", *wanted.conditions], "t.rowid"
    elif words and not wanted.conditions:
        source, conditions, number = "searched s", [], "s.number"
    else:
        source, conditions, number = _entries(connection, wanted), ["e.noted = 1", *wanted.conditions], "e.number"
        source += f" {'CROSS ' if is_sqlite else ''}JOIN searched s ON s.number = e.number" if words else ""
    conditions += _having(words, "instr" if is_sqlite else "strpos", values)
    if search.before is not None:
        conditions.append(f"{number} < :before")
        values["before"] = search.before
    statement = f"SELECT {number} FROM {source} WHERE {' AND '.join(conditions)} ORDER BY {number} DESC LIMIT :limit"  # noqa: S608 # our own words
    return list(connection.execute(text(statement), values).scalars())


_HAS_TRIGRAMS = text("SELECT 1 FROM sqlite_master WHERE name = 'trigrams'")


def _entries(connection: Connection, wanted: _Filter) -> str:
    """Return the entries to look at: those of the index where there is a filter, else one after the other."""
    if connection.dialect.name != "sqlite":
        return "entries e"
    return f"entries e {'INDEXED BY entries_in_inbox' if wanted.conditions else 'NOT INDEXED'}"


def _is_narrow(connection: Connection, wanted: _Filter) -> bool:
    """Tell whether a filter leaves so few entries that they are looked through."""
    conditions = " AND ".join(["e.noted = 1", *wanted.conditions])
    few = f"SELECT e.number FROM {_entries(connection, wanted)} WHERE {conditions} LIMIT {FEW}"  # noqa: S608 # our own words
    return int(connection.execute(text(f"SELECT count(*) FROM ({few}) f"), wanted.values).scalar_one()) < FEW  # noqa: S608 # as above


def _having(words: Sequence[Word], place: str, values: dict[str, Any]) -> list[str]:
    """Return what compares texts with words; `place` is where one text is in another, as the database calls it."""
    conditions = []
    for at, word in enumerate(words):
        names = {f"word{at}_{each}": one for each, one in enumerate(word.any_of)}
        conditions.append(f"({' OR '.join(f'{place}(s.words, :{name}) > 0' for name in names)})")
        values.update(names)
    return conditions


def _match(words: Sequence[Word]) -> str:
    """Return what the index is asked for: every entry that has the words, and a few others (FTS5, detail=none)."""
    return " AND ".join(f"({' OR '.join(map(_groups, word.any_of))})" for word in words if len(word.text) >= _SHORTEST)


def _groups(word: str) -> str:
    last = len(word) - _SHORTEST
    starts = range(last + 1) if last < _TRIGRAMS else sorted({last * at // (_TRIGRAMS - 1) for at in range(_TRIGRAMS)})
    groups = dict.fromkeys(word[start : start + _SHORTEST].replace('"', '""') for start in starts)
    return "(" + " AND ".join(f'"{group}"' for group in groups) + ")"


# --- counting ---------------------------------------------------------------------------------------------------------


def failed_among(connection: Connection, receipts: Sequence[str]) -> frozenset[str]:
    """Return those of some entries with a message that could not be delivered."""
    return frozenset(connection.execute(_FAILED.where(OUTBOX.c.receipt.in_(receipts))).scalars())


def counts(connection: Connection) -> dict[str, FormCounts]:
    """Return how many entries each form has, of each status, unseen, and with messages that failed."""
    failed = select(OUTBOX.c.form, func.count(OUTBOX.c.receipt.distinct())).where(OUTBOX.c.state == MessageState.FAILED)
    failed_of: Mapping[str, int] = dict(map(tuple, connection.execute(failed.group_by(OUTBOX.c.form))))
    found: dict[str, FormCounts] = {}
    missing = behind(connection)
    indexed = _entries(connection, _Filter(("e.noted = 1",), {}))
    for source, condition in ((indexed, "e.noted = 1"), ("entries e", missing.condition if missing.count else "false")):
        statement = (
            f"SELECT e.form, e.status, count(*), count(e.seen) FROM {source} WHERE {condition}"  # noqa: S608 # our own words
            " GROUP BY e.form, e.status ORDER BY e.form, e.status"
        )
        for form, status, number, seen in connection.execute(text(statement)):
            known = found.get(form, FormCounts(failed=failed_of.get(form, 0)))
            statuses = {**known.statuses, status: known.statuses.get(status, 0) + number}
            found[form] = replace(
                known, total=known.total + number, unseen=known.unseen + number - seen, statuses=statuses
            )
    return dict(sorted(found.items()))


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
