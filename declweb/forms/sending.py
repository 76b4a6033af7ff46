"""What is sent of an entry: each `[[send]]` becomes rows of the outbox, with everything that is in them.

Owns which sends an entry has, whom they go to and what they say. A text that fails is replaced by one that cannot: a
message is never a reason not to take an entry. Knows neither templates nor how anything is delivered.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from declweb.forms.conditions import holds_for_entry
from declweb.forms.entries import default_text, one_address_each, unlinked, without_words
from declweb.translations import Say

if TYPE_CHECKING:
    from declweb.storage import Json, Message, Upload

logger = logging.getLogger("declweb.forms")

Write = Callable[[Mapping[str, Any], str], str]
"""Renders a text with an entry in a language; raises what goes wrong."""

ENTRY_CREATED = "entry.created"
"""The type of message by which another program is told of an entry."""

LONGEST_SUBJECT = 200
"""Characters; mail programs show fewer."""

_JOINERS = frozenset("\u200c\u200d")
"""What some scripts write within words, and emoji are put together with."""
_ADDRESS = re.compile(r"[^\s<>,;:\"@]+@[^\s<>,;:\"@]+")
_NAMED = re.compile(r".*<([^<>]*)>", re.DOTALL)
"""An address behind a name: `Ann <ann@visitor.example>`."""


@dataclass(frozen=True, slots=True)
class Send:
    """One `[[send]]`, ready to be written."""

    number: int
    """Which one of its form's."""
    when: Mapping[str, Any] | None = None
    addresses: Sequence[Write] = ()
    """Whom a mail goes to; each gives one address, or several with commas between them."""
    fixed: Sequence[str] = ()
    """The same addresses as they stand in the site file; nothing in the place of each that depends on the entry."""
    asks_visitor: bool = False
    """Whether an address may be what the visitor wrote."""
    webhook: str | None = None
    subject: Write | None = None
    body: Write | None = None
    is_html: bool = False
    reply_to: Write | None = None
    attach: Sequence[str] = ()
    """Fields whose files go with it."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """What a form sends."""

    form: str
    heading: Callable[[str], str]
    """Gives the first line of the default text in a language."""
    sends: Sequence[Send] = ()
    translated: Callable[[str], Say] = field(default=lambda _language: str)
    status: str = "new"
    """What an entry is when its messages go out: those that are held send nothing before they are released."""

    def messages(
        self,
        entry: Mapping[str, Any],
        values: Mapping[str, Any],
        language: str,
        uploads: Sequence["Upload"],
    ) -> list["Message"]:
        """Return the messages of an entry; `entry` is as templates see it, `values` are as they are stored."""
        return [
            message
            for send in self.sends
            if _applies(send, values)
            for message in self._messages(send, entry, values, language, uploads)
        ]

    def _messages(
        self,
        send: Send,
        entry: Mapping[str, Any],
        values: Mapping[str, Any],
        language: str,
        uploads: Sequence["Upload"],
    ) -> Iterator["Message"]:
        from declweb.storage import Message, MessageKind  # noqa: PLC0415 # not before there is an entry

        if send.webhook is not None:
            told = _told(self.form, entry, values, language, uploads, self.status)
            yield Message(kind=MessageKind.WEBHOOK, target=send.webhook, content=told, send=send.number)
            return
        addresses = self._addresses(send, entry, language)
        typed = self._typed(send, addresses, entry, language)
        if typed != set(addresses):
            content = self._mail(send, entry, language)
            content["named"] = {str(each.number): list(each.fixed) for each in self.sends if each.addresses}
            content["attach"] = [
                {"id": each.id, "name": each.name, "media_type": each.media_type, "size": each.size}
                for each in uploads
                if each.field in send.attach
            ]
            for address in addresses:
                if address not in typed:
                    yield Message(kind=MessageKind.EMAIL, target=address, content=content, send=send.number)
        if typed:
            content = {**self._mail(send, unlinked(entry), language), "typed": True}
            for address in addresses:
                if address in typed:
                    yield Message(kind=MessageKind.EMAIL, target=address, content=content, send=send.number)

    def _typed(self, send: Send, addresses: Sequence[str], entry: Mapping[str, Any], language: str) -> set[str]:
        """Return the addresses that a visitor typed: those that are others where the visitor wrote nothing."""
        if not send.asks_visitor or not addresses:
            return set()
        return set(addresses) - set(self._addresses(send, without_words(entry), language))

    def _mail(self, send: Send, entry: Mapping[str, Any], language: str) -> "dict[str, Json]":
        """Return what a mail says."""
        heading = self.heading(language)
        usual = f"{heading} ({entry['receipt']})"
        subject = _one_line(self._written(send, send.subject, entry, language, usual)) or usual
        plain = default_text(entry, heading, self.translated(language))
        body = self._written(send, send.body, entry, language, "")
        kind = "html" if send.is_html and body.strip() else "text"
        content: dict[str, Json] = {"subject": subject[:LONGEST_SUBJECT], kind: body if body.strip() else plain}
        content["language"] = language
        if reply_to := _address(self._written(send, send.reply_to, entry, language, "")):
            content["reply_to"] = reply_to
        return content

    def _addresses(self, send: Send, entry: Mapping[str, Any], language: str) -> list[str]:
        """Return whom a mail goes to; what is no address, such as an optional field that is empty, gets none."""
        found: dict[str, None] = {}
        said = one_address_each(entry) if send.asks_visitor else entry
        for write in send.addresses:
            for text in self._written(send, write, said, language, "").split(","):
                if address := _address(text):
                    found[address] = None
        return list(found)

    def _written(self, send: Send, write: Write | None, entry: Mapping[str, Any], language: str, instead: str) -> str:
        if write is None:
            return instead
        try:
            return write(entry, language)
        except Exception:
            logger.exception("a message of form %s, send %d, failed; it says the usual", self.form, send.number + 1)
            return instead


def _told(  # noqa: PLR0913 # what an entry is
    form: str,
    entry: Mapping[str, Any],
    values: Mapping[str, Any],
    language: str,
    uploads: Sequence["Upload"],
    status: str,
) -> "dict[str, Json]":
    """Return what another program is told (Standard Webhooks, "Payload structure"); no password is among it."""
    created = entry["created"].isoformat()
    labels = {each["name"]: each["label"] for each in entry["fields"]}
    fields = {
        each["name"]: {"label": each["label"], "value": values.get(each["name"]), "text": each["value"]}
        for each in entry["fields"]
    }
    files = [
        {"field": each.field, "label": labels.get(each.field, each.field), "name": each.name}
        | {"size": each.size, "type": each.media_type}
        for each in uploads
    ]
    data = {"form": form, "receipt": entry["receipt"], "created": created, "language": language, "status": status}
    return {"type": ENTRY_CREATED, "timestamp": created, "data": {**data, "fields": fields, "files": files}}


def _applies(send: Send, values: Mapping[str, Any]) -> bool:
    return not send.when or holds_for_entry(send.when, values)


def _address(text: str) -> str:
    """Return the address in a text, which a name may stand before; nothing where it is none."""
    named = _NAMED.fullmatch(text.strip())
    address = (named[1] if named else text).strip()
    return address if _ADDRESS.fullmatch(address) else ""


def _one_line(text: str) -> str:
    if not text.isprintable():
        text = "".join(each if each.isprintable() or each in _JOINERS else " " for each in text)
    return " ".join(text.split())
