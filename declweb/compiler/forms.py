"""`[forms.NAME]`: the page of a form, and the answers to what is sent from it.

Owns which of them can be made before the first request, and how each outcome is told: as a page with everything that
the visitor wrote, or as JSON. Knows neither how answers are judged nor how they are stored.
"""

import json
import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from functools import cached_property
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from markupsafe import Markup

from declweb.app import Finisher, Listed
from declweb.compiler.answering import Fixed
from declweb.compiler.building import Building
from declweb.compiler.languages import Edition, in_languages
from declweb.compiler.letters import Letters
from declweb.compiler.routes import PRIVATE
from declweb.compiler.sessions import key_bytes
from declweb.compiler.static import REVALIDATE
from declweb.compiler.templates import Page, Templates
from declweb.context import Context, constant_context
from declweb.forms.accept import Accepted, Acceptor, NotAccepted, Sender
from declweb.forms.drawing import DrawnForm
from declweb.forms.parse import FileRule, Intake, parse
from declweb.forms.questions import CHOOSING
from declweb.forms.reading import READERS, Bounds, Busy
from declweb.forms.reading import Refused as Unread
from declweb.forms.restoring import restored_html, with_error_in_title
from declweb.forms.script import script, style
from declweb.forms.tickets import Tickets
from declweb.forms.values import Checker
from declweb.http.answer import READING, Answer, Headers, Refused, status_line
from declweb.http.headers import merge
from declweb.http.incoming import incoming, refuse
from declweb.http.negotiation import best_type, prefers
from declweb.http.origins import is_cross_site
from declweb.http.paths import escaped
from declweb.http.policy import declared, extended, written
from declweb.http.prepared import Prepared
from declweb.http.visitors import FORWARDED, visitor_address
from declweb.model import Form, Site
from declweb.pages import own
from declweb.storage import Store, StoreDown, StoreSettings, StoreTooNew, opened
from declweb.templating.errors import TemplateError
from declweb.translations import mark, translated

logger = logging.getLogger("declweb.forms")

FOR_GOOD = "public, max-age=31536000, immutable"
"""What has its hash in its address never changes."""

LATER = 30
"""Seconds after which to try again when the store is down."""
NEVER = 86_400
"""Seconds after which to look again at a form of which nobody knows when it opens."""
LONGEST_FLASH = 1200
"""Characters of a message: it travels in a cookie, and browsers drop those of more than 4 KB."""
LONGEST_MAIL = 1500
"""Characters of what the visitor wrote that go into the link to a mail: browsers and mail programs take no more."""

THANKS = mark("Thank you. Your receipt is {receipt}.")
CLOSED = mark("This form is closed at the moment.")
TOO_MANY = mark("That was too much at once. Please wait a little and send it again: nothing of what you wrote is lost.")
DOWN = mark("We could not store what you wrote, and nothing was sent. Please try again in a minute.")
BY_MAIL = mark("Send it by e-mail instead")
CROSS_SITE = mark("This form was sent from another site, so it was not taken. Please fill it in here.")


def add_forms(building: Building, templates: Templates) -> Store:
    """Add every form at its address in each language; return the store that keeps their entries."""
    site, parts = building.site, building.parts
    store = opened(StoreSettings.of(site.storage, parts.folder.root))
    store.keeps = {name: form.kept_for for name, form in site.forms.items()}
    for name, form in site.forms.items():
        if not form.off:
            desk = Desk(name, form, building, templates, store)
            for language, path in parts.form_addresses(form).items():
                _add_form(desk, language, path, building)
    for each in (script(), style()):
        headers = [("Content-Type", each.media_type), ("Cache-Control", FOR_GOOD)]
        prepared = Prepared(each.body, headers, finish=building.finisher(each.address))
        building.exact[each.address] = dict.fromkeys(READING, Fixed(each.name, "", prepared))
    if own.style_address() not in building.exact:
        headers = [("Content-Type", "text/css; charset=utf-8"), ("Cache-Control", FOR_GOOD)]
        prepared = Prepared(own.style(), headers, finish=building.finisher(own.style_address()))
        building.exact[own.style_address()] = dict.fromkeys(READING, Fixed(own.STYLE, "", prepared))
    return store


def intake_of(form: Form, site: Site) -> Intake:
    """Return what a form takes."""
    limits = site.limits
    files = {
        name: FileRule(
            each.accepted, each.max_size or limits.file, limits.files if each.multiple else 1, each.strips_position
        )
        for name, each in form.fields.items()
        if each.type == "file"
    }
    return Intake(files, limits.form, limits.entry, limits.files)


def _add_form(desk: "Desk", language: str, path: str, building: Building) -> None:
    page = desk.page(language)
    answers = FormPage(desk, language, path, page)
    building.exact.setdefault(path, {}).update(dict.fromkeys(("GET", "HEAD"), answers))
    building.exact[path]["POST"] = FormPost(desk, language, path, page, answers)
    what = desk.form.template or "form"
    building.overview.append(Listed(path, ("GET", "POST"), answers.name, what, answers.place, answers.reasons))


class Desk:
    """What all pages of one form share: in each language there is one."""

    def __init__(self, name: str, form: Form, building: Building, templates: Templates, store: Store) -> None:
        site = building.site
        self.name = name
        self.form = form
        self.site = site
        self.place = building.parts.place(("forms", name))
        self.paths = building.parts.form_addresses(form)
        self.languages = building.languages
        self.default = site.site.all_languages[0]
        self.prefix = building.prefix
        self.timezone = site.site.timezone
        self.finisher: Finisher = building.finisher
        self.store = store
        self.letters = Letters(name, form, templates, self.paths)
        self.intake = intake_of(form, site)
        self.checkers = {
            code: Checker(form, name, code, self.timezone, translated(code), self.default) for code in self.paths
        }
        self.acceptor = Acceptor(
            name, form, self.checkers, self.letters.letterbox(), lambda: store, self.tickets, translated
        )
        self.has_prefill = any(each.prefill for each in form.fields.values())
        self.has_places = any(option.places is not None for each in form.fields.values() for option in each.options)
        self._templates = templates_of(form, templates, self.paths)
        self._own = templates_of(form.model_copy(update={"template": None}), templates, self.paths)
        self._exact = building.exact
        self._keys = key_bytes(site, building.parts.folder.root)
        self._tickets: Tickets | None = None
        self._editions = _editions(self, building, templates)

    def page(self, language: str) -> Page:
        """Return the template that the form stands in."""
        return self._templates[language]

    def own_page(self, language: str) -> Page:
        """Return declweb's own template, for when the author's fails."""
        return self._own[language]

    def edition(self, language: str) -> Edition | None:
        """Return what there is of the page in other languages."""
        return self._editions.get(language)

    def tickets(self) -> Tickets:
        """Return what signs tickets, made when the first is needed: there may be no key before."""
        if self._tickets is None:
            self._tickets = Tickets(*self._keys())
        return self._tickets

    def draw(self, language: str, prefix: str, path: str, **shown: Any) -> DrawnForm:
        """Return the form as templates see it."""
        return DrawnForm(
            self.form,
            self.name,
            prefix + escaped(path),
            language,
            translated(language),
            default_language=self.default,
            timezone=self.timezone,
            asked=self.checkers[language].questions,
            prefix=prefix,
            **shown,
        )

    def closed(self, language: str, now: datetime) -> str | None:
        """Return what stands in the form's place, if it is closed on this day."""
        return None if self.form.is_open(now, self.timezone) else self.closed_text(language)

    def closed_text(self, language: str) -> str:
        """Return what stands in the place of a closed form."""
        try:
            text = self.letters.closed.written({}, language) if self.letters.closed is not None else ""
        except TemplateError:
            logger.exception("the text of form %s while it is closed failed", self.name)
            text = ""
        return text or translated(language)(CLOSED)

    def is_full(self) -> bool:
        """Tell whether the form has all the entries that it may have; nobody knows while the store is down."""
        if self.form.max_entries is None:
            return False
        try:
            return self.store.count(self.name) >= self.form.max_entries
        except (StoreDown, StoreTooNew, OSError):
            return False

    def left(self) -> dict[tuple[str, str], int]:
        """Return how many places are left of each choice that has so many."""
        if not self.has_places:
            return {}
        try:
            taken = self.store.places_taken(self.name)
        except (StoreDown, StoreTooNew, OSError):
            return {}
        return {
            (name, option.value): max(option.places - taken.get((name, option.value), 0), 0)
            for name, each in self.form.fields.items()
            for option in each.options
            if each.type in CHOOSING and option.places is not None
        }

    @cached_property
    def policy(self) -> str | None:
        """The policy of the page where success leads to another site, which browsers else refuse."""
        target = urlsplit(self.form.success.redirect or "")
        if not target.netloc:
            return None
        security = self.site.security
        policy = declared(security.csp, strict=security.preset == "strict")
        if "form-action" not in policy:
            return None
        return written(extended(policy, {"form-action": (f"{target.scheme or 'https'}://{target.netloc}",)}))

    def success_url(self, context: Context, language: str) -> str:
        """Return where visitors go once it is stored: to the page in their language where there is one."""
        target = self.form.success.redirect
        if target is None:
            return context.prefix + escaped(self.paths[language])
        if urlsplit(target).netloc:
            return target
        path, mark_, rest = target.partition("?") if "?" in target else target.partition("#")
        translated_path = self.languages.address(path, language)
        path = translated_path if translated_path in self._exact else path
        return f"{context.prefix}{escaped(path)}{mark_}{rest}"


def templates_of(form: Form, templates: Templates, paths: Iterable[str]) -> dict[str, Page]:
    """Return the templates that a form stands in, by language."""
    return {code: templates.of_form(form, code) for code in paths}


def _editions(desk: Desk, building: Building, templates: Templates) -> dict[str, Edition]:
    if not building.languages.are_several:
        return {}
    written_in = {code: desk.page(code).language for code in desk.paths}
    return {code: Edition(building.languages, templates.views.origin, code, written_in) for code in desk.paths}


@dataclass(frozen=True, slots=True, eq=False)
class FormPage:
    """The page of a form."""

    desk: Desk
    language: str
    path: str
    page: Page

    @property
    def name(self) -> str:
        """The name that url_for knows it by."""
        return f"form.{self.desk.name}"

    @property
    def place(self) -> str:
        """Where it is declared."""
        return self.desk.place

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it cannot be made before the first request."""
        desk, found = self.desk, [*self.page.reasons]
        if desk.has_prefill:
            found.append("fields are filled in from the address")
        if desk.has_places:
            found.append("shows how many places are left")
        if desk.form.max_entries is not None:
            found.append("closes with so many entries")
        return tuple(found)

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
        desk = self.desk
        shown: dict[str, Any] = {"closed": desk.closed(self.language, datetime.now(UTC))}
        if shown["closed"] is None and desk.is_full():
            shown["closed"] = desk.closed_text(self.language)
        if desk.has_places:
            shown["left"] = desk.left()
        if desk.has_prefill:
            query = {name: context.request.args.getlist(name) for name in context.request.args}
            shown["prefilled"] = desk.checkers[self.language].prefilled(query) or None
        return self.answer(context, self.body(context, **shown))

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
        text = self.body(context, closed=self.desk.closed(self.language, datetime.now(UTC)))
        return Prepared(
            text.encode(),
            in_languages(self.desk.edition(self.language), self.headers, path, prefix),
            finish=self.desk.finisher(path),
            made_of=self.page.made_of,
            unless=self.page.cookie,
        )


@dataclass(frozen=True, slots=True, eq=False)
class FormPost:
    """What answers to what is sent from a form."""

    desk: Desk
    language: str
    path: str
    page: Page
    shown: FormPage
    reasons: ClassVar[tuple[str, ...]] = ("takes what is sent",)
    headers: ClassVar[Headers] = []
    is_original: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """The name that url_for knows it by."""
        return self.shown.name

    @property
    def place(self) -> str:
        """Where it is declared."""
        return self.desk.place

    def prepare(self, path: str, prefix: str) -> Prepared:
        """Nothing that is sent can be answered before."""
        raise NotImplementedError

    def respond(self, context: Context) -> Answer:
        """Answer one submission."""
        context.endpoint, context.place = self.name, self.place
        context.wants_json = _wants_json(context)
        self._refuse_other_sites(context)
        now = datetime.now(UTC)
        closed = self.desk.closed(self.language, now)
        if closed is not None:
            refuse(context.environ)
            return self._closed(context, closed, now)
        sender = Sender(self.language, now, _visitor(context, self.desk.site), _user_agent(context))
        outcome = self._outcome(context, sender)
        if isinstance(outcome, Accepted):
            return self._success(context, outcome)
        if outcome.why == "full":
            return self._closed(context, self.desk.closed_text(self.language), now)
        return self._told(context, outcome)

    # --- reading ------------------------------------------------------------------------------------------------------

    def _refuse_other_sites(self, context: Context) -> None:
        get = context.environ.get
        url = self.desk.site.site.url
        own_ones = (url,) if url else ()
        if is_cross_site(get("HTTP_SEC_FETCH_SITE"), get("HTTP_ORIGIN"), own_ones, get("HTTP_HOST", "")):
            refuse(context.environ)
            raise Refused(HTTPStatus.FORBIDDEN, told=lambda say: say(CROSS_SITE))

    def _outcome(self, context: Context, sender: Sender) -> Accepted | NotAccepted:
        """Read what was sent and accept it; raises Refused for what cannot be read."""
        desk, environ, limits = self.desk, context.environ, self.desk.site.limits
        bounds = Bounds(
            longest=desk.intake.longest,
            seconds=limits.body_time.total_seconds(),
            readers=limits.readers,
            readers_per_visitor=limits.readers_per_visitor,
            threads=desk.site.server.threads,
        )
        content_type = environ.get("CONTENT_TYPE", "")
        uploads = desk.store.uploads if desk.intake.files else None
        try:
            with READERS.reading(_reader(context, sender), incoming(environ), bounds) as body:
                received = parse(body, content_type, desk.intake, uploads)
        except Busy as error:
            raise Refused(error.status, [("Retry-After", str(error.retry_after))], error.told) from None
        except Unread as error:
            raise Refused(error.status, told=error.told) from None
        except (StoreDown, OSError) as error:
            logger.error("form %s: an upload could not be stored: %s", desk.name, error)  # noqa: TRY400 # no bug
            raise Refused(503, [("Retry-After", str(LATER))], lambda say: say(DOWN)) from None
        return desk.acceptor.accept(received, sender)

    # --- answers ------------------------------------------------------------------------------------------------------

    def _success(self, context: Context, outcome: Accepted) -> Answer:
        if context.wants_json:
            return self._json(context, 201, {"receipt": outcome.receipt})
        message = self._message(outcome)
        context.session.flash(message[:LONGEST_FLASH], "success")
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
        say = translated(self.language)
        status, alarm, headers = 422, None, [("Cache-Control", "no-store")]
        if outcome.why == "too-many":
            status, alarm = 429, say(TOO_MANY)
            headers.append(("Retry-After", str(outcome.retry_after or LATER)))
        elif outcome.why == "down":
            status, alarm = 503, self._down(outcome)
            headers.append(("Retry-After", str(LATER)))
        if context.wants_json:
            errors = [{"field": name, "message": text} for name, text in outcome.errors.items()]
            plain = {429: TOO_MANY, 503: DOWN}.get(status)
            return self._problem(context, status, say(plain) if plain else None, headers, errors or None)
        text = self.shown.body(
            context,
            echo=outcome.echo,
            errors=outcome.errors,
            tickets=outcome.kept,
            alarm=alarm,
            left=self.desk.left(),
        )
        return self.shown.answer(context, with_error_in_title(text, say), status, headers)

    def _down(self, outcome: NotAccepted) -> str:
        """Return what is said while the store is down, with a link that writes a mail of what the visitor wrote."""
        say = translated(self.language)
        address = _owner(self.desk.form, self.desk.site)
        if not address:
            return say(DOWN)
        body = "\n".join(_answers(self.desk.checkers[self.language].questions, outcome.echo))[:LONGEST_MAIL]
        subject = quote(f"{self.desk.site.site.name}: {self.desk.name}")
        link = f"mailto:{quote(address, safe='@')}?subject={subject}&body={quote(body)}"
        return Markup('{} <a href="{}">{}</a>').format(say(DOWN), link, say(BY_MAIL))

    def _closed(self, context: Context, text: str, now: datetime) -> Answer:
        opens = self.desk.form.opens(now, self.desk.timezone)
        wait = max(1, int((opens - now).total_seconds()) + 1) if opens is not None else NEVER
        headers = [("Retry-After", str(wait)), ("Cache-Control", "no-store")]
        if context.wants_json:
            return self._problem(context, 503, text, headers)
        return self.shown.answer(context, self.shown.body(context, closed=text), 503, headers)

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


def _owner(form: Form, site: Site) -> str:
    """Return the address that the form's mails go to, else the site's own; nothing where there is none."""
    to_owner = (each for send in form.send if not send.off for each in send.email or () if "{{" not in each)
    return parseaddr(next(to_owner, site.mail.from_ or ""))[1]


def _answers(asked: Iterable[Any], echo: Mapping[str, Sequence[str]]) -> Iterable[str]:
    for question in asked:
        if question.type not in {"password", "hidden", "file"} and any(echo.get(question.name, ())):
            yield f"{question.label}: {', '.join(echo[question.name])}"


def _wants_json(context: Context) -> bool:
    """Tell whether the answer is for a program."""
    accept = context.environ.get("HTTP_ACCEPT")
    kind = context.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return accept is None or not prefers(accept, "text/html")
    offered = ("text/html", "application/json", "application/problem+json")
    context.vary.add("Accept")
    return best_type(accept, offered) != "text/html"


def _user_agent(context: Context) -> str:
    agent: str = context.environ.get("HTTP_USER_AGENT", "")
    return agent[:500]


_suspended = threading.Event()


def _visitor(context: Context, site: Site) -> str | None:
    """Return by what a visitor is counted; None behind proxies that the site file does not tell of."""
    environ = context.environ
    if site.proxy is None and any(name in environ for name in FORWARDED):
        if not _suspended.is_set():
            _suspended.set()
            logger.warning(
                "requests come through a proxy, and there is no [proxy]: all visitors have its address, so limits for"
                " each visitor are suspended; declare the proxy: [proxy] trust = 1"
            )
        return None
    return visitor_address(environ.get("REMOTE_ADDR"))


def _reader(context: Context, sender: Sender) -> str:
    """Return by what it is counted who reads bodies at the moment."""
    if sender.address is not None:
        return str(context.environ.get("REMOTE_ADDR", ""))
    return next((str(context.environ[name]) for name in FORWARDED if name in context.environ), "")
