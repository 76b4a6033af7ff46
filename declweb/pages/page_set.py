"""All pages of a site: in their order, by address, by folder.

Owns which pages are shown, how they belong together, and where links between their files lead. Must not know templates,
nor what else answers an address.
"""

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from declweb.http.paths import escaped, path_of
from declweb.model import Pages
from declweb.model.texts import fallbacks
from declweb.pages.file import PageFile
from declweb.pages.folder import BESIDE, ENDINGS, Kept, ReadFolder, address_of, bases, below, spoken
from declweb.pages.markup import Content, with_targets
from declweb.problems import Problem

LAST = 10**9
"""The order of what has none."""

NOTHING = Content("", (), (), "")
"""What stands on a page that no file is written for."""


@dataclass(frozen=True, slots=True)
class DatedList:
    """The dated pages of a folder, the newest first."""

    index: PageFile
    """The page of the folder; its `file` is empty where there is none."""
    pages: tuple[PageFile, ...]
    size: int

    @property
    def count(self) -> int:
        """How many pages the list takes."""
        return -(-len(self.pages) // self.size)

    def address(self, number: int) -> str:
        """Return the address of one page of the list, counted from 1."""
        return self.index.address if number == 1 else f"{self.index.address}page/{number}/"


@dataclass(frozen=True, slots=True)
class Branch:
    """A page or a folder in the navigation."""

    path: str
    title: str
    page: PageFile | None
    """None for a folder without a page of its own."""
    order: int | None
    start: str
    """What the addresses of all pages below it begin with."""

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands among its neighbours."""
        return LAST if self.order is None else self.order, self.title.casefold()


def _folders(folder: str, top: str) -> Iterator[str]:
    """Yield a folder and all it is in, up to the one at the top."""
    yield folder
    while folder != top:
        folder = folder.rpartition("/")[0]
        yield folder


Closed = Callable[[str], frozenset[frozenset[str]]]
"""Gives who may see what is at an address: one of each of these; nobody is kept out where there are none."""


def open_to_all(_address: str) -> frozenset[frozenset[str]]:
    """Return nobody to ask for: everybody may see what is there."""
    return frozenset()


class PageSet:
    """All pages of a site.

    `now` is the moment for which dates are judged, None where drafts and pages of days to come are shown too.
    """

    def __init__(  # noqa: PLR0913 # what pages are made of
        self,
        folders: Sequence[Pages],
        read: Sequence[ReadFolder],
        languages: Sequence[str],
        timezone: str,
        now: datetime | None,
        closed: "Closed" = open_to_all,
    ) -> None:
        self.folders = tuple(folders)
        self.bases = bases(self.folders)
        """The address from which the pages of each folder are called."""
        self.tops = tuple(below(*each).rstrip("/") for each in zip(self.bases, self.folders, strict=True))
        """The path of each folder of pages."""
        self.languages = tuple(languages)
        self.timezone = timezone
        self.closed = closed
        self.files: tuple[PageFile, ...] = tuple(page for folder in read for page in folder.pages)
        """Every page that was read, drafts and error pages too."""
        self.problems: tuple[Problem, ...] = tuple(problem for folder in read for problem in folder.problems)
        self.beside: Mapping[str, str] = {file: address for folder in read for file, address in folder.beside.items()}
        """The addresses of pictures and the like that lie beside pages, by their files."""
        self.unserved: tuple[str, ...] = tuple(file for folder in read for file in folder.unserved)
        """Files of the folders that look as if they were to be served, and are not."""
        self._kept: dict[str, Kept] = {file: kept for folder in read for file, kept in folder.kept.items()}
        shown = [page for page in self.files if self._is_shown(page, now)]
        self._shown = frozenset(page.file for page in shown)
        self.pages: tuple[PageFile, ...] = tuple(sorted((page for page in shown if page.address), key=self._place))
        """Every page that is shown and has an address: dated ones first, the newest of them first."""
        self.all_pages: tuple[PageFile, ...] = self._with_untranslated()
        """These, and those that are shown in languages they are not written in."""
        self.error_pages: tuple[PageFile, ...] = tuple(page for page in shown if not page.address)
        self.until = self._until(now)

    def _with_untranslated(self) -> tuple[PageFile, ...]:
        """Return every page, and for each language what it makes do with where there is no other."""
        if len(self.languages) == 1:
            return self.pages
        there = {(page.table, page.path, page.edition) for page in self.files}
        shown = {(page.table, page.path, page.edition): page for page in self.pages}
        more = []
        for table, path in dict.fromkeys((page.table, page.path) for page in self.pages):
            for code in self.languages[1:]:
                found = (shown.get((table, path, other)) for other in fallbacks(code, self.languages[0]))
                page = next(filter(None, found), None)
                if page is not None and (table, path, code) not in there:
                    address = address_of(path, self.bases[table], code, self.languages)
                    more.append(replace(page, edition=code, address=address))
        return tuple(sorted((*self.pages, *more), key=self._place))

    def shows(self, page: PageFile) -> bool:
        """Tell whether a page is shown: it is no draft, its day has come, its folder is not switched off."""
        return page.file in self._shown

    def _is_shown(self, page: PageFile, now: datetime | None) -> bool:
        if now is None or self.folders[page.table].off:
            return not self.folders[page.table].off
        moment = page.moment(self.timezone)
        return not page.draft and (moment is None or moment <= now)

    def why_hidden(self, page: PageFile) -> str:
        """Say why a page is not shown."""
        if self.folders[page.table].off:
            return f"{page.file} is in a folder that is switched off"
        return f"{page.file} is a draft" if page.draft else f"{page.file} is not shown before {page.date}"

    def _until(self, now: datetime | None) -> datetime | None:
        """Return when the next page is to be shown."""
        moments = (page.moment(self.timezone) for page in self.files if not page.draft) if now else ()
        return min((moment for moment in moments if moment and now and moment > now), default=None)

    def _place(self, page: PageFile) -> tuple[float, int, str, str]:
        moment = page.moment(self.timezone)
        newest = -moment.timestamp() if moment else float("inf")
        return newest, LAST if page.order is None else page.order, page.title.casefold(), page.address

    @cached_property
    def by_address(self) -> Mapping[str, PageFile]:
        """The pages that are shown, by address; of two with one address, the first file."""
        found: dict[str, PageFile] = {}
        for page in sorted(self.all_pages, key=lambda page: (page.table, page.file)):
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
            found.setdefault((page.path, page.edition), page)
        return found

    @cached_property
    def addresses(self) -> Mapping[str, Mapping[str, str]]:
        """For each language the addresses of its pages by their paths, lists without a page of their own among them.

        A page may be called as its own folder has it, too, as long as no other is called so.
        """
        found: dict[str, dict[str, str]] = {language: {} for language in self.languages}
        for dated in self.lists.values():
            found[dated.index.edition][dated.index.path] = dated.index.address
        for (path, language), page in self.by_path.items():
            found[language][path] = page.address
        for (path, language), page in self.by_path.items():
            top = self.tops[page.table]
            found[language].setdefault(path.removeprefix(f"{top}/") if top else path, page.address)
        return found

    @cached_property
    def translations(self) -> Mapping[str, Mapping[str, PageFile]]:
        """For each path the pages in each language, the written ones only; in the order of the languages."""
        found: dict[str, dict[str, PageFile]] = defaultdict(dict)
        order = {language: place for place, language in enumerate(self.languages)}
        for page in sorted(self.by_address.values(), key=lambda page: order.get(page.edition, len(order))):
            if page.language == page.edition or page.language not in self.languages:
                found[page.path][page.edition] = page
        return found

    # --- how they belong together ---

    @cached_property
    def lists(self) -> Mapping[str, "DatedList"]:
        """The lists of dated pages, by the address of the page of their folder.

        A folder's list has the dated pages in it and in all folders below it; that of the outermost folder has only
        those in the folder itself. A folder without dated pages of its own has a list only if it has a page `index`.
        """
        found: dict[tuple[int, str, str], list[PageFile]] = defaultdict(list)
        for page in self.by_date:
            if page.date is not None and not page.is_index:
                for folder in _folders(page.folder, self.tops[page.table]):
                    found[page.table, page.edition, folder].append(page)
        lists = {}
        for (table, language, folder), pages in found.items():
            index = self._index(table, language, folder, pages)
            if index is not None:
                seen = tuple(page for page in pages if self.is_seen_from(page.address, index.address))
                lists[index.address] = DatedList(index, seen, self.folders[table].page_size)
        return lists

    @cached_property
    def by_date(self) -> tuple[PageFile, ...]:
        """The pages that are shown, in their order, each address once."""
        return tuple(page for page in self.all_pages if self.by_address[page.address] is page)

    def _index(self, table: int, language: str, folder: str, pages: Sequence[PageFile]) -> PageFile | None:
        path = f"{folder}/index" if folder else "index"
        declared = self._in_folder(table, path, language)
        is_top = folder == self.tops[table]
        if declared is not None and (not is_top or any(page.folder == folder for page in pages)):
            return declared
        if declared is not None or not any(page.folder == folder for page in pages):
            return None
        base = self.folders[table]
        return PageFile(
            file="",
            path=path,
            address=address_of(path, self.bases[table], language, self.languages),
            language=language,
            edition=language,
            title=spoken(path),
            template=base.template,
            source="",
            first_line=1,
            is_markdown=True,
            table=table,
            shown=base.folder,
        )

    def _in_folder(self, table: int, path: str, language: str) -> PageFile | None:
        page = self.by_path.get((path, language))
        return page if page is not None and page.table == table else None

    def is_seen_from(self, address: str, other: str) -> bool:
        """Tell whether whoever may see what is at the other address may see what is at this one, too."""
        seen = self.closed(other)
        return all(any(those <= these for those in seen) for these in self.closed(address))

    @cached_property
    def neighbours(self) -> Mapping[str, tuple[PageFile | None, PageFile | None]]:
        """For each address the page before it and the one after it.

        Dated pages stand in the order of their days, the others of a folder in that of the navigation.
        """
        rows: dict[tuple[int, str, str, frozenset[frozenset[str]], bool], list[PageFile]] = defaultdict(list)
        for page in self.by_date:
            if not page.is_index:
                rules = self.closed(page.address)
                rows[page.table, page.edition, page.folder, rules, page.date is None].append(page)
        found: dict[str, tuple[PageFile | None, PageFile | None]] = {}
        for (*_, is_undated), row in rows.items():
            ordered = row if is_undated else row[::-1]
            for before, page, after in zip([None, *ordered], ordered, [*ordered[1:], None], strict=False):
                found[page.address] = before, after
        return found

    @cached_property
    def tree(self) -> Mapping[tuple[str, str], tuple["Branch", ...]]:
        """For each language and folder what the navigation has there, in its order; dated pages are no part of it."""
        branches: dict[tuple[str, str], dict[str, Branch]] = defaultdict(dict)
        for page in [*self.by_date, *(each.index for each in self.lists.values() if not each.index.file)]:
            if page.date is not None and not page.is_index:
                continue
            path = page.folder if page.is_index else page.path
            if path:
                above = path.rpartition("/")[0]
                start = self._start(page, path)
                branches[page.edition, above][path] = Branch(path, page.title, page, page.order, start)
                self._add_above(branches, page, above)
        return {key: tuple(sorted(found.values(), key=lambda branch: branch.place)) for key, found in branches.items()}

    def _add_above(self, branches: dict[tuple[str, str], dict[str, "Branch"]], page: PageFile, folder: str) -> None:
        """Add the folders that a page is in, in case they have no page of their own."""
        while folder:
            above = folder.rpartition("/")[0]
            branch = Branch(folder, spoken(folder), None, None, self._start(page, folder))
            branches[page.edition, above].setdefault(folder, branch)
            folder = above

    def _start(self, page: PageFile, folder: str) -> str:
        return address_of(f"{folder}/index", self.bases[page.table], page.edition, self.languages)

    # --- what they say ---

    def content_of(self, page: PageFile) -> Content:
        """Return a page's text as HTML as it was converted, with its headings and links; made once."""
        return self._kept[page.file].content(page) if page.file else NOTHING

    def html_of(self, page: PageFile, prefix: str = "") -> str:
        """Return a page's text as HTML, with links that lead where they should below a prefix."""
        content = self.content_of(page)
        if not prefix and not content.has_relative_links:
            return content.html
        return with_targets(content.html, lambda target: self._target(page, target, prefix))

    def _target(self, page: PageFile, target: str, prefix: str) -> str | None:
        meant = self.meant(page, target)
        if meant is not None:
            return prefix + meant
        is_own = target.startswith("/") and not target.startswith("//")
        return prefix + target if prefix and is_own else None

    def file_meant(self, page: PageFile, target: str, endings: tuple[str, ...] = ENDINGS) -> str | None:
        """Return the file that a link between files means, whether or not it is there; None for any other link."""
        path = path_of(target)
        if path.startswith("/") or ":" in path or not path.lower().endswith(endings):
            return None
        return posixpath.normpath(posixpath.join(posixpath.dirname(page.file), path))

    def meant(self, page: PageFile, target: str) -> str | None:
        """Return the address that a link between files means, with what follows it; None for any other link."""
        file = self.file_meant(page, target, (*ENDINGS, *BESIDE)) or ""
        address = self.beside.get(file)
        if other := self.by_file.get(file):
            address = self.by_path.get((other.path, page.edition), other).address
        if address is None:
            return None
        start = min((target.find(sign) for sign in "?#" if sign in target), default=len(target))
        return escaped(address) + target[start:]
