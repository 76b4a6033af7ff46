"""`[mail]`: how mail leaves the site.

Owns the site's own address and the spelling of a mail server's. Knows no message.
"""

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from declweb.model.base import Choice, OneOrMany, Table, caught, quoted, raise_all, wrong
from declweb.model.sends import check_address, named_address

IN_THE_CLEAR = "tls=none"
"""What the address of a server ends with, after a question mark, that is spoken to without encryption."""


class Mail(Table):
    """How mail leaves the site."""

    server: Annotated[str | None, Field(examples=["smtp://user:password@mail.example:587"])] = None
    """The mail server; without one, or with an empty text, mails wait in the outbox. `smtps://` begins with TLS,
    `smtp://` turns to it (STARTTLS); `?tls=none` at the end sends to another machine in the clear, without a login."""
    from_: Annotated[str | None, Field(alias="from", examples=["Blackbird Bakery <website@blackbird.example>"])] = None
    """The site's own address, which every mail comes from; a visitor's goes into `reply_to` of a send."""

    owner: Annotated[OneOrMany[str] | None, Field(examples=["anna@blackbird.example"])] = None
    """Who is told of messages that could not be delivered, and gets the digest; the address in `from` otherwise."""
    digest: Annotated[Annotated[str, Choice("daily", "weekly")] | None, Field(examples=["weekly"])] = None
    """How often the owner gets a mail with what is new, held and could not be delivered: at seven in the morning."""

    @property
    def owners(self) -> tuple[str, ...]:
        """The addresses of who is told how things go."""
        given = self.owner if self.owner is not None else [self.from_] if self.from_ is not None else []
        return tuple(dict.fromkeys(named_address(address)[1] for address in given))

    @model_validator(mode="after")
    def _check(self) -> Self:
        raise_all(self._faults())
        return self

    def _faults(self) -> Iterator[PydanticCustomError]:
        if self.from_ is not None and "{{" in self.from_:
            yield wrong(
                "forged-sender",
                "a mail always comes from the site's own address, never from a visitor's",
                help="write the site's address here, and the visitor's as `reply_to` of a send",
                key="from",
            )
        elif self.from_ is not None:
            yield from caught(partial(check_address, self.from_, "from"))
        for address in self.owner or []:
            yield from caught(partial(check_address, address, "owner"))
        if self.digest is not None and self.owner is None and self.from_ is None:
            yield wrong(
                "missing-key",
                "nothing says who gets the digest",
                help='add `owner`, such as owner = "anna@blackbird.example"',
            )
        if self.server:
            yield from caught(partial(_check_server, self.server))
        if self.server and self.from_ is None:
            yield wrong(
                "missing-key",
                "nothing says which address mails come from",
                help='add `from`, such as from = "Blackbird Bakery <website@blackbird.example>"',
            )


def _check_server(value: str) -> None:
    parts = None
    try:
        parts = urlsplit(value)
        is_server = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
        is_server = is_server and parts.path in {"", "/"} and not parts.fragment
    except ValueError:
        is_server = False
    if parts is None or not is_server:
        raise wrong(
            "bad-url",
            "this is no address of a mail server",
            help="such as `smtp://user:password@mail.example:587`, or smtps:// on port 465",
            key="server",
        )
    if parts.query not in {"", IN_THE_CLEAR}:
        raise wrong(
            "bad-url",
            f"{quoted('?' + parts.query)} says nothing about a mail server",
            help=f"the one thing that can stand there is `?{IN_THE_CLEAR}`",
            key="server",
        )
    if parts.query and (parts.username or parts.scheme == "smtps"):
        raise wrong(
            "bad-url",
            f"`?{IN_THE_CLEAR}` would send a password, or what is to be encrypted, in the clear",
            help="take it out, or log in nowhere",
            key="server",
        )
