"""`[login]`: the pages where users sign in and out.

Owns what they answer. Who may sign in, and how often somebody may try, is the business of `signing_in`; what a session
keeps of a user, of `accounts`; what the pages look like, of their template.
"""

import logging
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar

from markupsafe import Markup

from declweb.app import Listed
from declweb.clock import present
from declweb.compiler.accounts import Visit
from declweb.compiler.building import Building
from declweb.compiler.carrying import OTHERS, Carrying, Written, read
from declweb.compiler.form_pages import FormPage
from declweb.compiler.protection import Protection, asked_to_sign_in
from declweb.compiler.senders import reader, user_agent, visitor
from declweb.compiler.signing_in import DOWN, LATER, NotNow
from declweb.compiler.templates import Page, Templates
from declweb.context import Context
from declweb.forms.accept import Sender
from declweb.forms.login import (
    KEPT,
    NEXT,
    NO_NAME,
    NO_PASSWORD,
    PASSWORD,
    SIGN_IN,
    SIGN_OUT,
    SIGNED_IN_AS,
    SIGNED_OUT,
    USER,
    WRITTEN,
    WRONG,
    DrawnLogin,
)
from declweb.forms.parse import Intake, parse
from declweb.forms.reading import READERS, Bounds, Busy
from declweb.forms.reading import Refused as Unread
from declweb.forms.restoring import completed, with_error_in_title
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
        self.carrying = Carrying(building)
        self.longest = OTHERS + self.carrying.room
        """Bytes of what is sent to sign in."""
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
        text = completed(text, form, is_sent=context.method == "POST")
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
        sender = Sender(context.language, present(), visitor(context, self.site), user_agent(context))
        bounds = Bounds(
            self.longest,
            limits.body_time.total_seconds(),
            limits.readers,
            limits.readers_per_visitor,
            self.site.server.threads,
        )
        try:
            with READERS.reading(reader(context, sender), incoming(environ), bounds) as body:
                found = parse(body, environ.get("CONTENT_TYPE", ""), Intake(text=self.longest), None)
        except Busy as error:
            raise Refused(error.status, [("Retry-After", str(error.retry_after))], error.told) from None
        except Unread as error:
            raise Refused(error.status, told=error.told) from None
        return {name: texts[0] for name, texts in found.values.items() if texts and name not in found.refusals}

    def end_visit(self, context: Context) -> bool:
        """End the visit of a session wherever there is a copy of its cookie; tell whether that could be done."""
        visit = Visit.find(context.session)
        try:
            if visit is not None:
                self.door.end(visit)
        except (StoreDown, StoreTooNew, OSError) as error:
            logger.warning("%s could not be signed out: %s", visit.name if visit else "nobody", error)
            return False
        return True


@dataclass(frozen=True, slots=True, eq=False)
class InLobby:
    """One of the pages, in one language."""

    lobby: Lobby
    language: str
    path: str
    name: ClassVar[str]
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
        """Answer one request; only what is sent does anything, for links are followed by programs, too."""
        context.endpoint, context.place, context.is_guarded = self.name, self.place, True
        if context.method in READING:
            return self._shown(context)
        self.lobby.refuse_other_sites(context)
        return self._posted(context)

    def _shown(self, context: Context) -> Answer:
        raise NotImplementedError

    def _posted(self, context: Context) -> Answer:
        raise NotImplementedError

    def _form(self, context: Context, **shown: Any) -> DrawnLogin:
        action, say = context.prefix + escaped(self.path), translated(self.language)
        return DrawnLogin(action, self.language, say, prefix=context.prefix, **shown)


class LoginPage(InLobby):
    """The page where users sign in, and what is sent from it."""

    __slots__ = ()
    name: ClassVar[str] = "login"

    def kept(self, context: Context) -> Answer | None:
        """Ask somebody to sign in who has sent a form, and keep what was written meanwhile; None where nothing was."""
        written = self.lobby.carrying.written(context)
        if written is None:
            return None
        context.endpoint, context.place = self.name, self.place
        next_ = context.prefix + escaped(context.path)
        words = translated(self.language)(KEPT)
        return self._again(context, HTTPStatus.UNAUTHORIZED, next_=next_, kept=written, alarm=words)

    def _shown(self, context: Context) -> Answer:
        next_ = self.lobby.target(context, context.request.args.get(NEXT))
        notice = self._notice(context)
        return self.lobby.answer(context, self.language, SIGN_IN, self._form(context, next_=next_, notice=notice))

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
        sent = lobby.received(context)
        name, password = sent.get(USER, "").strip(), sent.get(PASSWORD, "")
        next_ = lobby.target(context, sent.get(NEXT))
        again = partial(self._again, context, name=name, next_=next_, kept=sent.get(WRITTEN))
        missing = {field: say(words) for field, words in MISSING.items() if not sent.get(field)}
        if missing:
            return again(422, errors=missing)
        try:
            user = lobby.door.signing_in.who(context, name, password)
        except NotNow as error:
            return again(error.status, retry=error.retry_after, alarm=say(error.words))
        if user is None:
            return again(HTTPStatus.UNAUTHORIZED, alarm=say(WRONG))
        lobby.end_visit(context)
        lobby.door.accounts.sign_in(context.session, user)
        form = lobby.carrying.page(next_, context.prefix) if next_ and sent.get(WRITTEN) else None
        if form is not None:
            return self._given_back(context, form, read(sent[WRITTEN]))
        return lobby.sent_to(context, next_ or lobby.start(context, self.language, user))

    def _again(self, context: Context, status: int, *, retry: int = 0, **shown: Any) -> Answer:
        return self.lobby.answer(context, self.language, SIGN_IN, self._form(context, **shown), status, retry=retry)

    def _given_back(self, context: Context, form: FormPage, written: Written) -> Answer:
        """Show a form with what was written in it before, if whoever has signed in may see it."""
        context.path, context.language = form.path, form.language
        return self.lobby.protection.guard(context) or form.given_back(context, written)


class LogoutPage(InLobby):
    """The page with a button to sign out, and what happens when it is pressed."""

    __slots__ = ()
    name: ClassVar[str] = "logout"

    def _shown(self, context: Context) -> Answer:
        user, say = context.user, translated(self.language)
        if user is None:
            return self.lobby.sent_to(context, self._login(context))
        notice = say(SIGNED_IN_AS).format(user=user.name)
        return self.lobby.answer(context, self.language, SIGN_OUT, self._form(context, is_out=True, notice=notice))

    def _posted(self, context: Context) -> Answer:
        """End the visit for good, not only in this browser: whoever has a copy of the cookie is out, too."""
        say = translated(self.language)
        if not self.lobby.end_visit(context):
            form = self._form(context, is_out=True, alarm=say(DOWN))
            return self.lobby.answer(context, self.language, SIGN_OUT, form, 503, retry=LATER)
        context.session.clear()
        context.user = None
        context.session.flash(say(SIGNED_OUT), "success")
        return self.lobby.sent_to(context, self._login(context))

    def _login(self, context: Context) -> str:
        return context.prefix + escaped(self.lobby.door.login[self.language])


def add_login(building: Building, templates: Templates, protection: Protection) -> None:
    """Add the pages to sign in and out, in each language, and the files that they bring along."""
    lobby = Lobby(building, templates, protection)
    entrances = {language: LoginPage(lobby, language, path) for language, path in lobby.door.login.items()}
    protection.keep = lambda context: entrances.get(context.language, next(iter(entrances.values()))).kept(context)
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
