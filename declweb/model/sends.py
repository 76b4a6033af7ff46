"""`[[forms.NAME.send]]`: where an entry is sent.

Owns which keys go with mail and which with webhooks. Knows no server.
"""

from typing import Annotated

from pydantic import Field

from declweb.model.base import FileName, Name, OneOfMany, OneOrMany
from declweb.model.fields import WrittenConditions
from declweb.model.texts import Text


class Send(OneOfMany):
    """A message that goes out with each entry: a mail, or a call of another program."""

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
    """Fields whose files are attached to the mail."""
    secret: Annotated[str | None, Field(min_length=1, examples=["${ORDER_HOOK_SECRET}"])] = None
    """The secret that the webhook's calls are signed with."""
    off: bool = False
    """Switches the message off without deleting it."""
