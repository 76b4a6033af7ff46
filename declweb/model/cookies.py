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
HOST = "__Host-"
PREFIXES = (HOST, "__Secure-")
"""Beginnings of names that are promises, whatever the letters' case: browsers refuse a cookie that breaks them."""


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


def check_attributes(  # noqa: PLR0913 # what a cookie is made of
    name: str, *, key: str, path: str | None, domain: str | None, samesite: str, secure: bool | None
) -> None:
    """Raise what is wrong with attributes that browsers refuse together (RFC 6265bis, sections 4.1.2.7 and 4.1.3).

    `key` is the key of the cookie's name.
    """
    if samesite == "None" and secure is not True:
        raise wrong(
            "missing-key",
            'browsers take a cookie with samesite = "None" over https alone',
            help="add `secure = true`",
            key="samesite",
        )
    prefix = next((each for each in PREFIXES if name.lower().startswith(each.lower())), None)
    if prefix is None:
        return
    if secure is not True:
        message = f"browsers take a cookie whose name begins with `{prefix}` over https alone"
        raise wrong("missing-key", message, help="add `secure = true`", key=key)
    if prefix == HOST and domain is not None:
        message = f"browsers refuse a cookie whose name begins with `{HOST}` and that has a domain"
        raise wrong("out-of-range", message, help="leave `domain` out, or change the name", key="domain")
    if prefix == HOST and path not in {None, "/"}:
        message = f"browsers refuse a cookie whose name begins with `{HOST}` unless its path is `/`, not `{path}`"
        raise wrong("out-of-range", message, help="leave `path` out, or change the name", key="path")


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
        check_attributes(
            self.name, key="name", path=self.path, domain=self.domain, samesite=self.samesite, secure=self.secure
        )
        return self
