"""What the owner asks of the store, and what is said: searches, counts, what came of an action, audits.

Owns these shapes, and how texts are compared in a search. Knows neither a database nor a page.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from declweb.storage.entry import Entry, Status

MOST_WORDS = 50
"""Words that are looked for at once: a database takes no statement of any length."""

UNDO = timedelta(minutes=1)
"""How long what was deleted can be brought back."""

AUDITED = timedelta(days=365)
"""How long it is remembered who did what."""

Labels = Mapping[str, Mapping[str, Mapping[str, str]]]
"""How choices are called: form, field and value, and what is shown for it; in several languages one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which entries are wanted; what is left out does not matter."""

    form: str | None = None
    text: str = ""
    """Words, each of which must stand somewhere in an entry, as whatever part of a word and in whatever case."""
    statuses: Sequence[Status] = ()
    """Any of these."""
    is_seen: bool | None = None
    has_failed: bool = False
    """Whether a message of it could not be delivered."""
    since: datetime | None = None
    """The first moment."""
    until: datetime | None = None
    """The moment after the last."""
    before: int | None = None
    """The number of the last entry of the page before: only older ones."""

    @property
    def words(self) -> tuple[str, ...]:
        """What must be found, each once, as it is compared; of very many the first ones."""
        return tuple(islice(dict.fromkeys(folded(self.text).split()), MOST_WORDS))


def folded(text: str) -> str:
    """Return a text as it is compared: without case and without ways of writing the same (Unicode, D146).

    What no entry can hold, half characters and NUL, stands for nothing that could be found.
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    return _IMPOSSIBLE.sub("\N{REPLACEMENT CHARACTER}", unicodedata.normalize("NFKC", text))


_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One thing that somebody did; never what an entry says."""

    number: int
    moment: datetime
    by: str
    """A user; "" is declweb itself."""
    action: str
    """`seen`, `unseen`, `approve`, `hold`, `release`, `discard`, `undo`, `delete`, `erase`, or what `audit` got."""
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
