"""Stage 3: Site -> App, one builder per table.

Owns the order of matching. Builds only what has been checked: what is wrong here is a mistake of declweb, but for what
shows only when a template is rendered. Must not know how a site file is written, nor anything of a request.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from werkzeug.routing import BaseConverter

from declweb.app import App, Level, Limits, Listed
from declweb.compiler.canonical import canonical
from declweb.compiler.default_errors import Host
from declweb.compiler.errors import Errors
from declweb.compiler.feeds import Made, Writer, is_listed
from declweb.compiler.finishing import finisher, header_rules
from declweb.compiler.json import as_json
from declweb.compiler.languages import Edition
from declweb.compiler.matching import Addresses
from declweb.compiler.nearest import Document, Drawn, ErrorPage, Nearest
from declweb.compiler.pages import WrittenPages
from declweb.compiler.proxy import forwarded
from declweb.compiler.redirects import Circumstances, Redirects
from declweb.compiler.rewrites import by_source, rewriting
from declweb.compiler.routes import Answering, File, Fixed, Rendered, headers_of, usual_type
from declweb.compiler.static import Mount, cache_control
from declweb.compiler.templates import Templates
from declweb.files import Folder
from declweb.http.library import Library
from declweb.http.paths import as_path_info
from declweb.http.prepared import Prepared
from declweb.model import Redirect, Rewrite, Route, Site, Static
from declweb.model.redirects import each
from declweb.model.urls import variables
from declweb.pages import atom, own
from declweb.pages.page_set import PageSet
from declweb.routing import Languages, Matcher, Urls
from declweb.routing.files import Naming
from declweb.rules.feeds import ROBOTS, SITEMAP, Feed
from declweb.rules.languages import is_page
from declweb.sitefile import KeyPath

PREPARED_METHODS = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the compiler is given besides the site itself."""

    folder: Folder
    classes: Mapping[str, type[BaseConverter]]
    """Every converter that a path may name."""
    prefix: str
    """The path below which the site is mounted, without a slash at its end."""
    environment: str | None
    mounts: tuple[tuple[Static, str], ...]
    """Declared and found ones that are not switched off, with the place of each."""
    urls: Urls
    addresses_of: Callable[[Route], Mapping[str, str]]
    """The languages in which a route is found, and its path in each."""
    pages: PageSet
    feeds: tuple[Feed, ...]
    generated: frozenset[str]
    """The files that pages bring with them, where the author has none of their own."""
    rewrites: Mapping[str, list[Redirect]]
    place: Callable[[KeyPath], str]
    """Where a table is declared, such as `site.toml:14`."""
    files: frozenset[Path]


def compile_site(site: Site, parts: Parts, templates: Templates, written: WrittenPages) -> App:
    """Return the running site; its pages have been rehearsed."""
    return _Compiler(site, parts, templates, written).app()


class _Compiler:
    """The parts of an App as they come about; the App keeps none but those that it is given."""

    def __init__(self, site: Site, parts: Parts, templates: Templates, written: WrittenPages) -> None:
        self.site = site
        self.parts = parts
        self.templates = templates
        self.written = written
        self.prefix = parts.prefix
        self.languages = Languages(tuple(site.site.all_languages))
        address = urlsplit(site.site.url or "")
        self.origin = f"{address.scheme}://{address.netloc}" if address.netloc else ""
        self.writer = Writer(site, parts.prefix, parts.pages)
        self.is_preview = parts.environment not in {None, "production", "development"}
        self.finisher = finisher(site.headers, site.security, is_preview=self.is_preview)
        self.library = Library()
        self.exact: dict[str, dict[str, Answering]] = {}
        self.patterns: Matcher[Answering] = Matcher(parts.classes)
        self.pages: set[str] = set()
        """Those of the exact addresses that are pages."""
        self.listing: list[Listed] = []

    def app(self) -> App:
        forced, ordinary, rewrites = self._redirects()
        self._add_routes()
        self._add_json()
        self._add_pages()
        self._add_feeds()
        prepared = {path: ready for path, answers in self.exact.items() if (ready := self._prepared(path, answers))}

        def is_claimed(path: str) -> bool:
            return forced.concerns(path) or rewrites[0].concerns(path)

        for made in list(self._generated(prepared, is_claimed)):
            prepared[made.address] = dict.fromkeys(PREPARED_METHODS, self._add_made(made).prepared)
        mounts = tuple(self._mount(mount, is_claimed) for mount in _deepest_first(self.parts.mounts))
        addresses = Addresses(self.exact, self.patterns, prepared, self.prefix, self.finisher, self.pages, mounts)
        levels = self._levels(forced, ordinary, rewrites, addresses)
        self._list_redirects()
        self._list_rewrites()
        self._list_mounts()
        app = App(
            name=self.site.site.name,
            prefix=self.prefix,
            prepared={as_path_info(path): ready for path, ready in prepared.items() if not is_claimed(path)},
            files=self.library.public,
            levels=tuple(levels),
            errors=self._errors(),
            finisher=self.finisher,
            limits=Limits(self.site.limits.body, self.site.limits.url),
            urls=self.parts.urls,
            listing=tuple(self.listing),
            made_of=self.parts.files,
            forwarded=forwarded(self.site.proxy),
            languages=self.languages,
        )
        site, is_development = self.site.site, self.parts.environment == "development"
        return canonical(app, site.url) if site.canonical and site.url and not is_development else app

    # --- level 2 and 5: routes and endpoints ---

    def _add_routes(self) -> None:
        for name, route in self.site.routes.items():
            if route.off:
                continue
            for language, path in self.parts.addresses_of(route).items():
                self._add_route(name, route, path, self._answering(name, route, language))

    def _add_route(self, name: str, route: Route, path: str, answering: Answering) -> None:
        methods = _with_head(route.methods)
        reasons = answering.reasons
        if variables(path):
            self.patterns.add(path, answering, methods)
            reasons = ("has variables in its address", *reasons)
        else:
            for method in methods:
                self.exact.setdefault(path, {})[method] = answering
        answer = _spoken_answer(route, answering)
        self.listing.append(Listed(path, tuple(route.methods), name, answer, answering.place, reasons))

    def _answering(self, name: str, route: Route, language: str) -> Answering:
        place = self.parts.place(("routes", name))
        if route.file is not None:
            headers = headers_of(route, usual_type(route), is_private=False)
            return File(name, place, route.file, self.parts.folder, self.library, headers, self.finisher)
        page = self.templates.of_route(name, route, language)
        headers = headers_of(route, usual_type(route), is_private=bool(page.reasons))
        edition = self._edition(name, route, language)
        return Rendered(name, place, page, route.values, route.status, headers, self.finisher, edition)

    def _edition(self, name: str, route: Route, language: str) -> Edition | None:
        """Return what there is of a page in other languages; nothing where it is not for people of any."""
        paths = self.parts.addresses_of(route)
        if not self.languages.are_several or not (is_page(route) or len(paths) > 1):
            return None
        written_in = {code: self.templates.of_route(name, route, code).language for code in paths}
        return Edition(self.languages, self.origin, language, written_in)

    def _add_json(self) -> None:
        for name, endpoint in self.site.json_.items():
            if endpoint.off:
                continue
            headers = [("Content-Type", "application/json"), ("Cache-Control", cache_control(endpoint.cache))]
            place = self.parts.place(("json", name))
            prepared = Prepared(as_json(endpoint.value), headers, finish=self.finisher(endpoint.path))
            fixed = Fixed(f"json.{name}", place, prepared)
            for method in PREPARED_METHODS:
                self.exact.setdefault(endpoint.path, {})[method] = fixed
            self.listing.append(Listed(endpoint.path, ("GET",), f"json.{name}", "JSON value", place, ()))

    # --- files that are made of all pages ---

    def _add_feeds(self) -> None:
        for feed in self.parts.feeds:
            made = Made(feed.address, self.writer.feed(feed), atom.MEDIA_TYPE, f"Atom feed of {feed.wanted}")
            self._add_made(made, self.parts.place(feed.key))

    def _generated(
        self, prepared: Mapping[str, Mapping[str, Prepared]], hidden: Callable[[str], bool]
    ) -> Iterator[Made]:
        """Yield the sitemap and robots.txt where the author has none of their own; a preview has no sitemap."""
        if SITEMAP in self.parts.generated and not (self.is_preview or self._is_own(SITEMAP)):
            paths = [path for path in sorted(self.exact) if not hidden(path) and self._is_listed(path, prepared)]
            yield from self.writer.sitemaps({path: self.exact[path]["GET"] for path in paths})
        if ROBOTS in self.parts.generated and not self._is_own(ROBOTS):
            yield self.writer.robots(is_public=not self.is_preview)

    def _is_own(self, address: str) -> bool:
        """Tell whether the author has something at an address."""
        paths = [route.path for route in self.site.routes.values()]
        return (
            address in (*paths, *(endpoint.path for endpoint in self.site.json_.values()))
            or address in self.exact
            or address in self.site.redirects
            or address in self.parts.rewrites
            or any(rewrite.from_ == address for rewrite in self.site.rewrites)
            or any(_has_file(self.parts.folder, mount, address) for mount, _ in self.parts.mounts)
        )

    def _is_listed(self, path: str, prepared: Mapping[str, Mapping[str, Prepared]]) -> bool:
        answering, ready = self.exact[path].get("GET"), prepared.get(path, {}).get("GET")
        return answering is not None and is_listed(answering, ready.body if ready else None, self.finisher(path))

    def _add_made(self, made: Made, place: str = "") -> Fixed:
        headers = [("Content-Type", made.media_type), ("Cache-Control", cache_control(None))]
        fixed = Fixed("", place, Prepared(made.body, headers, finish=self.finisher(made.address), lazy=True))
        self.exact[made.address] = dict.fromkeys(PREPARED_METHODS, fixed)
        self.listing.append(Listed(made.address, ("GET",), "", made.spoken, place))
        return fixed

    def _add_pages(self) -> None:
        """Add written pages; lists of them yield to all else."""
        for entry in self.written.entries:
            if entry.address in self.exact:
                continue
            answering = self.written.answering(entry, self.finisher, self.prefix)
            self.exact[entry.address] = dict.fromkeys(PREPARED_METHODS, answering)
            self.pages.add(entry.address)
            answer = entry.page.file or f"list of {entry.page.path.removesuffix('index') or 'pages'}"
            place = answering.place
            self.listing.append(Listed(entry.address, ("GET",), answering.name, answer, place, answering.reasons))
        for address, file in self.written.beside(self.parts.folder, self.library, self.finisher):
            if address not in self.exact:
                self.exact[address] = dict.fromkeys(PREPARED_METHODS, file)
                self.listing.append(Listed(address, ("GET",), "", file.file, file.place, file.reasons))
        if self.written.entries:
            self.exact[own.style_address()] = dict.fromkeys(PREPARED_METHODS, self.written.style(self.finisher))
        self.written.remember()

    def _prepared(self, path: str, answers: Mapping[str, Answering]) -> dict[str, Prepared]:
        """Return the answers at an exact address that depend on nothing, by method."""
        ready: dict[str, Prepared] = {}
        made: dict[int, Prepared] = {}
        for method in PREPARED_METHODS:
            answering = answers.get(method)
            if answering is None or answering.reasons:
                continue
            if id(answering) not in made:
                made[id(answering)] = answering.prepare(path, self.prefix)
            ready[method] = made[id(answering)]
        return ready

    # --- the order of matching (DESIGN §2) ---

    def _levels(
        self, forced: Redirects, ordinary: Redirects, rewrites: tuple[Redirects, Redirects], addresses: Addresses
    ) -> list[Level]:
        first: list[Level] = [forced.exact, forced.with_variables] if forced else []
        then: list[Level] = [addresses.exactly, *(mount.serve for mount in addresses.mounts)]
        then += [ordinary.exact] if ordinary else []
        then.append(addresses.by_pattern)
        then += [ordinary.with_variables] if ordinary else []
        then.append(addresses.other_spelling)
        rules = header_rules(self.site.headers)
        above, below = ([rewriting(each, (*first, *then), rules, self.languages)] if each else [] for each in rewrites)
        return [*first, *above, *then, *below]

    # --- level 1, 4, 6 and 8: redirects and rewrites ---

    def _redirects(self) -> tuple[Redirects, Redirects, tuple[Redirects, Redirects]]:
        site = self.site
        country = site.proxy.country_header if site.proxy else None
        known = Circumstances(self.languages, site.site.timezone, country)
        forced, ordinary, first, last = (Redirects(self.finisher, self.parts.classes, known) for _ in range(4))
        for source, value in site.redirects.items():
            if not isinstance(value, str):
                forced.add(source, value, force=True)
            ordinary.add(source, value)
        for source, rules in by_source(site.rewrites, self.parts.rewrites).items():
            first.add_rewrites(source, [rule for rule in rules if isinstance(rule, Redirect) and rule.force])
            last.add_rewrites(source, [rule for rule in rules if isinstance(rule, Rewrite) or not rule.force])
        return forced, ordinary, (first, last)

    # --- level 3: files ---

    def _mount(self, mount: Static, is_claimed: Callable[[str], bool]) -> Mount:
        return Mount(
            folder=self._folder(mount),
            library=self.library,
            naming=Naming.of(mount),
            cache=mount.cache,
            precompressed=mount.precompressed,
            finisher=self.finisher,
            is_claimed=is_claimed,
            listed_in=self.site.site.timezone if mount.listing else None,
        )

    def _folder(self, mount: Static) -> Folder:
        return Folder(self.parts.folder.root / mount.folder)

    def _error_pages(self) -> dict[str, dict[tuple[str, str], ErrorPage]]:
        """Return the error pages among written pages, by folder."""
        found: dict[str, dict[tuple[str, str], ErrorPage]] = {}
        for entry in self.written.error_entries:
            file, page = entry.page, self.written.template(entry)
            shown: ErrorPage = (
                Drawn(page, self.written.values(entry))
                if page
                else Document(file.file, file.language, partial(self.parts.pages.html_of, file))
            )
            found.setdefault(entry.address, {}).setdefault((file.name, file.edition), shown)
        return found

    def _errors(self) -> Errors:
        site = self.site.site
        mounts = {f"{mount.path.rstrip('/')}/": self._folder(mount) for mount, _ in self.parts.mounts}
        errors = Errors(
            {
                language: {
                    status: Drawn(self.templates.page(name, language)) for status, name in self.site.errors.items()
                }
                for language in self.languages.codes
            },
            Nearest(self.languages, self._error_pages(), mounts),
            self.finisher,
            Host(site.name, site.language),
            self.prefix,
            self.languages,
        )
        errors.prepare()
        return errors

    # --- `declweb routes` ---

    def _list_redirects(self) -> None:
        for source, value in self.site.redirects.items():
            always = ("has variables in its address",) if "<" in source else ()
            if isinstance(value, str):
                self.listing.append(Listed(source, ("*",), "", f"→ {value}", "", always))
                continue
            for redirect in each(value):
                if not redirect.off:
                    reasons = (*always, *(f"depends on {name}" for name in redirect.conditions))
                    self.listing.append(Listed(source, ("*",), "", f"→ {redirect.to}", "", reasons))

    def _list_rewrites(self) -> None:
        for index, rewrite in enumerate(self.site.rewrites):
            if not rewrite.off:
                methods = PREPARED_METHODS[:1] if rewrite.navigation_only else ("*",)
                reasons = ("depends on what the browser asks for",) if rewrite.navigation_only else ()
                place = self.parts.place(("rewrites", index))
                self.listing.append(Listed(rewrite.from_, methods, "", f"= {rewrite.to}", place, reasons))

    def _list_mounts(self) -> None:
        for mount, place in self.parts.mounts:
            url = f"{mount.path.rstrip('/')}/<path:filename>"
            self.listing.append(
                Listed(url, ("GET",), mount.endpoint, f"files of {mount.folder}/", place, ("is read from disk",))
            )


def _deepest_first(mounts: Iterable[tuple[Static, str]]) -> list[Static]:
    """Return mounts so that a folder within another one's address comes before it."""
    return sorted((mount for mount, _ in mounts), key=lambda mount: -len(mount.path.rstrip("/")))


def _with_head(methods: list[str]) -> list[str]:
    return [*methods, "HEAD"] if "GET" in methods and "HEAD" not in methods else list(methods)


def _spoken_answer(route: Route, answering: Answering) -> str:
    what = route.file or route.template or ("text" if route.text is not None else "HTML")
    if not isinstance(answering, Rendered):
        return what
    if route.template is not None:
        what = answering.page.name
    is_another = answering.edition is not None and not answering.edition.is_original
    return f"{what} ({answering.page.language})" if is_another else what


def _has_file(site: Folder, mount: Static, address: str) -> bool:
    below = f"{mount.path.rstrip('/')}/"
    return address.startswith(below) and site.find(f"{mount.folder.strip('/')}/{address[len(below) :]}") is not None
