"""What the store says to the owner: counts, what came of an action, what was deleted, audits.

Owns these shapes. Knows neither a database nor a page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from declweb.storage.entry import Entry, Status

UNDO = timedelta(minutes=1)
"""How long what was deleted can be brought back."""

AUDITED = timedelta(days=365)
"""How long it is remembered who did what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCounts:
    """How many entries a form has."""

    total: int = 0
    unseen: int = 0
    statuses: Mapping[Status, int] = field(default_factory=dict)
    """By status; one that none has is left out."""
    failed: int = 0
    """Entries with a message that could not be delivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of an action on many entries."""

    receipts: Sequence[str] = ()
    """Those that are as they were wanted now, also those that were so before."""
    taken: Mapping[str, str] = field(default_factory=dict)
    """Those that stay held, or come back held, and the field whose unique value another entry has by now."""
    missing: Sequence[str] = ()
    """Those that there are not, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discarded:
    """What was deleted, for `undo_discard`."""

    token: str
    """Says which; "" where there was nothing to delete."""
    receipts: Sequence[str] = ()
    until: datetime
    """How long it can be brought back."""


class AuditAction(StrEnum):
    """What somebody may have done, by the words that are stored."""

    SEEN = "seen"
    UNSEEN = "unseen"
    APPROVE = "approve"
    HOLD = "hold"
    RELEASE = "release"
    DISCARD = "discard"
    UNDO = "undo"
    DELETE = "delete"
    """For ever."""
    RESEND = "resend"
    """A message, not an entry."""
    EXPORT = "export"
    COPY = "copy"
    """Everything of an address."""
    ERASE = "erase"
    """Everything of an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One thing that somebody did; never what an entry says."""

    number: int
    moment: datetime
    by: str
    """A user; "" is declweb itself."""
    action: str
    """An `AuditAction`, or the word of another version of the program."""
    form: str
    """"" where it concerns several."""
    receipts: Sequence[str]
    """At most `MOST_RECEIPTS` of them."""
    count: int
    """How many entries it concerns."""
    subject: str = ""
    """What stands for an address that was copied or erased: a hash with the site's key."""


MOST_RECEIPTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OfAddress:
    """Everything of one address."""

    entries: Sequence[Entry] = ()
    """Those with the address in a field for one."""
    mentions: Sequence[Entry] = ()
    """Others that have it somewhere in a text."""
    messages: int = 0
    """Messages to it in the outbox, whatever they belong to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was deleted for ever."""

    entries: int = 0
    files: int = 0
    messages: int = 0
