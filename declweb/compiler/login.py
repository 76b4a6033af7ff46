"""`[login]`: the pages where users sign in and out.

Owns what they answer. Who may sign in, and how often somebody may try, is the business of `signing_in`; what a session
keeps of a user, of `accounts`; what the pages look like, of their template.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, ClassVar

from markupsafe import Markup

from declweb.app import Listed
from declweb.compiler.accounts import Visit
from declweb.compiler.building import Building
from declweb.compiler.protection import Protection, asked_to_sign_in
from declweb.compiler.senders import reader, user_agent, visitor
from declweb.compiler.signing_in import DOWN, LATER, NotNow
from declweb.compiler.templates import Page, Templates
from declweb.context import Context
from declweb.forms.accept import Sender
from declweb.forms.login import (
    NEXT,
    NO_NAME,
    NO_PASSWORD,
    PASSWORD,
    SIGN_IN,
    SIGN_OUT,
    SIGNED_IN_AS,
    SIGNED_OUT,
    USER,
    WRONG,
    DrawnLogin,
)
from declweb.forms.parse import Intake, parse
from declweb.forms.reading import READERS, Bounds, Busy
from declweb.forms.reading import Refused as Unread
from declweb.forms.restoring import with_error_in_title
from declweb.forms.script import script, style
from declweb.http.answer import READING, Answer, Headers, Refused, status_line
from declweb.http.incoming import incoming, refuse
from declweb.http.origins import is_cross_site
from declweb.http.paths import escaped
from declweb.http.prepared import Prepared
from declweb.http.targets import local_target
from declweb.pages import own
from declweb.storage import StoreDown, StoreTooNew
from declweb.translations import mark, translated

logger = logging.getLogger("declweb.users")

LONGEST_BODY = 16_000
"""Bytes of what is sent to sign in."""

MISSING = {USER: NO_NAME, PASSWORD: NO_PASSWORD}
"""What is said of what was left empty."""

CROSS_SITE = mark("This was sent from another site, so nothing was done. Please do it here.")


class Lobby:
    """What the pages to sign in and out have in common, in all languages."""

    def __init__(self, building: Building, templates: Templates, protection: Protection) -> None:
        self.site = building.site
        self.door = protection.door
        self.protection = protection
        self.place = building.parts.place(("login",))
        self.finisher = building.finisher
        self._default = building.languages.default
        self._starts = {code: building.languages.address("/", code) for code in building.languages.codes}
        self._exact = building.exact
        self._pages = {code: templates.of_login(code) for code in self.door.login}

    def page(self, language: str) -> Page:
        """Return the template."""
        return self._pages[language]

    def refuse_other_sites(self, context: Context) -> None:
        """Raise where another site's page sends something in the visitor's name."""
        get = context.environ.get
        if is_cross_site(get("HTTP_SEC_FETCH_SITE"), get("HTTP_ORIGIN"), self.door.own, get("HTTP_HOST", "")):
            refuse(context.environ)
            raise Refused(HTTPStatus.FORBIDDEN, told=lambda say: say(CROSS_SITE))

    def answer(  # noqa: PLR0913 # what a page is made of
        self, context: Context, language: str, title: str, form: DrawnLogin, status: int = 200, *, retry: int = 0
    ) -> Answer:
        """Answer with a page that has a form in it."""
        text = self.page(language).render(context, {"form": form, "title": translated(language)(title)})
        body = (text if status == HTTPStatus.OK else with_error_in_title(text, translated(language))).encode()
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
        headers += [("Retry-After", str(retry))] if retry else []
        headers += [asked_to_sign_in(self.door)] if status == HTTPStatus.UNAUTHORIZED else []
        return status_line(status), self.finisher(context.path)(status, context.is_secure, headers), [body]

    def sent_to(self, context: Context, location: str) -> Answer:
        """Send a visitor to another page."""
        headers = [("Location", location), ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "0")]
        return status_line(303), self.finisher(context.path)(303, context.is_secure, headers), []

    def target(self, context: Context, wanted: str | None) -> str | None:
        """Return where a visitor is to go who has signed in, if that is a page of this site other than these."""
        found = local_target(wanted, context.prefix)
        path = (found or "").partition("?")[0].removeprefix(context.prefix)
        is_here = path in {*map(escaped, self.door.login.values()), *map(escaped, self.door.logout.values())}
        return None if is_here else found

    def start(self, context: Context, language: str, name: str) -> str:
        """Return where a user goes who wants nowhere else: the inbox, for those who may see it."""
        inbox, accounts = self.site.inbox, self.door.accounts
        if inbox is not None and not inbox.off and inbox.by == "login":
            names = accounts.names_of(accounts.named(name))
            if not names.isdisjoint(inbox.allow):
                return context.prefix + escaped(inbox.path)
        path = self._starts.get(language, "/")
        return context.prefix + escaped(path if path in self._exact else "/")

    def received(self, context: Context) -> dict[str, str]:
        """Return what was sent; raises Refused for what cannot be read."""
        limits, environ = self.site.limits, context.environ
        sender = Sender(context.language, datetime.now(UTC), visitor(context, self.site), user_agent(context))
        bounds = Bounds(
            LONGEST_BODY,
            limits.body_time.total_seconds(),
            limits.readers,
            limits.readers_per_visitor,
            self.site.server.threads,
        )
        try:
            with READERS.reading(reader(context, sender), incoming(environ), bounds) as body:
                found = parse(body, environ.get("CONTENT_TYPE", ""), Intake(text=LONGEST_BODY), None)
        except Busy as error:
            raise Refused(error.status, [("Retry-After", str(error.retry_after))], error.told) from None
        except Unread as error:
            raise Refused(error.status, told=error.told) from None
        return {name: texts[0] for name, texts in found.values.items() if texts and name not in found.refusals}


@dataclass(frozen=True, slots=True, eq=False)
class LoginPage:
    """The page where users sign in, and what is sent from it."""

    lobby: Lobby
    language: str
    path: str
    name: ClassVar[str] = "login"
    reasons: ClassVar[tuple[str, ...]] = ("shows who is signed in",)
    headers: ClassVar[Headers] = [("Content-Type", "text/html; charset=utf-8"), ("X-Robots-Tag", "noindex")]
    is_original: ClassVar[bool] = False

    @property
    def place(self) -> str:
        """Where it is declared."""
        return self.lobby.place

    def prepare(self, path: str, prefix: str) -> Prepared:
        """Raise: nothing here is made before it is asked for."""
        raise NotImplementedError

    def respond(self, context: Context) -> Answer:
        """Answer one request."""
        context.endpoint, context.place, context.is_guarded = self.name, self.place, True
        return self._shown(context) if context.method in READING else self._posted(context)

    def _shown(self, context: Context) -> Answer:
        next_ = self.lobby.target(context, context.request.args.get(NEXT))
        notice = self._notice(context)
        return self.lobby.answer(context, self.language, SIGN_IN, self._form(context, next_, notice=notice))

    def _notice(self, context: Context) -> str | None:
        """Return what is said above the form: messages, unless the template shows them, and who is signed in."""
        say, user = translated(self.language), context.user
        shown = [] if self.lobby.page(self.language).shows_messages else context.messages()
        told = [Markup.escape(message) for _, message in shown]
        if user is not None:
            out = context.prefix + escaped(self.lobby.door.logout[self.language])
            who = Markup.escape(say(SIGNED_IN_AS)).format(user=user.name)
            told.append(Markup('{} <a href="{}">{}</a>').format(who, out, say(SIGN_OUT)))
        return Markup("<br>").join(told) or None

    def _posted(self, context: Context) -> Answer:
        lobby, say = self.lobby, translated(self.language)
        lobby.refuse_other_sites(context)
        sent = lobby.received(context)
        name, password = sent.get(USER, "").strip(), sent.get(PASSWORD, "")
        next_ = lobby.target(context, sent.get(NEXT))
        missing = {
            field: say(words) for field, words in ((USER, NO_NAME), (PASSWORD, NO_PASSWORD)) if not sent.get(field)
        }
        if missing:
            return self._again(context, 422, next_, name=name, errors=missing)
        try:
            user = lobby.door.signing_in.who(context, name, password)
        except NotNow as error:
            alarm = say(error.words)
            return self._again(context, error.status, next_, retry=error.retry_after, name=name, alarm=alarm)
        if user is None:
            return self._again(context, HTTPStatus.UNAUTHORIZED, next_, name=name, alarm=say(WRONG))
        self._end_former(context)
        lobby.door.accounts.sign_in(context.session, user)
        return lobby.sent_to(context, next_ or lobby.start(context, self.language, user))

    def _again(self, context: Context, status: int, next_: str | None, *, retry: int = 0, **shown: Any) -> Answer:
        form = self._form(context, next_, **shown)
        return self.lobby.answer(context, self.language, SIGN_IN, form, status, retry=retry)

    def _end_former(self, context: Context) -> None:
        """End the visit that the session was of until now."""
        visit = Visit.find(context.session)
        if visit is not None:
            try:
                self.lobby.door.end(visit)
            except (StoreDown, StoreTooNew, OSError) as error:
                logger.warning("a former visit of %s could not be ended: %s", visit.name, error)

    def _form(self, context: Context, next_: str | None, **shown: Any) -> DrawnLogin:
        action = context.prefix + escaped(self.path)
        say = translated(self.language)
        return DrawnLogin(action, self.language, say, next_=next_, prefix=context.prefix, **shown)


@dataclass(frozen=True, slots=True, eq=False)
class LogoutPage:
    """The page with a button to sign out, and what happens when it is pressed."""

    lobby: Lobby
    language: str
    path: str
    name: ClassVar[str] = "logout"
    reasons: ClassVar[tuple[str, ...]] = LoginPage.reasons
    headers: ClassVar[Headers] = LoginPage.headers
    is_original: ClassVar[bool] = False

    @property
    def place(self) -> str:
        """Where it is declared."""
        return self.lobby.place

    def prepare(self, path: str, prefix: str) -> Prepared:
        """Raise: nothing here is made before it is asked for."""
        raise NotImplementedError

    def respond(self, context: Context) -> Answer:
        """Answer one request; only what is sent signs anybody out, for links are followed by programs, too."""
        context.endpoint, context.place, context.is_guarded = self.name, self.place, True
        if context.method in READING:
            return self._shown(context)
        self.lobby.refuse_other_sites(context)
        return self._ended(context)

    def _shown(self, context: Context) -> Answer:
        user, say = context.user, translated(self.language)
        if user is None:
            return self.lobby.sent_to(context, self._login(context))
        notice = say(SIGNED_IN_AS).format(user=user.name)
        return self.lobby.answer(context, self.language, SIGN_OUT, self._form(context, notice=notice))

    def _ended(self, context: Context) -> Answer:
        """End the visit for good, not only in this browser: whoever has a copy of the cookie is out, too."""
        visit, say = Visit.find(context.session), translated(self.language)
        try:
            if visit is not None:
                self.lobby.door.end(visit)
        except (StoreDown, StoreTooNew, OSError) as error:
            logger.warning("%s could not be signed out: %s", visit.name if visit else "nobody", error)
            form = self._form(context, alarm=say(DOWN))
            return self.lobby.answer(context, self.language, SIGN_OUT, form, 503, retry=LATER)
        context.session.clear()
        context.user = None
        context.session.flash(say(SIGNED_OUT), "success")
        return self.lobby.sent_to(context, self._login(context))

    def _login(self, context: Context) -> str:
        return context.prefix + escaped(self.lobby.door.login[self.language])

    def _form(self, context: Context, **shown: Any) -> DrawnLogin:
        action = context.prefix + escaped(self.path)
        say = translated(self.language)
        return DrawnLogin(action, self.language, say, is_out=True, prefix=context.prefix, **shown)


def add_login(building: Building, templates: Templates, protection: Protection) -> None:
    """Add the pages to sign in and out, in each language, and the files that they bring along."""
    lobby = Lobby(building, templates, protection)
    for kind, paths in ((LoginPage, lobby.door.login), (LogoutPage, lobby.door.logout)):
        for language, path in paths.items():
            answering = kind(lobby, language, path)
            building.exact.setdefault(path, {}).update(dict.fromkeys((*READING, "POST"), answering))
            what = building.site.login.template or answering.name
            building.overview.append(
                Listed(path, ("GET", "POST"), answering.name, what, answering.place, answering.reasons)
            )
    for each in (script(), style()):
        building.add_own(each.name, each.address, each.media_type, each.body)
    building.add_own(own.STYLE, own.style_address(), own.STYLE_TYPE, own.style())
