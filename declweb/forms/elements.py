"""Elements of HTML, written so that nothing in them can be read as markup that is not.

Owns how tags and attributes are written. Knows no form.
"""

import re
from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape

Attributes = dict[str, str | bool | None]
"""Attributes in their order: True stands there without a value; False and None do not stand there at all."""


_SIGNS = re.compile("[&<>\"']")


def opening(tag: str, attributes: Mapping[str, str | bool | None]) -> Markup:
    """Return the tag that opens an element, or is all of it."""
    return Markup(_opening(tag, attributes))  # noqa: S704 # every value was escaped


def element(tag: str, attributes: Mapping[str, str | bool | None], inner: str) -> Markup:
    """Return an element; what is inside is escaped unless it is Markup."""
    parts = (_opening(tag, attributes), _escaped(inner), f"</{tag}>")
    return Markup("".join(parts))  # noqa: S704 # all of it was escaped


def joined(parts: Iterable[Markup]) -> Markup:
    """Return parts one after the other."""
    return Markup("".join(parts))  # noqa: S704 # each of them is markup


def _opening(tag: str, attributes: Mapping[str, str | bool | None]) -> str:
    written = [
        f" {name}" if value is True else f' {name}="{_escaped(value)}"'
        for name, value in attributes.items()
        if value is not None and value is not False
    ]
    return f"<{tag}{''.join(written)}>"


def _escaped(text: str) -> str:
    """Return a text as markup; most have nothing to escape, and a form may have thousands of them."""
    return text if isinstance(text, Markup) or not _SIGNS.search(text) else escape(text)
