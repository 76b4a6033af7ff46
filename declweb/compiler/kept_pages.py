"""Pages that are made when they are asked for, and kept until something changes that they are made of.

Owns when a page in memory is still the right one. Knows no template, and not how much may be kept: the library of files
does, which it shares.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from declweb.compiler.data import page_number
from declweb.context import Context
from declweb.http.answer import Answer
from declweb.http.library import OVERHEAD, Library
from declweb.http.paths import as_path_info
from declweb.http.prepared import Prepared

MOST_PAGES = 20
"""Pages of one list that are kept: the first are asked for the most."""


class Stamped(Protocol):
    """What a page is made of."""

    def stamp(self) -> object:
        """Return what is another one when something has changed."""


Numbering = Callable[[str], int]
"""Tells which page of an address a query asks for; 0 where it asks for one that is not kept."""


def one_page(_query: str) -> int:
    """Return the number of the only page that there is, whatever the query says."""
    return 1


def page_of_list(query: str) -> int:
    """Return the number of the page that `page=2` asks for, and nothing else."""
    if not query:
        return 1
    key, _, number = query.partition("=")
    return (page_number(number) or 0) if key == "page" else 0


def page_without_query(query: str) -> int:
    """Return the number of a page that looks at the query: it is kept for those who ask without one."""
    return 0 if query else 1


class KeptPage:
    """A page in memory; of a list on several pages each of them."""

    __slots__ = ("_made_of", "_numbering", "_pages", "_stamps", "cost")

    def __init__(self, made_of: Sequence[Stamped], numbering: Numbering) -> None:
        self._made_of = made_of
        self._stamps = [source.stamp() for source in made_of]
        self._pages: dict[int, Prepared] = {}
        self._numbering = numbering
        self.cost = OVERHEAD

    @property
    def is_fresh(self) -> bool:
        """Whether nothing has changed that it is made of."""
        return all(source.stamp() == stamp for source, stamp in zip(self._made_of, self._stamps, strict=True))

    def now(self, query: str, _environ: Mapping[str, Any]) -> Prepared | None:
        """Return the answer at an address with this query, if it is still the right one."""
        prepared = self._pages.get(self._numbering(query))
        return prepared if prepared is not None and (not self._made_of or self.is_fresh) else None

    def add(self, number: int, prepared: Prepared) -> "KeptPage":
        """Keep one more page of it; return what takes the place of this one, which somebody may be reading."""
        other = KeptPage((), self._numbering)
        other._made_of, other._stamps = self._made_of, self._stamps  # another of its own class
        pages = list(self._pages.items())[-(MOST_PAGES - 1) :]
        other._pages = {**dict(pages), number: prepared}  # as above
        other.cost = sum(2 * len(each.body) + OVERHEAD for each in other._pages.values())  # as above
        return other


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where pages are kept."""

    library: Library
    is_late: Callable[[str], bool]
    """Tells whether something else is asked before a path is answered."""

    def answer(
        self, context: Context, made_of: Sequence[Stamped], numbering: Numbering, make: Callable[[], Prepared]
    ) -> Answer:
        """Answer with the page in memory, where it is still the right one; else make it, and keep it."""
        key, query = as_path_info(context.path), context.environ.get("QUERY_STRING", "")
        before = self.library.find(key)
        prepared = before.now(query, context.environ) if isinstance(before, KeptPage) else None
        if prepared is None:
            kept = KeptPage(made_of, numbering)  # what it is made of is looked at before it is made
            prepared = make()
            if number := numbering(query):
                whole = before if isinstance(before, KeptPage) and before.is_fresh else kept
                self.library.remember(key, whole.add(number, prepared), is_public=not self.is_late(context.path))
        return prepared.answer(context.fields, secure=context.is_secure, head=context.method == "HEAD")
