"""The words of a template: whether it chooses them by the language, and whether it has any at all.

Owns what counts as a word for people. Knows no page, and no other template.
"""

import re
from collections.abc import Collection

from declweb.templating.facts import Facts
from declweb.templating.positions import Spot

_LANGUAGE = r"(?:site|request)\.language"

_SAYS_LANGUAGE = re.compile(
    rf"=\s*[\"']?\s*\{{\{{[-+]?\s*{_LANGUAGE}\s*(?:\|\s*\w+\s*)*[-+]?\}}\}}|{_LANGUAGE}\s*[!=]=\s*{_LANGUAGE}"
)
"""What says which language there is and chooses no words: `lang="{{ site.language }}"`, or whether it is as wanted."""


_READ_BY_PEOPLE = (".html", ".htm", ".txt", ".md")
_UNSAID = re.compile(
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|<(script|style|svg|code|pre)\b.*?</\1\s*>|<[^>]*>",
    re.DOTALL | re.IGNORECASE,
)
"""What of a template is no text for people."""
_SAID = re.compile(r"\b(?:alt|title|placeholder|aria-label)\s*=\s*\"([^\"{]*)\"", re.IGNORECASE)
"""Texts for people in tags."""
_ENTITY = re.compile(r"&#?\w+;")
_WORD = re.compile(r"[^\W\d_]{2,}")


def chooses_words(facts: Facts, text: str) -> bool:
    """Tell whether a template chooses its words by the language."""
    looks = (use for use in facts.uses if use.name in {"site", "request"} and use.path[:1] == ("language",))
    return any(not _says_only(text, use.spot) for use in looks)


def has_words(name: str, text: str, names: Collection[str]) -> bool:
    """Tell whether a template has words for people, besides names that are the same in every language."""
    if not name.endswith(_READ_BY_PEOPLE):
        return False
    said = " ".join(_SAID.findall(text)) + _UNSAID.sub(" ", text)
    return any(word not in names for word in words_in(_ENTITY.sub(" ", said)))


def words_in(text: str) -> list[str]:
    """Return the words of a text."""
    return _WORD.findall(text)


def _says_only(text: str, spot: Spot) -> bool:
    """Tell whether a look at the language chooses nothing by it."""
    line = text.splitlines()[spot.line - 1]
    return any(found.start() < spot.column <= found.end() for found in _SAYS_LANGUAGE.finditer(line))
