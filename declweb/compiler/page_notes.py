"""What a template asked of the written pages while it was rendered.

Owns the notes: a page that was rendered needs to be rendered again only when something of that has changed. What it is
told of the visitor of the moment, where the site stands, is not noted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from declweb.context import current

Asked = tuple[str, ...]
"""One thing that a template asked."""

_notes: ContextVar[set[Asked] | None] = ContextVar("declweb.pages.notes", default=None)


@contextmanager
def noting() -> Iterator[set[Asked]]:
    """Collect in the set what is asked of pages meanwhile."""
    notes: set[Asked] = set()
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)


def note(*asked: str) -> None:
    """Note that something was asked, if anybody wants to know."""
    notes = _notes.get()
    if notes is not None:
        notes.add(asked)


def current_prefix() -> str:
    """Return what stands before every address of the site, as the visitor of the moment comes."""
    context = current.get(None)
    return context.prefix if context else ""
