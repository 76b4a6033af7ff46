"""`set_cookies` of a route: cookies that its answers set.

Owns what a cookie may be called and hold (RFC 6265, section 4.1.1). Knows no visitor.
"""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from declweb.model.base import Choice, Spelling, Table, wrong
from declweb.model.urls import BadVariable, FixedPath, parse
from declweb.model.words import CacheTime

LONGEST = 4000
"""Characters of a value; browsers drop cookies of more than 4096 bytes."""


def _value(value: str) -> str:
    if len(value) > LONGEST:
        raise wrong("out-of-range", "browsers keep no cookie this large", help=f"at most {LONGEST} characters")
    try:
        parse(value)
    except BadVariable as error:
        raise wrong("bad-variable", str(error), help=error.help) from None
    return value


def _domain(value: str) -> str:
    if re.fullmatch(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", value):
        return value
    raise wrong("bad-name", f"`{value}` is no domain", help='such as "blackbird.example"')


class Cookie(Table):
    """A cookie that an answer sets."""

    name: Annotated[
        str,
        Spelling("[A-Za-z0-9!#$%&'*+.^_`|~-]+", "a cookie's name is letters from a to z, digits, `-` and `_`"),
        Field(examples=["seen"]),
    ]
    """The name of the cookie."""
    value: Annotated[str, AfterValidator(_value), Field(examples=["yes", "<language>"])]
    """What it holds; `<name>` is a variable of the address."""
    max_age: Annotated[CacheTime | None, Field(examples=["30 days", "never"])] = None
    """How long browsers keep it, `"never"` to delete it; until they are closed where nothing is said."""
    path: Annotated[FixedPath, Field(examples=["/shop"])] = "/"
    """The path below which it is sent, seen from the site."""
    domain: Annotated[str | None, AfterValidator(_domain), Field(examples=["blackbird.example"])] = None
    """The domain whose hosts get it; only the site's own host where nothing is said."""
    secure: bool | None = None
    """Whether it is sent over https alone; as the page was asked for where nothing is said."""
    httponly: bool = True
    """Whether scripts in the page cannot read it."""
    samesite: Annotated[str, Choice("Lax", "Strict", "None")] = "Lax"
    """Whether it comes along from other sites."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.samesite == "None" and self.secure is not True:
            raise wrong(
                "missing-key",
                'browsers take a cookie with samesite = "None" over https alone',
                help="add `secure = true`",
                key="samesite",
            )
        return self
