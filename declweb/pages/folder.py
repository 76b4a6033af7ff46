"""A folder of pages: which files are pages, and what each of them is called and where it is found.

Owns names and addresses, and what is remembered of a file between two readings: a page that did not change is neither
read nor converted again. Must not know what else answers an address.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType

from declweb.files import Folder, Signature, is_settled, real_path, signature
from declweb.memory import Memory
from declweb.model import Pages
from declweb.model.urls import PLAIN
from declweb.pages.file import PageFile
from declweb.pages.front_matter import Head, take_apart
from declweb.pages.markup import Content, content_of
from declweb.problems import Place, Problem

MARKDOWN = (".md", ".markdown")
ENDINGS = (*MARKDOWN, ".html")
"""Files that are pages."""

BESIDE = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".pdf", ".mp3", ".mp4", ".webm", ".ogg")
"""Files that are served where they lie beside pages: pictures, sound, films, and what is printed."""

UNSERVED = re.compile(
    r"(?:.+/)?(?:(?:robots|humans|ads|security|sitemap)\.txt|sitemap\.xml|manifest\.json|_redirects|_headers"
    r"|[^/]+\.(?:html?|xhtml|css|m?js|ico|webmanifest|woff2?|ttf|otf))",
    re.IGNORECASE,
)
"""Files that look as if they were to be served, or read by a server; none of the folder is but those above."""

ERRORS = re.compile(r"[45]\d\d|[45]xx")
"""Names of pages that are shown in place of others; they have no address."""

MOST_FOLDERS = 16
"""How many folders are remembered at most."""


@dataclass(slots=True)
class Kept:
    """What is remembered of a file."""

    signature: Signature | None
    """None while the file may change without a trace."""
    head: Head
    _contents: dict[tuple[bool, str], Content] = field(default_factory=dict)
    _page: tuple[object, PageFile] | None = None

    def page(self, key: object, make: Callable[[], PageFile]) -> PageFile:
        """Return the page; it is made anew when `key` is another one than before."""
        if self._page is None or self._page[0] != key:
            self._page = key, make()
        return self._page[1]

    def content(self, page: PageFile) -> Content:
        """Return the page's text as HTML, with what is known of it."""
        key = page.allows_html, page.language
        found = self._contents.get(key)
        if found is None:
            found = content_of(page.source, is_markdown=page.is_markdown, html=page.allows_html, language=page.language)
            self._contents[key] = found
        return found


_remembered: Memory[tuple[Path, str, str], dict[str, Kept]] = Memory(MOST_FOLDERS)


@dataclass(frozen=True, slots=True)
class ReadFolder:
    """The pages of one folder."""

    pages: tuple[PageFile, ...]
    kept: dict[str, Kept]
    """By file."""
    problems: tuple[Problem, ...]
    beside: dict[str, str]
    """The addresses of the files beside the pages."""
    unserved: tuple[str, ...] = ()
    """Files that look as if they were to be served, and are not."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the pages of a site's folders.

    `root` is the site folder; the first of the languages is the usual one; `shown` gives a file's name in problems.
    """

    root: Folder
    languages: Sequence[str]
    shown: Callable[[str], str]

    def read(self, table: Pages, number: int, base: str) -> ReadFolder:
        """Return every page of a folder, drafts and error pages too.

        `number` is which of the folders it is, `base` the address below which it and its like are found.
        """
        name = table.folder.strip("/")
        key = self.root.root, name, self.shown(name)
        asked = repr((table, number, base, self.languages))
        before = _remembered.get(key, {})
        kept: dict[str, Kept] = {}
        problems: list[Problem] = []
        pages: list[PageFile] = []
        beside: dict[str, str] = {}
        unserved: list[str] = []
        for file in _files(self.root, name):
            if not file.lower().endswith((*ENDINGS, *BESIDE)):
                unserved += [file] if name != "." else []
                continue
            if file.lower().endswith(BESIDE):
                address = f"{table.path.rstrip('/')}/{_inside(file, table)}"
                beside |= {file: address} if _is_fit(address) and not table.off else {}
                continue
            found = _read(self.root, file, self.shown(file), before.get(file))
            if isinstance(found, Problem):
                problems.append(found)
                continue
            kept[file] = found
            problems += found.head.problems
            page = found.page(asked, partial(self._page, file, found, table, number, base))
            if page.address and not _is_address(page.address):
                problems.append(_bad_address(page))
            else:
                pages.append(page)
        _remembered.keep(key, kept)
        return ReadFolder(tuple(pages), kept, tuple(problems), beside, tuple(unserved))

    def _page(self, file: str, kept: Kept, table: Pages, number: int, base: str) -> PageFile:
        head, fields = kept.head, kept.head.fields
        path, ending = os.path.splitext(_inside(file, table))  # noqa: PTH122 # a path of the web, not of the disk
        path, language = _language(below(base, table) + path, fields.language, self.languages)
        is_markdown = ending.lower() in MARKDOWN
        page = PageFile(
            file=file,
            path=path,
            address=""
            if ERRORS.fullmatch(path.rpartition("/")[2])
            else address_of(path, base, language, self.languages),
            language=language,
            edition=language if language in self.languages else self.languages[0],
            title=fields.title or "",
            description=fields.description,
            date=fields.date,
            draft=fields.draft,
            template=fields.template or table.template,
            order=fields.order,
            tags=tuple(fields.tags),
            redirect_from=tuple(fields.redirect_from),
            extra=MappingProxyType(dict(fields.extra)),
            source=head.source,
            first_line=head.first_line,
            is_markdown=is_markdown,
            allows_html=table.html,
            table=number,
            head=head.text,
            shown=self.shown(file),
        )
        return page if page.title else _titled(page, kept)


def _files(root: Folder, folder: str) -> Iterator[str]:
    """Yield the files of a folder that are pages, are served beside them, or look so, as seen from the site folder."""
    path = real_path(root.root / folder)
    if not path.is_dir() or not path.is_relative_to(root.root):
        return
    for name in Folder(path).names():
        is_hidden = name.startswith(".") or "/." in name
        if not is_hidden and (name.lower().endswith((*ENDINGS, *BESIDE)) or UNSERVED.fullmatch(name)):
            yield f"{folder}/{name}" if folder != "." else name


def _read(root: Folder, file: str, shown: str, before: Kept | None) -> Kept | Problem:
    status = root.stat(file)
    if before is not None and before.signature is not None and status and before.signature == signature(status):
        return before
    try:
        with root.open(file) as opened:
            status = os.fstat(opened.fileno())
            content = opened.read()
    except OSError as error:
        return Problem("unreadable-file", f"`{file}` cannot be read: {error.strerror}", Place(shown))
    return Kept(signature(status) if is_settled(status) else None, take_apart(shown, content))


# --- names and addresses ----------------------------------------------------------------------------------------------


def _titled(page: PageFile, kept: Kept) -> PageFile:
    return replace(page, title=kept.content(page).title or spoken(page.path))


def _inside(file: str, table: Pages) -> str:
    """Return a file as seen from its folder of pages."""
    folder = table.folder.strip("/")
    return file if folder == "." else file[len(folder) + 1 :]


def spoken(path: str) -> str:
    """Return a path as a title: `our-bread` is "Our bread"."""
    name = path.removesuffix("/index").rpartition("/")[2] if path != "index" else ""
    words = name.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:] or "Home"


def _language(path: str, said: str | None, languages: Sequence[str]) -> tuple[str, str]:
    """Return a path without its language, and the language."""
    bare, dot, ending = path.rpartition(".")
    if dot and ending in languages and not bare.endswith("/") and bare:
        return bare, ending
    return path, said or languages[0]


def bases(tables: Sequence[Pages]) -> tuple[str, ...]:
    """Return for each folder the address from which its pages are called: `/`, unless all have more in common.

    What is switched off has nothing in common with the others, so that they are called as they would be without it.
    """
    ways = [table.path.strip("/").split("/") for table in tables if not table.off]
    common = takewhile(lambda parts: len(set(parts)) == 1, zip(*ways, strict=False))
    shared = "/" + "/".join(parts[0] for parts in common)
    return tuple("/" if table.off else shared for table in tables)


def below(base: str, table: Pages) -> str:
    """Return what the paths of a folder's pages begin with, so that no other page of the site is called the same."""
    rest = table.path.rstrip("/")[len(base.rstrip("/")) :].strip("/")
    return f"{rest}/" if rest else ""


def address_of(path: str, base: str, language: str, languages: Sequence[str]) -> str:
    """Return the address of the page with this path, in a folder whose pages are found below `base`."""
    start = f"/{language}" if language in languages[1:] else ""
    folder, _, name = path.rpartition("/")
    rest = (f"{folder}/" if folder else "") + ("" if name == "index" else name)
    return f"{start}{base.rstrip('/')}/{rest}"


def _is_fit(address: str) -> bool:
    """Tell whether a file that is no page can be asked for at an address; a camera writes blanks into names, too."""
    return address.isprintable() and "\\" not in address and "//" not in address and "/." not in address


def _is_address(address: str) -> bool:
    return PLAIN.fullmatch(address) is not None and "//" not in address and "/." not in address


def _bad_address(page: PageFile) -> Problem:
    return Problem(
        "bad-path",
        f"this page would be found at `{page.address}`, and no address can be written like that",
        Place(page.shown),
        help="rename the file: letters, digits, `-` and `_`",
    )
