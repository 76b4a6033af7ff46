"""What a notation of redirects is asked.

Owns the border between how a line is written and what it means. Knows no notation in particular.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence

from declweb.model.urls import PLAIN
from declweb.redirect_files.words import Row, Wrong

REWRITE = 200


REDIRECTS: tuple[int, ...] = (301, 302, 303, 307, 308)


Complain = Callable[[int, Wrong], None]


Start = Callable[[Sequence[str], Complain], "Notation"]
"""Looks at the lines of a file and says how they are written."""


class Notation(ABC):
    """How the lines of a file are written; addresses as in the site file, unless a notation has its own."""

    top = 0
    """Lines at the top that are no rows."""
    statuses = REDIRECTS
    keeps_host = False
    """Whether a host in front of an old address is a condition."""

    @abstractmethod
    def plain(self, line: str) -> tuple[str, str] | None:
        """Return source and target of a line that says nothing else, and neither in any special way."""

    @abstractmethod
    def cut(self, line: str) -> Row | None:
        """Return what a line says, if anything."""

    def source(self, path: str) -> str:
        """Return an old address as the site file writes it."""
        return path

    def parameter(self, value: str) -> str:
        """Return the value of a query parameter as the site file writes it."""
        return value

    def target(self, target: str, known: Collection[str]) -> str:  # noqa: ARG002 - Netlify's needs them
        """Return a target as the site file writes it; `known` are the variables of the old address."""
        return target


def is_plain(source: str, target: str) -> bool:
    """Tell whether two addresses are right, and mean the same in every notation."""
    if PLAIN.fullmatch(source) is None or PLAIN.fullmatch(target) is None:
        return False
    both = f"{source} {target}"
    return "//" not in both and "/." not in both


def is_address(text: str) -> bool:
    """Tell whether a text begins as an address does."""
    return text.startswith("/") or text[:8].lower().startswith(("http://", "https://"))
