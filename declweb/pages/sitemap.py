"""Sitemaps, as sitemaps.org has them, with the languages of a page as search engines read them.

Owns how much fits into one file. Must not know which addresses a site has.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from declweb.pages.xml import DECLARATION, element, moment

MEDIA_TYPE = "application/xml; charset=utf-8"
MOST = 50_000
"""Addresses of one sitemap, and sitemaps of one index."""
LARGEST = 50 * 1024 * 1024
"""Bytes of one sitemap."""

_SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_WITH_LANGUAGES = f'{_SITEMAP} xmlns:xhtml="http://www.w3.org/1999/xhtml"'


@dataclass(frozen=True, slots=True)
class Location:
    """One address that search engines may list."""

    url: str
    """Absolute."""
    modified: datetime.date | None = None
    """A day, or a moment with its time zone."""
    alternates: Mapping[str, str] = field(default_factory=dict)
    """The addresses of the same page in each of its languages, its own among them."""


def sitemaps(locations: Iterable[Location]) -> Iterator[bytes]:
    """Yield the sitemaps that hold these addresses, at least one; each is as full as it may be."""
    room, lines = _room(), list[str]()
    for location in locations:
        line = _url(location)
        size = len(line.encode()) + 1
        if lines and (len(lines) == MOST or size > room):
            yield _document("urlset", _WITH_LANGUAGES, lines)
            room, lines = _room(), []
        lines.append(line)
        room -= size
    yield _document("urlset", _WITH_LANGUAGES, lines)


def index(urls: Sequence[str]) -> bytes:
    """Return a sitemap that names others by their absolute addresses."""
    return _document("sitemapindex", _SITEMAP, [f"<sitemap>{element('loc', url)}</sitemap>" for url in urls])


def _room() -> int:
    return LARGEST - len(_document("urlset", _WITH_LANGUAGES, []))


def _document(name: str, namespaces: str, lines: Sequence[str]) -> bytes:
    return "\n".join([f"{DECLARATION}<{name} {namespaces}>", *lines, f"</{name}>\n"]).encode()


def _url(location: Location) -> str:
    modified = element("lastmod", moment(location.modified)) if location.modified else ""
    languages = "".join(
        element("xhtml:link", attributes={"rel": "alternate", "hreflang": language, "href": url})
        for language, url in location.alternates.items()
    )
    return f"<url>{element('loc', location.url)}{modified}{languages}</url>"
