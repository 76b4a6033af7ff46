"""`[[pages]]`: folders of written pages, and what a page says above its text.

Owns the keys of both, and what a date and an address of a page may look like. Knows no disk.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from declweb.model.base import FileName, Name, OneOfMany, OneOrMany, Table, Value, quoted, wrong
from declweb.model.texts import Language
from declweb.model.urls import FixedPath, UrlPath


def _paths(value: str) -> str:
    if value.startswith("/"):
        raise wrong(
            "bad-path",
            f"these are pages of the folder, not addresses: `{value}`",
            help=f'write "{value.lstrip("/") or "*"}"',
        )
    return value


PagePattern = Annotated[str, Field(min_length=1), AfterValidator(_paths)]
"""Pages of a folder, by their paths without ending: `news/first`, or `news/*` for all below `news`."""


class Pages(OneOfMany):
    """A folder of written pages, in Markdown or HTML: `pages/about.md` is the page `/about`."""

    folder: Annotated[FileName, Field(examples=["pages"])] = "pages"
    """The folder with the pages, seen from the site folder."""
    path: Annotated[FixedPath, Field(examples=["/docs"])] = "/"
    """The address below which the pages are found."""
    template: Annotated[FileName | None, Field(examples=["page.html"])] = None
    """The template that each page is put into; declweb has one of its own where nothing is said."""
    feeds: Annotated[dict[FixedPath, PagePattern], Field(examples=[{"/news/feed.xml": "news/*"}])] = {}
    """Atom feeds: the address of each, and the pages that are in it."""
    html: bool = False
    """Lets Markdown pages hold HTML of their own; without it, tags in them are shown as they are written."""
    page_size: Annotated[int, Field(ge=1, le=1000)] = 10
    """How many dated pages stand on one page of a list."""
    off: bool = False
    """Switches the folder off without deleting it: its pages answer 404."""


class _Date:
    """A day, or a day with a time."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "date"}

    def _check(self, value: object) -> date:
        if isinstance(value, date):
            return value
        is_one = isinstance(value, str) and value[:4].isdecimal()
        raise wrong(
            "wrong-kind",
            f"`date` must be a date such as 2026-12-24, not {quoted(value)}",
            help=f"write it without quotes: {value}" if is_one else None,
        )


PageDate = Annotated[date | datetime, _Date()]
"""A day, or a day with a time."""


class FrontMatter(Table):
    """What a page says of itself, between two lines `+++` above its text."""

    title: Annotated[str | None, Field(min_length=1, examples=["Our bread"])] = None
    """The page's title; where nothing is said its heading `# …`, else the name of its file."""
    description: Annotated[str | None, Field(examples=["Sourdough from our own starter."])] = None
    """One sentence about the page, for search engines, link previews and feeds."""
    date: Annotated[PageDate | None, Field(examples=["2026-12-24"])] = None
    """The day from which the page is to be seen, in the site's time zone; dated pages stand in lists and feeds."""
    draft: bool = False
    """Shows the page to nobody but its author: drafts are served in development only."""
    template: Annotated[FileName | None, Field(examples=["article.html"])] = None
    """The template of this page, where it is not that of its folder."""
    order: Annotated[int | None, Field(examples=[1])] = None
    """The page's place in the navigation: small numbers come first, pages without one last, by their titles."""
    tags: OneOrMany[Annotated[str, Field(min_length=1)]] = Field(
        default=[], validate_default=False, examples=[["bread", "recipes"]]
    )
    """What the page is about, in words by which templates can pick it."""
    redirect_from: OneOrMany[UrlPath] = Field(default=[], validate_default=False, examples=[["/old-address"]])
    """Former addresses of the page, which lead to it."""
    language: Annotated[Language | None, Field(examples=["de"])] = None
    """The language the page is written in, where neither its file's name nor the site says it."""
    extra: Annotated[Mapping[Name, Value], Field(examples=[{"author": "Anna"}])] = {}
    """Your own values: `page.extra.author` in the template."""
