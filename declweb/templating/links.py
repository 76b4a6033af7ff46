"""Links that are written out in the HTML of a template.

Owns reading `href`, `src` and `action` out of markup that is interrupted by expressions. Must not know what links lead
to.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape

from declweb.templating.positions import Token

HOLE = "\0"
"""Stands for each character of what is not literal."""
_INSIDE = r"(?:[^\"'<>]|\"[^\"]*\"|'[^']*')*+"
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)"
    rf"|<(?P<raw>script|style|textarea|title)\b(?P<first>{_INSIDE})>.*?(?:</(?P=raw)\b|\Z)"
    rf"|<(?P<tag>[a-z][^\s/<>]*)(?P<rest>{_INSIDE})>",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"(?<![^\s\"'/])(?P<name>[^\s\"'<>/=]+)\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'=<>`]+))"
)
_LINKS = frozenset({"href", "src", "action"})


@dataclass(frozen=True, slots=True)
class Link:
    """One attribute of a tag that leads somewhere, with a value without expressions."""

    tag: str
    attribute: str
    value: str
    """As a browser reads it: `&amp;` is `&`."""
    line: int
    column: int
    """Where the value begins; both count from 1."""


def links(tokens: Iterable[Token], source: str) -> Iterator[Link]:
    """Return the links of a template from its tokens and its normalized source."""
    text = list(HOLE * len(source))
    for token in tokens:
        if token.kind == "data":
            text[token.start : token.start + len(token.text)] = token.text
    literal = "".join(text)
    for markup in _MARKUP.finditer(literal):
        group = "first" if markup["raw"] else "rest"
        for attribute in _ATTRIBUTE.finditer(markup[group] or ""):
            found = _link(source, markup, group, attribute)
            if found is not None:
                yield found


def _link(source: str, markup: re.Match[str], group: str, attribute: re.Match[str]) -> Link | None:
    name = attribute["name"].lower()
    kind = next(kind for kind in ("double", "single", "bare") if attribute[kind] is not None)
    value = attribute[kind]
    if name not in _LINKS or HOLE in value:
        return None
    start = markup.start(group) + attribute.start(kind)
    before = source[:start]
    tag = (markup["raw"] or markup["tag"]).lower()
    return Link(tag, name, unescape(value).strip(), before.count("\n") + 1, start - before.rfind("\n"))
