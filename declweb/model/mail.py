"""`[mail]`: how mail leaves the site.

Owns the site's own address and the spelling of a mail server's. Knows no message.
"""

from typing import Annotated

from pydantic import Field

from declweb.model.base import Table


class Mail(Table):
    """How mail leaves the site."""

    server: Annotated[str | None, Field(examples=["smtp://user:password@mail.example:587"])] = None
    """The mail server; without one, or with an empty text, mails wait in the outbox."""
    from_: Annotated[str | None, Field(alias="from", examples=["Blackbird Bakery <website@blackbird.example>"])] = None
    """The site's own address, which every mail comes from; a visitor's goes into `reply_to` of a send."""
