"""The page of a form: as it is asked for, and as it comes back with what was wrong.

Owns what makes a page different from request to request. Must not know how answers are read or stored.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from declweb.clock import present
from declweb.compiler.form_desk import AtForm
from declweb.compiler.kept_pages import Shelf, Stamped, one_page, page_without_query
from declweb.compiler.languages import in_languages
from declweb.compiler.routes import PRIVATE
from declweb.compiler.static import REVALIDATE
from declweb.compiler.templates import Page
from declweb.context import Context, constant_context
from declweb.forms.parse import Received
from declweb.forms.rescued import shown as written_once_more
from declweb.forms.restoring import restored_html, with_error_in_title
from declweb.http.answer import Answer, Headers, status_line
from declweb.http.headers import merge
from declweb.http.prepared import Prepared
from declweb.templating.errors import TemplateError
from declweb.translations import mark, translated

logger = logging.getLogger("declweb.forms")

GIVEN_BACK = mark("You are signed in now. What you wrote was not sent yet: please look it over, and send it.")
FILES_AGAIN = mark("Files have to be chosen once more.")


@dataclass(frozen=True, slots=True, eq=False)
class FormPage(AtForm):
    """The page of a form."""

    path: str
    page: Page
    shelf: Shelf

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it cannot be made before the first request."""
        desk, found = self.desk, [*self.page.reasons, *self.page.reasons_of_data]
        if desk.has_prefill:
            found.append("fields are filled in from the address: it is kept for those who ask without")
        if desk.has_places:
            found.append("shows how many places are left: it is kept until that changes")
        if desk.form.max_entries is not None:
            found.append("closes with so many entries: it is kept until there is another one")
        return tuple(found)

    @property
    def _made_of(self) -> list[Stamped]:
        """What changes while the site runs, and the page with it."""
        desk = self.desk
        counts = desk.has_places or desk.form.max_entries is not None
        return [*self.page.changing, *([desk.generation] if counts else [])]

    @property
    def headers(self) -> Headers:
        """What the answer says of itself."""
        cache = PRIVATE if self.page.reasons else REVALIDATE
        fields = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", cache)]
        return fields + ([("Content-Security-Policy", self.desk.policy)] if self.desk.policy else [])

    @property
    def is_original(self) -> bool:
        """Whether it is a page of its own, and no repetition of one in another language."""
        edition = self.desk.edition(self.language)
        return edition is None or edition.is_original

    def body(self, context: Context, **shown: Any) -> str:
        """Return the page with the form as it is to be shown; declweb's own one where the author's fails."""
        edition = self.desk.edition(self.language)
        if edition is not None:
            context.editions = edition.written_in
        if not self.page.shows_messages and "notice" not in shown:
            shown["notice"] = "\n".join(str(message) for _, message in context.messages()) or None
        drawn = self.desk.draw(self.language, context.prefix, self.path, **shown)
        try:
            text = self.page.render(context, {"form": drawn})
        except TemplateError:
            if context.method != "POST":
                raise
            logger.exception("the page of form %s failed", self.desk.name)
            text = self.desk.own_page(self.language).render(context, {"form": drawn})
        return restored_html(text, drawn) if context.method == "POST" else text

    def respond(self, context: Context) -> Answer:
        """Answer one request."""
        context.endpoint, context.place = self.name, self.place
        numbering = page_without_query if self.desk.has_prefill else one_page
        is_told = self.page.cookie in context.environ.get("HTTP_COOKIE", "")
        if self.page.reasons or is_told or not numbering(context.environ.get("QUERY_STRING", "")):
            return self.answer(context, self._as_asked(context))

        def make() -> Prepared:
            return self._prepared(context.path, context.prefix, self._as_asked(context), lazy=True)

        return self.shelf.answer(context, self._made_of, numbering, make)

    def _as_asked(self, context: Context) -> str:
        """Return the page as one request asks for it."""
        desk = self.desk
        shown: dict[str, Any] = {"closed": self._closed()}
        if desk.has_places:
            shown["left"] = desk.left()
        if desk.has_prefill:
            query = {name: context.request.args.getlist(name) for name in context.request.args}
            shown["prefilled"] = desk.checkers[self.language].prefilled(query) or None
        return self.body(context, **shown)

    def given_back(self, context: Context, values: Mapping[str, Sequence[str]]) -> Answer:
        """Answer with what was sent while nobody was signed in, so that it can be looked over and sent again."""
        context.endpoint, context.place = self.name, self.place
        say, checker = translated(self.language), self.desk.checkers[self.language]
        echo, closed = checker.echo(Received(values, {})), self._closed()
        words = " ".join(map(say, (GIVEN_BACK, *((FILES_AGAIN,) if self.desk.intake.files else ()))))
        written = written_once_more(checker.questions, echo, say) if closed else None
        text = self.body(context, echo=echo, alarm=words, closed=closed, written=written, left=self.desk.left())
        return self.answer(context, with_error_in_title(text, say), 200, [("Cache-Control", "no-store")])

    def _closed(self) -> str | None:
        """Return what stands in the form's place while it is closed."""
        desk = self.desk
        closed = desk.closed(self.language, present())
        return desk.closed_text(self.language) if closed is None and desk.is_full() else closed

    def answer(self, context: Context, text: str, status: int = 200, added: Headers | None = None) -> Answer:
        """Return the answer with a page."""
        body = text.encode()
        described = in_languages(self.desk.edition(self.language), self.headers, context.path, context.prefix)
        headers = merge([*described, ("Content-Length", str(len(body)))], added or [])
        finished = self.desk.finisher(context.path)(status, context.is_secure, headers)
        return status_line(status), finished, [body]

    def prepare(self, path: str, prefix: str) -> Prepared:
        """Return the page, made before the first request."""
        context = constant_context(path, prefix, endpoint=self.name, language=self.language)
        return self._prepared(path, prefix, self.body(context, closed=self.desk.closed(self.language, present())))

    def _prepared(self, path: str, prefix: str, text: str, *, lazy: bool = False) -> Prepared:
        return Prepared(
            text.encode(),
            in_languages(self.desk.edition(self.language), self.headers, path, prefix),
            finish=self.desk.finisher(path),
            made_of=self.page.made_of,
            lazy=lazy,
            unless=self.page.cookie,
        )
