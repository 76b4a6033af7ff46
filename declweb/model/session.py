"""`[session]`: the signed cookie that remembers a visitor.

Owns the cookie's attributes and what makes a secret. Knows no visitor.
"""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from declweb.model.base import Choice, OneOrMany, Spelling, Table, wrong
from declweb.model.cookies import check_attributes
from declweb.model.words import Duration

SHORTEST_SECRET = 16
"""Characters of a secret that signs cookies."""


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

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(len(secret) < SHORTEST_SECRET for secret in self.secret or ()):
            raise wrong(
                "out-of-range",
                f"a secret has at least {SHORTEST_SECRET} characters: a shorter one can be guessed",
                help="take a long random one, or leave it out: then one is made",
                key="secret",
            )
        check_attributes(
            self.cookie, key="cookie", path=self.path, domain=self.domain, samesite=self.samesite, secure=self.secure
        )
        if self.path is not None and not self.path.startswith("/"):
            raise wrong(
                "bad-path", f"a path begins with a slash: `{self.path}`", help=f'write "/{self.path}"', key="path"
            )
        return self
