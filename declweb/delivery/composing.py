"""A message of the outbox as a mail: header fields, text and HTML, attachments (RFC 5322, RFC 2045, RFC 2231).

Owns what a mail looks like. Every value is data: no line break of a visitor's can begin a header field, for what
visitors write is one line where it goes into one, and nothing of it is decoded (see `literal.py`). Knows no server.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from markupsafe import escape

from declweb.delivery.literal import literal
from declweb.delivery.plain import plain_text
from declweb.delivery.settings import Settings
from declweb.model.mailboxes import ENCODED, judged
from declweb.model.sends import named_address
from declweb.storage import Outgoing, StoreDown
from declweb.translations import mark, translated

MOST_ATTACHED = 15 * 1024 * 1024
"""Bytes of attachments in one mail; in a mail they are a third more, and servers commonly take 25 MB."""

LEFT_OUT = mark("Not attached, because it is too large or no longer there: {names}")

POLICY = SMTP.clone(cte_type="7bit")
"""What any server takes: nothing but ASCII on the way."""
INTERNATIONAL = POLICY.clone(utf8=True)
"""What a server takes that offers SMTPUTF8 (RFC 6532)."""


class Unsendable(Exception):
    """No mail can be made of a message; says why."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address as servers want to see it."""

    ascii: str | None
    """With its domain in ASCII; None where the part before the @ is not."""
    international: str

    @property
    def plainest(self) -> str:
        """In ASCII where that can be."""
        return self.ascii or self.international


def mailbox(address: str, *, is_own: bool = False) -> Mailbox:
    """Return an address that may be written to, one of the site file's own or a visitor's; raises Unsendable."""
    try:
        return Mailbox(*judged(address, is_own=is_own))
    except ValueError as error:
        raise Unsendable(f"`{one_line(address)}` is no e-mail address: {error}") from error


def recipient(message: Outgoing) -> Mailbox:
    """Return whom a message goes to; raises Unsendable."""
    return mailbox(message.target, is_own=not message.content.get("typed"))


def reader(address: str) -> str:
    """Return the same for all addresses of somebody that can be told to be: in either case or script, with `+more`."""
    try:
        plainest = mailbox(address).plainest
    except Unsendable:
        plainest = address
    user, _, domain = plainest.casefold().rpartition("@")
    return f"{user.partition('+')[0] or user}@{domain}"


def one_line(text: str) -> str:
    """Return a text that can stand in a header field: no line breaks, no control characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def sender(settings: Settings) -> tuple[str, Mailbox]:
    """Return the site's own name and address; raises Unsendable where it has none."""
    declared = settings.mail.from_ if settings.mail is not None else None
    if declared is None:
        raise Unsendable("[mail] `from` does not say which address mails come from")
    name, address = named_address(declared)
    return one_line(name), mailbox(address, is_own=True)


def message_id(message: Outgoing, domain: str) -> str:
    """Return the same identification for every attempt, so that mail programs know a double when they see one."""
    told = f"{message.form}\n{message.receipt}\n{message.number}\n{message.created.isoformat()}"
    return f"<{hashlib.sha256(told.encode()).hexdigest()[:32]}.{message.number}@{domain}>"


def compose(
    message: Outgoing, settings: Settings, now: datetime | None = None, room: int = MOST_ATTACHED
) -> EmailMessage:
    """Return the mail of a message; `room` is how many bytes of attachments it may have. Raises Unsendable."""
    content = message.content
    name, own = sender(settings)
    to = recipient(message)
    mail = EmailMessage(policy=POLICY if own.ascii and to.ascii else INTERNATIONAL)
    mail["From"] = _written(own, name)
    mail["To"] = _written(to)
    mail["Subject"] = literal("Subject", one_line(str(content.get("subject") or settings.name)))
    if reply_to := _reply_to(content):
        mail["Reply-To"] = reply_to
    mail["Date"] = format_datetime((now or datetime.now(UTC)).astimezone(ZoneInfo(settings.timezone)))
    mail["Message-ID"] = message_id(message, own.plainest.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    files, left_out = _attachments(content, settings, room)
    _write_body(mail, content, left_out, settings)
    for file, data in files:
        main, _, sub = _media_type(file).partition("/")
        mail.add_attachment(data, maintype=main, subtype=sub, filename=_file_name(file))
    return mail


def _written(box: Mailbox, name: str = "") -> Address:
    user, _, domain = box.plainest.rpartition("@")
    return Address(name, user, domain)


def _reply_to(content: Mapping[str, Any]) -> Address | None:
    """Return whom an answer goes to; what is no address any more is left out, and stands in the text."""
    try:
        box = mailbox(str(content.get("reply_to") or ""), is_own=True)
    except Unsendable:
        return None
    return None if box.ascii is None else _written(box)


def _write_body(mail: EmailMessage, content: Mapping[str, Any], left_out: Sequence[str], settings: Settings) -> None:
    html = str(content.get("html") or "")
    text = plain_text(html) if html else str(content.get("text") or "")
    if left_out:
        say = translated(str(content.get("language") or settings.language))
        note = say(LEFT_OUT).format(names=", ".join(left_out))
        text = f"{text.rstrip()}\n\n{note}\n"
        html = _at_end(html, f"<p>{escape(note)}</p>\n") if html else ""
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")


def _at_end(html: str, more: str) -> str:
    """Return a page with more at the end of what is read of it."""
    end = html.lower().rfind("</body")
    return f"{html}\n{more}" if end < 0 else html[:end] + more + html[end:]


def _attachments(
    content: Mapping[str, Any], settings: Settings, room: int
) -> tuple[list[tuple[Mapping[str, Any], bytes]], list[str]]:
    """Return the files that go along, and the names of those that do not."""
    found: list[tuple[Mapping[str, Any], bytes]] = []
    left_out: list[str] = []
    for file in cast("Sequence[Mapping[str, Any]]", content.get("attach") or ()):
        data = _read(str(file["id"]), settings, room)
        if data is None:
            left_out.append(one_line(str(file["name"])))
        else:
            found.append((file, data))
            room -= len(data)
    return found, left_out


def _read(name: str, settings: Settings, room: int) -> bytes | None:
    try:
        with settings.uploads.path(name).open("rb") as file:
            data = file.read(max(0, room) + 1)
    except (OSError, StoreDown):
        return None
    return data if len(data) <= room else None


def _file_name(file: Mapping[str, Any]) -> str:
    """Return what a file is called; nothing in a name is decoded."""
    return one_line(str(file.get("name") or "file")).replace(ENCODED, "=_")


def _media_type(file: Mapping[str, Any]) -> str:
    """Return what a file is; whatever is not plainly a media type is bytes (and no mail program runs those)."""
    said = str(file.get("media_type") or "")
    main, slash, sub = said.partition("/")
    is_plain = slash and all(part.replace("-", "").replace(".", "").replace("+", "").isalnum() for part in (main, sub))
    return said if is_plain and said.isascii() and main not in {"message", "multipart"} else "application/octet-stream"
