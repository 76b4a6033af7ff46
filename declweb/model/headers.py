"""`[[headers]]`: header fields that answers get."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from declweb.model.base import OneOfMany, OneOrMany, wrong
from declweb.model.urls import PathPattern

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_OURS = {"connection", "content-length", "date", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}


def _name(value: str) -> str:
    if not _TOKEN.fullmatch(value):
        raise wrong(
            "bad-header", f"`{value}` is no name of a header", help="such as `Cache-Control`: letters and dashes"
        )
    if value.lower() in _OURS:
        raise wrong("bad-header", f"`{value}` is set by the server and cannot be changed here", help="take it out")
    return value


def _value(value: str) -> str:
    if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value) or not value.isascii():
        raise wrong(
            "bad-header", "a header holds plain letters, digits and signs, on one line", help="take the others out"
        )
    return value


HeaderName = Annotated[str, AfterValidator(_name)]
"""The name of a header field: a token (RFC 9110, section 5.1)."""
HeaderValue = Annotated[str, AfterValidator(_value)]
"""The value of a header field, on one line (RFC 9110, section 5.5)."""
Headers = dict[HeaderName, HeaderValue]


class HeaderRule(OneOfMany):
    """Header fields that are set on, or taken from, every answer below a path."""

    path: Annotated[PathPattern, Field(examples=["/static/*"])] = "/*"
    """Which answers: a path in which `*` stands for anything."""
    set: Annotated[Headers, Field(examples=[{"X-Robots-Tag": "noindex"}])] = {}
    """Header fields that are set; `Vary`, `Link` and `Set-Cookie` are added to what is there, all others replace it."""
    unset: OneOrMany[HeaderName] = Field(default=[], validate_default=False)
    """Header fields that are taken away."""
    only_status: OneOrMany[Annotated[int, Field(ge=200, le=599)]] = Field(default=[], validate_default=False)
    """Only on answers with one of these status codes."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.set and not self.unset:
            raise wrong("no-answer", "these header rules change nothing", help="add `set` or `unset`")
        return self
