"""Answering an entry by mail: a link that opens a letter in the owner's own mail program.

Owns how such a link is written (RFC 6068). Sends nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from declweb.storage import Entry
from declweb.storage.entry import ADDRESS
from declweb.storage.naming import UNSEEN

LONGEST = 1500
"""Characters of what is quoted: browsers and mail programs take no longer links."""

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f]+@[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f]+\Z")
_LINES = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """A letter that is to be written."""

    address: str
    url: str


def addresses(entry: Entry) -> list[str]:
    """Return the mail addresses that were given in fields for one."""
    found = (entry.values.get(field.name) for field in entry.fields if field.type == ADDRESS)
    return list(dict.fromkeys(each for each in found if isinstance(each, str) and _ADDRESS.match(each)))


def reply(entry: Entry, subject: str, written: Iterable[str]) -> Reply | None:
    """Return the letter to whoever sent an entry, with what was written quoted; None where no address was given."""
    address = next(iter(addresses(entry)), None)
    if address is None:
        return None
    subject = UNSEEN.sub("", _LINES.sub(" ", subject))
    subject = subject if subject.casefold().startswith("re:") else f"Re: {subject}"
    text = "\n".join(written)[:LONGEST]
    quoted = "\r\n".join(f"> {UNSEEN.sub('', line)}" for line in text.splitlines())
    body = f"\r\n\r\n{quoted}\r\n" if quoted else ""
    told = f"subject={quote(subject)}" + (f"&body={quote(body)}" if body else "")
    return Reply(address, f"mailto:{quote(address, safe='@')}?{told}")
