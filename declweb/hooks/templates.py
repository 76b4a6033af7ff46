"""Templates that views render.

Owns what a view says of a template. What the template is given besides is the site's business.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from declweb.hooks.current import context_of
from declweb.hooks.streams import stream_with_context

Names = str | Sequence[str]
"""The name of a template, or several of which the first that there is counts."""


def _templates() -> Any:
    context = context_of("current_app", needs_request=False)
    return context.app.code.templates, context


def render_template(template_name_or_list: Names, **context: Any) -> str:
    """Return what a template gives with these names."""
    templates, here = _templates()
    rendered: str = templates.render(templates.find(template_name_or_list, here), here, context)
    return rendered


def render_template_string(source: str, **context: Any) -> str:
    """Return what the text of a template gives with these names; it is compiled once."""
    templates, here = _templates()
    rendered: str = templates.render(templates.of_text(source), here, context)
    return rendered


def stream_template(template_name_or_list: Names, **context: Any) -> Iterator[str]:
    """Return what a template gives with these names, part by part while it is sent."""
    templates, here = _templates()
    parts: Iterator[str] = stream_with_context(
        templates.stream(templates.find(template_name_or_list, here), here, context)
    )
    return parts


def stream_template_string(source: str, **context: Any) -> Iterator[str]:
    """Return what the text of a template gives with these names, part by part while it is sent."""
    templates, here = _templates()
    parts: Iterator[str] = stream_with_context(templates.stream(templates.of_text(source), here, context))
    return parts
