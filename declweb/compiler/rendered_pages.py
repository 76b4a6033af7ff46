"""What is remembered of rendered pages: one is rendered again only when something that it was made of has changed.

Owns the memory from one version of a site to the next. Must not know which addresses there are, nor how a page is
rendered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from declweb.compiler.page_notes import Asked
from declweb.memory import Memory

MOST_SITES = 8
"""Of how many sites, each in one environment, rendered pages are remembered."""


@dataclass(frozen=True, slots=True)
class _Rendered:
    """A page as it was rendered."""

    made_by: bytes
    """Stands for the template and all that it was given besides pages."""
    asked: frozenset[Asked]
    """What the template asked."""
    body: bytes


@dataclass(frozen=True, slots=True)
class _Version:
    """What is remembered of one version of a site for the next."""

    bodies: Mapping[str, _Rendered]
    """By address."""
    answers: Mapping[Asked, object]
    """To all that was asked."""


_remembered: Memory[object, _Version] = Memory(MOST_SITES)


Answer = Callable[[Asked], object]
"""Says what is the answer to something that templates ask, now."""


class RenderedPages:
    """The rendered pages of a site, and those of its version before.

    `key` is the same for all versions of a site in one environment.
    """

    def __init__(self, key: object) -> None:
        self._key = key
        self._before = _remembered.get(key, _Version({}, {}))
        self._answers: dict[Asked, object] = {}
        self._changed: frozenset[Asked] | None = None
        self._bodies: dict[str, _Rendered] = {}

    def is_fresh(self, address: str, made_by: bytes, answer: Answer) -> bool:
        """Tell whether a page was rendered before as it would be now; if so, it is kept."""
        before = self._before.bodies.get(address)
        if before is None or before.made_by != made_by or not self._what_changed(answer).isdisjoint(before.asked):
            return False
        self._bodies[address] = before
        return True

    def keep(self, address: str, made_by: bytes, body: bytes, asked: set[Asked]) -> None:
        """Keep what was rendered."""
        self._bodies[address] = _Rendered(made_by, frozenset(asked), body)

    def body(self, address: str) -> bytes | None:
        """Return what was rendered for an address, now or before."""
        found = self._bodies.get(address)
        return None if found is None else found.body

    def remember(self, answer: Answer) -> None:
        """Remember what was rendered for the next version of the site."""
        asked = set().union(*(rendered.asked for rendered in self._bodies.values()))
        _remembered.keep(self._key, _Version(self._bodies, {each: self._now(each, answer) for each in asked}))

    def _what_changed(self, answer: Answer) -> frozenset[Asked]:
        """Return what was asked of the version before and has another answer now."""
        if self._changed is None:
            before = self._before.answers.items()
            self._changed = frozenset(asked for asked, told in before if self._now(asked, answer) != told)
        return self._changed

    def _now(self, asked: Asked, answer: Answer) -> object:
        if asked not in self._answers:
            self._answers[asked] = answer(asked)
        return self._answers[asked]
