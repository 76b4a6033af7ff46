"""One file of a pages folder, read and understood.

Owns what is known of a page, and where in its file each key stands. Knows no other page.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import unquote

from declweb.model.moments import moment
from declweb.problems import Place
from declweb.sitefile.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFile:
    """One file of a pages folder, read and understood."""

    file: str
    """Seen from the site folder: `pages/news/first.md`."""
    path: str
    """What it is called: without language and ending, and with what tells its folder's address from those of others:
    `news/first`, `news/index`."""
    address: str
    """`/news/first`, `/news/`, `/de/news/first`; empty for an error page, which has none."""
    language: str
    """The language it is written in."""
    edition: str
    """The language that its address belongs to; another one where the page is not translated."""
    title: str
    description: str | None = None
    date: date | datetime | None = None
    draft: bool = False
    template: str | None = None
    """Of the page itself, or of its folder; None where declweb's own is used."""
    order: int | None = None
    tags: tuple[str, ...] = ()
    redirect_from: tuple[str, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)
    source: str
    """The text below the front matter."""
    first_line: int
    """The line of the file where `source` begins."""
    is_markdown: bool
    allows_html: bool = False
    """Whether Markdown may hold HTML of its own."""
    table: int = 0
    """Which of the site's folders it is from."""
    head: str = ""
    """The front matter, at its line."""
    shown: str = ""
    """The file as problems name it."""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The path of the folder it is in: `news`, and empty for the outermost."""
        return self.path.rpartition("/")[0]

    @property
    def is_index(self) -> bool:
        """Whether it is the page of its folder."""
        return self.name == "index"

    @property
    def is_document(self) -> bool:
        """Whether it is a whole HTML document, which is sent as it is."""
        return not self.is_markdown and self.source.lstrip()[:9].lower().startswith(("<!doctype", "<html"))

    def moment(self, timezone: str) -> datetime | None:
        """Return when its day begins, or the time it gives."""
        return None if self.date is None else moment(self.date, timezone)

    def place(self, key: str | None = None, item: int | None = None) -> Place:
        """Return where a key, or an item of its list, stands in the file; the file as a whole where it is not written.

        A list of one item may be written without brackets.
        """
        if key is None or not self.head:
            return Place(self.shown)
        source = Source(self.shown, self.head.encode())
        found = source.place((key, item)) if item is not None else None
        return found or source.place((key,)) or Place(self.shown)

    def place_in_text(self, line: int, word: str) -> Place:
        """Return the place of a word in a line of `source`, counted from 1; it may be written without escapes."""
        lines = self.source.split("\n")
        if not 1 <= line <= len(lines):
            return Place(self.shown)
        text = lines[line - 1]
        found = re.search(rf"(?<![\w./-])(?:{re.escape(word)}|{re.escape(unquote(word))})", text)
        start, end = found.span() if found and word else (len(text) - len(text.lstrip()), len(text.rstrip()))
        return Place(self.shown, self.first_line + line - 1, start + 1, max(start + 1, end) + 1, text)
