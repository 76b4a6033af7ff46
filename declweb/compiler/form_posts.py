"""The answers to what is sent from a form.

Owns in which order it is refused, read and accepted, and how each outcome is told: as a page with everything that the
visitor wrote, or as JSON. Knows neither how answers are judged nor how they are stored.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from io import BytesIO
from typing import ClassVar

from markupsafe import Markup
from werkzeug.datastructures import ImmutableMultiDict

from declweb.clock import present
from declweb.compiler.form_desk import AtForm
from declweb.compiler.form_pages import FormPage
from declweb.compiler.form_refusals import BACK, CROSS_SITE, DOWN, ENCODED, LATER, WHY
from declweb.compiler.senders import reader, user_agent, visitor, wants_json
from declweb.context import Context
from declweb.forms.accept import Accepted, NotAccepted, Sender
from declweb.forms.elements import element
from declweb.forms.parse import Received, parse
from declweb.forms.reading import READERS, Bounds, Busy
from declweb.forms.reading import Refused as Unread
from declweb.forms.rescued import mail_link
from declweb.forms.rescued import shown as written_once_more
from declweb.forms.restoring import with_error_in_title
from declweb.http.answer import Answer, Headers, Refused, status_line
from declweb.http.headers import merge
from declweb.http.incoming import incoming, refuse
from declweb.http.origins import is_cross_site
from declweb.http.prepared import Prepared
from declweb.model import Form, Site
from declweb.model.sends import named_address
from declweb.model.urls import is_external
from declweb.storage import StoreDown
from declweb.templating.errors import TemplateError
from declweb.translations import Say, mark, translated

logger = logging.getLogger("declweb.forms")

NEVER = 86_400
"""Seconds after which to look again at a form of which nobody knows when it opens."""

LONGEST_FLASH = 1200
"""Characters of a message: it travels in a cookie, and browsers drop those of more than 4 KB."""

THANKS = mark("Thank you. Your receipt is {receipt}.")


@dataclass(frozen=True, slots=True, eq=False)
class FormPost(AtForm):
    """What answers to what is sent from a form."""

    shown: FormPage
    reasons: ClassVar[tuple[str, ...]] = ("takes what is sent",)
    headers: ClassVar[Headers] = []
    is_original: ClassVar[bool] = False

    def prepare(self, path: str, prefix: str) -> Prepared:
        """Nothing that is sent can be answered before."""
        raise NotImplementedError

    def respond(self, context: Context) -> Answer:
        """Answer one submission."""
        context.endpoint, context.place = self.name, self.place
        context.wants_json = wants_json(context)
        self._refuse_other_sites(context)
        self._refuse_encodings(context)
        now = present()
        sender = Sender(self.language, now, visitor(context, self.desk.site), user_agent(context))
        closed = self.desk.closed(self.language, now)
        if closed is not None:
            return self._closed(context, closed, now, self._echo(context, sender))
        received = self._received(context, sender)
        if self.desk.has_hooks:
            _shown_to_hooks(context, received)
        outcome = self.desk.acceptor.accept(received, sender)
        if isinstance(outcome, Accepted):
            self.desk.generation.look_again()
            return self._success(context, outcome)
        if outcome.why == "full":
            return self._closed(context, self.desk.closed_text(self.language), now, outcome.echo)
        return self._told(context, outcome)

    # --- reading ------------------------------------------------------------------------------------------------------

    def written(self, context: Context) -> Mapping[str, Sequence[str]]:
        """Return what was written, without files, where nobody judges it; raises Refused for what cannot be read."""
        self._refuse_other_sites(context)
        self._refuse_encodings(context)
        sender = Sender(self.language, present(), visitor(context, self.desk.site), user_agent(context))
        return self.desk.checkers[self.language].echo(self._received(context, sender, keeps_files=False))

    def _refuse_other_sites(self, context: Context) -> None:
        get = context.environ.get
        url = self.desk.site.site.url
        own_ones = (url,) if url else ()
        if is_cross_site(get("HTTP_SEC_FETCH_SITE"), get("HTTP_ORIGIN"), own_ones, get("HTTP_HOST", "")):
            refuse(context.environ)
            raise Refused(HTTPStatus.FORBIDDEN, told=lambda say: say(CROSS_SITE))

    @staticmethod
    def _refuse_encodings(context: Context) -> None:
        """Refuse a body that is not written as it is read (RFC 9110, sections 8.4 and 15.5.16)."""
        if context.environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in {"", "identity"}:
            refuse(context.environ)
            raise Refused(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, [("Accept-Encoding", "identity")], lambda say: say(ENCODED)
            )

    def _echo(self, context: Context, sender: Sender) -> Mapping[str, Sequence[str]]:
        """Return what was written in a form that has closed meanwhile; nothing where that cannot be read."""
        if context.wants_json:
            refuse(context.environ)
            return {}
        try:
            received = self._received(context, sender, keeps_files=False)
        except Refused:
            return {}
        return self.desk.checkers[self.language].echo(received)

    def _received(self, context: Context, sender: Sender, *, keeps_files: bool = True) -> Received:
        """Return what was sent; raises Refused for what cannot be read."""
        desk, environ, limits = self.desk, context.environ, self.desk.site.limits
        if (give_back := getattr(environ["wsgi.input"], "give_back", None)) is not None:
            give_back()  # a function of the site's own has asked for the request, and may have read it
        bounds = Bounds(
            longest=desk.intake.longest,
            seconds=limits.body_time.total_seconds(),
            readers=limits.readers,
            readers_per_visitor=limits.readers_per_visitor,
            threads=desk.site.server.threads,
            looked_at=desk.intake.looked_at,
        )
        content_type = environ.get("CONTENT_TYPE", "")
        uploads = desk.store.uploads if desk.intake.files and keeps_files else None
        try:
            with READERS.reading(reader(context, sender), incoming(environ), bounds) as body:
                return parse(body, content_type, desk.intake, uploads)
        except Unread as error:
            again = [("Retry-After", str(error.retry_after))] if isinstance(error, Busy) else []
            raise Refused(error.status, again, self._unread(context, error)) from None
        except (StoreDown, OSError) as error:
            logger.error("form %s: an upload could not be stored: %s", desk.name, error)  # noqa: TRY400 # no bug
            raise Refused(503, [("Retry-After", str(LATER))], lambda say: f"{say(DOWN)} {say(BACK)}") from None

    @staticmethod
    def _unread(context: Context, error: Unread) -> Callable[[Say], str]:
        """Return what is told of a body that could not be read: only the browser has still got it."""
        return error.told if context.wants_json else lambda say: f"{error.told(say)} {say(BACK)}"

    # --- answers ------------------------------------------------------------------------------------------------------

    def _success(self, context: Context, outcome: Accepted) -> Answer:
        if context.wants_json:
            return self._json(context, 201, {"receipt": outcome.receipt})
        success = self.desk.form.success
        if success.message is not None or success.redirect is None or not is_external(success.redirect):
            context.session.flash(self._message(outcome)[:LONGEST_FLASH], "success")
        location = self.desk.success_url(context, self.language)
        headers = [
            ("Location", location),
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", "0"),
            ("Cache-Control", "no-store"),
        ]
        return status_line(303), self.desk.finisher(context.path)(303, context.is_secure, headers), []

    def _message(self, outcome: Accepted) -> str:
        """Return what the visitor is told; the usual where the author's text fails."""
        wording = self.desk.letters.message
        try:
            text = wording(outcome.entry, self.language) if wording is not None else ""
        except TemplateError:
            logger.exception("the message of form %s failed", self.desk.name)
            text = ""
        return text or translated(self.language)(THANKS).format(receipt=outcome.receipt)

    def _told(self, context: Context, outcome: NotAccepted) -> Answer:
        """Say why it is not accepted, with everything still in place."""
        say, why = translated(self.language), WHY[outcome.why]
        headers = [("Cache-Control", "no-store")]
        if why.is_for_later:
            headers.append(("Retry-After", str(outcome.retry_after or LATER)))
        alarm = why.alarm(outcome, self.language, say) if why.alarm is not None else outcome.alarm
        if context.wants_json:
            errors = [{"field": name, "message": text} for name, text in outcome.errors.items()]
            return self._problem(context, why.status_for_programs or why.status, alarm, headers, errors or None)
        text = self.shown.body(
            context,
            echo=outcome.echo,
            errors=outcome.errors,
            tickets=outcome.kept,
            alarm=self._with_mail(alarm, outcome.echo) if alarm and why.has_mail else alarm,
            left=self.desk.left(),
        )
        return self.shown.answer(context, with_error_in_title(text, say), why.status, headers)

    def _with_mail(self, text: str, echo: Mapping[str, Sequence[str]]) -> str:
        """Return a text with a link that writes a mail of what the visitor wrote, where there is an address."""
        link = self._mail_link(echo)
        return Markup("{} {}").format(text, link) if link else text

    def _mail_link(self, echo: Mapping[str, Sequence[str]]) -> Markup:
        site, asked = self.desk.site, self.desk.checkers[self.language].questions
        subject = f"{site.site.name}: {self.desk.name}"
        return mail_link(_owner(self.desk.form, site), subject, asked, echo, translated(self.language))

    def _closed(self, context: Context, text: str, now: datetime, echo: Mapping[str, Sequence[str]]) -> Answer:
        """Say that it is closed, with what was written before it was."""
        opens = self.desk.form.opens(now, self.desk.timezone)
        wait = max(1, int((opens - now).total_seconds()) + 1) if opens is not None else NEVER
        headers = [("Retry-After", str(wait)), ("Cache-Control", "no-store")]
        if context.wants_json:
            return self._problem(context, 503, text, headers)
        say = translated(self.language)
        written = written_once_more(self.desk.checkers[self.language].questions, echo, say)
        link = self._mail_link(echo)
        shown = written + (element("p", {}, link) if link else "")
        body = self.shown.body(context, closed=text, written=shown, alarm=self._with_mail(text, echo), echo=echo)
        return self.shown.answer(context, with_error_in_title(body, say) if written else body, 503, headers)

    def _problem(
        self, context: Context, status: int, detail: str | None, added: Headers, errors: Sequence[object] | None = None
    ) -> Answer:
        """Return a problem for programs (RFC 9457)."""
        title = status_line(status).partition(" ")[2]
        told: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
        told |= {"detail": detail} if detail else {}
        told |= {"errors": errors} if errors else {}
        return self._json(context, status, told, "application/problem+json", added)

    def _json(
        self,
        context: Context,
        status: int,
        value: object,
        content_type: str = "application/json",
        added: Headers | None = None,
    ) -> Answer:
        body = json.dumps(value, ensure_ascii=False).encode() + b"\n"
        headers = [("Content-Type", content_type), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        if self.desk.languages.are_several:
            headers.append(("Content-Language", self.language))
        finished = self.desk.finisher(context.path)(status, context.is_secure, merge(headers, added or []))
        return status_line(status), finished, [body]


def _shown_to_hooks(context: Context, received: Received) -> None:
    """Let `request.form` or `request.json` be what was written: the body cannot be read a second time."""
    from declweb.hooks.view_request import request_of  # noqa: PLC0415 # for the site's own Python alone

    written = {} if received.is_json else received.values
    form = ImmutableMultiDict([(name, text) for name, texts in written.items() for text in texts])
    body = json.dumps(received.json).encode() if received.is_json else b""
    known = {"form": form, "files": ImmutableMultiDict[str, object](), "stream": BytesIO(body)}
    vars(request_of(context)).update(known)


def _owner(form: Form, site: Site) -> str:
    """Return the address that the form's mails go to, else the site's own; nothing where there is none."""
    to_owner = (each for send in form.send if not send.off for each in send.email or () if "{{" not in each)
    return named_address(next(to_owner, site.mail.from_ or ""))[1]
