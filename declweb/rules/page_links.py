"""Links and pictures in written pages: each must lead somewhere.

Owns what a link in a page means. Which addresses are served is the business of `addresses`.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urljoin

from declweb.http.paths import escaped, path_of
from declweb.pages.file import PageFile
from declweb.pages.markdown import Link
from declweb.pages.page_set import PageSet
from declweb.problems import Place, Problem, suggestion
from declweb.rules.base import Rule, Subject
from declweb.rules.pages import page_set
from declweb.rules.served import served
from declweb.rules.template_set import template_set
from declweb.templating.markup import ids as written_ids

FOLLOWS_UP = ("routes", "json", "static", "pages")
"""Tables whose mistakes leave links without what they lead to."""


def broken_page_links(subject: Subject) -> Iterator[Problem]:
    """A link or a picture in a written page leads to a page, a file or an address that is not there."""
    if subject.draft.is_short_of(*FOLLOWS_UP):
        return
    pages = page_set(subject)
    judge = _Judge(subject, pages)
    for page in pages.pages:
        for link in pages.content_of(page).links:
            yield from judge.problems(page, link)


def missing_parts(subject: Subject) -> Iterator[Problem]:
    """A link leads to a part of a written page that the page does not have."""
    pages, templates = page_set(subject), template_set(subject)
    drawn = "".join(templates.texts.values())
    ids: dict[str, frozenset[str]] = {}
    for page in pages.pages:
        for link in pages.content_of(page).links:
            part = unquote(link.target.partition("#")[2])
            other = _page_meant(pages, page, link) if part and not link.image else None
            if other is None or part == "top" or ":~:" in part:
                continue
            if other.file not in ids:
                ids[other.file] = frozenset(written_ids(pages.content_of(other).html))
            if part not in ids[other.file] and not re.search(rf"\bid=[\"']?{re.escape(part)}\b", drawn):
                yield Problem(
                    "missing-part",
                    f"{other.file} has no part `#{part}`",
                    page.place_in_text(link.line, link.target),
                    help=suggestion(part, ids[other.file])
                    or "headings are parts: `## Opening hours` is #opening-hours",
                )


def _page_meant(pages: PageSet, page: PageFile, link: Link) -> PageFile | None:
    """Return the written page that a link leads to, if it is one that is shown."""
    if link.target.startswith("#"):
        return page
    file = pages.file_meant(page, link.target)
    path = None if file else own_path(link.target, page.address)
    other = pages.by_file.get(file) if file else pages.by_address.get(path_of(path or ""))
    return other if other and pages.shows(other) else None


class _Judge:
    """Judges links; what is right is right for every page, and remembered."""

    def __init__(self, subject: Subject, pages: PageSet) -> None:
        self._subject = subject
        self._pages = pages
        self._serves = served(subject)
        self._right: set[str] = set()

    def problems(self, page: PageFile, link: Link) -> Iterator[Problem]:
        """Yield what is wrong with a link."""
        file = self._pages.file_meant(page, link.target)
        if file is not None:
            yield from self._between_files(page, link, file)
            return
        path = own_path(self._pages.meant(page, link.target) or link.target, page.address)
        if path is None or path in self._right:
            return
        if self._serves.off(path):
            yield self._off(f"what answers {path_of(path)} is not shown", page, link)
        elif self._serves(path, navigates=not link.image):
            self._right.add(path)
        else:
            what = f"there is no picture {path_of(path)}" if link.image else f"nothing answers {path_of(path)}"
            yield Problem("broken-link", what, self._place(page, link), help=self._near(page, link, path))

    def _between_files(self, page: PageFile, link: Link, file: str) -> Iterator[Problem]:
        other = self._pages.by_file.get(file)
        if other is None:
            near = suggestion(file, self._pages.by_file)
            help_ = near or "files are named as seen from this one: `first.md`, `../about.md`"
            yield Problem("broken-link", f"there is no page `{file}`", self._place(page, link), help=help_)
        elif not self._pages.shows(other):
            yield self._off(self._pages.why_hidden(other), page, link)

    def _off(self, why: str, page: PageFile, link: Link) -> Problem:
        message = f"{why}, so this link leads to an error page"
        return Problem("link-to-off", message, self._place(page, link), help="take it out")

    @staticmethod
    def _place(page: PageFile, link: Link) -> Place:
        return page.place_in_text(link.line, link.target)

    def _near(self, page: PageFile, link: Link, path: str) -> str:
        folder = page.file.rpartition("/")[0]
        name = unquote(link.target.partition("?")[0])
        if not name.startswith("/") and self._subject.folder.find(f"{folder}/{name}") is not None:
            return f"files of this kind are not served from {folder}/: move it into static/ and write /static/{name}"
        if link.image:
            return f"put the picture into {folder}/, or write where it is"
        return self._serves.near(path)


def own_path(target: str, address: str) -> str | None:
    """Return the escaped path of this site that a link of the page at an address leads to; None for all others."""
    bare = target.strip().partition("#")[0].partition("?")[0]
    start = bare.partition("/")[0]
    if not bare or bare.startswith("//") or ":" in start:
        return None
    is_whole = bare.startswith("/") and "/." not in bare
    return bare if is_whole else urljoin(escaped(address), bare)


RULES: tuple[Rule, ...] = (broken_page_links, missing_parts)
