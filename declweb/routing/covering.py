"""Which path patterns an address falls under, however it is spelled.

Owns what counts as the same address where nobody may slip through by another spelling: capitals, doubled slashes, a
slash at the end, `.html`, the index of a folder, a compressed copy beside a file, and the path of another language.
Rather too much falls under a pattern than too little. Knows nothing of what the patterns are for.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Generic, TypeVar

from declweb.http.encodings import ENDINGS
from declweb.http.paths import pattern
from declweb.routing.languages import Languages
from declweb.routing.matching import merged

Rule = TypeVar("Rule")

PAGE_ENDINGS = (".html", ".htm")
INDEX = "index.html"
"""What the file is called that a folder's address stands for, unless a site says otherwise."""


class Covering(Generic[Rule]):
    """Rules by path pattern."""

    def __init__(
        self, rules: Iterable[tuple[str, Rule]], languages: Languages, indexes: Iterable[str] = (INDEX,)
    ) -> None:
        self._rules = tuple((pattern(_plain(written)), rule) for written, rule in rules)
        self._codes = tuple(f"/{code.casefold()}/" for code in languages.codes[1:])
        self._indexes = tuple(dict.fromkeys((INDEX, *(name.casefold() for name in indexes))))
        self.of = lru_cache(maxsize=4096)(self._of)
        """Return the rules that a decoded path falls under, in their order, each once."""

    def __bool__(self) -> bool:
        return bool(self._rules)

    def _of(self, path: str) -> tuple[Rule, ...]:
        spellings = frozenset(self._spellings(_plain(path)))
        covering = (rule for expression, rule in self._rules if any(map(expression.fullmatch, spellings)))
        return tuple(dict.fromkeys(covering))

    def _spellings(self, path: str) -> Iterator[str]:
        """Yield every address that may be the same as this one."""
        path = merged(path)
        yield path
        for code in self._codes:
            if f"{path}/".startswith(code):
                yield from self._spelled(path[len(code) - 1 :] or "/")
        yield from self._spelled(path)

    def _spelled(self, path: str) -> Iterator[str]:
        ending = next((ending for ending in ENDINGS.values() if path.endswith(ending)), "")
        for each in {path, path.removesuffix(ending)}:
            bare = each.rstrip("/")
            stems = {bare, *(bare.removesuffix(f"/{index}") for index in self._indexes)}
            stems |= {stem.removesuffix(page) for stem in tuple(stems) for page in PAGE_ENDINGS}
            for stem in stems:
                yield from (stem or "/", f"{stem}/")
                yield from (f"{stem}{page}" for page in PAGE_ENDINGS)
                yield from (f"{stem}/{index}" for index in self._indexes)


def _plain(path: str) -> str:
    """Return a path without what some file systems make nothing of: capitals, and how an accent is put together."""
    return path.casefold() if path.isascii() else unicodedata.normalize("NFC", path).casefold()
