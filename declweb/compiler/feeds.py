"""Feeds, the sitemap and robots.txt, made of what the site has.

Owns what each of them is told. How they are written is the business of `pages`; which of them there are, of `rules`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from http import HTTPStatus

from declweb.compiler.answering import Answering, Fixed
from declweb.compiler.building import Building
from declweb.compiler.page_views import PageViews
from declweb.compiler.static import cache_control
from declweb.files import Folder
from declweb.http.answer import READING, Finish
from declweb.http.headers import find
from declweb.http.prepared import Prepared
from declweb.model import Site, Static
from declweb.model.texts import read_in
from declweb.pages import atom, robots, sitemap
from declweb.pages.file import PageFile
from declweb.pages.page_set import PageSet
from declweb.rules.feeds import ROBOTS, SITEMAP, Feed
from declweb.templating.markup import tags

_BODY = re.compile(r"<body\b[^>]*>(.*?)(?:</body\s*>|\Z)", re.DOTALL | re.IGNORECASE)

Ready = Mapping[str, Mapping[str, Prepared]]
"""Answers that are made before the first request, by path and method."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is made of all pages."""

    address: str
    body: bytes
    media_type: str
    spoken: str
    """What it is, for `declweb routes`."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the files that a site's pages bring with them."""

    site: Site
    prefix: str
    views: PageViews

    def absolute(self, address: str) -> str:
        """Return an address of this site as the rest of the world knows it."""
        url = self.views.absolute(address)
        assert url is not None, "only a site that says its address has such files"
        return url

    @property
    def pages(self) -> PageSet:
        """The pages that these files are made of."""
        return self.views.set

    def feed(self, feed: Feed) -> bytes:
        """Return a feed."""
        site = self.site.site
        default = site.all_languages[0]
        description = read_in(site.description, feed.language, default) if site.description else None
        home = self.absolute(feed.home.address if feed.home else "/")
        summary = feed.home.description if feed.home and feed.home.description else description
        head = atom.Feed(self.absolute(feed.address), home, feed.title(site.name), site.name, feed.language, summary)
        return atom.atom(head, list(self._entries(feed.pages[: atom.MOST])))

    def _entries(self, pages: Iterable[PageFile]) -> Iterator[atom.Entry]:
        for page in pages:
            updated = page.moment(self.pages.timezone)
            assert updated is not None, "only dated pages are in feeds"
            html = self.pages.html_of(page, self.prefix)
            body = _BODY.search(html) if page.is_document else None
            url = self.absolute(page.address)
            yield atom.Entry(
                url, page.title, updated, body[1] if body else html, page.description, page.language, page.tags
            )

    def sitemaps(self, listed: Mapping[str, Answering]) -> Iterator[Made]:
        """Yield the sitemap of what answers at these addresses; where it is long, its parts and an index of them."""
        locations = (self._location(address, answering) for address, answering in listed.items())
        parts = list(sitemap.sitemaps(locations))
        if len(parts) == 1:
            yield Made(SITEMAP, parts[0], sitemap.MEDIA_TYPE, "sitemap")
            return
        names = [f"/sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
        yield Made(SITEMAP, sitemap.index([self.absolute(name) for name in names]), sitemap.MEDIA_TYPE, "sitemap index")
        for name, part in zip(names, parts, strict=True):
            yield Made(name, part, sitemap.MEDIA_TYPE, "sitemap")

    def _location(self, address: str, answering: Answering) -> sitemap.Location:
        url = self.absolute(address)
        page = self.pages.by_address.get(address)
        modified = page.moment(self.pages.timezone) if page else None
        edition = getattr(answering, "edition", None)
        return sitemap.Location(url, modified, edition.alternates(address, self.prefix) if edition else {})

    def robots(self, *, is_public: bool) -> Made:
        """Return robots.txt."""
        has_sitemap = self.site.site.url is not None
        body = robots.robots(self.absolute(SITEMAP) if has_sitemap else None, is_public=is_public)
        return Made(ROBOTS, body, robots.MEDIA_TYPE, "robots.txt")


def add_feeds(building: Building, views: PageViews) -> None:
    """Add every feed."""
    writer = Writer(building.site, building.prefix, views)
    for feed in building.parts.feeds:
        made = Made(feed.address, writer.feed(feed), atom.MEDIA_TYPE, f"Atom feed of {feed.wanted}")
        _add(made, building, building.parts.place(feed.key))


def add_generated(
    building: Building,
    views: PageViews,
    prepared: Ready,
    is_claimed: Callable[[str], bool],
) -> dict[str, dict[str, Prepared]]:
    """Add the sitemap and robots.txt where the author has none of their own, and return their answers.

    A sitemap lists what is `prepared`, or answers at other addresses, unless something else claims them first.
    """
    writer = Writer(building.site, building.prefix, views)
    found = list(_generated(building, writer, prepared, is_claimed))
    return {made.address: dict.fromkeys(READING, _add(made, building).prepared) for made in found}


def _add(made: Made, building: Building, place: str = "") -> Fixed:
    headers = [("Content-Type", made.media_type), ("Cache-Control", cache_control(None))]
    fixed = Fixed("", place, Prepared(made.body, headers, finish=building.finisher(made.address), lazy=True))
    building.add(made.address, fixed, made.spoken)
    return fixed


def _generated(
    building: Building,
    writer: Writer,
    prepared: Ready,
    is_claimed: Callable[[str], bool],
) -> Iterator[Made]:
    """Yield the sitemap and robots.txt; a preview has no sitemap."""
    wanted = building.parts.generated
    if SITEMAP in wanted and not (building.is_preview or is_own(SITEMAP, building)):
        answering = {path: answers["GET"] for path, answers in sorted(building.exact.items()) if "GET" in answers}
        answering |= {path: each for path, each in _of_rows(building) if path not in building.exact}
        yield from writer.sitemaps(
            {
                path: each
                for path, each in answering.items()
                if not is_claimed(path) and is_listed(each, _body(prepared, path), building.finisher(path))
            }
        )
    if ROBOTS in wanted and not is_own(ROBOTS, building):
        yield writer.robots(is_public=not building.is_preview)


def _of_rows(building: Building) -> Iterator[tuple[str, Answering]]:
    """Yield the address of each row that there is a page of, where nothing else answers there."""
    for path, answering in building.of_rows:
        for address in answering.addresses(path):
            if building.patterns.match(address, "GET").claimant is answering:
                yield address, answering


def _body(prepared: Ready, path: str) -> bytes | None:
    ready = prepared.get(path, {}).get("GET")
    return ready.body if ready else None


def is_own(address: str, building: Building) -> bool:
    """Tell whether the author has something at an address, be it switched off."""
    site, parts = building.site, building.parts
    return (
        any(address == route.path for route in site.routes.values())
        or any(address == endpoint.path for endpoint in site.json_.values())
        or address in building.exact
        or address in site.redirects
        or address in parts.rewrites
        or any(address == rewrite.from_ for rewrite in site.rewrites)
        or any(_has_file(parts.folder, mount, address) for mount, _ in parts.mounts)
    )


def _has_file(site: Folder, mount: Static, address: str) -> bool:
    below = mount.below
    return address.startswith(below) and site.find(f"{mount.folder.strip('/')}/{address[len(below) :]}") is not None


def is_listed(answering: Answering, body: bytes | None, finish: Finish) -> bool:
    """Tell whether search engines may list what answers an address: it is a page, and does not say otherwise.

    `body` is given where it is known beforehand.
    """
    if not answering.is_original:
        return False
    headers = finish(HTTPStatus.OK, True, answering.headers.copy())  # noqa: FBT003 # the shape of Finish
    is_html = (find(headers, "Content-Type") or "").startswith("text/html")
    return is_html and not _keeps_out(find(headers, "X-Robots-Tag") or "") and not _says_noindex(body or b"")


def _keeps_out(directives: str) -> bool:
    return any(word.strip().lower() in {"noindex", "none"} for word in directives.split(","))


def _says_noindex(html: bytes) -> bool:
    if b"robots" not in html.lower():
        return False
    metas = (tag for tag in tags(html.decode("utf-8", "replace")) if tag.name == "meta")
    said = (tag.get("content") for tag in metas if (tag.get("name") or "").strip().lower() == "robots")
    return any(_keeps_out(unescape(directives)) for directives in said if directives)
