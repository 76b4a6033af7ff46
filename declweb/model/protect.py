"""`[[protect]]`: addresses that only some users may see."""

from typing import Annotated

from pydantic import AfterValidator, Field

from declweb.model.base import Choice, OneOrMany, Table, wrong
from declweb.model.urls import PathPattern

_NEVER = {
    "%": "paths are written as people read them, not escaped",
    "?": "a query is no part of a path",
    "#": "a `#` never reaches a server",
    "\\": "a backslash never stands in an address",
    "//": "no address has two slashes in a row",
}
"""What no path has, so that nothing would fall under the pattern."""


def _written_plainly(value: str) -> str:
    """Refuse what nothing would ever fall under: it would protect nothing."""
    for sign, words in _NEVER.items():
        if sign in value:
            raise wrong("bad-path", f"{words}: `{value}`", help='such as "/staff/*"')
    if any(part in {".", ".."} for part in value.split("/")):
        raise wrong("bad-path", f"`.` and `..` are no names in an address: `{value}`", help='such as "/staff/*"')
    return value


ProtectedPath = Annotated[PathPattern, AfterValidator(_written_plainly)]
"""A path pattern of what is protected."""


class Protect(Table):
    """Addresses that only some users may see, in whatever spelling, with all that lies below `/*`."""

    path: OneOrMany[ProtectedPath] = Field(examples=["/staff/*"])
    """Which addresses: a path in which `*` stands for anything, or several; `/x/*` is `/x`, `/x/` and all below."""
    allow: OneOrMany[Annotated[str, Field(min_length=1)]] = Field(examples=["staff"])
    """Who may see them: roles or names of users; one of them is enough."""
    by: Annotated[str, Choice("login", "basic")] = "login"
    """How visitors say who they are: on the login page, or by HTTP `basic`, which browsers and programs know."""
