"""`[[forms.NAME.send]]` and the texts around a form: templates that are rendered with an entry.

Owns how they are rendered, which is outside of any request: what is sent must not depend on what the visitor asked
for. Knows no store and no answer.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from declweb.compiler.templates import Page, Templates
from declweb.context import Context, constant_context
from declweb.forms.sending import Letterbox
from declweb.forms.sending import Send as Sending
from declweb.model import Form, Send
from declweb.model.sends import fixed_address
from declweb.sitefile import KeyPath
from declweb.storage import Status
from declweb.translations import mark, translated

HEADING = mark("New entry: {form}")
"""The first line of what the owner is sent, where no template says more."""

ENTRY = "entry"
"""The name under which templates are given an entry."""


class Wording:
    """A text or a template of a form, in every language of it."""

    def __init__(self, pages: Mapping[str, Page], path: str) -> None:
        self.pages = pages
        self._path = path
        self._constant: dict[str, str] = {}
        """What it says in a language of whatever entry."""

    def __call__(self, entry: Mapping[str, Any], language: str) -> str:
        """Return what it says of an entry; raises a TemplateError."""
        return self.written({ENTRY: entry}, language)

    def written(self, values: Mapping[str, Any], language: str) -> str:
        """Return what it says; raises a TemplateError."""
        said = self._constant.get(language)
        if said is None:
            page, context = self.stage(language)
            said = page.render(context, values)
            if page.is_constant:
                self._constant[language] = said
        return said

    def stage(self, language: str) -> tuple[Page, Context]:
        """Return what is rendered in a language, and within which context."""
        page = self.pages[language]
        return page, constant_context(self._path, page.prefix, language=language)


class Letters:
    """Everything that is written with an entry of one form."""

    def __init__(self, name: str, form: Form, templates: Templates, paths: Mapping[str, str]) -> None:
        self.name = name
        self._form = form
        self._templates = templates
        self._paths = paths
        self.message = self._text(("success", "message"), form.success.message)
        """What a visitor is told of success."""
        self.closed = self._text(("closed_text",), form.closed_text)
        """What stands in the place of a closed form."""
        self._sends = tuple(self._send(number, send) for number, send in enumerate(form.send) if not send.off)

    def letterbox(self) -> Letterbox:
        """Return what the form sends."""
        status = Status.TO_APPROVE if self._form.approve else Status.NEW
        return Letterbox(self.name, self._heading, self._sends, translated, status.value)

    def wordings(self) -> Iterator[Wording]:
        """Yield all that is rendered with an entry."""
        if self.message is not None:
            yield self.message
        for send in self._sends:
            for each in (*send.addresses, send.subject, send.body, send.reply_to):
                if isinstance(each, Wording):
                    yield each

    def _heading(self, language: str) -> str:
        return translated(language)(HEADING).format(form=self.name)

    def _send(self, number: int, send: Send) -> Sending:
        key: KeyPath = ("send", number)
        body = None
        if send.template is not None:
            pages = {code: self._templates.of_message(send.template, self._form, code) for code in self._paths}
            body = Wording(pages, self._form.path)
        addresses = (self._text((*key, "email", each), text) for each, text in enumerate(send.email or ()))
        return Sending(
            number,
            send.when,
            [each for each in addresses if each is not None],
            [fixed_address(text) for text in send.email or ()],
            any(ENTRY in text for text in send.email or ()),
            send.webhook,
            self._text((*key, "subject"), send.subject),
            body,
            send.template is not None and not send.template.endswith(".txt"),
            self._text((*key, "reply_to"), send.reply_to),
            tuple(send.attach or ()),
        )

    def _text(self, key: KeyPath, text: str | dict[str, str] | None) -> Wording | None:
        if text is None:
            return None
        whole: KeyPath = ("forms", self.name, *key)
        return Wording({code: self._templates.of_text(whole, text, code) for code in self._paths}, self._form.path)
