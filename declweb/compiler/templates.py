"""`[templates]`: the site's templates, ready to be rendered.

Owns what a template is given. Knows no route but by the keys that name its template. What a template says, and whether
it depends on the visitor, is known from its syntax tree.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import cast

from werkzeug.exceptions import HTTPException

from declweb.compiler.data import SiteData, Source
from declweb.compiler.languages import Others
from declweb.compiler.page_notes import note
from declweb.compiler.page_views import PageViews
from declweb.context import Context, current
from declweb.hooks.flashes import get_flashed_messages
from declweb.model import Form, Route, Site
from declweb.model.texts import localized
from declweb.pages.file import PageFile
from declweb.pages.page_set import PageSet
from declweb.routing import CannotBuild, Urls
from declweb.rules.addresses import PAGE
from declweb.rules.template_set import TemplateSet
from declweb.rules.template_uses import Version
from declweb.sitefile import KeyPath
from declweb.templating.environment import Environment, Template, render
from declweb.templating.errors import TemplateError
from declweb.templating.undefined import rendering

Processors = Sequence[Callable[[], Mapping[str, object]]]
"""Functions that give names to templates."""


def processed(processors: Processors) -> dict[str, object]:
    """Return the names that context processors give; of two that give one name the later counts, as in Flask."""
    known: dict[str, object] = {}
    for processor in processors:
        known.update(processor())
    return known


KEPT_UNTIL_IT_CHANGES = "shows data that changes: it is made when it is asked for, and kept until then"
"""Why a page of a form's entries, or of a database, is not prepared."""


@dataclass(frozen=True, slots=True)
class Page:
    """A template with what is known of it before the first request."""

    name: str
    template: Template
    prefix: str
    blank: Mapping[str, None]
    """What other tables give the same template: None where this one does not."""
    reasons: tuple[str, ...]
    """Why it depends on the visitor; none when it does not."""
    is_same_everywhere: bool
    """Whether it does not even look at the address: at most at its endpoint and its language."""
    is_constant: bool
    """Whether it looks at nothing at all: it says the same whatever it is given."""
    made_of: frozenset[Path]
    language: str
    """The language it is written in."""
    given: Mapping[str, Mapping[str, object]]
    """What it is given by the language of the address: written pages, and the site where there are several languages.

    Links lead to what the visitor chose, also from a page that is not translated.
    """
    others: Others | None = None
    """What it knows of the other languages, if it lists them."""
    shows_messages: bool = False
    """Whether it shows the visitor's messages: who has no session cookie has none, and is shown what is prepared."""
    reads_session: bool = False
    knows_user: bool = False
    """Whether it looks at who is signed in: who has no session cookie is nobody, and is shown what is prepared."""
    cookie: str = ""
    """What stands in a Cookie field that has a session in it."""
    processors: Processors = ()
    """The site's own functions that give it names."""
    runs_code: bool = False
    """Whether it asks the site's own Python for anything."""
    sources: tuple[Source, ...] = ()
    """The datasets that it looks at."""

    @property
    def changing(self) -> tuple[Source, ...]:
        """The datasets that it looks at which change while the site runs."""
        return tuple(source for source in self.sources if source.changes)

    @property
    def reasons_of_data(self) -> tuple[str, ...]:
        """Why it cannot be made before the first request, though it is the same for everyone."""
        return (KEPT_UNTIL_IT_CHANGES,) if self.changing else ()

    @property
    def unless(self) -> str | None:
        """The text in a Cookie field with which it is rendered anew, though it is prepared."""
        return self.cookie if self.shows_messages or self.knows_user else None

    def is_shared_by(self, context: Context) -> bool:
        """Tell whether a visitor is shown what all others are; of a page that is the same for everyone."""
        return self.unless is None or self.unless not in context.environ.get("HTTP_COOKIE", "")

    def render(self, context: Context, values: Mapping[str, object]) -> str:
        """Return what the template gives for one request; raises a TemplateError."""
        token = current.set(context)
        try:
            return render(self.template, self._known(context, values))
        except TemplateError as error:
            if isinstance(error.__cause__, HTTPException):
                raise error.__cause__ from None  # there is no such thing, or not at the moment
            raise
        finally:
            current.reset(token)

    def known_to_views(self, context: Context) -> dict[str, object]:
        """Return the names that the template is given where a view renders it, besides those of the view."""
        context.written_in = self.language
        known = {**(self.given.get(context.language) or self.given[self.language])}
        if self.others is not None:
            known["languages"] = self.others.listed(context)
        if self.knows_user:
            known["user"] = context.user
        return known

    def _known(self, context: Context, values: Mapping[str, object]) -> dict[str, object]:
        """Return every name that the template is given for one request."""
        context.written_in = self.language
        given = self.given.get(context.language) or self.given[self.language]
        known = {**self.blank, **processed(self.processors), **given, **values}
        known |= {"request": context.seen, "g": context.g}
        if self.others is not None:
            known["languages"] = self.others.listed(context)
        if self.reads_session:
            known["session"] = MappingProxyType(context.session)
        if self.knows_user:
            known["user"] = context.user
        return known


class Templates:
    """The templates of a site, for as long as it is compiled: pages outlive it."""

    def __init__(  # noqa: PLR0913 # what pages are made of
        self,
        site: Site,
        templates: TemplateSet,
        urls: Urls,
        root: Path,
        prefix: str,
        pages: PageSet,
        filters: Mapping[str, Callable[[object], str]],
        starts: frozenset[str],
        processors: Processors = (),
        data: SiteData | None = None,
    ) -> None:
        self._set = templates
        self._site = site
        self._root = root
        self.prefix = prefix
        self.starts = starts
        """The languages that have a start page."""
        self._pages: dict[Version, Page] = {}
        self.views = PageViews(pages, urls.origin, prefix)
        self.endpoints = tuple((each.name, one.path) for each in urls for one in (each, *each.versions.values()))
        self._sites = {code: _seen(localized(site, code), code) for code in site.site.all_languages}
        environment = templates.environment
        environment.filters.update(filters)
        environment.globals.update(
            site=self._sites[site.site.all_languages[0]], config=site.config, languages=(), url_for=_url_for(urls),
            get_flashed_messages=get_flashed_messages,
        )  # fmt: skip
        self.data = data if data is not None else SiteData({})
        if site.data:
            environment.globals["data"] = self.data
        self.processors = processors
        """The site's own functions that give names to templates."""
        self._cookie = f"{site.session.cookie}="

    def of_route(self, name: str, route: Route, language: str) -> Page:
        """Return the page that a route renders in a language."""
        version = self._set.of_route(name, route, language)
        return self._made(version, is_html=route.text is None)

    def page(self, name: str, language: str) -> Page:
        """Return the page of a template file, in the version of a language."""
        return self._made(self._set.version(name, language))

    def of_form(self, form: Form, language: str) -> Page:
        """Return the page in which a form stands."""
        return self._made(self._set.of_form(form, language))

    def of_login(self, language: str) -> Page:
        """Return the page in which the form to sign in stands."""
        return self._made(self._set.of_login(language))

    def of_message(self, template: str, form: Form, language: str) -> Page:
        """Return the template of a message."""
        return self._made(self._set.of_message(template, form, language))

    def of_text(self, key: KeyPath, text: str | dict[str, str], language: str) -> Page:
        """Return a text of the site file that is a template; it is no HTML."""
        return self._made(self._set.of_text(key, text, language), is_html=False)

    def of_page(self, page: PageFile) -> Page:
        """Return what a written page is put into."""
        return self._made(self._set.of_page(page))

    def find(self, name: str, language: str) -> Page | None:
        """Return the page of a template file, if there is one of this name, in the version of a language."""
        if name not in self._set.texts or name in self._set.places:
            return None
        return self.page(name, language)

    @property
    def environment(self) -> Environment:
        """The environment that all of them are rendered in."""
        return self._set.environment

    def compiled(self, source: str, name: str) -> Template:
        """Return the template of a text that is nowhere in the site file."""
        return self._set.environment.text(source, name)

    def _made(self, version: Version, *, is_html: bool = True) -> Page:
        if version not in self._pages:
            self._pages[version] = self._page(version, self._template(version.template, is_html=is_html))
        return self._pages[version]

    def _template(self, name: str, *, is_html: bool) -> Template:
        environment = self._set.environment
        if name in self._set.places:
            return environment.text(self._set.texts[name], name, escape=is_html)
        return cast("Template", environment.get_template(name))

    def _page(self, version: Version, template: Template) -> Page:
        known = self._set
        sources = tuple(self.data.source(name) for name in sorted(known.datasets(version)))
        several = known.languages.are_several
        return Page(
            version.template,
            template,
            self.prefix,
            known.blank(version),
            known.reasons(version),
            known.is_same_everywhere(version) and not any(source.changes for source in sources),
            known.is_constant(version),
            frozenset(self._root / file for file in (*known.files_of(version), *self._files_of_data(version))),
            version.language,
            self._given(version.language),
            Others(known.languages, self.starts) if several and known.lists_languages(version) else None,
            known.shows_messages(version),
            known.reads_session(version),
            bool(self._site.users) and known.knows_user(version),
            self._cookie,
            self.processors if known.is_given_by_code(version) else (),
            known.runs_code(version),
            sources,
        )

    def _files_of_data(self, version: Version) -> Iterator[str]:
        """Yield the files of the datasets that a page looks at."""
        for name in self._set.datasets(version):
            file = self._site.data[name].file
            if file is not None:
                yield file

    def _given(self, language: str) -> Mapping[str, Mapping[str, object]]:
        """Return what a page in a language is given, by the language of its address."""
        default = next(iter(self._sites.values()))
        site = {"site": self._sites.get(language) or {**default, "language": language}}
        return {code: {**self.views.given(code), **site} for code in dict.fromkeys((*self._sites, language))}


def _seen(site: Site, language: str) -> dict[str, object]:
    """Return `site` in templates: the table in one language."""
    return {**site.site.model_dump(), "language": language, "languages": site.site.all_languages}


def _url_for(urls: Urls) -> Callable[..., str]:
    """Return what templates know as `url_for`."""

    def url_for(endpoint: str, **values: object) -> str:
        """Return an address; what cannot be built prints empty and is logged, as everything undefined is."""
        context = current.get()
        if endpoint == PAGE:
            note("url", str(values.get("path")))
        try:
            return urls.build(endpoint, values, context.prefix, context.origin, context.language)
        except CannotBuild as error:
            context.cannot_build(str(error), *where(), "unknown-variable")
            return ""

    return url_for


def where() -> tuple[str | None, int]:
    """Return the template and the line that are being rendered."""
    frame = rendering()
    if frame is None:
        return None, 1
    template = frame.f_globals["__jinja_template__"]
    return template.name, template.get_corresponding_lineno(frame.f_lineno)
