"""The text of a page as HTML, whichever way it was written.

Owns what is known of the HTML: its headings, its links and where they stand, its title; and how links between files
become links between addresses. Must not know which files or addresses there are.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape, unescape

from declweb.pages.markdown import Heading, Link, Tag, convert
from declweb.templating.links import links
from declweb.templating.markup import ids
from declweb.templating.positions import Line, Token, normalized

_HEADING = re.compile(r"<h([1-6])\b([^>]*)>(.*?)</h\1\s*>", re.DOTALL | re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^>]*>(.*?)</title\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_IMAGES = frozenset({"img", "source", "video", "audio"})
_TARGET = re.compile(r"""(<[a-zA-Z][^<>]*?\s(?:href|src)=)(["'])([^"'<>]*)\2""")
"""The attributes of HTML that lead somewhere."""
_RELATIVE = re.compile(r"""\s(?:href|src)=["'](?![/#?"']|[a-zA-Z][a-zA-Z0-9+.-]*:)""")
"""What leads somewhere beginning where the page is."""


@dataclass(frozen=True, slots=True)
class Content:
    """What became of a page's text."""

    html: str
    headings: tuple[Heading, ...]
    links: tuple[Link, ...]
    title: str
    """Its first heading of level 1; empty where there is none."""
    shown_tags: tuple[Tag, ...] = ()
    """What looks like HTML in Markdown that may not hold any."""
    has_relative_links: bool = False
    """Whether any link may be one between files."""


def content_of(text: str, *, is_markdown: bool, html: bool, language: str) -> Content:
    """Return a page's text as HTML; `html` says whether Markdown may hold HTML of its own."""
    if is_markdown:
        found = convert(text, html=html, language=language)
        title = _title(found.headings)
        is_relative = _RELATIVE.search(found.html) is not None
        return Content(found.html, found.headings, found.links, title, found.shown_tags, is_relative)
    headings = tuple(_headings(text))
    titled = _TITLE.search(text)
    title = _plain(titled[1]) if titled else _title(headings)
    is_relative = _RELATIVE.search(text) is not None
    return Content(text, headings, _links(text), title, has_relative_links=is_relative)


def _title(headings: Iterable[Heading]) -> str:
    """Return the text of the first heading above all others: one below would be shown twice."""
    return next((heading.text for heading in headings if heading.level == 1), "")


def _headings(text: str) -> list[Heading]:
    found = []
    for level, attributes, inner in _HEADING.findall(text):
        found.append(Heading(int(level), next(ids(attributes), ""), _plain(inner)))
    return found


def _plain(markup: str) -> str:
    return " ".join(unescape(_TAG.sub("", markup)).split())


def _links(text: str) -> tuple[Link, ...]:
    text = normalized(text)
    first = Line(1)
    first.column = 1
    found = links([Token(first, "data", text, 0)], text)
    return tuple(Link(link.value, link.line, link.tag in _IMAGES) for link in found)


def with_targets(html: str, target: Callable[[str], str | None]) -> str:
    """Return HTML in which `target` has said where each link leads instead; None where it stays as it is."""

    def replaced(found: re.Match[str]) -> str:
        meant = target(unescape(found[3]))
        return found[0] if meant is None else f"{found[1]}{found[2]}{escape(meant)}{found[2]}"

    return _TARGET.sub(replaced, html)
