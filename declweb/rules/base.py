"""What every rule is given, and how it says that something is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from declweb.files import Folder
from declweb.model import Site
from declweb.problems import Place, Problem
from declweb.sitefile import Document, KeyPath
from declweb.validation import Draft


@dataclass(frozen=True)
class Subject:
    """The site that is looked at."""

    draft: Draft
    document: Document

    @property
    def site(self) -> Site:
        """As much of the site as is right."""
        return self.draft.site

    @cached_property
    def folder(self) -> Folder:
        """The site folder."""
        return Folder(self.document.folder)

    def shown(self, name: str) -> str:
        """Return a file of the site folder as problems name it."""
        base, slash, _ = self.document.file.rpartition("/")
        return f"{base}{slash}{name}"

    def problem(self, code: str, message: str, path: KeyPath, *, word: str = "", help: str | None = None) -> Problem:  # noqa: A002
        """Return a problem at the value of a key, or at a word in it."""
        return Problem(code, message, narrowed(self.document.place(path), word), help=help)


Rule = Callable[[Subject], Iterator[Problem]]


def narrowed(place: Place, word: str) -> Place:
    """Return the place of a word within a place, or the place itself where the word is not in it."""
    if not word or place.text is None or place.column is None or place.end_column is None:
        return place
    found = place.text.find(word, place.column - 1, place.end_column - 1)
    if found < 0:
        return place
    return replace(place, column=found + 1, end_column=found + 1 + len(word))
