"""Entries, uploads and the outbox: what visitors sent, and what must be sent because of it.

Owns what is durable, and in which order it becomes so. Knows no request, no template and no site file. Importing this
package does not import SQLAlchemy; the first use of a store does.
"""

from declweb.storage.entry import (
    ATTEMPTS,
    Added,
    Attempt,
    Entering,
    Entry,
    Json,
    Message,
    MessageKind,
    MessageState,
    News,
    Outgoing,
    Place,
    Rate,
    Status,
    StoredField,
    Upload,
)
from declweb.storage.outcomes import UNDO, Audit, AuditAction, Discarded, Done, Erased, FormCounts, OfAddress
from declweb.storage.refusals import FormFull, Refused, SoldOut, StoreDown, StoreTooNew, Taken, TooMany
from declweb.storage.search import Search
from declweb.storage.secret import site_key
from declweb.storage.settings import StoreSettings
from declweb.storage.store import Store, dismissed, opened
from declweb.storage.uploads import Incoming, UploadFolder

__all__ = [
    "ATTEMPTS",
    "UNDO",
    "Added",
    "Attempt",
    "Audit",
    "AuditAction",
    "Discarded",
    "Done",
    "Entering",
    "Entry",
    "Erased",
    "FormCounts",
    "FormFull",
    "Incoming",
    "Json",
    "Message",
    "MessageKind",
    "MessageState",
    "News",
    "OfAddress",
    "Outgoing",
    "Place",
    "Rate",
    "Refused",
    "Search",
    "SoldOut",
    "Status",
    "Store",
    "StoreDown",
    "StoreSettings",
    "StoreTooNew",
    "StoredField",
    "Taken",
    "TooMany",
    "Upload",
    "UploadFolder",
    "dismissed",
    "opened",
    "site_key",
]
