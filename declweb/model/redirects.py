"""`[redirects]`: old address = new address."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

from declweb.model.base import Choice, OneOfMany, OneOrMany, Spelling, wrong
from declweb.model.urls import UrlPath, UrlTarget

PERMANENT = (301, 308)
CONDITIONS = ("query", "host", "language", "country", "cookie", "starts", "ends")
"""What a redirect may depend on, in the order of the reference."""


class Redirect(OneOfMany):
    """One redirect with its conditions; all of them must hold."""

    to: Annotated[UrlTarget, Field(examples=["/new/<slug>"])]
    """Where visitors are sent; may use the variables of the old address."""
    status: Annotated[int, Choice(301, 302, 303, 307, 308)] | None = None
    """The status code: 301 (moved for good) where nothing is said, 302 (for now) where there is a condition."""
    force: bool = False
    """Sends visitors on even where the old address has a page or a file."""
    query: Annotated[dict[str, str | bool], Field(min_length=1, examples=[{"id": "7"}])] | None = None
    """Query parameters that must have a value; `true` is any, `false` none, `"<name>"` is used in `to`."""
    host: Annotated[OneOrMany[str] | None, Field(examples=["www.blackbird.example"])] = None
    """The host that must be asked for, or one of several."""
    language: Annotated[OneOrMany[str] | None, Field(examples=["de"])] = None
    """The language that the visitor's browser prefers among these and the site's own."""
    country: Annotated[
        OneOrMany[Annotated[str, Spelling("[A-Z]{2}", "write two capital letters, such as `AT`")]] | None,
        Field(examples=["AT"]),
    ] = None
    """The visitor's country by its two-letter code, as the header named in `proxy.country_header` gives it."""
    cookie: Annotated[OneOrMany[str] | None, Field(examples=["beta"])] = None
    """A cookie that the visitor must have, or one of several."""
    starts: Annotated[date | datetime | None, Field(examples=[date(2026, 11, 15)])] = None
    """The first day, or the moment, from which it holds."""
    ends: Annotated[date | datetime | None, Field(examples=[date(2026, 12, 24)])] = None
    """The last day, or the moment, until which it holds."""
    off: bool = False
    """Switches the redirect off without deleting it."""

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions that are written."""
        return tuple(name for name in CONDITIONS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.status in PERMANENT and self.conditions:
            raise wrong(
                "permanent-condition",
                f"a redirect that depends on `{self.conditions[0]}` cannot be permanent: browsers would keep it",
                help=f"write 302 instead of {self.status}, or take `status` out",
                key="status",
            )
        if self.starts is not None and self.ends is not None and _day(self.starts) > _day(self.ends):
            raise wrong(
                "empty-range",
                f"it ends ({self.ends}) before it starts ({self.starts})",
                help="swap the two dates",
                key="ends",
            )
        return self


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _kind(value: Any) -> str | None:
    if isinstance(value, str):
        return "target"
    if isinstance(value, dict | Redirect):
        return "redirect"
    return "several" if isinstance(value, list) else None


_BY_KIND = Discriminator(
    _kind,
    custom_error_type="wrong-redirect",
    custom_error_message="a redirect is a target in quotes, a table with `to`, or a list of such",
)
_One = Annotated[Annotated[UrlTarget, Tag("target")] | Annotated[Redirect, Tag("redirect")], _BY_KIND]
RedirectValue = Annotated[
    Annotated[UrlTarget, Tag("target")]
    | Annotated[Redirect, Tag("redirect")]
    | Annotated[list[_One], Tag("several"), Field(min_length=1)],
    _BY_KIND,
]
"""A target, a table, or a list of such that is tried in order."""

Redirects = dict[UrlPath, RedirectValue]


def each(value: RedirectValue) -> list[Redirect]:
    """Return the redirects of one old address, in the order in which they are tried."""
    several = value if isinstance(value, list) else [value]
    return [one if isinstance(one, Redirect) else Redirect.model_construct(to=one) for one in several]
