"""Elements of HTML, written so that nothing in them can be read as markup that is not.

Owns how tags and attributes are written. Knows no form.
"""

from collections.abc import Mapping

from markupsafe import Markup, escape

Attributes = dict[str, str | bool | None]
"""Attributes in their order: True stands there without a value; False and None do not stand there at all."""


def opening(tag: str, attributes: Mapping[str, str | bool | None]) -> Markup:
    """Return the tag that opens an element, or is all of it."""
    written = "".join(_attribute(name, value) for name, value in attributes.items())
    return Markup(f"<{tag}{written}>")  # noqa: S704 # every value was escaped


def element(tag: str, attributes: Mapping[str, str | bool | None], inner: str) -> Markup:
    """Return an element; what is inside is escaped unless it is Markup."""
    return opening(tag, attributes) + escape(inner) + Markup(f"</{tag}>")  # noqa: S704 # a name of ours


def _attribute(name: str, value: str | bool | None) -> str:  # noqa: FBT001 # as HTML has it
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(value)}"'
