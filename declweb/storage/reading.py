"""Reading entries and messages back.

Owns the shape in which rows come out. Reads in portions: who exports a million entries holds neither them nor a
transaction open.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from declweb.storage.database import Database
from declweb.storage.entry import Entry, Outgoing, Status, StoredField, Upload
from declweb.storage.outbox import MESSAGE
from declweb.storage.portions import PORTION
from declweb.storage.tables import ENTRIES, GENERATIONS, OUTBOX, UNIQUES, UPLOADS

SHOWN = (
    ENTRIES.c.number,
    ENTRIES.c.form,
    ENTRIES.c.receipt,
    ENTRIES.c.created,
    ENTRIES.c.language,
    ENTRIES.c.content,
    ENTRIES.c.fields,
    ENTRIES.c.status,
    ENTRIES.c.points,
    ENTRIES.c.reasons,
    ENTRIES.c.expires,
    ENTRIES.c.seen,
    ENTRIES.c.shown,
)


def read_entry(connection: Connection, receipt: str) -> Entry | None:
    """Return the entry with this receipt."""
    return next(iter(entries_of(connection, select(*SHOWN).where(ENTRIES.c.receipt == receipt))), None)


def read_entries(
    database: Database, form: str, status: Status | None, *, is_newest_first: bool, portion: int = PORTION
) -> Iterator[Entry]:
    """Yield a form's entries in the order in which they came, or the other way round."""
    number = ENTRIES.c.number
    wanted = select(*SHOWN).where(ENTRIES.c.form == form)
    if status is not None:
        wanted = wanted.where(ENTRIES.c.status == status)
    wanted = wanted.order_by(number.desc() if is_newest_first else number).limit(portion)
    statement = wanted
    while True:
        with database.reading() as connection:
            found = entries_of(connection, statement)
        yield from found
        if len(found) < portion:
            return
        last = found[-1].number
        statement = wanted.where(number < last if is_newest_first else number > last)


def entries_of(connection: Connection, statement: Select[Any]) -> list[Entry]:
    """Return the entries that a statement over the columns SHOWN finds, with their files."""
    rows = connection.execute(statement).all()
    uploads = _uploads(connection, [row.receipt for row in rows])
    return [_entry(row, uploads[row.receipt]) for row in rows]


def _entry(row: Row[Any], uploads: Sequence[Upload]) -> Entry:
    return Entry(
        number=row.number,
        form=row.form,
        receipt=row.receipt,
        created=row.created,
        language=row.language,
        values=row.content,
        fields=[StoredField(*declared) for declared in row.fields],
        uploads=uploads,
        status=row.status,
        points=row.points,
        reasons=row.reasons,
        expires=row.expires,
        seen=row.seen,
        shown=row.shown,
    )


def _uploads(connection: Connection, receipts: Collection[str]) -> dict[str, list[Upload]]:
    found: dict[str, list[Upload]] = defaultdict(list)
    if receipts:
        table = UPLOADS.c
        statement = select(
            table.receipt, table.id, table.field, table.name, table.media_type, table.size, table.digest
        ).where(table.receipt.in_(receipts))
        for receipt, *columns in connection.execute(statement.order_by(table.position)):
            found[receipt].append(Upload(*columns))
    return found


def read_fields(connection: Connection, form: str) -> list[str]:
    """Return the names of all fields of a form's entries; those of the latest entry first, in its order."""
    latest = func.max(ENTRIES.c.number).label("latest")
    lists = select(ENTRIES.c.fields, latest).where(ENTRIES.c.form == form).group_by(ENTRIES.c.fields)
    names = (name for fields, _ in connection.execute(lists.order_by(latest.desc())) for name, _label, _type in fields)
    return list(dict.fromkeys(names))


def read_messages(
    database: Database, receipt: str | None, states: Collection[str] = (), portion: int = PORTION
) -> Iterator[Outgoing]:
    """Yield the messages in the outbox."""
    table = OUTBOX.c
    wanted = select(*MESSAGE)
    if receipt is not None:
        wanted = wanted.where(table.receipt == receipt)
    if states:
        wanted = wanted.where(table.state.in_(states))
    last = -1
    while True:
        with database.reading() as connection:
            statement = wanted.where(table.number > last).order_by(table.number).limit(portion)
            found = [Outgoing(**row) for row in connection.execute(statement).mappings()]
        yield from found
        if len(found) < portion:
            return
        last = found[-1].number


def count_by_form(connection: Connection) -> dict[str, int]:
    """Return how many entries each form has."""
    statement = select(ENTRIES.c.form, func.count()).group_by(ENTRIES.c.form).order_by(ENTRIES.c.form)
    return {form: number for form, number in connection.execute(statement)}  # noqa: C416 # rows are no pairs


def count_with_status(connection: Connection, form: str, status: Status) -> int:
    """Return how many of a form's entries have a status."""
    statement = select(func.count()).where(ENTRIES.c.form == form, ENTRIES.c.status == status)
    return connection.execute(statement).scalar_one()


def read_generations(connection: Connection) -> dict[str, int]:
    """Return the generation of each form that ever had an entry."""
    rows = connection.execute(select(GENERATIONS.c.form, GENERATIONS.c.number))
    return {form: number for form, number in rows}  # noqa: C416 # rows are no pairs


def is_value_taken(connection: Connection, form: str, field: str, value: str) -> bool:
    """Tell whether an entry has this unique value."""
    table = UNIQUES.c
    statement = select(table.receipt).where(table.form == form, table.field == field, table.value == value)
    return connection.execute(statement).first() is not None


def known_uploads(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return those of some ids that belong to entries."""
    return set(connection.execute(select(UPLOADS.c.id).where(UPLOADS.c.id.in_(ids))).scalars())
