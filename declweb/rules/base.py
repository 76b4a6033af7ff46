"""What every rule is given, and how it says that something is wrong.

Owns what rules may look at, and what is worked out for all of them once. Knows no rule.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from typing import TypeVar
from urllib.parse import urlsplit

from werkzeug.routing import BaseConverter

from declweb.files import Folder
from declweb.hook_modules import Modules
from declweb.model import Site
from declweb.model.redirects import RedirectValue
from declweb.problems import Place, Problem
from declweb.redirect_files import RedirectFiles
from declweb.routing import converter_classes
from declweb.sitefile import Document, KeyPath
from declweb.templating.positions import Spot
from declweb.validation import Draft

Made = TypeVar("Made")


@dataclass(frozen=True)
class Subject:
    """The site that is looked at."""

    draft: Draft
    document: Document
    moved: RedirectFiles | None = None
    """What the files named in `redirects_from` say."""
    former: Mapping[str, tuple[str, Place]] = field(default_factory=dict)
    """Former addresses that pages say they had: where each leads, and where it is written."""
    is_development: bool = False
    """Whether drafts, and pages of days to come, are shown."""
    modules: Modules | None = None
    """The site's own Python; None where it is not to be looked at."""
    _made: dict[object, object] = field(default_factory=dict, repr=False, compare=False)

    @property
    def site(self) -> Site:
        """As much of the site as is right."""
        return self.draft.site

    @cached_property
    def redirects(self) -> Mapping[str, RedirectValue]:
        """The redirects of the site file, of the files it names and of pages; the site file's own come first."""
        if self.moved is None and not self.former:
            return self.site.redirects
        former = {source: to for source, (to, _) in self.former.items()}
        return {**former, **(self.moved.redirects if self.moved else {}), **self.site.redirects}

    @cached_property
    def classes(self) -> Mapping[str, type[BaseConverter]]:
        """Every converter that a path of the site may name, those written in Python among them."""
        if not self.site.hooks.converters:
            return converter_classes(self.site.converters)
        from declweb.rules.hooks import code  # noqa: PLC0415 # it looks at subjects, and few sites need it

        return {**converter_classes(self.site.converters), **code(self).converters}

    @cached_property
    def folder(self) -> Folder:
        """The site folder."""
        return Folder(self.document.folder)

    @cached_property
    def prefix(self) -> str:
        """The path below which the site is mounted, without a slash at its end."""
        if self.site.server.prefix is not None:
            return self.site.server.prefix.rstrip("/")
        return urlsplit(self.site.site.url).path.rstrip("/") if self.site.site.url else ""

    def memo(self, make: "Callable[[Subject], Made]") -> "Made":
        """Return what is made of the subject, made once."""
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]  # type: ignore[return-value] # what was made by it

    def forget(self) -> None:
        """Let go of what was made of the subject, which refers to it: both can then be freed at once."""
        self._made.clear()

    def shown(self, name: str) -> str:
        """Return a file of the site folder as problems name it."""
        base, slash, _ = self.document.file.rpartition("/")
        return f"{base}{slash}{name}"

    def place(self, path: KeyPath) -> Place:
        """Return where the value of a key stands, a redirect of another file among them."""
        return self._moved_place(path) or self.document.place(path)

    def key_place(self, path: KeyPath) -> Place:
        """Return where a key stands, a redirect of another file among them."""
        return self._moved_place(path) or self.document.key_place(path)

    def _moved_place(self, path: KeyPath) -> Place | None:
        if path[:1] != ("redirects",) or len(path) < 2 or path[1] in self.site.redirects:
            return None
        source = str(path[1])
        place = self.moved.place(source) if self.moved else None
        return place or (self.former[source][1] if source in self.former else None)

    def problem(self, code: str, message: str, path: KeyPath, *, word: str = "", help: str | None = None) -> Problem:  # noqa: A002 # a problem's own word
        """Return a problem at the value of a key, or at a word in it."""
        return Problem(code, message, narrowed(self.place(path), word), help=help)


Rule = Callable[[Subject], Iterator[Problem]]


def made_once(make: Callable[[Subject], Made]) -> Callable[[Subject], Made]:
    """Return what makes something of a subject once: all that look at the same subject are given the same."""

    @wraps(make)
    def made(subject: Subject) -> Made:
        return subject.memo(make)

    return made


def within(place: Place, text: str, spot: Spot) -> Place:
    """Return the place of a line of a text in the site file; the value as a whole where it has one line only."""
    if place.text is None or place.line is None or place.column is None:
        return place
    quote = place.text[place.column - 1 : place.column + 2]
    if quote not in {'"""', "'''"}:
        return place
    starts_below = place.text[place.column + 2 :].strip() == ""
    line = text.split("\n")[spot.line - 1] if spot.line <= text.count("\n") + 1 else ""
    if spot.line == 1 and not starts_below:
        return place
    return Place(place.file, place.line + spot.line - (not starts_below), spot.column, len(line) + 1, line)


def narrowed(place: Place, word: str) -> Place:
    """Return the place of a word within a place, or the place itself where the word is not in it.

    Where several texts have the word in them, the one that says nothing else is meant.
    """
    if not word or place.text is None or place.column is None or place.end_column is None:
        return place
    stretch = place.text[: place.end_column - 1]
    alone = (stretch.find(f"{quote}{word}{quote}", place.column - 1) for quote in "\"'")
    found = next((start + 1 for start in alone if start >= 0), stretch.find(word, place.column - 1))
    if found < 0:
        return place
    return replace(place, column=found + 1, end_column=found + 1 + len(word))
