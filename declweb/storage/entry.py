"""What is stored: an entry, the files and messages that belong to it, and what an entry must respect to be taken.

Owns these shapes. Knows neither a database nor a request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None


class Status(StrEnum):
    """How an entry stands, by the words that are stored, shown and asked for."""

    NEW = "new"
    HELD = "held"
    """It looks like spam, and the owner decides."""
    TO_APPROVE = "waiting"
    APPROVED = "approved"
    """It may be shown."""


class MessageKind(StrEnum):
    """What a message is."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class MessageState(StrEnum):
    """How a message stands, by the words that are stored and shown."""

    WAITING = "waiting"
    """It is to be delivered."""
    HELD = "held"
    """Together with its entry."""
    DELIVERED = "delivered"
    """The other side has taken it."""
    FAILED = "failed"
    """It was refused for good, or is out of tries."""


SECRET = "password"  # noqa: S105 # the name of a type
"""The type of the fields whose values nobody is told."""

ADDRESS = "email"
"""The type of the fields for an address."""


@dataclass(frozen=True, slots=True)
class StoredField:
    """A field as it was declared when the entry came."""

    name: str
    label: str
    type: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that belongs to an entry; it lies in the folder of uploads under its id."""

    id: str
    field: str
    name: str
    """As the visitor's machine calls it: data, never a path."""
    media_type: str
    size: int
    digest: str
    """SHA-256 of the content, in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered message to be sent because of an entry."""

    kind: MessageKind
    target: str
    content: Mapping[str, Json]
    send: int = 0
    """Which of the form's `[[send]]` it comes from."""


@dataclass(frozen=True, slots=True)
class Place:
    """A choice of which there are only so many places."""

    field: str
    value: str
    limit: int


@dataclass(frozen=True, slots=True)
class Rate:
    """So many within so many seconds."""

    count: int
    seconds: float


ATTEMPTS = Rate(30, 60)
"""Posts that a visitor may make to a form, whatever comes of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """An entry on its way into the store, and what it must respect there."""

    form: str
    receipt: str
    created: datetime
    """When it came, with a time zone."""
    language: str
    values: Mapping[str, Json]
    fields: Sequence[StoredField]
    uploads: Sequence[Upload] = ()
    """Files that were received into `Store.uploads`; `Store.add` makes them durable."""
    messages: Sequence[Message] = ()
    status: Status = Status.NEW
    points: int = 0
    reasons: Sequence[str] = ()
    keep: timedelta | None = None
    """How long the entry is kept; None is forever."""
    visitor: str = ""
    """`Store.visitor(address)`, for rates."""
    repeats_visitor: str | None = None
    """`Store.visitor(address, user_agent)`, for repeats without a key; None is none without a key."""
    key: str | None = None
    """The submission key that the served script made."""
    digest: str
    """Of all that the visitor sent, files included: what tells a repeat from another entry."""
    unique: Mapping[str, str] = field(default_factory=dict)
    """Field and value, in the form in which values are compared, of what no other entry may have."""
    places: Sequence[Place] = ()
    max_entries: int | None = None
    rate: Rate | None = None
    """How many entries of a visitor this form accepts; None is any number."""
    attempts: Rate | None = None
    """Count this post as an attempt too, as `Store.attempt` would: one transaction instead of two."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an entry: it is on disk."""

    receipt: str
    """The receipt to show: that of the first entry if this is a repeat."""
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as it is stored."""

    number: int
    """Entries of one store count upwards; the later one has the higher number."""
    form: str
    receipt: str
    created: datetime
    """In UTC."""
    language: str
    values: Mapping[str, Json]
    fields: Sequence[StoredField]
    uploads: Sequence[Upload]
    status: Status
    points: int
    reasons: Sequence[str]
    expires: datetime | None
    """When it goes by itself, as was said when it came; a held one goes 30 days after it was shown."""
    seen: datetime | None = None
    """When the owner first looked at it, or marked it as seen."""
    shown: datetime | None = None
    """When the owner was first shown that it is held."""

    @property
    def told(self) -> dict[str, Json]:
        """The values that are shown, sent and exported: not those of passwords, though they are stored as hashes."""
        secret = {field.name for field in self.fields if field.type == SECRET}
        return {name: value for name, value in self.values.items() if name not in secret}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message in the outbox."""

    number: int
    receipt: str
    """Of the entry that it is about; empty for what declweb itself tells the owner."""
    form: str
    kind: MessageKind
    target: str
    content: Mapping[str, Json]
    send: int
    state: MessageState
    created: datetime
    due: datetime
    attempts: int
    last_words: str
    """What the other side said last."""
    lease: str = ""
    """Who has claimed it, if it was claimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What an owner wants to know of a stretch of time."""

    since: datetime
    until: datetime
    counts: Mapping[str, int]
    """How many entries came, by form."""
    latest: Sequence[Entry]
    """Of those that came, the latest, the latest first; none that are held."""
    held: Sequence[Entry]
    """All that are held, the oldest first, as far as they are listed."""
    held_count: int
    failed: Sequence[Outgoing]
    """What could not be delivered, the latest first, as far as it is listed."""
    failed_count: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver a message."""

    message: int
    moment: datetime
    """In UTC."""
    is_delivered: bool
    words: str
    """What the other side said, or what kept us from hearing it."""
