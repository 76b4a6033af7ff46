"""The pages of the inbox: what stands on each of them.

Owns what is asked of the store for a page, and what is said where there is nothing. Changes nothing but what looking
changes: an entry that is opened has been seen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from itertools import islice

from markupsafe import Markup

from declweb.forms.receipt import as_receipt
from declweb.http.answer import Refused
from declweb.inbox.actions import actions_for, actions_of_list
from declweb.inbox.asking import SHOWS, TO_APPROVE, Asked
from declweb.inbox.chart import DAYS, Chart, chart
from declweb.inbox.drawing import Page
from declweb.inbox.entries import Sent, answers, sent, spam
from declweb.inbox.office import Call
from declweb.inbox.replying import addresses, reply
from declweb.inbox.rows import kept_until, row
from declweb.inbox.shown import shown
from declweb.model.inbox import InboxAddress
from declweb.storage import Entry, MessageKind, MessageState, Outgoing, Status
from declweb.storage.outcomes import FormCounts, OfAddress
from declweb.storage.search import Search
from declweb.translations import mark

LATEST = 5
"""Entries that stand on the first page."""
MOST = 1000
"""Entries that are counted one by one; beyond it is said that there are more."""
MOST_MESSAGES = 100
"""Messages that are shown of those that wait, and of those that failed."""
MOST_OF_ADDRESS = 200

FOUND_ONE = mark("1 entry")
FOUND = mark("{count} entries")
FOUND_MORE = mark("More than {count} entries")
OFF = mark("Switched off")
GONE = mark("No longer in the site file")


@dataclass(frozen=True, slots=True)
class Count:
    """A figure on the first page, and what it leads to."""

    kind: str
    words: str
    count: int
    show: str


@dataclass(frozen=True, slots=True)
class Card:
    """A form on the first page."""

    name: str
    title: str
    note: str
    counts: Sequence[Count]


@dataclass(frozen=True, slots=True)
class Named:
    """A form by its name, as it is called, and where visitors find it."""

    name: str
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Empty:
    """What is said where there is nothing, and what to do."""

    title: str
    text: str
    url: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Messages that are in the same state."""

    id: str
    title: str
    text: str
    count: int
    messages: Sequence[Sent]
    more: str


def missing() -> Refused:
    """Return what answers where there is no such thing."""
    return Refused(HTTPStatus.NOT_FOUND)


def known_forms(call: Call) -> list[str]:
    """Return the forms that are declared, and those that were when entries came."""
    office = call.office
    stored = office.store.forms() if office.store.exists else {}
    return list(dict.fromkeys([*office.forms, *stored]))


def stuck_messages(call: Call) -> int:
    """Return how many messages could not be delivered."""
    store = call.office.store
    return store.failed_messages() if store.exists else 0


# --- the first page ---------------------------------------------------------------------------------------------------


def overview(call: Call) -> Page:
    """Return the first page: every form with its figures, what came last, and a chart."""
    store = call.office.store
    counts = store.counts() if store.exists else {}
    names = list(dict.fromkeys([*call.office.forms, *counts]))
    latest = store.search(Search(), LATEST) if store.exists else []
    addresses = call.office.addresses
    values: dict[str, object] = {
        "cards": [_card(call, name, counts.get(name, FormCounts())) for name in names],
        "latest": _rows(call, latest),
        "advice": _advice(call),
        "chart": _chart(call, None) if latest else None,
        "forms_to_try": [
            Named(name, call.office.title(name), f"{call.prefix}{addresses[name]}")
            for name in names
            if name in addresses
        ],
    }
    return Page("overview.html", values, here=InboxAddress.OVERVIEW)


def _card(call: Call, name: str, counts: FormCounts) -> Card:
    form = call.office.forms.get(name)
    note = GONE if form is None else OFF if form.off else ""
    waiting = counts.statuses.get(Status.TO_APPROVE, 0)
    figures = [
        Count("new", call.say(mark("new")), counts.unseen, "new"),
        Count("held", call.say(mark("held")), counts.statuses.get(Status.HELD, 0), "held"),
        Count("bad", call.say(mark("failed")), counts.failed, "failed"),
        Count("total", call.say(mark("in all")), counts.total, ""),
    ]
    if form is not None and form.approve:
        figures[1:1] = [Count("new", call.say(mark("to approve")), waiting, TO_APPROVE)]
    return Card(name, call.office.title(name), call.say(note) if note else "", figures)


def _rows(call: Call, entries: Sequence[Entry]) -> list[object]:
    failed = call.office.store.failed_among([entry.receipt for entry in entries]) if entries else frozenset()
    return [row(call, entry, failed) for entry in entries]


def _chart(call: Call, form: str | None) -> Chart:
    days = [call.calendar.today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    return chart(call, days, call.office.store.per_day(days, call.office.zone, form))


# --- the list ---------------------------------------------------------------------------------------------------------


def entries(call: Call) -> Page:
    """Return the list of entries that are asked for."""
    asked, office = Asked.of(call.query), call.office
    names = known_forms(call)
    if asked.form and asked.form not in names:
        raise missing()
    search, size = asked.search(office.zone), office.inbox.page_size
    found = office.store.search(search, size + 1) if office.store.exists else []
    shown_ones = found[:size]
    _note_held(call, shown_ones)
    older = {**asked.query(), "before": shown_ones[-1].number} if len(found) > size else None
    values: dict[str, object] = {
        "heading": office.title(asked.form) if asked.form else call.say(mark("All entries")),
        "asked": asked,
        "forms": [Named(name, office.title(name)) for name in names],
        "shows": [(value, call.say(words)) for value, (words, _) in SHOWS.items()],
        "found": _found(call, asked),
        "rows": _rows(call, shown_ones),
        "actions": actions_of_list(call, asked, names),
        "back": call.url(InboxAddress.ENTRIES, **asked.query()),
        "newest": call.url(InboxAddress.ENTRIES, **asked.query(has_place=False)) if asked.before else None,
        "older": call.url(InboxAddress.ENTRIES, **older) if older else None,
        "exports": [
            {
                "url": call.url(InboxAddress[kind.upper()], **asked.query(has_place=False)),
                "name": name,
                "words": call.say(words),
            }
            for kind, name, words in EXPORTS
        ],
        "chart": _chart(call, asked.form) if asked.form and shown_ones else None,
        "empty": _empty(call, asked),
    }
    return Page("entries.html", values, here=InboxAddress.ENTRIES)


EXPORTS = (
    ("csv", "CSV", mark("for any spreadsheet")),
    ("xlsx", "XLSX", mark("for Excel and LibreOffice")),
    ("json", "JSON", mark("for programs, nothing left out")),
)
"""The formats that entries can be taken along in."""


def _found(call: Call, asked: Asked) -> str:
    """Return how many entries there are, wherever in the list one is."""
    store = call.office.store
    wanted = Asked(**{name: getattr(asked, name) for name in ("form", "text", "show", "since", "until")})
    count = store.count_found(wanted.search(call.office.zone), MOST + 1) if store.exists else 0
    if count > MOST:
        return call.say(FOUND_MORE, count=call.number(MOST))
    return call.counted(count, FOUND_ONE, FOUND)


def _note_held(call: Call, entries: Sequence[Entry]) -> None:
    """Held entries go some time after they were shown."""
    held = [entry.receipt for entry in entries if entry.status == Status.HELD and entry.shown is None]
    if held:
        call.office.store.note_shown(held, call.now)


def _empty(call: Call, asked: Asked) -> Empty:
    if asked.before is not None:
        title, text = mark("There are no older entries"), mark("You are at the end of the list.")
        newest = call.url(InboxAddress.ENTRIES, **asked.query(has_place=False))
        return Empty(call.say(title), call.say(text), newest, call.say(BACK_UP))
    if asked.is_narrowed:
        title, text = mark("Nothing fits"), mark("Search for fewer words, or take a filter away.")
        return Empty(
            call.say(title), call.say(text), call.url(InboxAddress.ENTRIES, form=asked.form), call.say(SHOW_ALL)
        )
    address = call.office.addresses.get(asked.form)
    title, text = mark("Nothing has come yet"), mark("As soon as somebody sends the form, it appears here.")
    return Empty(
        call.say(title), call.say(text), f"{call.prefix}{address}" if address else "", call.say(TRY) if address else ""
    )


BACK_UP = mark("To the newest")
SHOW_ALL = mark("Show all")
TRY = mark("Try it yourself")


# --- one entry --------------------------------------------------------------------------------------------------------


def entry_of(call: Call) -> Entry:
    """Return the entry that the path names."""
    receipt = as_receipt(str(call.variables.get("receipt", "")))
    found = call.office.store.entry(receipt) if receipt and call.office.store.exists else None
    if found is None:
        raise missing()
    return found


def entry(call: Call) -> Page:
    """Return the page of one entry, which has been seen with that."""
    found, store = entry_of(call), call.office.store
    messages, attempts = list(store.messages(found.receipt)), store.attempts(found.receipt)
    failed = {found.receipt} if any(message.state == MessageState.FAILED for message in messages) else set()
    was = row(call, found, failed)
    if call.is_read and found.seen is None:
        store.mark_seen([found.receipt], call.user, call.now)
    elif call.is_read and found.status == Status.HELD and found.shown is None:
        store.note_shown([found.receipt], call.now)
    values: dict[str, object] = {
        "row": was,
        "kept": call.calendar.kept(kept_until(call, found)),
        "spam": spam(call, found),
        "answers": list(answers(call, found)),
        "messages": sent(call, messages, attempts, is_alone=False),
        "facts": _facts(call, found),
        "addresses": addresses(found),
        "reply": reply(found, _subject(call, found, messages), _written(call, found)),
        "actions": actions_for(call, found),
        "back": call.url(InboxAddress.ENTRY, receipt=found.receipt),
    }
    return Page("entry.html", values)


def _subject(call: Call, found: Entry, messages: Sequence[Outgoing]) -> str:
    """Return what an answer is about: as the mail about the entry said, or what the site and the form are called."""
    subjects = (message.content.get("subject") for message in messages if message.kind == MessageKind.EMAIL)
    usual = f"{call.office.site.site.name}, {call.office.title(found.form)} {found.receipt}"
    return next((each for each in subjects if isinstance(each, str) and each.strip()), usual)


def _written(call: Call, found: Entry) -> Iterator[str]:
    for each in answers(call, found):
        if each.is_long and each.text:
            yield each.text


def _facts(call: Call, found: Entry) -> list[tuple[str, object]]:
    office, calendar = call.office, call.calendar
    facts: list[tuple[str, object]] = [
        (call.say(mark("Form")), shown(office.title(found.form))),
        (call.say(mark("Receipt")), found.receipt),
        (call.say(mark("Received")), calendar.full(found.created)),
        (call.say(mark("Language")), calendar.language_name(found.language)),
        (call.say(mark("Kept")), calendar.kept(kept_until(call, found))),
    ]
    return facts


# --- one address ------------------------------------------------------------------------------------------------------


def address(call: Call) -> Page:
    """Return everything of one address, across forms."""
    wanted, store = call.first("address").strip()[:320], call.office.store
    found = store.of_address(wanted) if wanted and store.exists else None
    entries, mentions, messages = (found.entries, found.mentions, found.messages) if found else ((), (), 0)
    more = len(entries) - MOST_OF_ADDRESS
    values: dict[str, object] = {
        "address": wanted,
        "found": call.counted(len(entries), FOUND_ONE, FOUND),
        "messages": call.counted(messages, mark("1 message to it"), mark("{count} messages to it")) if messages else "",
        "rows": _rows(call, entries[:MOST_OF_ADDRESS]),
        "more": call.say(mark("and {count} more"), count=call.number(more)) if more > 0 else "",
        "mentions": _rows(call, mentions[:MOST_OF_ADDRESS]),
        "is_known": bool(entries or mentions or messages),
    }
    return Page("address.html", values)


def erase(call: Call) -> Page:
    """Return the page that asks whether everything of an address is to be erased."""
    wanted, store = call.first("address").strip()[:320], call.office.store
    found = store.of_address(wanted) if wanted and store.exists else None
    if found is None:
        raise missing()
    told = Markup(call.say(_question(found))).format(  # noqa: S704 # ours
        address=shown(wanted), count=call.number(len(found.entries))
    )
    values = {
        "address": wanted,
        "question": told,
        "mentions": _rows(call, found.mentions[:MOST_OF_ADDRESS]),
        "is_known": bool(found.entries or found.mentions or found.messages),
    }
    return Page("erase.html", values)


def _question(found: OfAddress) -> str:
    """Return what is asked before everything of an address is erased, in so far as there is anything."""
    if len(found.entries) > 1:
        return mark("Erase everything of {address}: {count} entries?")
    if found.entries:
        return mark("Erase everything of {address}: 1 entry?")
    if found.messages:
        return mark("Erase the messages to {address}?")
    if found.mentions:
        return mark("Others mention {address}: erase some of them?")
    return mark("Nothing is stored of {address}")


# --- messages ---------------------------------------------------------------------------------------------------------

_GROUPS: tuple[tuple[MessageState, str, str], ...] = (
    (
        MessageState.FAILED,
        mark("Failed"),
        mark("They were refused for good, or nobody answered for days. Send them again once the reason is gone."),
    ),
    (MessageState.WAITING, mark("Waiting"), mark("They go out by themselves at the time that stands there.")),
)

NO_SERVER = mark("The site file names no mail server, so mail waits here: write one below [mail].")


def messages(call: Call) -> Page:
    """Return the messages that are stuck, whether they belong to an entry or not."""
    groups = list(_groups(call)) if call.office.store.exists else []
    values = {"groups": groups, "advice": _advice(call), "back": call.url(InboxAddress.MESSAGES)}
    return Page("messages.html", values, here=InboxAddress.MESSAGES)


def _advice(call: Call) -> str:
    """Return why mail waits, where the site file is what keeps it."""
    is_stuck = not call.office.site.mail.server and call.office.store.exists and call.office.store.waiting_messages()
    return call.say(NO_SERVER) if is_stuck else ""


def _groups(call: Call) -> Iterator[Group]:
    store = call.office.store
    counts: dict[MessageState, int] = {
        MessageState.FAILED: store.failed_messages(),
        MessageState.WAITING: store.waiting_messages(),
    }
    for state, title, text in _GROUPS:
        if not counts[state]:
            continue
        found = list(islice(store.messages(states=(state,)), MOST_MESSAGES))
        receipts = dict.fromkeys(message.receipt for message in found)
        attempts = [attempt for receipt in receipts for attempt in store.attempts(receipt)]
        more = counts[state] - len(found)
        yield Group(
            state,
            call.say(title),
            call.say(text),
            counts[state],
            sent(call, found, attempts, is_alone=True),
            call.say(mark("and {count} more"), count=call.number(more)) if more > 0 else "",
        )
