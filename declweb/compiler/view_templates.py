"""Templates that the site's own Python renders.

Owns what they are given: what Flask gives them, what every template of a site is given, and last what the view says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2.exceptions import TemplateNotFound, TemplatesNotFound

from declweb.compiler.templates import Page, Processors, Templates, processed
from declweb.context import Context, current
from declweb.hooks.view_request import request_of
from declweb.memory import Memory
from declweb.templating.budget import Budget, Meter
from declweb.templating.environment import Environment, Template, render
from declweb.templating.runtime import METER

MOST = 500
"""Templates of texts that are kept compiled."""
TEXT = "template text"
"""What messages call the template of a text."""
SLOWLY = Budget(seconds=3600)
"""What a template may use up that is sent while it is rendered: the reader may be slow, and the data, too."""


class Session(Mapping[str, Any]):
    """`session` in templates of views: read from the cookie once a template looks at it."""

    __slots__ = ("_context",)

    def __init__(self, context: Context) -> None:
        self._context = context

    def __getitem__(self, name: str) -> Any:
        return self._context.session[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._context.session)

    def __len__(self) -> int:
        return len(self._context.session)


@dataclass(frozen=True, slots=True, eq=False)
class ViewTemplates:
    """The templates of a site as views render them."""

    templates: Templates
    processors: Processors
    texts: Memory[str, Template] = field(default_factory=lambda: Memory(MOST))

    @property
    def environment(self) -> Environment:
        """Jinja's environment."""
        return self.templates.environment

    def find(self, names: Any, context: Context) -> Page:
        """Return the first template of these names that there is; raises jinja2's TemplateNotFound."""
        wanted = [names] if isinstance(names, str) else list(names)
        for name in wanted:
            if (page := self.templates.find(name, context.language)) is not None:
                return page
        raise TemplateNotFound(wanted[0]) if len(wanted) == 1 else TemplatesNotFound(wanted)

    def of_text(self, source: str) -> Template:
        """Return the template of a text; one that was compiled before is not compiled again."""
        known = self.texts.get(source)
        return self.texts.keep(source, self.templates.compiled(source, TEXT)) if known is None else known

    def render(self, found: Page | Template, context: Context, values: Mapping[str, Any]) -> str:
        """Return what a template gives."""
        token = current.set(context)
        try:
            return render(_template(found), self._known(found, context, values))
        finally:
            current.reset(token)

    def stream(self, found: Page | Template, context: Context, values: Mapping[str, Any]) -> Iterator[str]:
        """Yield what a template gives."""
        template = _template(found)
        names = {**self._known(found, context, values), METER: Meter(SLOWLY)}
        return template.root_render_func(template.new_context(names))

    def _known(self, found: Page | Template, context: Context, values: Mapping[str, Any]) -> dict[str, Any]:
        has_request = context.code is None or context.code.has_request
        known = found.known_to_views(context) if isinstance(found, Page) else {}
        known["g"] = context.g
        if has_request:
            known["request"] = request_of(context)
            known["session"] = Session(context)
        if self.processors:
            known.update(processed(self.processors))
        known.update(values)
        return known


def _template(found: Page | Template) -> Template:
    return found.template if isinstance(found, Page) else found
