"""The indexes of the inbox: the text of each entry, and its row among those that filters look at.

Owns which entries are in them. Accepting an entry touches neither: they are caught up with afterwards, by whoever
tidies or by a reader who finds that much is missing. `noted` of an entry says that it is in both; where it does not,
`searching` looks at the entry itself. What is deleted leaves them in the same transaction, by the database's own hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, text, update

from declweb.storage.reading import SHOWN, entries_of
from declweb.storage.tables import ENTRIES, SEARCHED
from declweb.storage.words import text_of

LOCK = "inbox"
"""The name under which one process at a time catches up."""

AT_ONCE = 100
"""Entries that are indexed in one transaction: nobody waits long for it."""

MOST = 5000
"""Entries that are looked up at once in order to be indexed."""


@dataclass(frozen=True, slots=True)
class Behind:
    """What is not in the indexes yet."""

    count: int = 0
    condition: str = "e.noted IS NULL"
    """Tells it, of entries `e`."""


_COUNTS = text("SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM entries WHERE noted = 1)")
_LAST = text("SELECT coalesce(max(number), 0) FROM searched")
_TAIL = text("SELECT count(*) FROM entries WHERE number > :last AND noted IS NULL")


def behind(connection: Connection, *, is_thorough: bool = False) -> Behind:
    """Return what is missing: entries after the last one that is there, and seldom others.

    Numbers are given in order and may be committed in another one, but for SQLite, where one writes at a time: there
    what comes before the last one is only counted where it is asked for.
    """
    last = int(connection.execute(_LAST).scalar_one())
    tail = int(connection.execute(_TAIL, {"last": last}).scalar_one())
    missing = tail
    if is_thorough or connection.dialect.name != "sqlite":
        every, noted = connection.execute(_COUNTS).one()
        missing = every - noted
    return Behind(missing, f"e.noted IS NULL AND e.number > {last}") if missing == tail else Behind(missing)


def next_missing(connection: Connection, most: int) -> list[int]:
    """Return the numbers of some entries that are to be indexed, the oldest first."""
    missing = behind(connection, is_thorough=True)
    if not missing.count:
        return []
    found = f"SELECT e.number FROM entries e WHERE {missing.condition} ORDER BY e.number LIMIT :most"  # noqa: S608 # our own words
    return list(connection.execute(text(found), {"most": most}).scalars())


def index(connection: Connection, numbers: Sequence[int]) -> int:
    """Index these entries; return how many there are yet. Nobody deletes them meanwhile."""
    chosen = ENTRIES.c.number.in_(numbers) & ENTRIES.c.noted.is_(None)
    entries = entries_of(connection, select(*SHOWN).where(chosen).order_by(ENTRIES.c.number).with_for_update())
    if entries:
        there = [entry.number for entry in entries]
        connection.execute(delete(SEARCHED).where(SEARCHED.c.number.in_(there)))
        connection.execute(insert(SEARCHED), [{"number": entry.number, "words": text_of(entry)} for entry in entries])
        connection.execute(update(ENTRIES).where(ENTRIES.c.number.in_(there)).values(noted=1))
    return len(entries)


def index_late(connection: Connection, number: int) -> None:
    """Index an entry that comes before the last one there; any other one has its turn, after those before it."""
    if number < int(connection.execute(_LAST).scalar_one()):
        index(connection, [number])
