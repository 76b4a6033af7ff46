"""`[site]`: what the site is called and where it lives."""

from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, model_validator

from declweb.model.base import Table, wrong
from declweb.model.texts import Language, Text, is_language
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


def _each_once(codes: list[str] | None) -> list[str] | None:
    for index, code in enumerate(codes or ()):
        if code.casefold() in {other.casefold() for other in (codes or ())[:index]}:
            raise wrong("duplicate-name", f"the language `{code}` stands twice here", help="take one of them out")
    return codes


class SiteTable(Table):
    """What the site is called and where it lives; templates see it as `site`."""

    name: Annotated[str, Field(min_length=1, examples=["Blackbird Bakery"])]
    """The site's name. The only key a site file must have."""
    url: Annotated[SiteUrl | None, Field(examples=["https://blackbird.example"])] = None
    """The address the site has on the web: absolute links are made from it, and its path is the prefix of every URL."""
    canonical: bool = False
    """Sends visitors who came by http, or by another host, to `url`: with one redirect, path and query kept. Requests
    from the machine itself and its own network are answered as they are."""
    language: Annotated[Language, Field(examples=["en", "de-AT"])] = "en"
    """The language the pages are written in, as a BCP 47 tag; in templates the language of the page."""
    languages: Annotated[
        list[Language] | None, Field(min_length=1, examples=[["en", "de"]]), AfterValidator(_each_once)
    ] = None
    """The languages the pages are written in: the first is found at `/`, each other one below its code, as `/de/`."""
    timezone: Annotated[str, AfterValidator(_timezone), Field(examples=["Europe/Berlin"])] = "UTC"
    """The time zone in which dates of this file are meant, by its IANA name; a date without a time is a whole day."""
    description: Annotated[
        Text | None, Field(examples=[{"en": "Sourdough and cakes.", "de": "Sauerteig und Kuchen."}])
    ] = None
    """One sentence about the site, for search engines and link previews."""

    @property
    def all_languages(self) -> list[str]:
        """The languages of the site, the default one first."""
        return self.languages or [self.language]

    @model_validator(mode="before")
    @classmethod
    def _first_is_default(cls, data: Any) -> Any:
        """Let the first of several languages be `language` too, where it is one."""
        several = data.get("languages") if isinstance(data, dict) and "language" not in data else None
        if isinstance(several, list) and several and isinstance(several[0], str) and is_language(several[0]):
            return {**data, "language": several[0]}
        return data

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.languages and self.language != self.languages[0]:
            raise wrong(
                "two-answers",
                f"`language` says `{self.language}`, but the first of `languages` is `{self.languages[0]}`",
                help="take `language` out: the first of `languages` is the one at `/`",
                key="language",
            )
        return self
