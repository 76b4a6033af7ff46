"""`[[forms.NAME.send]]`: where an entry is sent.

Owns which keys go with mail and which with webhooks. Knows no server.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from declweb.model.base import FileName, Name, OneOfMany, OneOrMany, caught, one_answer, quoted, raise_all, wrong
from declweb.model.fields import WrittenConditions
from declweb.model.mailboxes import is_address
from declweb.model.texts import Text
from declweb.model.webhooks import Secret, check_webhook

ANSWERS = {"email": "a mail to somebody", "webhook": "a call of another program"}
"""What a message can be, and what each of them is."""
OF_MAIL = ("subject", "template", "reply_to", "attach")
"""Keys that go with mail."""
OF_WEBHOOKS = ("secret", "private")
"""Keys that go with webhooks."""
_ADDRESS = re.compile(r"[^\s@<>,;:\"\\]{1,64}@[^\s@<>,;:\"\\.]+(\.[^\s@<>,;:\"\\.]+)*")
_NAMED = re.compile(r"(?P<name>[^<>@\r\n]*)<(?P<address>[^<>]*)>")


def named_address(value: str) -> tuple[str, str]:
    """Return the name and the address in `Bakery, Berlin <hello@bakery.example>`; the name may stand in quotes."""
    named = _NAMED.fullmatch(value.strip())
    if named is None:
        return "", value.strip()
    name = named["name"].strip()
    is_quoted = len(name) > 1 and name.startswith('"') and name.endswith('"')
    return (name[1:-1].strip() if is_quoted else name), named["address"].strip()


def fixed_address(text: str) -> str:
    """Return an address that stands in the site file; nothing where it depends on the entry."""
    return "" if "{" in text else named_address(text)[1]


def check_address(value: str, key: str) -> None:
    """Raise unless a text is an e-mail address, alone or as `Name <name@site.example>`; `key` is where it stands."""
    _, address = named_address(value)
    if not _ADDRESS.fullmatch(address) or len(address) > 254 or not is_address(address):
        raise wrong(
            "bad-address",
            f"{quoted(value)} is no e-mail address",
            help="such as `hello@blackbird.example`",
            key=key,
        )


class Send(OneOfMany):
    """A message that goes out with each entry: a mail, or a call of another program."""

    meant: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("to", "mail", "recipient", "recipients", "address", "mailto"), "email"),
        **dict.fromkeys(("url", "hook", "post", "call"), "webhook"),
        **dict.fromkeys(("text", "body", "html", "content", "message"), "template"),
        **dict.fromkeys(("title", "heading"), "subject"),
        **dict.fromkeys(("reply", "replyto", "reply-to", "answer_to"), "reply_to"),
        **dict.fromkeys(("attachments", "attachment", "files"), "attach"),
        **dict.fromkeys(("if", "condition", "show_when", "only"), "when"),
    }
    """Its keys by other words that authors write for them."""
    email: Annotated[OneOrMany[str] | None, Field(examples=["hello@blackbird.example", "{{ entry.email }}"])] = None
    """The address the mail goes to, or several; `{{ entry.email }}` is what the visitor wrote."""
    webhook: Annotated[str | None, Field(min_length=1, examples=["https://till.example/orders"])] = None
    """The web address that is told, as Standard Webhooks describes it."""
    when: Annotated[WrittenConditions | None, Field(examples=[{"topic": "Praise"}])] = None
    """Fields and the values with which it is sent; always where nothing is said."""
    subject: Annotated[Text | None, Field(examples=["{{ entry.topic }} from {{ entry.name }}"])] = None
    """The mail's subject; `{{ … }}` is filled in."""
    template: Annotated[FileName | None, Field(examples=["mail/order-received.txt"])] = None
    """The template of the mail's text; all answers, one below the other, where nothing is said."""
    reply_to: Annotated[str | None, Field(examples=["{{ entry.email }}"])] = None
    """Who gets an answer to the mail; the mail itself always comes from the site's own address."""
    attach: Annotated[OneOrMany[Name] | None, Field(examples=[["photo"]])] = None
    """Fields whose files are attached to the mail; to an address that a visitor typed none are."""
    secret: Annotated[OneOrMany[Secret] | None, Field(examples=["${ORDER_HOOK_SECRET}"])] = None
    """The secret that the webhook's calls are signed with; with several, each call has a signature of each."""
    private: bool = False
    """Whether the webhook may be a program on this machine or in its own network."""
    off: bool = False
    """Switches the message off without deleting it."""

    @model_validator(mode="before")
    @classmethod
    def _from_the_site(cls, data: Any) -> Any:
        if isinstance(data, dict) and "from" in data:
            raise wrong(
                "forged-sender",
                "a mail always comes from the site's own address, never from a visitor's",
                help="write the visitor's address as `reply_to`; the site's own stands in [mail]",
                key="from",
            )
        return data

    @model_validator(mode="after")
    def _check(self) -> Self:
        raise_all(self._faults())
        return self

    def _faults(self) -> Iterator[PydanticCustomError]:
        unanswered = list(caught(lambda: one_answer(self, ANSWERS)))
        yield from unanswered
        if not unanswered:
            yield from self._foreign_keys()
        for key, texts in (("email", self.email or []), ("reply_to", [self.reply_to] if self.reply_to else [])):
            for text in texts:
                if "{" not in text:
                    yield from caught(partial(check_address, text, key))
        yield from self._broken_lines()
        if self.webhook is not None:
            yield from caught(partial(check_webhook, self.webhook))

    def _foreign_keys(self) -> Iterator[PydanticCustomError]:
        foreign, what, where = (
            (OF_WEBHOOKS, "email", "webhook") if self.email is not None else (OF_MAIL, "webhook", "email")
        )
        for key in foreign:
            if key in self.model_fields_set and getattr(self, key) is not None:
                yield wrong(
                    "wrong-key-here", f"`{key}` goes with `{where}`, not with `{what}`", help="take it out", key=key
                )

    def _broken_lines(self) -> Iterator[PydanticCustomError]:
        subjects = self.subject.values() if isinstance(self.subject, dict) else [self.subject or ""]
        lines: Iterable[tuple[str, str]] = [
            *(("subject", each) for each in subjects),
            ("reply_to", self.reply_to or ""),
        ]
        for key, text in lines:
            if "\n" in text or "\r" in text:
                yield wrong("bad-header", f"`{key}` is one line", help="take the line break out", key=key)
