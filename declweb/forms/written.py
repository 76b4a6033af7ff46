"""Forms that stand in HTML: their fields, and where each part of them stands.

Owns reading them, from a page or from a template with holes in it. Must not know what is declared.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape

from declweb.templating.markup import HOLE

_ATTRIBUTES = r"(?:[^\"'<>]|\"[^\"]*\"|'[^']*')*+"
_PARTS = re.compile(
    r"<!--.*?(?:-->|\Z)"
    rf"|<(?P<raw>script|style|textarea|title|template)\b(?P<first>{_ATTRIBUTES})>(?P<content>.*?)(?:</(?P=raw)\b|\Z)"
    rf"|<(?P<end>/)?(?P<tag>form|input|select|option|button|fieldset)\b(?P<rest>{_ATTRIBUTES})>",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"(?<![^\s\"'/])(?P<name>[^\s\"'<>/=\0]+)"
    r"(?:\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'=<>`]+)))?"
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute as it is written."""

    name: str
    value: str | None
    """As a browser reads it; None where there is no value."""
    start: int
    end: int

    @property
    def is_known(self) -> bool:
        """Whether its value has no holes."""
        return HOLE not in (self.value or "")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that opens an element."""

    name: str
    attributes: tuple[Attribute, ...]
    start: int
    inner: int
    """Where its attributes end: where another one can be put."""
    end: int
    content: str = ""
    """The text in it, where it holds nothing else."""

    def find(self, name: str) -> Attribute | None:
        """Return an attribute."""
        return next((each for each in self.attributes if each.name == name), None)

    def get(self, name: str) -> str | None:
        """Return the value of an attribute; empty where it has none, None where it is not there."""
        found = self.find(name)
        return None if found is None else found.value or ""


@dataclass(frozen=True, slots=True)
class Control:
    """Something that is filled in, ticked or chosen."""

    tag: Tag
    name: str
    type: str
    """`text`, `checkbox` and so on; `textarea` or `select`."""
    options: list[Tag] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WrittenForm:
    """A form as it stands in HTML."""

    tag: Tag
    controls: list[Control]
    end: int
    """Where it ends, before the tag that closes it."""


def written_forms(text: str) -> Iterator[WrittenForm]:
    """Yield the forms of a text."""
    form: WrittenForm | None = None
    for found in _PARTS.finditer(text):
        name = (found["raw"] or found["tag"] or "").lower()
        if name == "form":
            if form is not None:
                yield WrittenForm(form.tag, form.controls, found.start())
            form = None if found["end"] else WrittenForm(_tag(found, name), [], len(text))
        elif form is not None and name and not found["end"]:
            _add(form.controls, _tag(found, name))
    if form is not None:
        yield form


def _add(controls: list[Control], tag: Tag) -> None:
    if tag.name == "option":
        if controls and controls[-1].type == "select":
            controls[-1].options.append(tag)
        return
    if tag.name in {"input", "select", "textarea"}:
        type_ = (tag.get("type") or "text").lower() if tag.name == "input" else tag.name
        controls.append(Control(tag, tag.get("name") or "", type_))


def _tag(found: re.Match[str], name: str) -> Tag:
    group = "first" if found["raw"] else "rest"
    inner = found.end(group)
    if found[group].endswith("/"):
        inner -= 1
    while inner > found.start(group) and found.string[inner - 1].isspace():
        inner -= 1
    end = found.end(group) + 1
    attributes = tuple(_attributes(found[group], found.start(group)))
    return Tag(name, attributes, found.start(), inner, end, found["content"] or "")


def _attributes(text: str, start: int) -> Iterator[Attribute]:
    for found in _ATTRIBUTE.finditer(text):
        kind = next((kind for kind in ("double", "single", "bare") if found[kind] is not None), None)
        value = None if kind is None else unescape(found[kind])
        yield Attribute(found["name"].lower(), value, start + found.start(), start + found.end())


def option_value(text: str, option: Tag) -> str:
    """Return what an option stands for: its value, else its text."""
    value = option.get("value")
    if value is not None:
        return value
    ends = [at for at in (text.find("<", option.end),) if at >= 0]
    return " ".join(unescape(text[option.end : ends[0] if ends else len(text)]).split())


def is_meant(form: WrittenForm, actions: Sequence[str], *, is_only: bool) -> bool:
    """Tell whether a form sends to one of these addresses; one whose address is open does where it is the only one."""
    if (form.tag.get("method") or "get").lower() == "get":
        return False
    action = form.tag.find("action")
    if action is None or not action.value:
        return True
    if not action.is_known:
        return is_only
    return action.value.partition("?")[0].partition("#")[0] in actions
