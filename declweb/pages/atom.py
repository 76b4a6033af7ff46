"""Feeds, as RFC 4287 has them.

Owns what a feed says, and that its entries read the same outside of the site: every address in them is absolute. Must
not know where entries come from.
"""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import urljoin

from declweb.pages.xml import DECLARATION, element, moment
from declweb.templating.markup import Attribute, tags

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
MOST = 30
"""Entries of one feed, the newest ones: it is fetched again and again."""

_NEVER = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_CANDIDATE = re.compile(r"[\s,]*(\S*[^\s,])(?:,+(?=\s|\Z)|\s*([^,]*)(?:,|\Z))")
"""A picture of a `srcset`, and its size: an address may have commas in it, but not at its end (HTML, 4.8.4.2.1)."""
_OF_ADDRESSES = frozenset({"action", "cite", "data", "href", "poster", "src", "srcset"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of a feed."""

    url: str
    """Absolute; it is the entry's id too, and so must not change."""
    title: str
    updated: datetime.datetime
    """With a time zone."""
    html: str
    summary: str | None = None
    language: str | None = None
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """What is said of all entries together."""

    url: str
    """Where the feed itself is found; absolute, and its id too."""
    home: str
    """The page whose news these are; absolute."""
    title: str
    author: str
    language: str | None = None
    subtitle: str | None = None


def atom(feed: Feed, entries: Sequence[Entry]) -> bytes:
    """Return a feed of the newest of these entries, the newest first."""
    newest = sorted(entries, key=lambda entry: entry.updated, reverse=True)[:MOST]
    updated = newest[0].updated if newest else _NEVER
    lines = [
        f'{DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom"{_in_language(feed.language)}>',
        element("id", feed.url),
        element("title", feed.title),
        *([element("subtitle", feed.subtitle)] if feed.subtitle else []),
        element("updated", moment(updated)),
        f"<author>{element('name', feed.author)}</author>",
        element("link", attributes={"rel": "self", "type": "application/atom+xml", "href": feed.url}),
        element("link", attributes={"rel": "alternate", "type": "text/html", "href": feed.home}),
        element("generator", "declweb"),
        *(_entry(entry) for entry in newest),
        "</feed>\n",
    ]
    return "\n".join(lines).encode()


def _entry(entry: Entry) -> str:
    lines = [
        f"<entry{_in_language(entry.language)}>",
        element("id", entry.url),
        element("title", entry.title),
        element("link", attributes={"rel": "alternate", "type": "text/html", "href": entry.url}),
        element("published", moment(entry.updated)),
        element("updated", moment(entry.updated)),
        *(element("category", attributes={"term": tag}) for tag in entry.tags),
        *([element("summary", entry.summary)] if entry.summary else []),
        element("content", absolute(entry.html, entry.url), {"type": "html"}),
        "</entry>",
    ]
    return "\n".join(lines)


def _in_language(language: str | None) -> str:
    return f' xml:lang="{language}"' if language else ""


def absolute(html: str, url: str) -> str:
    """Return HTML whose links and pictures are named by absolute addresses; `url` is where it stands."""
    pieces, end = [], 0
    for tag in tags(html):
        for attribute in tag.attributes:
            if attribute.name in _OF_ADDRESSES:
                value = escape(_made_absolute(attribute, url))
                is_quoted = html[attribute.start - 1] in "\"'"
                pieces += [html[end : attribute.start], value if is_quoted else f'"{value}"']
                end = attribute.start + len(attribute.value)
    return "".join([*pieces, html[end:]])


def _made_absolute(attribute: Attribute, url: str) -> str:
    value = unescape(attribute.value)
    if attribute.name != "srcset":
        return _joined(url, value)
    return ", ".join(
        " ".join([_joined(url, found[1]), *(found[2] or "").split()]) for found in _CANDIDATE.finditer(value)
    )


def _joined(url: str, address: str) -> str:
    try:
        return urljoin(url, address.strip())
    except ValueError:
        return address
