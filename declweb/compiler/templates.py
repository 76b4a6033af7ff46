"""`[templates]`: the site's templates, ready to be rendered.

Owns what a template is given. Knows no route but by the keys that name its template. What a template says, and whether
it depends on the visitor, is known from its syntax tree.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from declweb.context import Context, current
from declweb.model import Route, Site
from declweb.routing import CannotBuild, Urls
from declweb.rules.templates import TemplateSet
from declweb.sitefile import KeyPath
from declweb.templating.environment import Template, render
from declweb.templating.undefined import rendering


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
    made_of: frozenset[Path]

    def render(self, context: Context, values: Mapping[str, object]) -> str:
        """Return what the template gives for one request; raises a TemplateError."""
        token = current.set(context)
        try:
            return render(self.template, {**self.blank, **values, "request": context.seen, "g": context.g})
        finally:
            current.reset(token)


class Templates:
    """The templates of a site, for as long as it is compiled: pages outlive it."""

    def __init__(self, site: Site, templates: TemplateSet, urls: Urls, root: Path, prefix: str) -> None:
        self._set = templates
        self._root = root
        self._prefix = prefix
        self._pages: dict[str, Page] = {}
        environment = templates.environment
        environment.globals.update(site=site.site.model_dump(), config=site.config, url_for=_url_for(urls))

    def of_route(self, name: str, route: Route) -> Page:
        """Return the page that a route renders."""
        if route.template is not None:
            return self.page(route.template)
        key = "text" if route.text is not None else "html"
        return self._inline(("routes", name, key), is_html=key == "html")

    def page(self, name: str) -> Page:
        """Return the page of a template file."""
        if name not in self._pages:
            self._pages[name] = self._page(name)
        return self._pages[name]

    def _inline(self, key: KeyPath, *, is_html: bool) -> Page:
        """Return the page of a text or a piece of HTML in the site file."""
        name = self._set.name_of(key)
        if name not in self._pages:
            template = self._set.environment.text(self._set.texts[name], name, escape=is_html)
            self._pages[name] = self._page(name, template)
        return self._pages[name]

    def _page(self, name: str, template: Template | None = None) -> Page:
        known = self._set
        return Page(
            name,
            template or cast("Template", known.environment.get_template(name)),
            self._prefix,
            known.blank(name),
            known.reasons(name),
            known.is_same_everywhere(name),
            frozenset(self._root / file for file in known.files_of(name)),
        )


def _url_for(urls: Urls) -> Callable[..., str]:
    """Return what templates know as `url_for`."""

    def url_for(endpoint: str, **values: object) -> str:
        """Return an address; what cannot be built prints empty and is logged, as everything undefined is."""
        context = current.get()
        try:
            return urls.build(endpoint, values, context.prefix, context.origin)
        except CannotBuild as error:
            context.cannot_build(str(error), *_where())
            return ""

    return url_for


def _where() -> tuple[str | None, int]:
    """Return the template and the line that are being rendered."""
    frame = rendering()
    if frame is None:
        return None, 1
    template = frame.f_globals["__jinja_template__"]
    return template.name, template.get_corresponding_lineno(frame.f_lineno)
