"""Adding entries: what they must respect is counted, and they are stored, in the one transaction of their group.

Owns repeats, rates, unique values, places and the most entries of a form. The transaction's lock keeps everybody else
from adding to the same form meanwhile: what was counted stays true until it is committed.
"""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, select, tuple_

from declweb.storage.entry import Added, Entering, Message, MessageState, Rate, Status, Upload
from declweb.storage.portions import portions
from declweb.storage.refusals import FormFull, Refused, SoldOut, Taken, TooMany
from declweb.storage.tables import ATTEMPTS, ENTRIES, OUTBOX, PLACES, UNIQUES, UPLOADS, moment_text, to_json
from declweb.storage.writer import Task

REPEAT = timedelta(minutes=2)
"""How long the same content from the same visitor is a repeat, where there is no submission key."""

Rows = dict[Table, list[dict[str, Any]]]

_LONGEST = 200
"""Characters of a text that is compared as it is."""


class Adding(Task[Added]):
    """An entry that is to be added."""

    __slots__ = ("digest", "entering", "key", "now", "rows", "unique")

    def __init__(self, entering: Entering, now: float) -> None:
        """Raise ValueError or TypeError for values that cannot be stored, before anybody waits."""
        super().__init__(lambda connection: _add_one(connection, self), (entering.form,))
        self.entering = entering
        self.now = now
        self.key = _short(entering.key) if entering.key else None
        self.digest = _short(entering.digest)
        self.unique = comparable(entering.unique)
        self.rows = _rows(self)


def comparable(values: Mapping[str, str]) -> dict[str, str]:
    """Return unique values as they are compared in the table."""
    return {name: _short(value) for name, value in values.items()}


def add_many(connection: Connection, tasks: Sequence[Adding]) -> None:
    """Decide about each entry in the order in which they came, then store those that are taken."""
    forms: dict[str, list[Adding]] = defaultdict(list)
    for task in tasks:
        forms[task.entering.form].append(task)
    rows: Rows = defaultdict(list)
    for form, some in forms.items():
        state = _FormState(connection, form, some)
        for task in some:
            _decide(state, task, rows)
        if state.is_changed:
            change_generation(connection, form)
    for table, values in rows.items():
        _insert(connection, table, values)


def _add_one(connection: Connection, task: Adding) -> Added:
    add_many(connection, [task])
    return task.result()


def count_attempt(connection: Connection, form: str, visitor: str, rate: Rate, now: float) -> None:
    """Note a post that brought no entry; raises TooMany."""
    moments = _moments(connection, form, [visitor], now - rate.seconds)[visitor]
    _bound(rate, [moment for moment, _ in moments], now)
    _insert(connection, ATTEMPTS, [_attempt(form, visitor, now, [rate], is_accepted=False)])


def change_generation(connection: Connection, form: str) -> None:
    """Say that a form's entries are others now."""
    mark = _mark(connection)
    connection.exec_driver_sql(
        f"INSERT INTO generations (form, number) VALUES ({mark}, 1)"  # noqa: S608 # our own words
        " ON CONFLICT (form) DO UPDATE SET number = generations.number + 1",
        (form,),
    )


# What every entry asks for is written out as SQL: composing it anew costs more than running it.


def _mark(connection: Connection) -> str:
    """Return what stands for a value in SQL."""
    return "?" if connection.dialect.paramstyle == "qmark" else "%s"


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that have the same columns, with values as the database keeps them.

    All in one statement: between two of them the thread may have to wait for Python's lock, and all writers with it.
    """
    columns = list(rows[0])
    row = f"({', '.join([_mark(connection)] * len(columns))})"
    for some in portions(rows):
        values = ", ".join([row] * len(some))
        statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES {values}"  # noqa: S608 # our own words
        connection.exec_driver_sql(statement, tuple(value for one in some for value in one.values()))


def _select(connection: Connection, statement: str, form: str, among: Sequence[str]) -> Iterable[Sequence[Any]]:
    """Return the rows of one form in which a column has one of some values; `{}` stands for a mark, then for marks."""
    mark = _mark(connection)
    marks = ", ".join([mark] * len(among))
    return connection.exec_driver_sql(statement.format(mark, marks), (form, *among)).fetchall()


# --- deciding ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    """What tells an entry from another one that says the same."""

    receipt: str
    key: str | None
    visitor: str | None
    created: str


@dataclass(slots=True)
class _FormState:
    """What the entries of one form must respect, with the group's own counted in."""

    connection: Connection
    form: str
    tasks: Sequence[Adding]
    known: dict[str, list[_Known]] = field(init=False)
    moments: dict[str, list[tuple[float, bool]]] = field(init=False)
    taken: set[tuple[str, str]] = field(init=False)
    places: Counter[tuple[str, str]] = field(init=False)
    count: int = field(init=False)
    is_changed: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        entering = [task.entering for task in self.tasks]
        self.known = self._known()
        rates = [rate for one in entering for rate in (one.rate, one.attempts) if rate]
        since = min(task.now for task in self.tasks) - max((rate.seconds for rate in rates), default=0)
        visitors = sorted({one.visitor for one in entering if one.rate or one.attempts})
        self.moments = _moments(self.connection, self.form, visitors, since)
        self.taken = self._taken(sorted({pair for task in self.tasks for pair in task.unique.items()}))
        self.places = self._places(sorted({(place.field, place.value) for one in entering for place in one.places}))
        is_bound = any(one.max_entries is not None for one in entering)
        self.count = count_entries(self.connection, self.form) if is_bound else 0

    def _known(self) -> dict[str, list[_Known]]:
        found: dict[str, list[_Known]] = defaultdict(list)
        digests = sorted({task.digest for task in self.tasks if task.key or task.entering.repeats_visitor})
        if digests:
            for digest, *known in _select(self.connection, _KNOWN, self.form, digests):
                found[digest].append(_Known(*known))
        return found

    def _taken(self, pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        if not pairs:
            return set()
        return {(name, value) for name, value in self.connection.execute(_TAKEN, {"form": self.form, "pairs": pairs})}

    def _places(self, pairs: Sequence[tuple[str, str]]) -> Counter[tuple[str, str]]:
        if not pairs:
            return Counter()
        values = {"form": self.form, "pairs": pairs}
        return Counter({(name, value): number for name, value, number in self.connection.execute(_WANTED, values)})


_KNOWN = (
    "SELECT digest, receipt, submission_key, repeats_visitor, created FROM entries"  # our own words
    " WHERE form = {} AND digest IN ({})"
)

_MOMENTS = "SELECT visitor, moment, is_accepted FROM attempts WHERE form = {} AND visitor IN ({})"

_TAKEN = select(UNIQUES.c.field, UNIQUES.c.value).where(
    UNIQUES.c.form == bindparam("form"),
    tuple_(UNIQUES.c.field, UNIQUES.c.value).in_(bindparam("pairs", expanding=True)),
)

_PLACES = (
    select(PLACES.c.field, PLACES.c.value, func.count())
    .where(PLACES.c.form == bindparam("form"))
    .group_by(PLACES.c.field, PLACES.c.value)
)

_WANTED = _PLACES.where(tuple_(PLACES.c.field, PLACES.c.value).in_(bindparam("pairs", expanding=True)))

_COUNT = select(func.count()).select_from(ENTRIES).where(ENTRIES.c.form == bindparam("form"))


def taken_places(connection: Connection, form: str) -> Counter[tuple[str, str]]:
    """Return how many places of each field and value are taken."""
    return Counter({(name, value): number for name, value, number in connection.execute(_PLACES, {"form": form})})


def count_entries(connection: Connection, form: str) -> int:
    """Return how many entries a form has, held ones included."""
    return int(connection.execute(_COUNT, {"form": form}).scalar_one())


def _moments(
    connection: Connection, form: str, visitors: Sequence[str], since: float
) -> dict[str, list[tuple[float, bool]]]:
    """Return when each visitor posted since then, and whether an entry came of it."""
    found: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    if visitors:
        for visitor, moment, is_accepted in _select(connection, _MOMENTS, form, visitors):
            if moment > since:
                found[visitor].append((moment, bool(is_accepted)))
    return found


def _decide(state: _FormState, task: Adding, rows: Rows) -> None:
    """Note an entry's receipt and its rows, or why it is refused."""
    entering = task.entering
    try:
        known = _first(state.known[task.digest], task)
        if known is not None:
            task.succeed(Added(known.receipt, is_repeat=True))
            return
        _bound(entering.attempts, [moment for moment, _ in state.moments[entering.visitor]], task.now)
        _allow(state, task)
    except TooMany as refusal:
        task.error = refusal
    except Refused as refusal:
        task.error = refusal
        _note(state, task, rows, is_accepted=False)
    else:
        _note(state, task, rows, is_accepted=True)
        _take(state, task)
        state.is_changed = True
        for table, values in task.rows.items():
            rows[table].extend(values)
        task.succeed(Added(entering.receipt))


def _first(known: Iterable[_Known], task: Adding) -> _Known | None:
    """Return the entry that this one repeats."""
    if task.key:
        return next((one for one in known if one.key == task.key), None)
    entering = task.entering
    if not entering.repeats_visitor:
        return None
    since = moment_text(entering.created - REPEAT)
    return next((one for one in known if one.visitor == entering.repeats_visitor and one.created >= since), None)


def _allow(state: _FormState, task: Adding) -> None:
    """Raise why an entry is refused."""
    entering = task.entering
    _bound(entering.rate, [moment for moment, is_accepted in state.moments[entering.visitor] if is_accepted], task.now)
    for pair in task.unique.items():
        if pair in state.taken:
            raise Taken(pair[0])
    for place in entering.places:
        if state.places[place.field, place.value] >= place.limit:
            raise SoldOut(place.field, place.value)
    if entering.max_entries is not None and state.count >= entering.max_entries:
        raise FormFull


def _bound(rate: Rate | None, moments: Sequence[float], now: float) -> None:
    if rate is None:
        return
    within = sorted(moment for moment in moments if moment > now - rate.seconds)
    if len(within) >= rate.count:
        free = within[-rate.count] + rate.seconds if rate.count else now + rate.seconds
        raise TooMany(max(1, math.ceil(free - now)))


def _note(state: _FormState, task: Adding, rows: Rows, *, is_accepted: bool) -> None:
    """Count a post of a visitor."""
    entering = task.entering
    rates = [rate for rate in (entering.rate, entering.attempts) if rate]
    if rates and (is_accepted or entering.attempts):
        state.moments[entering.visitor].append((task.now, is_accepted))
        rows[ATTEMPTS].append(_attempt(state.form, entering.visitor, task.now, rates, is_accepted=is_accepted))


def _take(state: _FormState, task: Adding) -> None:
    """Count an entry in, for those of its group that come after it."""
    entering = task.entering
    state.known[task.digest].append(
        _Known(entering.receipt, task.key, entering.repeats_visitor, moment_text(entering.created))
    )
    state.count += 1
    state.places.update((place.field, place.value) for place in entering.places)
    if entering.status != Status.HELD:
        state.taken.update(task.unique.items())


# --- rows -------------------------------------------------------------------------------------------------------------


def _attempt(form: str, visitor: str, now: float, rates: Iterable[Rate], *, is_accepted: bool) -> dict[str, Any]:
    until = now + max(rate.seconds for rate in rates)
    return {"form": form, "visitor": visitor, "moment": now, "is_accepted": int(is_accepted), "until": until}


def _rows(task: Adding) -> Rows:
    """Return all rows of an entry, by table, as they are kept; raise ValueError or TypeError for what cannot be."""
    entering = task.entering
    of = {"form": entering.form, "receipt": entering.receipt}
    is_held = entering.status == Status.HELD
    created = moment_text(entering.created)
    rows: Rows = {ENTRIES: [_entry_row(task, created)]}
    if task.unique and not is_held:
        rows[UNIQUES] = [{**of, "field": name, "value": value} for name, value in task.unique.items()]
    if entering.places:
        rows[PLACES] = [{**of, "field": place.field, "value": place.value} for place in entering.places]
    if entering.uploads:
        rows[UPLOADS] = [_upload_row(entering, upload, position) for position, upload in enumerate(entering.uploads)]
    if entering.messages:
        state = MessageState.HELD if is_held else MessageState.WAITING
        rows[OUTBOX] = [_message_row(entering, message, state, created) for message in entering.messages]
    for values in rows.values():
        for row in values:
            _check(row)
    return rows


def _entry_row(task: Adding, created: str) -> dict[str, Any]:
    entering = task.entering
    return {
        "form": entering.form,
        "receipt": entering.receipt,
        "created": created,
        "language": entering.language,
        "status": entering.status,
        "points": entering.points,
        "reasons": to_json(entering.reasons),
        "content": to_json(dict(entering.values)),
        "fields": to_json([(one.name, one.label, one.type) for one in entering.fields]),
        "digest": task.digest,
        "submission_key": task.key,
        "repeats_visitor": None if task.key else entering.repeats_visitor,
        "wanted": to_json(task.unique),
        "expires": None if entering.keep is None else moment_text(entering.created + entering.keep),
    }


def _upload_row(entering: Entering, upload: Upload, position: int) -> dict[str, Any]:
    return {
        "id": upload.id,
        "receipt": entering.receipt,
        "position": position,
        "field": upload.field,
        "name": upload.name,
        "media_type": upload.media_type,
        "size": upload.size,
        "digest": upload.digest,
    }


def _message_row(entering: Entering, message: Message, state: str, created: str) -> dict[str, Any]:
    return {
        "form": entering.form,
        "receipt": entering.receipt,
        "kind": message.kind,
        "target": message.target,
        "content": to_json(dict(message.content)),
        "send": message.send,
        "state": state,
        "created": created,
        "due": created,
        "attempts": 0,
        "last_words": "",
    }


def _check(row: Mapping[str, Any]) -> None:
    """Raise ValueError for texts that no database could hold."""
    for name, value in row.items():
        if isinstance(value, str) and b"\0" in value.encode():
            raise ValueError(f"{name} holds a NUL")


def _short(text: str) -> str:
    """Return a text that an index can hold, and that is the same for the same text alone."""
    return text if len(text) <= _LONGEST else f"sha256:{hashlib.sha256(text.encode(errors='replace')).hexdigest()}"
