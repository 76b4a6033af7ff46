"""`[routes.NAME]`: what each address answers.

Owns the making of an answer from a route, and the decision whether it can be made before the first request. Knows
nothing of other routes, nor of how a path is matched.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from declweb.app import Finisher, Listed
from declweb.compiler.answering import Answering
from declweb.compiler.building import Building
from declweb.compiler.cookies import NO_COOKIES, Cookies
from declweb.compiler.data import Chosen, Source
from declweb.compiler.kept_pages import Shelf, one_page, page_of_list
from declweb.compiler.languages import Edition, in_languages
from declweb.compiler.static import cache_control
from declweb.compiler.templates import KEPT_UNTIL_IT_CHANGES, Page, Templates
from declweb.context import Context, constant_context
from declweb.files import Folder
from declweb.http.answer import Answer, Finish, Headers, status_line
from declweb.http.headers import merge
from declweb.http.library import SMALL, Description, Library, OnDisk, when_modified
from declweb.http.prepared import Prepared
from declweb.model import Route
from declweb.model.urls import Variable, parse, variables
from declweb.rules.media_types import is_page, media_type

if TYPE_CHECKING:
    from declweb.compiler.handlers import Handled

PRIVATE = "private, no-cache"
"""The answer looked at the visitor: shared caches must not keep it."""


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A template, a text or a piece of HTML, with what it is given."""

    name: str
    place: str
    page: Page
    values: Mapping[str, object]
    status: int
    headers: Headers
    finisher: Finisher
    edition: Edition | None = None
    """What there is of it in other languages, where the site has several."""
    cookies: Cookies = NO_COOKIES
    chosen: Mapping[str, Chosen] = field(default_factory=dict)
    """The row, or the rows, that it is about, by the name that the template has for them."""
    shelf: Shelf | None = None
    """Where it is kept once it was made of data."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it cannot be made before the first request, apart from URL variables."""
        return (*self.page.reasons, *self._reasons_of_data())

    def _reasons_of_data(self) -> Iterator[str]:
        if any(source.changes for source in self._sources):
            yield KEPT_UNTIL_IT_CHANGES
        elif self.chosen:
            yield "is made of data when it is first asked for, and kept"

    def addresses(self, path: str) -> Iterator[str]:
        """Yield the address of each row that it is a page of, at a path with variables."""
        parts, chosen = parse(path), self.chosen["item"]
        for given in chosen.variables():
            if all(part.name in given for part in parts if isinstance(part, Variable)):
                yield "".join(str(given[part.name]) if isinstance(part, Variable) else part for part in parts)

    @property
    def has_pages(self) -> bool:
        """Whether `?page=2` is another page of it."""
        items = self.chosen.get("items")
        return items is not None and items.size is not None

    @property
    def _sources(self) -> tuple[Source, ...]:
        """The datasets that it is made of."""
        return (*self.page.sources, *(chosen.source for chosen in self.chosen.values()))

    @property
    def is_original(self) -> bool:
        """Whether it is a page, and no repetition of one."""
        return self.status == HTTPStatus.OK and (self.edition is None or self.edition.is_original)

    def body(self, context: Context) -> bytes:
        """Return the content for one request."""
        values = {**self.values, **context.view_args} if self.values else dict(context.view_args)
        for name, chosen in self.chosen.items():
            values[name] = self._rows(name, chosen, context)
        if self.edition is not None:
            context.editions = self.edition.written_in
        return self.page.render(context, values).encode()

    def _rows(self, name: str, chosen: Chosen, context: Context) -> object:
        if name == "item":
            return chosen.row(context.view_args)
        return chosen.rows(context.view_args, context.request.args.get("page") if self.has_pages else None)

    def respond(self, context: Context) -> Answer:
        """Answer one request."""
        context.endpoint, context.place = self.name, self.place
        if self.shelf is not None and self.page.is_shared_by(context):
            return self._kept(self.shelf, context)
        body = self.body(context)
        described = in_languages(self.edition, self.headers, context.path, context.prefix)
        headers = [*described, ("Content-Length", str(len(body)))]
        finish = self.cookies.on(self.finisher(context.path), context.view_args, context.prefix)
        return status_line(self.status), finish(self.status, context.is_secure, headers), [body]

    def _kept(self, shelf: Shelf, context: Context) -> Answer:
        """Answer with the page as it is kept until its data changes."""

        def make() -> Prepared:
            return self._prepared(context.path, context.prefix, context.view_args, self.body(context), lazy=True)

        made_of = [source for source in self._sources if source.changes]
        return shelf.answer(context, made_of, page_of_list if self.has_pages else one_page, make)

    def prepare(self, path: str, prefix: str) -> Prepared:
        """Return the answer at an exact address, made before the first request."""
        language = self.edition.language if self.edition is not None else self.page.language
        context = constant_context(path, prefix, endpoint=self.name, language=language)
        return self._prepared(path, prefix, {}, self.body(context))

    def _prepared(  # what it consists of
        self, path: str, prefix: str, variables: Mapping[str, object], body: bytes, *, lazy: bool = False
    ) -> Prepared:
        return Prepared(
            body,
            in_languages(self.edition, self.headers, path, prefix),
            status=self.status,
            finish=self.cookies.on(self.finisher(path), variables, prefix),
            made_of=self.page.made_of,
            lazy=lazy,
            unless=self.page.unless,
        )


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """A file that is sent as it is."""

    name: str
    place: str
    file: str
    folder: Folder
    library: Library
    headers: Headers
    finisher: Finisher
    cookies: Cookies = NO_COOKIES
    is_original: ClassVar[bool] = True
    """It is no repetition of another file."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it cannot be made before the first request."""
        status = self.folder.stat(self.file)
        return ("a large file is sent as it is read",) if status and status.st_size > SMALL else ()

    def respond(self, context: Context) -> Answer:
        """Answer one request."""
        context.endpoint, context.place = self.name, self.place
        looked_up = self.folder.look_up(self.file)
        if looked_up is None:
            raise FileNotFoundError(self.file)
        found = self.library.get(
            f"{self.name} {context.path}",
            OnDisk(*looked_up, lambda: self.folder.open(self.file)),
            lambda: Description(self.headers.copy(), self._finish(context.path, context.view_args, context.prefix)),
        )
        return found.answer(context.fields, secure=context.is_secure, head=context.method == "HEAD")

    def prepare(self, path: str, prefix: str) -> Prepared:
        """Return the answer at an exact address, made before the first request."""
        with self.folder.open(self.file) as file:
            body, status = file.read(), os.fstat(file.fileno())
        return Prepared(
            body,
            self.headers,
            modified=when_modified(status),
            in_parts=True,
            finish=self._finish(path, {}, prefix),
            made_of=frozenset({self.folder.root / self.file}),
        )

    def _finish(self, path: str, variables: Mapping[str, object], prefix: str) -> Finish:
        return self.cookies.on(self.finisher(path), variables, prefix)


def add_routes(building: Building, templates: Templates) -> None:
    """Add every route, at its address in each language."""
    for name, route in building.site.routes.items():
        if not route.off:
            for language, path in building.parts.addresses_of(route).items():
                _add_route(path, route, _answering(name, route, language, building, templates), building)


def _add_route(path: str, route: Route, answering: "Rendered | File | Handled", building: Building) -> None:
    methods = _with_head(route.methods)
    reasons = answering.reasons
    if variables(path):
        building.patterns.add(path, answering, methods)
        if isinstance(answering, Rendered) and "item" in answering.chosen:
            building.of_rows.append((path, answering))
        is_kept = isinstance(answering, Rendered) and answering.shelf is not None
        each = "each page is made when it is first asked for, and kept" if is_kept else ""
        reasons = (": ".join(filter(None, ("has variables in its address", each))), *(() if is_kept else reasons))
    else:
        building.exact.setdefault(path, {}).update(dict.fromkeys(methods, answering))
    spoken = _spoken(route, answering)
    building.overview.append(Listed(path, tuple(route.methods), answering.name, spoken, answering.place, reasons))


def _answering(
    name: str, route: Route, language: str, building: Building, templates: Templates
) -> "Rendered | File | Handled":
    if route.handlers:
        from declweb.compiler.handlers import of_route  # noqa: PLC0415 # most sites have no Python

        return of_route(name, route, building)
    parts, finisher = building.parts, building.finisher
    place, cookies = parts.place(("routes", name)), Cookies(route.set_cookies)
    if route.file is not None:
        headers = headers_of(route, is_private=False)
        return File(name, place, route.file, parts.folder, building.library, headers, finisher, cookies)
    page = templates.of_route(name, route, language)
    headers = headers_of(route, is_private=bool(page.reasons))
    edition = _edition(name, route, language, building, templates)
    declared = {"item": route.item, "items": route.items}
    chosen = {word: Chosen.of(items, templates.data) for word, items in declared.items() if items is not None}
    is_of_data = bool(chosen or page.sources) and not page.reasons and "GET" in route.methods
    shelf = building.shelf if is_of_data else None
    return Rendered(name, place, page, route.values, route.status, headers, finisher, edition, cookies, chosen, shelf)


def _edition(name: str, route: Route, language: str, building: Building, templates: Templates) -> Edition | None:
    """Return what there is of a page in other languages; nothing where it is not for people of any."""
    paths = building.parts.addresses_of(route)
    if not building.languages.are_several or not (is_page(route) or len(paths) > 1):
        return None
    written_in = {code: templates.of_route(name, route, code).language for code in paths}
    return Edition(building.languages, templates.views.origin, language, written_in)


def _with_head(methods: list[str]) -> list[str]:
    return [*methods, "HEAD"] if "GET" in methods and "HEAD" not in methods else list(methods)


def _spoken(route: Route, answering: Answering) -> str:
    """Return what a route answers, for `declweb routes`."""
    what = route.file or route.template or ("text" if route.text is not None else "HTML")
    if route.handlers:
        return " and ".join(dict.fromkeys(route.handlers.values()))
    if not isinstance(answering, Rendered):
        return what
    if route.template is not None:
        what = answering.page.name
    is_another = answering.edition is not None and not answering.edition.is_original
    return f"{what} ({answering.page.language})" if is_another else what


def headers_of(route: Route, *, is_private: bool) -> Headers:
    """Return the header fields that a route declares, on top of the usual ones."""
    cache = PRIVATE if is_private and route.cache is None else cache_control(route.cache)
    if is_private:
        cache = cache.replace("public", "private")
    return merge([("Content-Type", media_type(route)), ("Cache-Control", cache)], route.headers.items())
