"""Pages that were made of data, kept until it changes.

Owns when a page in memory is still the right one. Knows no template, and not how much may be kept: the library of files
does, which it shares.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from declweb.compiler.data import page_number
from declweb.http.library import OVERHEAD
from declweb.http.prepared import Prepared

MOST_PAGES = 20
"""Pages of one list that are kept: the first are asked for the most."""


class Stamped(Protocol):
    """What a page is made of."""

    def stamp(self) -> object:
        """Return what is another one when something has changed."""


class KeptPage:
    """A page in memory; of a list on several pages each of them."""

    __slots__ = ("_made_of", "_pages", "_stamps", "cost", "has_pages")

    def __init__(self, made_of: Sequence[Stamped], *, has_pages: bool) -> None:
        self._made_of = made_of
        self._stamps = [source.stamp() for source in made_of]
        self._pages: dict[int, Prepared] = {}
        self.has_pages = has_pages
        """Whether `?page=2` is another page."""
        self.cost = OVERHEAD

    @property
    def is_fresh(self) -> bool:
        """Whether nothing has changed that it is made of."""
        return all(source.stamp() == stamp for source, stamp in zip(self._made_of, self._stamps, strict=True))

    def now(self, query: str, _environ: Mapping[str, Any]) -> Prepared | None:
        """Return the answer at an address with this query, if it is still the right one."""
        number = _page_of(query) if self.has_pages else 1
        prepared = self._pages.get(number)
        return prepared if prepared is not None and (not self._made_of or self.is_fresh) else None

    def add(self, number: int, prepared: Prepared) -> "KeptPage":
        """Keep one more page of it; return what takes the place of this one, which somebody may be reading."""
        other = KeptPage((), has_pages=self.has_pages)
        other._made_of, other._stamps = self._made_of, self._stamps  # another of its own class
        pages = list(self._pages.items())[-(MOST_PAGES - 1) :]
        other._pages = {**dict(pages), number: prepared}  # as above
        other.cost = sum(2 * len(each.body) + OVERHEAD for each in other._pages.values())  # as above
        return other


def _page_of(query: str) -> int:
    """Return which page a query asks for and nothing else; 0 where it asks for something else, too."""
    if not query:
        return 1
    key, _, number = query.partition("=")
    return (page_number(number) or 0) if key == "page" else 0
