"""`[[headers]]`: header fields that answers get.

Owns which names and values a site may give a field. Knows no answer, and no field that declweb sets itself.
"""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from declweb.model.base import OneOfMany, OneOrMany, wrong
from declweb.model.urls import PathPattern

RESERVED = frozenset(
    {
        "connection",
        "content-length",
        "content-range",
        "date",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "status",
        "te",
        "trailer",
        "trailers",
        "transfer-encoding",
        "upgrade",
    }
)
"""Fields that belong to the connection or to the server, in lower case: no site may set them (PEP 3333)."""

FOLLOWING = frozenset({"accept-ranges", "age", "content-encoding", "etag", "last-modified"})
"""Fields that follow from what is sent: set by hand they would be wrong, and browsers could not read the answer, or
would keep an old one."""

OF_SOME = frozenset({"allow", "location"})
"""Fields that some answers have, each its own."""

NEEDED = frozenset({"allow", "content-encoding", "content-type", "location", "vary"})
"""Fields without which an answer cannot be read, or is taken for another one."""

_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
_VALUE = re.compile(r"(?:[!-~](?:[ -~]*[!-~])?)?")


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise wrong(
            "bad-header", f"`{value}` is no name of a header", help="such as `Cache-Control`: letters and dashes"
        )
    if value.lower() in RESERVED:
        raise wrong("bad-header", f"`{value}` is set by the server and cannot be changed here", help="take it out")
    return value


def _without(names: frozenset[str], message: str, help_: str) -> AfterValidator:
    """Return what refuses the names of some fields; `message` says why, with the name in the place of `{}`."""

    def check(value: str) -> str:
        if value.lower() in names:
            raise wrong("bad-header", message.format(f"`{value}`"), help=help_)
        return value

    return AfterValidator(check)


def _value(value: str) -> str:
    if value != value.strip():
        raise wrong("bad-header", "a header neither begins nor ends with a space", help="take the space out")
    if not _VALUE.fullmatch(value):
        raise wrong(
            "bad-header", "a header holds plain letters, digits and signs, on one line", help="take the others out"
        )
    return value


HeaderName = Annotated[str, AfterValidator(_name)]
"""The name of a header field: letters, digits, `-` and `_` (RFC 9110, sections 5.1 and 16.3.2.1)."""
HeaderValue = Annotated[str, AfterValidator(_value)]
"""The value of a header field: visible ASCII with spaces inside (RFC 9110, section 5.5)."""
_SETTABLE = _without(
    FOLLOWING, "{} follows from what is sent; set by hand, it would be wrong", "take it out: declweb sees to it"
)
_FOR_MANY = _without(
    OF_SOME, "{} is another one in each answer that has it", "take it out; a redirect is written in [redirects]"
)
_REMOVABLE = _without(NEEDED, "without {} answers would not be understood", "take it out of `unset`")
Headers = dict[Annotated[HeaderName, _SETTABLE], HeaderValue]
"""Header fields of one answer."""
HeadersOfMany = dict[Annotated[HeaderName, _SETTABLE, _FOR_MANY], HeaderValue]
"""Header fields of all answers below a path."""


class HeaderRule(OneOfMany):
    """Header fields that are set on, or taken from, every answer below a path."""

    path: Annotated[PathPattern, Field(examples=["/static/*"])] = "/*"
    """Which answers: a path in which `*` stands for anything."""
    set: Annotated[HeadersOfMany, Field(examples=[{"X-Robots-Tag": "noindex"}])] = {}
    """Header fields that are set; `Vary`, `Link` and `Set-Cookie` are added to what is there, all others replace it."""
    unset: OneOrMany[Annotated[HeaderName, _REMOVABLE]] = Field(default=[], validate_default=False)
    """Header fields that are taken away."""
    only_status: OneOrMany[Annotated[int, Field(ge=200, le=599)]] = Field(default=[], validate_default=False)
    """Only on answers with one of these status codes."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.set and not self.unset:
            raise wrong("no-answer", "these header rules change nothing", help="add `set` or `unset`")
        return self
