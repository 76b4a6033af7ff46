"""Everything of one address, across forms: finding it, and deleting it for ever.

Owns what belongs to an address: entries with it in a field for one, and messages to it. An address elsewhere in a text
is a mention: shown, and deleted only where the owner says so.
"""

import re
from collections.abc import Collection, Iterator

from sqlalchemy import Connection, delete, select

from declweb.storage.auditing import note
from declweb.storage.changing import delete_entries
from declweb.storage.entry import Entry
from declweb.storage.marking import portions
from declweb.storage.owner import Erased, OfAddress, Search, folded
from declweb.storage.searching import ALL, find
from declweb.storage.tables import ATTEMPTS, ENTRIES, OUTBOX
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
    messages = sum(1 for _ in messages_to(connection, address))
    return OfAddress(entries=entries, mentions=mentions, messages=messages)


def _has_address(entry: Entry, address: str) -> bool:
    wanted = folded(address.strip())
    fields = (field.name for field in entry.fields if field.type == "email")
    return any(isinstance(value := entry.values.get(name), str) and folded(value.strip()) == wanted for name in fields)


def _standing_alone(address: str) -> re.Pattern[str]:
    """Return what finds an address that is not a part of a longer one."""
    return re.compile(rf"(?<![\w.+\-]){re.escape(folded(address.strip()))}(?![\w\-]|\.\w)")


def messages_to(connection: Connection, address: str) -> Iterator[int]:
    """Yield the numbers of the messages to an address."""
    pattern = _standing_alone(address)
    statement = select(OUTBOX.c.number, OUTBOX.c.target).where(OUTBOX.c.kind == "email")
    for number, target in connection.execute(statement):
        if pattern.search(folded(target)):
            yield number


def erase(
    connection: Connection, address: str, also: Collection[str], subject: str, by: str
) -> tuple[Erased, list[str]]:
    """Delete everything of one address; return what that was, and the ids of the files to delete afterwards."""
    found = of_address(connection, address)
    receipts = [entry.receipt for entry in found.entries]
    receipts += [entry.receipt for entry in found.mentions if entry.receipt in also]
    numbers = list(messages_to(connection, address))
    of_entries = 0
    for some in portions(receipts):
        visitors = select(ENTRIES.c.repeats_visitor).where(
            ENTRIES.c.receipt.in_(some), ENTRIES.c.repeats_visitor.is_not(None)
        )
        connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.visitor.in_(visitors)))
        of_entries += connection.execute(delete(OUTBOX).where(OUTBOX.c.receipt.in_(some))).rowcount
    to_address = 0
    for start in range(0, len(numbers), 500):
        to_address += connection.execute(
            delete(OUTBOX).where(OUTBOX.c.number.in_(numbers[start : start + 500]))
        ).rowcount
    files: list[str] = []
    for some in portions(receipts):
        files += delete_entries(connection, some)
    note(connection, by, "erase", receipts, subject=subject)
    return Erased(entries=len(receipts), files=len(files), messages=of_entries + to_address), files
