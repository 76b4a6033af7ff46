"""Links that are written out in the HTML of a template.

Owns which attributes are links: `href`, `src` and `action`. Must not know what links lead to.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape

from declweb.templating.markup import HOLE, literal, spot_at, tags
from declweb.templating.positions import Token

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
    for tag in tags(literal(tokens, source)):
        for attribute in tag.attributes:
            if attribute.name in _LINKS and HOLE not in attribute.value:
                line, column = spot_at(source, attribute.start)
                yield Link(tag.name, attribute.name, unescape(attribute.value).strip(), line, column)
