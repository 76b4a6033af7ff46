"""`[[tests]]`: what must stay true of a site.

Owns how a request and what is expected of its answer are written. Knows no site, and asks nobody.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from declweb.model.base import FileName, OneOrMany, Table, Value, raise_all, wrong
from declweb.model.users import UserName

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
EXPECTED = ("status", "location", "contains", "lacks", "header", "json_", "sends")
"""What may be expected of an answer."""


def _address(value: str) -> str:
    if not value.startswith("/") or value.startswith("//"):
        raise wrong("bad-path", f"`{value}` is no address of this site", help='such as "/menu/?page=2"')
    if "#" in value or any(ord(letter) <= 32 or letter == "\x7f" for letter in value):
        raise wrong(
            "bad-path", "a server is never asked for `#`, spaces or line breaks", help="take it out, or write %20"
        )
    return value


def _sent(value: object) -> object:
    values = value if isinstance(value, list) else [value]
    if any(isinstance(each, bool) or not isinstance(each, str | int | float | date | time) for each in values):
        raise wrong(
            "wrong-type", "a form sends texts, numbers and dates", help='such as name = "Ann" or extras = ["milk"]'
        )
    return value


def _header(value: object) -> object:
    values = value if isinstance(value, list) else [value]
    if value is not False and not all(isinstance(each, str) for each in values):
        raise wrong(
            "wrong-type",
            "a header is a text, a list of texts, or `false` where there must be none",
            help='such as "no-cache"',
        )
    return value


Address = Annotated[str, AfterValidator(_address)]
"""What a browser asks for: a path, with or without a query."""
Words = Annotated[str, Field(min_length=1)]


class Trial(Table):
    """A request, and what its answer must be like; `declweb test` asks, and an edit that fails it never goes live."""

    name: Annotated[str | None, Field(examples=["Old menu"])] = None
    """What the test is called where its result is shown; its address otherwise."""
    get: Annotated[Address | None, Field(examples=["/menu/?page=2"])] = None
    """The address that is asked for, with its query."""
    head: Address | None = None
    """The address whose header fields alone are asked for."""
    post: Annotated[Address | None, Field(examples=["/contact"])] = None
    """The address that something is sent to."""
    put: Address | None = None
    """The address at which something is put."""
    patch: Address | None = None
    """The address at which something is changed."""
    delete: Address | None = None
    """The address at which something is deleted."""
    options: Address | None = None
    """The address that is asked what may be done with it."""
    headers: Annotated[dict[str, str], Field(examples=[{"Accept-Language": "de"}])] = {}
    """Header fields of the request."""
    form: Annotated[dict[str, Annotated[Value, AfterValidator(_sent)]], Field(examples=[{"name": "Ann"}])] = {}
    """What is filled in: a value for each field, or a list of them."""
    files: Annotated[dict[str, OneOrMany[FileName]], Field(examples=[{"photo": "static/cake.png"}])] = {}
    """Files of the site folder that are sent with the form, one or several for each field."""
    json_body: Annotated[Value, Field(examples=[{"name": "Ann"}])] = None
    """What is sent as JSON: any value."""
    as_: Annotated[UserName | None, Field(alias="as", examples=["anna"])] = None
    """The user of `[users.NAME]` who asks, signed in, whether or not there is a password yet."""
    now: Annotated[date | datetime | None, Field(examples=[date(2026, 12, 24)])] = None
    """The day or moment it is meanwhile; in the site's time zone where it says no other."""
    status: Annotated[int | None, Field(ge=200, le=599, examples=[200])] = None
    """The status code of the answer."""
    location: Annotated[str | None, Field(examples=["/menu/"])] = None
    """Where the answer leads to; it is not followed."""
    contains: Annotated[OneOrMany[Words], Field(examples=["Sacher"])] = Field(default=[], validate_default=False)
    """Text that is in the answer, or several; of pages as it is read, or as it is written in HTML."""
    lacks: Annotated[OneOrMany[Words], Field(examples=["sold out"])] = Field(default=[], validate_default=False)
    """Text that is not in the answer, or several."""
    header: Annotated[
        dict[str, Annotated[Value, AfterValidator(_header)]], Field(examples=[{"Cache-Control": "no-cache"}])
    ] = {}
    """Header fields of the answer: a value, a list of them, or `false` for one that must not be there."""
    json_: Annotated[dict[str, Value], Field(alias="json", examples=[{"items.0.vegan": True}])] = {}
    """Values in the JSON of the answer, by their path: names and numbers from 0, with dots between them."""

    sends: Annotated[int | None, Field(ge=0, le=1000, examples=[1])] = None
    """How many messages the request puts into the outbox; none of them is delivered."""

    @property
    def method(self) -> str:
        """The word of the request's method, as it is written here."""
        return next(method for method in METHODS if getattr(self, method) is not None)

    @property
    def address(self) -> str:
        """What is asked for."""
        return str(getattr(self, self.method))

    @property
    def title(self) -> str:
        """What the test is called."""
        return self.name or f"{self.method.upper()} {self.address}"

    @property
    def has_json_body(self) -> bool:
        """Tell whether JSON is sent."""
        return "json_body" in self.model_fields_set

    @model_validator(mode="after")
    def _check(self) -> Self:
        raise_all(self._wrong())
        return self

    def _wrong(self) -> Iterator[PydanticCustomError]:
        written = [method for method in METHODS if getattr(self, method) is not None]
        if not written:
            listed = ", ".join(f"`{method}`" for method in METHODS)
            yield wrong("no-answer", "nothing says what is asked for", help=f"add one of {listed}")
        if len(written) > 1:
            listed = " and ".join(f"`{method}`" for method in written)
            yield wrong("two-answers", f"{listed} are two requests", help="write two tests", key=written[-1])
        if not any(getattr(self, key) not in (None, [], {}) for key in EXPECTED):
            yield wrong("no-answer", "nothing is expected of the answer", help="add `status = 200`, or `contains`")
        if self.has_json_body and (self.form or self.files):
            yield wrong(
                "two-answers", "a request sends a form or JSON, not both", help="keep one of them", key="json_body"
            )
        sent = "json_body" if self.has_json_body else "files" if self.files else "form" if self.form else None
        if sent and written and written[0] in {"get", "head"}:
            yield wrong("wrong-key-here", f"`{written[0]}` sends nothing", help="write it into the query", key=sent)
