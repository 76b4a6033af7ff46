"""`[inbox]`: the pages where the owner reads what forms received.

Owns where these pages are, and who may see them. Knows no entry and no visitor.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from declweb.model.base import Choice, OneOrMany, Table, wrong
from declweb.model.urls import FixedPath

READ = frozenset({"GET"})
CHANGE = frozenset({"POST"})


class InboxAddress(StrEnum):
    """What stands below the path of the inbox."""

    OVERVIEW = ""
    ENTRIES = "/entries"
    ENTRY = "/entry/<receipt>"
    FILE = "/entry/<receipt>/file/<number>"
    DO = "/do"
    CSV = "/export.csv"
    XLSX = "/export.xlsx"
    JSON = "/export.json"
    ADDRESS = "/address"
    COPY = "/address.zip"
    ERASE = "/address/erase"
    MESSAGES = "/messages"
    DONE = "/done"


BELOW: Mapping[InboxAddress, frozenset[str]] = {
    **dict.fromkeys(InboxAddress, READ),
    InboxAddress.DO: CHANGE,
    InboxAddress.ERASE: READ | CHANGE,
}
"""The addresses below the path of the inbox, and what each of them is asked."""


def _below_the_root(value: str) -> str:
    if value == "/":
        raise wrong(
            "bad-path", "the inbox cannot be the start page: all below its path is closed", help='such as "/inbox"'
        )
    return value


class Inbox(Table):
    """The pages where the owner reads and deals with what forms received; `url_for("inbox")` gives the first one."""

    path: Annotated[FixedPath, AfterValidator(_below_the_root), Field(examples=["/inbox"])]
    """The address of its first page; the others are below it."""
    allow: Annotated[OneOrMany[str], Field(examples=["staff", ["staff", "anna"]])]
    """Who may use it: roles, or names of users."""
    by: Annotated[str, Choice("login", "basic")] = "login"
    """How they say who they are: on the login page, or in the window that browsers have for it."""
    page_size: Annotated[int, Field(ge=5, le=500)] = 50
    """How many entries stand on a page."""
    off: bool = False
    """Switches it off without deleting it: its pages answer 404."""

    @property
    def addresses(self) -> Mapping[InboxAddress, tuple[str, frozenset[str]]]:
        """The addresses of its pages, and what each of them is asked, by what they are called in `BELOW`."""
        return {at: (self.path_of(at), methods) for at, methods in BELOW.items()}

    def path_of(self, at: InboxAddress) -> str:
        """Return one of the addresses."""
        return f"{self.path.rstrip('/')}{at}" if at else self.path
