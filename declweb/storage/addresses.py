"""Everything of one address, across forms: finding it, and deleting it for ever.

Owns what belongs to an address: entries with it in a field for one, and messages to it. An address elsewhere in a text
is a mention: shown, and deleted only where the owner says so. Each function works in the transaction that is open.
"""

import re
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Text, delete, select, type_coerce

from declweb.storage.auditing import note
from declweb.storage.deletion import delete_entries
from declweb.storage.entry import ADDRESS, Entry, MessageKind, Outgoing
from declweb.storage.lookup import ALL, find
from declweb.storage.notices import OWN
from declweb.storage.outbox import MESSAGE
from declweb.storage.outcomes import AuditAction, Erased, OfAddress
from declweb.storage.portions import portions
from declweb.storage.search import Search, folded
from declweb.storage.tables import COURTESIES, DELIVERY_ATTEMPTS, DISCARDED, OUTBOX
from declweb.storage.trash import gone
from declweb.storage.words import text_of


def of_address(connection: Connection, address: str) -> OfAddress:
    """Return everything of one address."""
    entries: list[Entry] = []
    mentions: list[Entry] = []
    pattern = _standing_alone(address)
    for entry in find(connection, Search(text=address), {}, ALL) if address.strip() else ():
        if _has_address(entry, address):
            entries.append(entry)
        elif pattern.search(text_of(entry)):
            mentions.append(entry)
    return OfAddress(entries=entries, mentions=mentions, messages=len(_messages_to(connection, address)))


def _has_address(entry: Entry, address: str) -> bool:
    wanted = folded(address.strip())
    fields = (field.name for field in entry.fields if field.type == ADDRESS)
    return any(isinstance(value := entry.values.get(name), str) and folded(value.strip()) == wanted for name in fields)


def _standing_alone(address: str) -> re.Pattern[str]:
    """Return what finds an address that is not a part of a longer one."""
    return re.compile(rf"(?<![\w.+\-@]){re.escape(folded(address.strip()))}(?![\w\-]|\.\w)")


def _messages_to(connection: Connection, address: str) -> list[int]:
    """Return the numbers of the messages to an address."""
    if not address.strip():
        return []
    pattern = _standing_alone(address)
    statement = select(OUTBOX.c.number, OUTBOX.c.target).where(OUTBOX.c.kind == MessageKind.EMAIL)
    return [number for number, target in connection.execute(statement) if pattern.search(folded(target))]


def messages_to(connection: Connection, address: str) -> list[Outgoing]:
    """Return the messages to an address, whatever they belong to."""
    found: list[Outgoing] = []
    for some in portions(_messages_to(connection, address)):
        rows = connection.execute(select(*MESSAGE).where(OUTBOX.c.number.in_(some)).order_by(OUTBOX.c.number))
        found += [Outgoing(**row) for row in rows.mappings()]
    return found


def erase(  # noqa: PLR0913 # what stands for the address in each place
    connection: Connection, address: str, also: Collection[str], subject: str, courtesy: str, by: str
) -> tuple[Erased, list[str]]:
    """Delete everything of one address; return what that was, and the ids of the files to delete afterwards."""
    found = of_address(connection, address)
    receipts = [entry.receipt for entry in found.entries]
    receipts += [entry.receipt for entry in found.mentions if entry.receipt in also]
    lying = _lying(connection, address)
    files = gone(connection, lying)
    messages = _delete_messages(connection, {*_messages_to(connection, address), *_told(connection, address, receipts)})
    for some in portions(receipts):
        messages += connection.execute(delete(OUTBOX).where(OUTBOX.c.receipt.in_(some))).rowcount
        files += delete_entries(connection, some)
    connection.execute(delete(COURTESIES).where(COURTESIES.c.address == courtesy))
    note(connection, by, AuditAction.ERASE, [*receipts, *lying], subject=subject)
    return Erased(entries=len(receipts) + len(lying), files=len(files), messages=messages), files


def _lying(connection: Connection, address: str) -> list[str]:
    """Return what was deleted a moment ago and has the address anywhere."""
    pattern = _standing_alone(address)
    rows = connection.execute(select(DISCARDED.c.receipt, type_coerce(DISCARDED.c.rows, Text)))
    return [receipt for receipt, text in rows if pattern.search(folded(text))]


def _told(connection: Connection, address: str, receipts: Collection[str]) -> list[int]:
    """Return the messages to the owner that name the address or one of these entries: digests quote them."""
    pattern = _standing_alone(address)
    content: Any = type_coerce(OUTBOX.c.content, Text)
    rows = connection.execute(select(OUTBOX.c.number, content).where(OUTBOX.c.receipt == OWN))
    return [
        number for number, text in rows if pattern.search(folded(text)) or any(receipt in text for receipt in receipts)
    ]


def _delete_messages(connection: Connection, numbers: Collection[int]) -> int:
    for some in portions(sorted(numbers)):
        connection.execute(delete(DELIVERY_ATTEMPTS).where(DELIVERY_ATTEMPTS.c.message.in_(some)))
        connection.execute(delete(OUTBOX).where(OUTBOX.c.number.in_(some)))
    return len(numbers)
