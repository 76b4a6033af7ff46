"""What answers at the addresses of written pages, and of the files beside them.

Owns how they are sent. Knows neither how a page came about, nor what is remembered of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from werkzeug.exceptions import NotFound

from declweb.app import Finisher
from declweb.compiler.kept_pages import Shelf, one_page
from declweb.compiler.languages import Edition, in_languages
from declweb.compiler.routes import File
from declweb.compiler.templates import Page
from declweb.context import Context
from declweb.http.answer import Answer, Headers, status_line
from declweb.http.prepared import Prepared


@dataclass(frozen=True, slots=True, eq=False)
class BesidePages(File):
    """A picture or the like that lies beside pages."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not made before the first request."""
        return ("is read from disk",)

    def respond(self, context: Context) -> Answer:
        """Answer one request; the file may be gone by now."""
        if self.folder.stat(self.file) is None:
            raise NotFound
        return File.respond(self, context)


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A written page in its template, or a whole document."""

    name: str
    place: str
    page: Page | None
    shelf: Shelf
    values: Mapping[str, object]
    document: Callable[[str], bytes]
    """Gives the page without a template, below a prefix."""
    ready: bytes
    """As it is below the usual prefix."""
    headers: Headers
    finisher: Finisher
    files: frozenset[Path]
    reasons: tuple[str, ...]
    """Why it cannot be made before the first request."""
    edition: Edition | None
    """What there is of it in other languages, where the site has several."""

    @property
    def is_original(self) -> bool:
        """Whether it is written in the language of its address."""
        return self.edition is None or self.edition.is_original

    def respond(self, context: Context) -> Answer:
        """Answer one request."""
        context.endpoint, context.place = self.name, self.place
        page = self.page
        if page is not None and page.changing and not page.reasons and page.is_shared_by(context):
            return self.shelf.answer(
                context,
                page.changing,
                one_page,
                lambda: self._prepared(context.path, context.prefix, self._body(context)),
            )
        body = self._body(context)
        described = in_languages(self.edition, self.headers, context.path, context.prefix)
        headers = [*described, ("Content-Length", str(len(body)))]
        return status_line(200), self.finisher(context.path)(200, context.is_secure, headers), [body]

    def _body(self, context: Context) -> bytes:
        if self.edition is not None:
            context.editions = self.edition.written_in
        return self.page.render(context, self.values).encode() if self.page else self.document(context.prefix)

    def prepare(self, path: str, prefix: str) -> Prepared:
        """Return the answer at its address, made before the first request."""
        return self._prepared(path, prefix, self.ready)

    def _prepared(self, path: str, prefix: str, body: bytes) -> Prepared:
        made_of = self.files | self.page.made_of if self.page else self.files
        headers = in_languages(self.edition, self.headers, path, prefix)
        unless = self.page.unless if self.page else None
        return Prepared(body, headers, finish=self.finisher(path), made_of=made_of, lazy=True, unless=unless)
