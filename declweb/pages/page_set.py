"""All pages of a site: in their order, by address, by folder.

Owns which pages are shown, how they belong together, and where links between their files lead. Must not know templates,
nor what else answers an address.
"""

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from urllib.parse import quote, unquote

from declweb.model import Pages
from declweb.pages.file import PageFile
from declweb.pages.folder import ENDINGS, Kept, ReadFolder
from declweb.pages.markup import Content, with_targets
from declweb.problems import Problem

SAFE = "/!$&'()*+,;=:@~"
"""What stands in a path as it is (RFC 3986, section 3.3)."""


class PageSet:
    """All pages of a site.

    `now` is the moment for which dates are judged, None where drafts and pages of days to come are shown too.
    """

    def __init__(
        self,
        folders: Sequence[Pages],
        read: Sequence[ReadFolder],
        languages: Sequence[str],
        timezone: str,
        now: datetime | None,
    ) -> None:
        self.folders = tuple(folders)
        self.languages = tuple(languages)
        self.timezone = timezone
        self.files: tuple[PageFile, ...] = tuple(page for folder in read for page in folder.pages)
        """Every page that was read, drafts and error pages too."""
        self.problems: tuple[Problem, ...] = tuple(problem for folder in read for problem in folder.problems)
        self._kept: dict[str, Kept] = {file: kept for folder in read for file, kept in folder.kept.items()}
        shown = [page for page in self.files if self._is_shown(page, now)]
        self.pages: tuple[PageFile, ...] = tuple(sorted((page for page in shown if page.address), key=self._place))
        """Every page that is shown and has an address: dated ones first, the newest of them first."""
        self.error_pages: tuple[PageFile, ...] = tuple(page for page in shown if not page.address)
        self.until = self._until(now)

    def __iter__(self) -> Iterator[PageFile]:
        return iter(self.pages)

    def _is_shown(self, page: PageFile, now: datetime | None) -> bool:
        if now is None or self.folders[page.table].off:
            return not self.folders[page.table].off
        moment = page.moment(self.timezone)
        return not page.draft and (moment is None or moment <= now)

    def _until(self, now: datetime | None) -> datetime | None:
        """Return when the next page is to be shown."""
        moments = (page.moment(self.timezone) for page in self.files if not page.draft) if now else ()
        return min((moment for moment in moments if moment and now and moment > now), default=None)

    def _place(self, page: PageFile) -> tuple[float, int, str, str]:
        moment = page.moment(self.timezone)
        newest = -moment.timestamp() if moment else float("inf")
        return newest, 10**9 if page.order is None else page.order, page.title.casefold(), page.address

    @cached_property
    def by_address(self) -> Mapping[str, PageFile]:
        """The pages that are shown, by address; of two with one address, the first file."""
        found: dict[str, PageFile] = {}
        for page in sorted(self.pages, key=lambda page: (page.table, page.file)):
            found.setdefault(page.address, page)
        return found

    @cached_property
    def by_file(self) -> Mapping[str, PageFile]:
        """Every page that has an address, by its file as seen from the site folder."""
        return {page.file: page for page in self.files if page.address}

    @cached_property
    def by_path(self) -> Mapping[tuple[str, str], PageFile]:
        """The pages that are shown, by path and language: what url_for knows them by."""
        found: dict[tuple[str, str], PageFile] = {}
        for page in self.by_address.values():
            found.setdefault((page.path, page.language), page)
        return found

    @cached_property
    def translations(self) -> Mapping[str, Mapping[str, PageFile]]:
        """For each path the pages in each language."""
        found: dict[str, dict[str, PageFile]] = defaultdict(dict)
        for page in self.by_address.values():
            found[page.path][page.language] = page
        return found

    # --- what they say ---

    def content_of(self, page: PageFile) -> Content:
        """Return a page's text as HTML as it was converted, with its headings and links; made once."""
        return self._kept[page.file].content(page)

    def html_of(self, page: PageFile, prefix: str = "") -> str:
        """Return a page's text as HTML, with links that lead where they should below a prefix."""
        html = self.content_of(page).html
        if not prefix and not any(ending in html for ending in ENDINGS):
            return html
        return with_targets(html, lambda target: self._target(page, target, prefix))

    def _target(self, page: PageFile, target: str, prefix: str) -> str | None:
        meant = self.meant(page, target)
        if meant is not None:
            return prefix + meant
        is_own = target.startswith("/") and not target.startswith("//")
        return prefix + target if prefix and is_own else None

    def file_meant(self, page: PageFile, target: str) -> str | None:
        """Return the file that a link between files means, whether or not it is there; None for any other link."""
        path = unquote(target.partition("#")[0].partition("?")[0])
        if path.startswith("/") or ":" in path or not path.lower().endswith(ENDINGS):
            return None
        return posixpath.normpath(posixpath.join(posixpath.dirname(page.file), path))

    def meant(self, page: PageFile, target: str) -> str | None:
        """Return the address that a link between files means, with what follows it; None for any other link."""
        file = self.file_meant(page, target)
        other = self.by_file.get(file) if file else None
        if other is None:
            return None
        start = min((target.find(sign) for sign in "?#" if sign in target), default=len(target))
        return quote(other.address, safe=SAFE) + target[start:]
