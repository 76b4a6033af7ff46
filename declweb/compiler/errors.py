"""`[errors]`: what visitors see when something goes wrong.

Owns the choice of the page, of its form and of its language: HTML for people, problem+json (RFC 9457) or plain text for
programs. The nearest page up the tree comes first, then the one that `[errors]` names, then the default page; a page
that fails itself is replaced by the default one. Bodies that many visitors share are made once.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from declweb.app import Finisher
from declweb.compiler import default_errors
from declweb.compiler.building import Building
from declweb.compiler.default_errors import POLICY, STATUSES, Error, Host
from declweb.compiler.nearest import Document, Drawn, ErrorPage, Nearest, names_of
from declweb.compiler.pages import WrittenPages
from declweb.compiler.programs import Programs
from declweb.compiler.static import mount_folder
from declweb.compiler.templates import Templates
from declweb.context import Context, constant_context
from declweb.http.answer import Answer, Headers, status_line
from declweb.http.negotiation import best_language, best_type
from declweb.http.prepared import Prepared
from declweb.routing import Languages
from declweb.translations import LANGUAGES, SOURCE, find_spoken

logger = logging.getLogger("declweb.errors")

HTML, PROBLEM, JSON, PLAIN = "text/html", "application/problem+json", "application/json", "text/plain"
FORMS = (HTML, PROBLEM, JSON, PLAIN)
"""What an error can be told in; the first where nothing else is asked for."""

FOR_PROGRAMS = (PROBLEM, JSON, HTML, PLAIN)
"""The same at the address of an endpoint."""

_MOST = 1000
"""Bodies that are kept."""


def errors(building: Building, templates: Templates, written: WrittenPages) -> "Errors":
    """Return the error pages of a site; those that are the same for all are made by now."""
    site = building.site
    pages = {
        language: {status: Drawn(templates.page(name, language)) for status, name in site.errors.items()}
        for language in building.languages.codes
    }
    mounts = {mount.below: mount_folder(mount, building) for mount, _ in building.parts.mounts}
    nearest = Nearest(building.languages, _beside_pages(building, written), mounts)
    host = Host(site.site.name, site.site.language)
    found = Errors(pages, nearest, building.finisher, host, building.prefix, building.languages, building.programs)
    found.prepare()
    return found


def _beside_pages(building: Building, written: WrittenPages) -> dict[str, dict[tuple[str, str], ErrorPage]]:
    """Return the error pages among written pages, by folder."""
    found: dict[str, dict[tuple[str, str], ErrorPage]] = {}
    for entry in written.error_entries:
        file, page = entry.page, written.template(entry)
        shown: ErrorPage = (
            Drawn(page, written.values(entry))
            if page
            else Document(file.file, file.language, partial(building.parts.pages.html_of, file))
        )
        found.setdefault(entry.address, {}).setdefault((file.name, file.edition), shown)
    return found


@dataclass(frozen=True, slots=True)
class Errors:
    """The error pages of a site."""

    pages: Mapping[str, Mapping[str, Drawn]]
    """By language, then by status code, or `4xx` and `5xx` for a whole class."""
    nearest: Nearest
    finisher: Finisher
    host: Host
    prefix: str
    languages: Languages
    programs: Programs
    _made: dict[object, Prepared] = field(default_factory=dict)

    def __call__(self, status: int, context: Context) -> Answer:
        """Answer with an error."""
        context.vary.add("Accept")
        forms = FOR_PROGRAMS if self.programs.ask(context) else FORMS
        form = PROBLEM if context.wants_json else best_type(context.environ.get("HTTP_ACCEPT"), forms)
        answer = self._of_author(status, context) if form == HTML else None
        line, headers, body = answer or self._default(status, form, context)
        return line, self.finisher(context.path)(status, context.is_secure, headers), body

    def prepare(self) -> None:
        """Make the bodies of the pages that are the same for all before somebody makes a mistake."""
        for language in self.languages.codes:
            for folder in ("/", *self.nearest.pages):
                address = self.languages.address(folder, language)
                context = constant_context(address, self.prefix, language=language)
                for status in STATUSES:
                    page = self._page(status, context)
                    if page is not None and page.sameness(context) is not None:
                        self._of_author(status, context)

    def _page(self, status: int, context: Context) -> ErrorPage | None:
        """Return the author's page for a status; none that lies beside what the visitor may not see."""
        nearest = self.nearest.find(status, context) if not context.is_turned_away else None
        if nearest is not None:
            return nearest
        pages = self.pages[context.language]
        return next((pages[name] for name in names_of(status) if name in pages), None)

    def _of_author(self, status: int, context: Context) -> Answer | None:
        page = self._page(status, context)
        if page is None:
            return None
        same = page.sameness(context) if _is_usual(context) and not context.is_guarded else None
        made = self._made.get((same, status))
        if made is not None:
            return _coded(made, context)
        try:
            body = page.body(context, status)
        except Exception:
            logger.exception("the error page %s failed", page.name)
            return None
        headers = _headers(HTML)
        if page.language is not None and self.languages.are_several:
            headers.append(("Content-Language", page.language))
        if same is not None:
            return _coded(self._keep((same, status), status, body, headers), context)
        return status_line(status), [*headers, ("Content-Length", str(len(body)))], [body]

    def _default(self, status: int, form: str, context: Context) -> Answer:
        language = self._language(context)
        home = f"{context.prefix}{self.languages.address('/', context.language)}"
        key = (status, form, language, home)
        made = self._made.get(key) if _is_usual(context) else None
        if made is None:
            error = Error.of(status, language, context.told, context.reference)
            body, headers = self._told(error, form, language, home)
            if not _is_usual(context):
                return _coded(
                    Prepared(body, [*headers, ("Content-Language", language)], status=status, lazy=True), context
                )
            made = self._keep(key, status, body, [*headers, ("Content-Language", language)])
        return _coded(made, context)

    def _told(self, error: Error, form: str, language: str, home: str) -> tuple[bytes, Headers]:
        if form == PLAIN:
            return default_errors.text(error), _headers(PLAIN)
        if form in {PROBLEM, JSON}:
            return default_errors.problem(error), _headers(PROBLEM)
        body = default_errors.page(error, language, self.host, home if error.code < 500 else None)
        return body, [*_headers(HTML), ("Content-Security-Policy", POLICY)]

    def _language(self, context: Context) -> str:
        """Return the language to speak in.

        Below /de/ it is German, whatever the browser says: the visitor has chosen. Elsewhere it is the one of ours that
        the browser prefers, since nobody chooses to get lost; else the site's own, or English.
        """
        chosen = find_spoken(context.language)
        if chosen is not None and context.language != self.languages.default:
            return chosen
        context.vary.add("Accept-Language")
        return best_language(context.environ.get("HTTP_ACCEPT_LANGUAGE"), LANGUAGES) or chosen or SOURCE

    def _keep(self, key: object, status: int, body: bytes, headers: Headers) -> Prepared:
        if len(self._made) >= _MOST:
            self._made.clear()
        prepared = self._made[key] = Prepared(body, headers, status=status, lazy=True)
        return prepared


def _is_usual(context: Context) -> bool:
    """Tell whether a page says of this request what it says of all others."""
    return context.told is None and context.reference is None


def _coded(prepared: Prepared, context: Context) -> Answer:
    return prepared.choose(context.environ.get("HTTP_ACCEPT_ENCODING"))


def _headers(form: str) -> Headers:
    return [("Content-Type", form if form == PROBLEM else f"{form}; charset=utf-8"), ("Cache-Control", "no-store")]
