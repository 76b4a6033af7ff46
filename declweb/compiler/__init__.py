"""Stage 3: Site -> App, one builder per table.

Owns the order of matching. Builds only what has been checked: what is wrong here is a mistake of declweb, but for what
shows only when a template is rendered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from werkzeug.routing import BaseConverter

from declweb.app import App, Level, Limits, Listed
from declweb.compiler.errors import Errors
from declweb.compiler.finishing import finisher
from declweb.compiler.json import as_json
from declweb.compiler.proxy import forwarded
from declweb.compiler.redirects import Circumstances, Redirects, moved, relocated
from declweb.compiler.routes import Answering, File, Fixed, Rendered, headers_of, usual_type
from declweb.compiler.static import Mount, cache_control
from declweb.compiler.templates import Page, Templates
from declweb.context import Context
from declweb.files import Folder
from declweb.http.answer import Answer
from declweb.http.library import Library
from declweb.http.paths import as_path_info
from declweb.http.prepared import Prepared
from declweb.model import Redirect, Route, Site, Static
from declweb.model.redirects import each
from declweb.model.urls import variables
from declweb.routing import Matcher, Urls
from declweb.routing.converters import SAFE
from declweb.routing.matching import merged

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
    mounts: tuple[Static, ...]
    """Declared and found ones."""
    urls: Urls
    rewrites: Mapping[str, list[Redirect]]
    place: Callable[[tuple[str, ...]], str]
    """Where a table is declared, such as `site.toml:14`."""
    files: frozenset[Path]


def compile_site(site: Site, parts: Parts, templates: Templates) -> App:
    """Return the running site."""
    return _Compiler(site, parts, templates).app()


class _Compiler:
    """The parts of an App as they come about."""

    def __init__(self, site: Site, parts: Parts, templates: Templates) -> None:
        self.site = site
        self.parts = parts
        self.templates = templates
        self.prefix = parts.prefix
        self.classes = parts.classes
        is_preview = parts.environment not in {None, "production", "development"}
        self.finisher = finisher(site.headers, is_preview=is_preview)
        self.library = Library()
        self.exact: dict[str, dict[str, Answering]] = {}
        self.patterns: Matcher[Answering] = Matcher(self.classes)
        self.listing: list[Listed] = []
        self.prepared: dict[str, dict[str, Prepared]] = {}

    def app(self) -> App:
        forced, ordinary, rewrites = self._redirects()
        self._add_routes()
        self._add_json()
        for path, answers in self.exact.items():
            self._prepare(path, answers, is_claimed=forced.concerns(path) or rewrites[0].concerns(path))
        mounts = [self._mount(mount) for mount in self.parts.mounts if not mount.off]
        levels = self._levels(forced, ordinary, rewrites, mounts)
        self._list_redirects()
        self._list_mounts()
        return App(
            name=self.site.site.name,
            prefix=self.prefix,
            prepared=self.prepared,
            levels=tuple(levels),
            errors=self._errors(),
            finisher=self.finisher,
            limits=Limits(self.site.limits.body, self.site.limits.url),
            urls=self.parts.urls,
            listing=tuple(self.listing),
            made_of=self.parts.files,
            forwarded=forwarded(self.site.proxy),
        )

    # --- level 2 and 5: routes and endpoints ---

    def _add_routes(self) -> None:
        for name, route in self.site.routes.items():
            if route.off:
                continue
            answering = self._answering(name, route)
            methods = _with_head(route.methods)
            if variables(route.path):
                self.patterns.add(route.path, answering, methods)
            else:
                for method in methods:
                    self.exact.setdefault(route.path, {})[method] = answering
            reasons = answering.reasons
            if variables(route.path):
                reasons = ("has variables in its address", *reasons)
            self.listing.append(
                Listed(route.path, tuple(route.methods), name, _spoken_answer(route), answering.place, reasons)
            )

    def _answering(self, name: str, route: Route) -> Answering:
        place = self.parts.place(("routes", name))
        if route.file is not None:
            headers = headers_of(route, usual_type(route), is_private=False)
            return File(name, place, route.file, self.parts.folder, self.library, headers, self.finisher)
        page = self._page(name, route)
        headers = headers_of(route, usual_type(route), is_private=bool(page.reasons))
        return Rendered(name, place, page, route.values, route.status, headers, self.finisher)

    def _page(self, name: str, route: Route) -> Page:
        if route.template is not None:
            return self.templates.page(route.template)
        key = "text" if route.text is not None else "html"
        return self.templates.inline(("routes", name, key), is_html=key == "html")

    def _add_json(self) -> None:
        for name, endpoint in self.site.json_.items():
            if endpoint.off:
                continue
            headers = [("Content-Type", "application/json"), ("Cache-Control", cache_control(endpoint.cache))]
            place = self.parts.place(("json", name))
            fixed = Fixed(f"json.{name}", place, as_json(endpoint.value), headers, self.finisher)
            for method in PREPARED_METHODS:
                self.exact.setdefault(endpoint.path, {})[method] = fixed
            self.listing.append(Listed(endpoint.path, ("GET",), f"json.{name}", "JSON value", place, ()))

    def _prepare(self, path: str, answers: Mapping[str, Answering], *, is_claimed: bool) -> None:
        """Make the answers at an exact address, unless a redirect may come first."""
        if is_claimed:
            return
        ready: dict[str, Prepared] = {}
        made: dict[int, Prepared] = {}
        for method in PREPARED_METHODS:
            answering = answers.get(method)
            if answering is None or answering.reasons:
                continue
            if id(answering) not in made:
                made[id(answering)] = answering.prepare(path, "GET", self.prefix)
            ready[method] = made[id(answering)]
        if ready:
            self.prepared[as_path_info(path)] = ready

    # --- the order of matching (DESIGN §2) ---

    def _levels(
        self, forced: Redirects, ordinary: Redirects, rewrites: tuple[Redirects, Redirects], mounts: list[Mount]
    ) -> list[Level]:
        levels: list[Level] = []
        if forced:
            levels += [forced.exact, forced.with_variables]
        if rewrites[0]:
            levels.append(self._rewriting(rewrites[0], levels))
        levels.append(self._exactly)
        levels += [mount.serve for mount in mounts]
        if ordinary:
            levels.append(ordinary.exact)
        levels.append(self._by_pattern)
        if ordinary:
            levels.append(ordinary.with_variables)
        levels.append(self._other_spelling)
        if rewrites[1]:
            levels.append(self._rewriting(rewrites[1], levels))
        return levels

    def _exactly(self, context: Context) -> Answer | None:
        answers = self.exact.get(context.path)
        if answers is None:
            return self._with_slash(context)
        answering = answers.get(context.method)
        if answering is None:
            context.allowed |= answers.keys()
            return None
        ready = self.prepared.get(as_path_info(context.path), {}).get(context.method)
        if ready is not None and context.prefix == self.prefix:
            return ready.answer(context.fields, secure=context.is_secure, head=context.method == "HEAD")
        return answering.respond(context)

    def _with_slash(self, context: Context) -> Answer | None:
        """Answer the bare form of a path that ends in a slash, as Flask does."""
        answers = self.exact.get(f"{context.path}/")
        is_answered = answers is not None and context.method in {*answers, "OPTIONS"}
        return self._moved(context, f"{context.path}/") if is_answered else None

    def _by_pattern(self, context: Context) -> Answer | None:
        if not self.patterns:
            return None
        found = self.patterns.match(context.path, context.method)
        if found.spelling is not None:
            return self._moved(context, found.spelling)
        if found.claimant is None:
            context.allowed |= found.allowed
            return None
        context.view_args = found.variables or {}
        return found.claimant.respond(context)

    def _other_spelling(self, context: Context) -> Answer | None:
        """Send a path with doubled slashes to the page that has them once, as Flask does."""
        if "//" not in context.path:
            return None
        path = merged(context.path)
        if path not in self.exact and f"{path}/" in self.exact:
            path += "/"
        if path not in self.exact:
            found = self.patterns.match(path, context.method)
            if found.claimant is None and found.spelling is None:
                return None
            path = found.spelling or path
        return self._moved(context, path)

    def _moved(self, context: Context, path: str) -> Answer:
        """Send a visitor to the other spelling of an address (RFC 9110, section 15.4.9)."""
        return moved(context, 308, relocated(quote(path, safe=SAFE), context), self.finisher)

    # --- level 1, 4, 6 and 8: redirects and rewrites ---

    def _redirects(self) -> tuple[Redirects, Redirects, tuple[Redirects, Redirects]]:
        site = self.site
        country = site.proxy.country_header if site.proxy else None
        known = Circumstances(site.site.language, site.site.timezone, country)
        forced, ordinary, first, last = (Redirects(self.finisher, self.classes, known) for _ in range(4))
        for source, value in site.redirects.items():
            if not isinstance(value, str):
                forced.add(source, value, force=True)
            ordinary.add(source, value)
        for source, rules in self.parts.rewrites.items():
            first.add(source, list(rules), force=True, status=200)
            last.add(source, list(rules), status=200)
        return forced, ordinary, (first, last)

    def _rewriting(self, rewrites: Redirects, levels: list[Level]) -> Level:
        def rewrite(context: Context) -> Answer | None:
            target = rewrites.rewritten(context)
            if target is None:
                return None
            asked, context.path = context.path, unquote(target.partition("?")[0])
            own = [level for level in levels if level is not rewrite]
            answer = next((answer for level in own if (answer := level(context)) is not None), None)
            context.path = asked
            return answer

        return rewrite

    # --- level 3: files ---

    def _mount(self, mount: Static) -> Mount:
        folder = Folder(self.parts.folder.root / mount.folder)
        return Mount(f"{mount.path.rstrip('/')}/", folder, self.library, mount.cache, self.finisher)

    def _errors(self) -> Errors:
        pages = {status: self.templates.page(name) for status, name in self.site.errors.items()}
        return Errors(pages, self.finisher, f"{self.prefix}/")

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

    def _list_mounts(self) -> None:
        for mount in self.parts.mounts:
            if not mount.off:
                url = f"{mount.path.rstrip('/')}/<path:filename>"
                place = self.parts.place(("static", mount.endpoint))
                self.listing.append(
                    Listed(url, ("GET",), mount.endpoint, f"files of {mount.folder}/", place, ("is read from disk",))
                )


def _with_head(methods: list[str]) -> list[str]:
    return [*methods, "HEAD"] if "GET" in methods and "HEAD" not in methods else list(methods)


def _spoken_answer(route: Route) -> str:
    return route.template or route.file or ("text" if route.text is not None else "HTML")


__all__ = ["Parts", "Templates", "compile_site"]
