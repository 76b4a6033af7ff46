"""The error page nearest up the tree: a `404.md` beside pages, or a `404.html` beside files, for all below its folder.

Owns the way up. Knows nothing of what a page says, nor of how it is sent.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from declweb.compiler.default_errors import Error
from declweb.compiler.templates import Page
from declweb.context import Context
from declweb.files import Folder, Signature, signature
from declweb.model.texts import fallbacks
from declweb.routing import Languages
from declweb.routing.files import is_hidden

FILE = "404.html"
"""What an error page beside other files is called."""

_DEEPEST = 16
"""Folders on the way up that are looked into."""

_LARGEST = 1024 * 1024
"""Bytes of a file that is a page for people."""


class ErrorPage(Protocol):
    """A page that an author gives for errors."""

    @property
    def name(self) -> str:
        """The file it is made of."""

    @property
    def language(self) -> str | None:
        """The language it is written in; None where that is not known."""

    def sameness(self, context: Context) -> object:
        """Return what tells its body for one status from its other ones; None when that could be anything."""

    def body(self, context: Context, status: int) -> bytes:
        """Return the page; raises what goes wrong."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An error page that is a template."""

    page: Page
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The template."""
        return self.page.name

    @property
    def language(self) -> str | None:
        """The language it is written in."""
        return self.page.language

    def sameness(self, context: Context) -> object:
        """Return what of the request it may look at, unless that is its path or the visitor."""
        is_same = self.page.is_same_everywhere and context.prefix == self.page.prefix
        return (id(self), context.endpoint, context.language) if is_same else None

    def body(self, context: Context, status: int) -> bytes:
        """Return the page; raises a TemplateError."""
        context.editions = {}
        return self.page.render(
            context, {**self.values, "error": Error.of(status, self.page.language, context.told, context.reference)}
        ).encode()


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """An error page that is a whole document among written pages."""

    name: str
    language: str | None
    html: Callable[[str], str]
    """Gives it, with links that lead where they should below a prefix."""

    def sameness(self, context: Context) -> object:
        """Return what it looks at: the prefix alone."""
        return id(self), context.prefix

    def body(self, context: Context, _status: int) -> bytes:
        """Return the document."""
        return self.html(context.prefix).encode()


@dataclass(frozen=True, slots=True)
class AsItIs:
    """An error page that is a file in a folder of files."""

    name: str
    folder: Folder
    signature: Signature
    language: str | None = None

    def sameness(self, _context: Context) -> object:
        """Return which file it is, and in which state."""
        return self.folder.root, self.name, self.signature

    def body(self, _context: Context, _status: int) -> bytes:
        """Return what is in the file; raises OSError."""
        return self.folder.read_bytes(self.name)


@dataclass(frozen=True, slots=True)
class Nearest:
    """The error pages that lie beside what they are for."""

    languages: Languages
    pages: Mapping[str, Mapping[tuple[str, str], ErrorPage]]
    """By the address of the folder as it is in the default language; then by `404` or `4xx`, and language."""
    mounts: Mapping[str, Folder]
    """The folders of files, by the address below which they are served, with a slash at its end."""

    def find(self, status: int, context: Context) -> ErrorPage | None:
        """Return the page for a status that lies nearest to what was asked for."""
        names = [
            (name, language)
            for language in fallbacks(context.language, self.languages.default)
            for name in names_of(status)
        ]
        start = self.languages.address("/", context.language)
        for address in _upwards(context.path):
            beside = self.pages.get(address[len(start) - 1 :], {}) if address.startswith(start) else {}
            page = next((beside[name] for name in names if name in beside), None)
            if page is None and status == HTTPStatus.NOT_FOUND:
                page = self._file(address)
            if page is not None:
                return page
        return None

    def _file(self, address: str) -> ErrorPage | None:
        for base, folder in self.mounts.items():
            if address.startswith(base):
                name = address[len(base) :] + FILE
                status = None if is_hidden(name) else folder.stat(name)
                if status is not None and status.st_size <= _LARGEST:
                    return AsItIs(name, folder, signature(status))
        return None


def names_of(status: int) -> tuple[str, str]:
    """Return what the pages for a status are called: `404` and `4xx`."""
    return str(status), f"{status // 100}xx"


def _upwards(path: str) -> Iterator[str]:
    """Yield the addresses of the folders that a path lies in, the nearest first."""
    parts = path.split("/")[1:-1][:_DEEPEST]
    while parts:
        yield f"/{'/'.join(parts)}/"
        parts.pop()
    yield "/"
