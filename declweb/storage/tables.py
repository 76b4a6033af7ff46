"""The tables, as the present version of the program reads and writes them.

Owns columns and how moments and JSON are kept in them. How a database came to have them stands in `migrations.py`.
"""

import json
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Double, Integer, MetaData, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from declweb.storage.entry import Json, MessageKind, MessageState, Status


def moment_text(moment: datetime) -> str:
    """Return a moment as it stands in a table: in UTC, sorted as text as it is sorted in time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


class Moment(TypeDecorator[datetime]):
    """An aware datetime."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return what is written."""
        return None if value is None else moment_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Return what was written."""
        return None if value is None else datetime.fromisoformat(value)


class JsonText(TypeDecorator[Json]):
    """JSON that both databases keep as it was written, and people can read."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Json, dialect: Dialect) -> str:
        """Return what is written."""
        return to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Json:
        """Return what was written."""
        found: Json = json.loads(value) if value is not None else None
        return found


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
"""Made once: `json.dumps` makes another encoder for each value."""


def to_json(value: Json) -> str:
    """Return a value as JSON; raises ValueError or TypeError for what is none, or no Unicode text."""
    text = _encode(value)
    text.encode()
    return text


class OneOf(TypeDecorator[StrEnum]):
    """A word of those that an enumeration has."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Return what is written."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Return what was written."""
        return None if value is None else self.words(value)


METADATA = MetaData()

MIGRATIONS = Table("migrations", METADATA, Column("number", Integer, primary_key=True), Column("applied", Moment))

ENTRIES = Table(
    "entries",
    METADATA,
    Column("number", BigInteger, primary_key=True),
    Column("receipt", Text),
    Column("form", Text),
    Column("created", Moment),
    Column("language", Text),
    Column("status", OneOf(Status)),
    Column("points", Integer),
    Column("reasons", JsonText),
    Column("content", JsonText),
    Column("fields", JsonText),
    Column("digest", Text),
    Column("submission_key", Text),
    Column("repeats_visitor", Text),
    Column("wanted", JsonText),  # the unique values that it has once it is not held
    Column("expires", Moment),
    Column("shown", Moment),
    Column("seen", Moment),
    Column("noted", Integer),  # 1 once it is in the indexes of the inbox, which are made outside of `adding`
)
UNIQUES = Table(
    "uniques",
    METADATA,
    Column("form", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("receipt", Text),
)
PLACES = Table(
    "places",
    METADATA,
    Column("form", Text),
    Column("field", Text),
    Column("value", Text),
    Column("receipt", Text),
)
UPLOADS = Table(
    "uploads",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("receipt", Text),
    Column("position", Integer),
    Column("field", Text),
    Column("name", Text),
    Column("media_type", Text),
    Column("size", BigInteger),
    Column("digest", Text),
)
OUTBOX = Table(
    "outbox",
    METADATA,
    Column("number", BigInteger, primary_key=True),
    Column("receipt", Text),
    Column("form", Text),
    Column("kind", OneOf(MessageKind)),
    Column("target", Text),
    Column("content", JsonText),
    Column("send", Integer),
    Column("state", OneOf(MessageState)),
    Column("created", Moment),
    Column("due", Moment),
    Column("attempts", Integer),
    Column("last_words", Text),
    Column("lease", Text),
    Column("leased_until", Moment),
    Column("told", Moment),  # when the owner was told that it failed
)
DELIVERY_ATTEMPTS = Table(
    "delivery_attempts",
    METADATA,
    Column("message", BigInteger),
    Column("receipt", Text),
    Column("moment", Moment),
    Column("is_delivered", Integer),
    Column("words", Text),
)
COURTESIES = Table(  # who may not be written to for a while, by addresses that visitors typed
    "courtesies",
    METADATA,
    Column("address", Text, primary_key=True),
    Column("message", BigInteger),
    Column("until", Moment),
)
MILESTONES = Table(  # up to when something was told to the owner
    "milestones",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("moment", Moment),
)
ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("form", Text),
    Column("visitor", Text),
    Column("moment", Double),
    Column("is_accepted", Integer),
    Column("until", Double),
)
SIGN_INS = Table(  # attempts to sign in, from where somebody did, and visits that are over
    "sign_ins",
    METADATA,
    Column("kind", Text),
    Column("who", Text),
    Column("moment", Double),
    Column("until", Double),
)
LEASES = Table(
    "leases",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("holder", Text),
    Column("until", Double),
)
GENERATIONS = Table(
    "generations",
    METADATA,
    Column("form", Text, primary_key=True),
    Column("number", BigInteger),
)
DISCARDED = Table(
    "discarded",
    METADATA,
    Column("receipt", Text, primary_key=True),
    Column("form", Text),
    Column("token", Text),
    Column("moment", Moment),
    Column("rows", JsonText),  # of every table, as they were
)
AUDITS = Table(
    "audits",
    METADATA,
    Column("number", BigInteger, primary_key=True),
    Column("moment", Moment),
    Column("by", Text),
    Column("action", Text),
    Column("form", Text),
    Column("receipts", JsonText),
    Column("count", Integer),
    Column("subject", Text),
)
SEARCHED = Table(
    "searched",
    METADATA,
    Column("number", BigInteger, primary_key=True),
    Column("words", Text),
)
