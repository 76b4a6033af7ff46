"""`[session]`: the signed cookie that remembers a visitor.

Owns the cookie's attributes and what makes a secret. Knows no visitor.
"""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from declweb.model.base import Choice, OneOrMany, Spelling, Table
from declweb.model.words import Duration


class Session(Table):
    """The signed cookie of sessions, as Flask has it."""

    secret: Annotated[OneOrMany[str] | None, Field(examples=["${SESSION_SECRET}"])] = None
    """The secret that signs it; of several the first one signs, and all are believed. One is made where nothing is
    said."""
    lifetime: Duration = timedelta(days=31)
    """How long a visitor is remembered who is to be."""
    cookie: Annotated[str, Spelling("[A-Za-z0-9_-]+", "letters, digits, `_` and `-`")] = "session"
    """The name of the cookie."""
    path: Annotated[str | None, Field(examples=["/shop"])] = None
    """The path below which the cookie is sent; the whole site where nothing is said."""
    domain: Annotated[str | None, Field(examples=["blackbird.example"])] = None
    """The domain whose hosts get the cookie; only the site's own host where nothing is said."""
    samesite: Annotated[str, Choice("Lax", "Strict", "None")] = "Lax"
    """Whether the cookie comes along from other sites."""
    secure: bool | None = None
    """Whether the cookie is sent over https alone; as the page was asked for where nothing is said."""
