"""`page` and `pages`: written pages as templates see them.

Owns what a template may ask of a page, and of a list of them. Knows no template.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import ClassVar, overload

from markupsafe import Markup

from declweb.compiler.languages import Edition
from declweb.compiler.navigation_views import Navigation
from declweb.compiler.page_notes import Asked, current_prefix, note
from declweb.context import current
from declweb.http.paths import escaped
from declweb.pages.file import PageFile
from declweb.pages.markdown import Heading
from declweb.pages.page_set import DatedList, PageSet
from declweb.routing import Languages


class PageView:
    """One written page."""

    __slots__ = ("_file", "_views")

    def __init__(self, file: PageFile, views: "PageViews") -> None:
        self._file = file
        self._views = views

    def __str__(self) -> str:
        return self.title

    @property
    def _asked(self) -> PageFile:
        note("page", self._file.address)
        return self._file

    @property
    def title(self) -> str:
        """Its title."""
        return self._asked.title

    @property
    def description(self) -> str | None:
        """One sentence about it."""
        return self._asked.description

    @property
    def date(self) -> date | None:
        """Its day."""
        return self._asked.date

    @property
    def url(self) -> str:
        """Its address, with the prefix of the site."""
        return current_prefix() + escaped(self._file.address)

    @property
    def canonical(self) -> str | None:
        """Its address with the host, of the page it repeats where it is not translated; None without `site.url`."""
        return self._views.absolute(self._views.original(self._file.address, self._file))

    @property
    def path(self) -> str:
        """Its path without ending: `news/first`."""
        return self._file.path

    @property
    def folder(self) -> str:
        """The path of its folder: `news`."""
        return self._file.folder

    @property
    def language(self) -> str:
        """The language it is written in."""
        return self._file.language

    @property
    def tags(self) -> tuple[str, ...]:
        """What it is about."""
        return self._asked.tags

    @property
    def order(self) -> int | None:
        """Its place in the navigation."""
        return self._asked.order

    @property
    def extra(self) -> Mapping[str, object]:
        """The author's own values."""
        return self._asked.extra

    @property
    def html(self) -> Markup:
        """Its text as HTML."""
        note("html", self._file.address)
        return Markup(self._views.set.html_of(self._file, current_prefix()))  # noqa: S704 # the author's own, or escaped

    @property
    def headings(self) -> tuple[Heading, ...]:
        """Its headings, each with `level`, `id` and `text`."""
        note("html", self._file.address)
        return self._views.set.content_of(self._file).headings

    @property
    def previous(self) -> "PageView | None":
        """The page before it."""
        note("neighbours", self._file.address)
        return self._views.neighbour(self._file, 0)

    @property
    def next(self) -> "PageView | None":
        """The page after it."""
        note("neighbours", self._file.address)
        return self._views.neighbour(self._file, 1)

    @property
    def parents(self) -> "tuple[PageView, ...]":
        """The pages of the folders it is in, from the outermost to its own."""
        return self._views.parents(self._file)

    @property
    def children(self) -> "Navigation":
        """What the navigation has below it: the pages of the folder whose page it is."""
        file = self._file
        return Navigation(file.folder if file.is_index else file.path, file.edition, self._views)

    @property
    def translations(self) -> "tuple[PageView, ...]":
        """The same page in each language it is written in, its own among them."""
        note("translations", self._file.path)
        return tuple(map(self._views.view, self._views.set.translations.get(self._file.path, {}).values()))


class PageList(Sequence[PageView]):
    """Some written pages in their order: dated ones first, the newest of them first."""

    __slots__ = ("_files", "_name", "_views")

    def __init__(self, name: Asked, files: Sequence[PageFile], views: "PageViews") -> None:
        self._name = name
        self._files = files
        self._views = views

    @property
    def _asked(self) -> Sequence[PageFile]:
        note("list", *self._name)
        return self._views.seen(self._files)

    def __len__(self) -> int:
        return len(self._asked)

    def __iter__(self) -> Iterator[PageView]:
        return map(self._views.view, self._asked)

    @overload
    def __getitem__(self, index: int) -> PageView: ...

    @overload
    def __getitem__(self, index: slice) -> "tuple[PageView, ...]": ...

    def __getitem__(self, index: int | slice) -> "PageView | tuple[PageView, ...]":
        if isinstance(index, slice):
            return tuple(map(self._views.view, self._asked[index]))
        return self._views.view(self._asked[index])

    def below(self, folder: str) -> "PageList":
        """Return those in a folder, and in all folders below it."""
        return self._views.picked((*self._name, "below", folder.strip("/")))

    def tagged(self, tag: str) -> "PageList":
        """Return those that have a tag."""
        return self._views.picked((*self._name, "tagged", tag))

    @property
    def dated(self) -> "PageList":
        """Those that have a date, the newest first."""
        return self._views.picked((*self._name, "dated", ""))

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag that one of them has, in the order of the alphabet."""
        note("tags", *self._name)
        return self._views.tags(self._name)


class PageOfList:
    """One page of a list of dated pages."""

    __slots__ = ("_list", "_number", "_views")

    def __init__(self, dated: DatedList, number: int, views: "PageViews") -> None:
        self._list = dated
        self._number = number
        self._views = views

    @property
    def pages(self) -> tuple[PageView, ...]:
        """The dated pages on this page of the list."""
        note("listing", self._list.index.address)
        start = (self._number - 1) * self._list.size
        return tuple(map(self._views.view, self._list.pages[start : start + self._list.size]))

    @property
    def number(self) -> int:
        """Which page of the list it is, counted from 1."""
        return self._number

    @property
    def count(self) -> int:
        """How many pages the list takes."""
        note("listing", self._list.index.address)
        return self._list.count

    @property
    def newer(self) -> str | None:
        """The address of the page of the list with newer pages."""
        return self._address(self._number - 1)

    @property
    def older(self) -> str | None:
        """The address of the page of the list with older pages."""
        return self._address(self._number + 1)

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses of all pages of the list."""
        return tuple(str(self._address(number + 1)) for number in range(self.count))

    def _address(self, number: int) -> str | None:
        is_there = 1 <= number <= self.count
        return current_prefix() + escaped(self._list.address(number)) if is_there else None


class PageViews:
    """All written pages as templates see them, and what each thing that can be asked of them is now."""

    def __init__(self, pages: PageSet, origin: str | None, prefix: str) -> None:
        self.set = pages
        self.origin = origin or ""
        self.languages = Languages(pages.languages)
        self._prefix = prefix
        self._views: dict[str, PageView] = {}
        self._lists: dict[Asked, PageList] = {}

    def given(self, language: str) -> dict[str, object]:
        """Return the names that every template is given."""
        if language not in self.set.languages:
            language = self.set.languages[0]
        return {"pages": self.picked((language,)), "navigation": Navigation("", language, self)}

    def is_seen(self, address: str) -> bool:
        """Tell whether who may see the page that is rendered may see what is at an address, too."""
        if not self.set.closed(address):
            return True
        context = current.get(None)
        return context is not None and not context.is_turned_away and self.set.is_seen_from(address, context.path)

    def seen(self, files: Sequence[PageFile]) -> Sequence[PageFile]:
        """Return those pages that who may see the page that is rendered may see, too."""
        found = tuple(page for page in files if self.is_seen(page.address))
        return files if len(found) == len(files) else found

    def view(self, file: PageFile) -> PageView:
        """Return a page as templates see it; error pages have no address to be known by."""
        key = file.address or file.file
        found = self._views.get(key)
        if found is None:
            found = self._views[key] = PageView(file, self)
        return found

    def absolute(self, address: str) -> str | None:
        """Return an address with scheme, host and prefix; None where the site does not say its own."""
        return self.origin + self._prefix + escaped(address) if self.origin else None

    def original(self, address: str, file: PageFile) -> str:
        """Return the address that a page has in the language it is written in; `address` is one of those it has."""
        edition = self.edition(file)
        if edition is None or edition.is_original:
            return address
        return self.languages.address(self.languages.bare(address), edition.original)

    def edition(self, file: PageFile) -> Edition | None:
        """Return what there is of a page in other languages; nothing where the site has only one."""
        if not self.languages.are_several:
            return None
        found = ((code, self.set.by_path.get((file.path, code))) for code in self.languages.codes)
        written_in = {code: other.language for code, other in found if other} or {file.edition: file.language}
        return Edition(self.languages, self.origin, file.edition, written_in)

    def neighbour(self, file: PageFile, side: int) -> PageView | None:
        """Return the page before or after another one."""
        other = self.set.neighbours.get(file.address, (None, None))[side]
        return self.view(other) if other else None

    def parents(self, file: PageFile) -> tuple[PageView, ...]:
        """Return the pages of the folders that a page is in, from the outermost to its own."""
        found = []
        folder = file.folder if not file.is_index else file.folder.rpartition("/")[0]
        while folder:
            note("folder", file.edition, folder)
            if (index := self._index(folder, file.edition)) and self.is_seen(index.address):
                found.append(self.view(index))
            folder = folder.rpartition("/")[0]
        return tuple(found[::-1])

    def _index(self, folder: str, language: str) -> PageFile | None:
        above = folder.rpartition("/")[0]
        branches = self.set.tree.get((language, above), ())
        return next((branch.page for branch in branches if branch.path == folder), None)

    def picked(self, name: Asked) -> PageList:
        """Return some pages: the name is a language, then by what they are picked and its value, again and again."""
        if name not in self._lists:
            self._lists[name] = PageList(name, self._files(name), self)
        return self._lists[name]

    def _files(self, name: Asked) -> tuple[PageFile, ...]:
        if len(name) == 1:
            return tuple(page for page in self.set.by_date if page.edition == name[0])
        *rest, how, value = name
        keep = _PICKING[how]
        return tuple(page for page in self.picked(tuple(rest))._files if keep(page, value))  # noqa: SLF001 # its own

    def tags(self, name: Asked) -> tuple[str, ...]:
        """Return every tag of some pages."""
        return tuple(sorted({tag for page in self.seen(self._files(name)) for tag in page.tags}, key=str.casefold))

    # --- what has changed ---

    def state(self, asked: Asked) -> object:
        """Return what is the answer to something that was asked: while it is equal, nothing of it has changed."""
        return self._STATES[asked[0]](self, *asked[1:])

    @cached_property
    def _generated(self) -> Mapping[str, PageFile]:
        return {each.index.address: each.index for each in self.set.lists.values() if not each.index.file}

    def _state_of_page(self, address: str) -> object:
        page = self.set.by_address.get(address) or self._generated.get(address)
        return page and (page.head, page.title, page.file)

    def _state_of_html(self, address: str) -> object:
        page = self.set.by_address.get(address)
        return page and self.set.html_of(page)

    def _state_of_neighbours(self, address: str) -> object:
        return tuple(each and each.address for each in self.set.neighbours.get(address, ()))

    def _state_of_translations(self, path: str) -> object:
        return tuple(page.address for page in self.set.translations.get(path, {}).values())

    def _state_of_list(self, *name: str) -> object:
        return tuple(page.address for page in self.picked(name)._files)  # noqa: SLF001 # its own

    def _state_of_tags(self, *name: str) -> object:
        return self.tags(name)

    def _state_of_tree(self, language: str, folder: str) -> object:
        branches = self.set.tree.get((language, folder), ())
        return tuple((branch.title, branch.page and branch.page.address) for branch in branches)

    def _state_of_folder(self, language: str, folder: str) -> object:
        index = self._index(folder, language)
        return index and index.address

    def _state_of_url(self, path: str) -> object:
        path = path.strip("/")
        return tuple((each.get(path), each.get(f"{path}/index")) for each in self.set.addresses.values())

    def _state_of_listing(self, address: str) -> object:
        found = self.set.lists.get(address)
        return found and (tuple(page.address for page in found.pages), found.size)

    _STATES: ClassVar[Mapping[str, Callable[..., object]]] = {
        "page": _state_of_page,
        "html": _state_of_html,
        "neighbours": _state_of_neighbours,
        "translations": _state_of_translations,
        "list": _state_of_list,
        "tags": _state_of_tags,
        "tree": _state_of_tree,
        "folder": _state_of_folder,
        "url": _state_of_url,
        "listing": _state_of_listing,
    }
    """What is the answer to each kind of question."""


_PICKING: Mapping[str, Callable[[PageFile, str], bool]] = {
    "below": lambda page, folder: not folder or page.path.startswith(f"{folder}/"),
    "tagged": lambda page, tag: tag in page.tags,
    "dated": lambda page, _: page.date is not None and not page.is_index,
}
