"""The list of what was done: who changed what, and when.

Owns in which words an action is told. Never tells what an entry says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from declweb.inbox.drawing import Page
from declweb.inbox.office import Call
from declweb.model.inbox import InboxAddress
from declweb.storage.outcomes import Audit, AuditAction
from declweb.translations import mark

SIZE = 100
"""Lines on a page."""

ITSELF = mark("declweb itself")

WORDS: Mapping[str, tuple[str, str]] = {
    AuditAction.SEEN: (mark("marked 1 entry as seen"), mark("marked {count} entries as seen")),
    AuditAction.UNSEEN: (mark("marked 1 entry as new"), mark("marked {count} entries as new")),
    AuditAction.APPROVE: (mark("approved 1 entry"), mark("approved {count} entries")),
    AuditAction.HOLD: (mark("held 1 entry"), mark("held {count} entries")),
    AuditAction.RELEASE: (mark("released 1 entry"), mark("released {count} entries")),
    AuditAction.DISCARD: (mark("deleted 1 entry"), mark("deleted {count} entries")),
    AuditAction.UNDO: (mark("brought back 1 entry"), mark("brought back {count} entries")),
    AuditAction.DELETE: (mark("deleted 1 entry for good"), mark("deleted {count} entries for good")),
    AuditAction.RESEND: (mark("sent a message again"), mark("sent a message again")),
    AuditAction.EXPORT: (mark("exported 1 entry"), mark("exported {count} entries")),
    AuditAction.COPY: (
        mark("copied everything of an address, 1 entry"),
        mark("copied everything of an address, {count} entries"),
    ),
    AuditAction.ERASE: (
        mark("erased everything of an address, 1 entry"),
        mark("erased everything of an address, {count} entries"),
    ),
}
"""What was done, with one entry and with several."""


@dataclass(frozen=True, slots=True)
class Act:
    """A line of the list."""

    moment: datetime
    by: str
    words: str
    about: str
    receipt: str
    url: str


def done(call: Call) -> Page:
    """Return the page with what was done."""
    store, before = call.office.store, call.first("before")
    number = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    found = store.audits(SIZE + 1, before=number) if store.exists else []
    shown = found[:SIZE]
    values: dict[str, object] = {
        "acts": _acts(call, shown),
        "newest": call.url(InboxAddress.DONE) if number else None,
        "older": call.url(InboxAddress.DONE, before=shown[-1].number) if len(found) > SIZE else None,
    }
    return Page("done.html", values, here=InboxAddress.DONE)


def _acts(call: Call, audits: Sequence[Audit]) -> list[Act]:
    store = call.office.store
    found = []
    for each in audits:
        receipt = each.receipts[0] if len(each.receipts) == 1 else ""
        is_there = bool(receipt) and store.entry(receipt) is not None
        one, many = WORDS.get(each.action, (each.action, each.action))
        found.append(
            Act(
                moment=each.moment,
                by=each.by or call.say(ITSELF),
                words=call.say(one) if each.count == 1 else call.say(many, count=call.number(each.count)),
                about=call.office.title(each.form) if each.form else "",
                receipt=receipt,
                url=call.url(InboxAddress.ENTRY, receipt=receipt) if is_there else "",
            )
        )
    return found
