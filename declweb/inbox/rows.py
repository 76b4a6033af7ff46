"""An entry as a line of a list: who, what, when, and what is to be known of it at a glance.

Owns which of its answers stand in the line, and the badges. Knows no store and no page.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from declweb.forms.entries import spoken
from declweb.inbox.office import Call
from declweb.inbox.shown import first_line, shortened
from declweb.model.fields import CHOOSING
from declweb.storage import Entry, Status, StoredField
from declweb.translations import mark

NEW = mark("New")
NOTHING_WRITTEN = mark("Entry {receipt}")
NOT_DELIVERED = mark("Not delivered")
STATUSES = {
    Status.HELD: ("held", mark("Held")),
    Status.TO_APPROVE: ("", mark("Waiting for approval")),
    Status.APPROVED: ("good", mark("Approved")),
}
"""Badges of entries that are not just there: how they look, and what they say."""

LONGEST_TITLE = 120
LONGEST_LINE = 200

_NAMES = frozenset({"text"})
_MESSAGES = frozenset({"textarea"})
_UNSAID = frozenset({"password", "hidden", "file", "checkbox"})


@dataclass(frozen=True, slots=True)
class Badge:
    """A word on an entry."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """An entry at a glance."""

    receipt: str
    title: str
    line: str
    form: str
    form_name: str
    created: datetime
    is_new: bool
    badges: tuple[Badge, ...]


def row(call: Call, entry: Entry, failed: Collection[str]) -> Row:
    """Return the line of an entry; `failed` are the receipts of those with a message that could not be delivered."""
    said = [(field, text) for field in entry.fields if (text := said_by(call, entry, field))]
    title = _first(said, _NAMES) or _first(said, frozenset({"email"})) or first_line(text for _, text in said)
    line = _first(said, _MESSAGES) or first_line(text for _, text in said if first_line([text]) != title)
    return Row(
        receipt=entry.receipt,
        title=shortened(title, LONGEST_TITLE) or call.say(NOTHING_WRITTEN, receipt=entry.receipt),
        line=shortened(line, LONGEST_LINE),
        form=call.office.title(entry.form),
        form_name=entry.form,
        created=entry.created,
        is_new=entry.seen is None,
        badges=_badges(call, entry, failed),
    )


def _first(said: list[tuple[StoredField, str]], types: Collection[str]) -> str:
    return first_line(text for field, text in said if field.type in types)


def _badges(call: Call, entry: Entry, failed: Collection[str]) -> tuple[Badge, ...]:
    found = [Badge("", call.say(NEW))] if entry.seen is None else []
    if entry.status in STATUSES:
        kind, words = STATUSES[entry.status]
        found.append(Badge(kind or "quiet", call.say(words)))
    if entry.receipt in failed:
        found.append(Badge("bad", call.say(NOT_DELIVERED)))
    if entry.uploads:
        found.append(Badge("quiet", call.counted(len(entry.uploads), mark("1 file"), mark("{count} files"))))
    return tuple(found)


def said_by(call: Call, entry: Entry, field: StoredField) -> str:
    """Return what was answered, for a line; nothing for what does not read well there."""
    return "" if field.type in _UNSAID else answered(call, entry, field)


def answered(call: Call, entry: Entry, field: StoredField) -> str:
    """Return an answer as people read it: choices by their labels, days and numbers in the language of the pages."""
    value = entry.values.get(field.name)
    if field.type in CHOOSING:
        labels = call.office.choices.get(entry.form, {}).get(field.name, {})
        values = value if isinstance(value, list | tuple) else [] if value in {None, ""} else [value]
        return ", ".join(labels.get(str(each), str(each)) for each in values)
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return call.calendar.answer(field.type, value) or spoken(value, call.office.say)


def kept_until(call: Call, entry: Entry) -> datetime | None:
    """Return when an entry goes by itself."""
    from declweb.storage.expiry import HELD_FOR  # noqa: PLC0415 # comes with the first use of a store

    office = call.office
    if entry.form in office.forms:
        keep = office.kept_for(entry.form)
        until = entry.created + keep if keep is not None else None
    else:
        until = entry.expires
    if entry.status == Status.HELD:
        held_until = (entry.shown or call.now) + timedelta(seconds=HELD_FOR.total_seconds())
        until = held_until if until is None else min(until, held_until)
    return until
