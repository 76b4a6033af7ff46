"""`[mail]`: how mail leaves the site.

Owns the site's own address and the spelling of a mail server's. Knows no message.
"""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from declweb.model.base import Table, wrong
from declweb.model.sends import check_address


class Mail(Table):
    """How mail leaves the site."""

    server: Annotated[str | None, Field(examples=["smtp://user:password@mail.example:587"])] = None
    """The mail server; without one, or with an empty text, mails wait in the outbox."""
    from_: Annotated[str | None, Field(alias="from", examples=["Blackbird Bakery <website@blackbird.example>"])] = None
    """The site's own address, which every mail comes from; a visitor's goes into `reply_to` of a send."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.from_ is not None:
            if "{{" in self.from_:
                raise wrong(
                    "forged-sender",
                    "a mail always comes from the site's own address, never from a visitor's",
                    help="write the site's address here, and the visitor's as `reply_to` of a send",
                    key="from",
                )
            check_address(self.from_, "from")
        if self.server:
            _check_server(self.server)
            if self.from_ is None:
                raise wrong(
                    "missing-key",
                    "nothing says which address mails come from",
                    help='add `from`, such as from = "Blackbird Bakery <website@blackbird.example>"',
                )
        return self


def _check_server(value: str) -> None:
    try:
        parts = urlsplit(value)
        is_server = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_server = False
    if not is_server:
        raise wrong(
            "bad-url",
            "this is no address of a mail server",
            help="such as `smtp://user:password@mail.example:587`, or smtps:// on port 465",
            key="server",
        )
