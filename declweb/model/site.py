"""`[site]`: what the site is called and where it lives."""

from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from declweb.model.base import Spelling, Table, wrong
from declweb.model.urls import SiteUrl
from declweb.problems import did_you_mean


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, LookupError):
        cities = {name.rpartition("/")[2]: name for name in sorted(available_timezones(), reverse=True)}
        near = did_you_mean(value, cities.values()) or cities.get(did_you_mean(value, cities) or "")
        raise wrong(
            "unknown-timezone",
            f"`{value}` is no time zone",
            help=f"did you mean `{near}`?" if near else "such as `Europe/Berlin` or `UTC`",
        ) from None
    return value


class SiteTable(Table):
    """What the site is called and where it lives; templates see it as `site`."""

    name: Annotated[str, Field(min_length=1, examples=["Blackbird Bakery"])]
    """The site's name. The only key a site file must have."""
    url: Annotated[SiteUrl | None, Field(examples=["https://blackbird.example"])] = None
    """The address the site has on the web: absolute links are made from it, and its path is the prefix of every URL."""
    language: Annotated[
        str,
        Spelling("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "write a language code, such as `en` or `de-AT`"),
        Field(examples=["en", "de-AT"]),
    ] = "en"
    """The language the pages are written in, as a BCP 47 tag."""
    timezone: Annotated[str, AfterValidator(_timezone), Field(examples=["Europe/Berlin"])] = "UTC"
    """The time zone in which dates of this file are meant, by its IANA name; a date without a time is a whole day."""
    description: str | None = None
    """One sentence about the site, for search engines and link previews."""
