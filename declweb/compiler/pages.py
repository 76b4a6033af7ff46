"""`[[pages]]`: written pages, put into their templates.

Owns which addresses they have, and what each is given. Must not know how a page's file is read, nor what is remembered
of one that was rendered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from pathlib import Path

from declweb.app import Finisher
from declweb.compiler.assets import NOTED, Assets
from declweb.compiler.building import Building
from declweb.compiler.kept_pages import Shelf
from declweb.compiler.page_answers import BesidePages, Written
from declweb.compiler.page_notes import Asked, note, noting
from declweb.compiler.page_views import PageOfList, PageViews
from declweb.compiler.rendered_pages import RenderedPages
from declweb.compiler.routes import PRIVATE
from declweb.compiler.static import REVALIDATE
from declweb.compiler.templates import Page, Templates
from declweb.context import Context, constant_context
from declweb.files import Folder
from declweb.http.library import Library
from declweb.http.media_types import content_type
from declweb.http.paths import escaped
from declweb.model import Site
from declweb.pages import own
from declweb.pages.file import PageFile
from declweb.pages.folder import address_of
from declweb.pages.page_set import DatedList, PageSet
from declweb.rules.addresses import PAGE
from declweb.rules.feeds import Feed
from declweb.rules.template_set import TemplateSet
from declweb.rules.template_uses import Version
from declweb.translations import mark, translated

ICONS = ("/favicon.ico", "favicon.svg", "favicon.png", "favicon.ico")
"""Where the site's icon is looked for."""
NO_ICON = "data:,"


@dataclass(frozen=True, slots=True)
class Entry:
    """One address of a written page."""

    address: str
    page: PageFile
    dated: DatedList | None = None
    """The list that is shown on it."""
    number: int = 1
    """Which page of the list."""


def entries(pages: PageSet) -> Iterator[Entry]:
    """Yield every address of written pages; those of further pages of lists yield to all others."""
    lists = pages.lists
    for page in pages.by_address.values():
        yield Entry(page.address, page, lists.get(page.address))
    for each in lists.values():
        for number in range(2 if each.index.file else 1, each.count + 1):
            yield Entry(each.address(number), each.index, each, number)


WORDS = {
    "skip": mark("Skip to the content"),
    "pages": mark("Pages"),
    "languages": mark("Languages"),
    "way": mark("Where you are"),
    "list": mark("Pages of this list"),
    "newer": mark("Newer"),
    "older": mark("Older"),
    "neighbours": mark("Before and after"),
}
"""What declweb's own template says."""


@lru_cache
def words(language: str) -> Mapping[str, str]:
    """Return what declweb's own template says, in a language."""
    say = translated(language)
    return {name: say(text) for name, text in WORDS.items()}


class WrittenPages:
    """The written pages of a site, for as long as it is compiled."""

    def __init__(  # noqa: PLR0913 # what pages are made of
        self,
        site: Site,
        templates: Templates,
        known: TemplateSet,
        feeds: Sequence[Feed],
        root: Path,
        key: object,
        assets: Assets,
    ) -> None:
        self._site = site
        self._templates = templates
        self._known = known
        self._feeds = feeds
        self._root = root
        self._assets = assets
        self._made_by: dict[Version, bytes] = {}
        self.rendered = RenderedPages((root, key))

    @property
    def views(self) -> PageViews:
        """The pages as templates see them."""
        return self._templates.views

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every address of a written page."""
        return tuple(entries(self.views.set))

    @cached_property
    def error_entries(self) -> tuple[Entry, ...]:
        """Every error page among them, with the address of the folder for which it answers, in the default language."""
        pages = self.views.set

        def folder(page: PageFile) -> str:
            index = f"{page.folder}/index".lstrip("/")
            return address_of(index, pages.bases[page.table], pages.languages[0], pages.languages)

        return tuple(Entry(folder(page), page) for page in pages.error_pages)

    def performances(self, prefix: str) -> Iterator[tuple["Stage", Context, Mapping[str, object]]]:
        """Yield what must be rendered before anyone asks for it: all that was not rendered before as it would be now.

        What is rendered by it is kept.
        """
        for entry in self.entries:
            page = self.template(entry)
            if page is None:
                continue
            if (
                page.reasons
                or page.changing
                or not self.rendered.is_fresh(entry.address, self.made_by(page), self.answer)
            ):
                yield Stage(page, entry, self), self.context(entry, prefix), self.values(entry)

    def template(self, entry: Entry) -> Page | None:
        """Return the template of a page; None for a whole document."""
        return None if entry.page.is_document else self._templates.of_page(entry.page)

    def values(self, entry: Entry) -> Mapping[str, object]:
        """Return what the template is given besides what all are given."""
        listing = PageOfList(entry.dated, entry.number, self.views) if entry.dated else None
        return {
            "page": self.views.view(entry.page),
            "listing": listing,
            "canonical": self._canonical(entry),
            "words": words(entry.page.language),
            "feeds": self._feeds_for(entry),
            **self._given_to_all[entry.page.edition],
        }

    def _feeds_for(self, entry: Entry) -> list[Mapping[str, str]]:
        """Return what a page is told of feeds: of those that its visitors may read, in its language."""
        seen, code = self.views.set.is_seen_from, entry.page.edition
        feeds = (feed for feed in self._feeds if feed.language == code and seen(feed.address, entry.address))
        return [self._feed(feed) for feed in feeds]

    @cached_property
    def _given_to_all(self) -> Mapping[str, Mapping[str, object]]:
        """What the pages of each language are given alike."""
        return {
            code: {
                "home": self._home(code),
                "icon": self._icon,
            }
            for code in self.views.set.languages
        }

    @property
    def _all_feeds(self) -> list[Mapping[str, str]]:
        return [self._feed(feed) for feed in self._feeds]

    @cached_property
    def _icon(self) -> str | None:
        """The address of the site's icon: /favicon.ico needs none, and without any browsers need not look for one."""
        if any(path == ICONS[0] for _, path in self._templates.endpoints):
            return None
        found = {name: address for name in ICONS if (address := self._assets.address(name))}
        if ICONS[0] in found:
            return None
        return self._templates.prefix + next(iter(found.values())) if found else NO_ICON

    def _feed(self, feed: Feed) -> Mapping[str, str]:
        """Return what a template is told of a feed."""
        url = self._templates.prefix + escaped(feed.address)
        return {"title": feed.title(self._site.site.name), "url": url}

    def _canonical(self, entry: Entry) -> str | None:
        """Return the address of a page with the host; error pages have none."""
        address = self.views.original(entry.address, entry.page)
        return self.views.absolute(address) if entry.page.address else None

    def _home(self, language: str) -> str | None:
        """Return the address of the home page in a language, if there is one."""
        address = address_of("index", "/", language, self.views.set.languages)
        is_there = address in self.views.set.by_address or any(path == address for _, path in self._templates.endpoints)
        return self._templates.prefix + address if is_there else None

    def context(self, entry: Entry, prefix: str) -> Context:
        """Return the context of a page that is rendered before the first request."""
        context = constant_context(entry.address, prefix, endpoint=PAGE, language=entry.page.edition)
        if edition := self.views.edition(entry.page):
            context.editions = edition.written_in
        return context

    def beside(self, folder: Folder, library: Library, finisher: Finisher) -> Iterator[tuple[str, BesidePages]]:
        """Yield what answers at the addresses of files beside pages."""
        for file, address in self.views.set.beside.items():
            headers = [("Content-Type", content_type(file)), ("Cache-Control", REVALIDATE)]
            yield address, BesidePages("", file, file, folder, library, headers, finisher)

    def answering(self, entry: Entry, shelf: Shelf, finisher: Finisher, prefix: str) -> Written:
        """Return what answers at an address."""
        page = self.template(entry)
        reasons = (*page.reasons, *page.reasons_of_data) if page else ()
        cache = PRIVATE if page and page.reasons else REVALIDATE
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", cache)]
        pages, file = self.views.set, entry.page

        def document(prefix: str) -> bytes:
            return pages.html_of(file, prefix).encode()

        ready = self.rendered.body(entry.address)
        return Written(
            PAGE,
            entry.page.shown,
            page,
            shelf,
            self.values(entry),
            document,
            document(prefix) if ready is None else ready,
            headers,
            finisher,
            frozenset({self._root / file.file} if file.file else ()),
            reasons,
            self.views.edition(entry.page),
        )

    # --- what has changed ---

    def answer(self, asked: Asked) -> object:
        """Return what is the answer to something that templates ask."""
        return self._assets.address(asked[1]) if asked[0] == NOTED else self.views.state(asked)

    def made_by(self, page: Page) -> bytes:
        """Return what stands for a template, all that it draws in, and all that it is given besides pages."""
        version = Version(page.name, page.language)
        if version not in self._made_by:
            texts = {name: self._known.texts[name] for name in self._known.closure(version).templates}
            data = [source.stamp() for source in page.sources]
            given = repr((self._basis, version, texts, page.prefix, page.blank, data))
            self._made_by[version] = blake2b(given.encode(errors="surrogatepass")).digest()
        return self._made_by[version]

    @cached_property
    def _basis(self) -> str:
        """What every template is given, in words."""
        site = self._site
        given = (
            site.site, site.config, site.converters, site.routes, site.json_, site.static, site.pages, site.protect,
            bool(site.users),
        )  # fmt: skip
        return repr(
            (given, self._templates.endpoints, self._given_to_all, self._all_feeds, sorted(self._templates.starts))
        )


def add_pages(building: Building, written: WrittenPages) -> None:
    """Add written pages, and the files beside them; lists of pages yield to all else."""
    for entry in written.entries:
        if entry.address not in building.exact:
            answering = written.answering(entry, building.shelf, building.finisher, building.prefix)
            building.add(entry.address, answering, _spoken(entry, answering))
            building.pages.add(entry.address)
    for address, file in written.beside(building.parts.folder, building.library, building.finisher):
        if address not in building.exact:
            building.add(address, file, file.file)
    if written.entries:
        building.add_own(own.STYLE, own.style_address(), own.STYLE_TYPE, own.style())
    written.rendered.remember(written.answer)


def _spoken(entry: Entry, answering: Written) -> str:
    """Return what an address answers, for `declweb routes`, and the language where it is not that of the address."""
    page = entry.page
    spoken = page.file or f"list of {page.path.removesuffix('index') or 'pages'}"
    return spoken if answering.is_original else f"{spoken} ({page.language})"


@dataclass(frozen=True, slots=True)
class Stage:
    """A template that keeps what it renders."""

    page: Page
    entry: Entry
    written: WrittenPages

    @property
    def name(self) -> str:
        """The template's name."""
        return self.page.name

    def render(self, context: Context, values: Mapping[str, object]) -> str:
        """Return what the template gives, and keep it."""
        with noting() as asked:
            note("translations", self.entry.page.path)
            text = self.page.render(context, values)
        self.written.rendered.keep(self.entry.address, self.written.made_by(self.page), text.encode(), asked)
        return text
