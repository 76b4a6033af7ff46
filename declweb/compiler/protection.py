"""`[[protect]]`: who may pass to what.

Owns what happens to a visitor who may not: the login page, 401, 403. Whatever the address is spelled like, and whatever
it answers, nobody passes who is not let in; by which address a rule is found is the business of `routing.covering`, and
who a visitor is that of `accounts` and `basic`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import quote

from declweb.app import Finisher, Listed
from declweb.compiler.accounts import AHEAD, Accounts, Visit
from declweb.compiler.building import Building
from declweb.compiler.programs import Programs
from declweb.compiler.redirects import moved
from declweb.compiler.signing_in import LATER, SigningIn
from declweb.context import Context, SignedIn
from declweb.http.answer import READING, Answer, Refused
from declweb.http.negotiation import best_type, prefers
from declweb.http.origins import FetchMetadata, is_foreign
from declweb.http.paths import escaped
from declweb.http.targets import LONGEST
from declweb.rules.closed import ClosedRule, covering
from declweb.storage import Store, StoreDown, StoreSettings, StoreTooNew, opened
from declweb.translations import mark

FOREIGN = mark("Another site asked for this page in your name, so it is not shown. Please open it yourself.")
NOT_YOURS = mark("You are signed in, but you may not see this page.")

Allowed = frozenset[str]
"""Roles and names of users, of which one is enough."""


@dataclass(frozen=True, slots=True, eq=False)
class Door:
    """What the gates of a site have in common."""

    accounts: Accounts
    signing_in: SigningIn
    login: Mapping[str, str]
    """The path of the login page in each language."""
    logout: Mapping[str, str]
    realm: str
    """What the site is called where a browser or a program is asked for a password; plain ASCII."""
    own: tuple[str, ...]
    """The site's own origins, as far as they are known."""
    programs: Programs
    finisher: Finisher
    store: Store

    def find(self, context: Context) -> SignedIn | None:
        """Return who is signed in; nobody while it is not known who has signed out."""
        try:
            return self.accounts.find(context)
        except (StoreDown, StoreTooNew, OSError):
            return None

    def end(self, visit: Visit) -> None:
        """End a visit, in whatever browser its session is; raises what the store raises."""
        self.store.sign_out(visit.number, self.accounts.lifetime.total_seconds() + AHEAD)


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets some users pass, and nobody else."""

    door: Door
    allow: tuple[Allowed, ...]
    """Each of these must have one of the user's names in it."""
    by: str

    def check(self, context: Context) -> Answer | None:
        """Return what is answered to a visitor who may not pass; None to one who may, whom the context then knows.

        Raises Refused where an error page is to be answered.
        """
        context.is_guarded = True
        user = self._who(context)
        if user is None:
            context.is_turned_away = True
            return self._asked(context)
        reason = FOREIGN if self._is_foreign(context) else None if self._lets_in(user) else NOT_YOURS
        if reason is not None:
            context.is_turned_away = True
            raise Refused(HTTPStatus.FORBIDDEN, told=lambda say: say(reason))
        context.user = user
        return None

    def _who(self, context: Context) -> SignedIn | None:
        if self.by == "basic":
            context.vary.add("Authorization")
            return self.door.signing_in.by_basic(context)
        try:
            return self.door.accounts.find(context)
        except (StoreDown, StoreTooNew, OSError):
            context.is_turned_away = True
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, [("Retry-After", str(LATER))]) from None

    def _lets_in(self, user: SignedIn) -> bool:
        names = self.door.accounts.names_of(user)
        return all(not names.isdisjoint(allowed) for allowed in self.allow)

    def _is_foreign(self, context: Context) -> bool:
        get = context.environ.get
        context.vary.update(("Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"))
        fetch = FetchMetadata(get("HTTP_SEC_FETCH_SITE"), get("HTTP_SEC_FETCH_MODE"), get("HTTP_SEC_FETCH_DEST"))
        host = get("HTTP_HOST", "")
        return is_foreign(fetch, get("HTTP_ORIGIN"), self.door.own, host, reads=context.method in READING)

    def _asked(self, context: Context) -> Answer:
        """Ask a visitor who that is: a person on the login page, a program by 401."""
        if self.by == "basic":
            raise Refused(HTTPStatus.UNAUTHORIZED, [_challenge("Basic", self.door.realm, ', charset="UTF-8"')])
        if self._is_program(context):
            context.wants_json = self.door.programs.ask(context)
            raise Refused(HTTPStatus.UNAUTHORIZED, [asked_to_sign_in(self.door)])
        path = self.door.login.get(context.language) or next(iter(self.door.login.values()))
        wanted = context.asked_for
        query = f"?next={quote(wanted, safe='/')}" if len(wanted) <= LONGEST else ""
        return moved(context, 303, f"{context.prefix}{escaped(path)}{query}", self.door.finisher, is_kept=False)

    def _is_program(self, context: Context) -> bool:
        context.vary.add("Accept")
        accept = context.environ.get("HTTP_ACCEPT")
        kind = context.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if self.door.programs.ask(context) or kind == "application/json":
            return not prefers(accept, "text/html")
        return best_type(accept, ("text/html", "application/json", "application/problem+json")) != "text/html"


def door(building: Building) -> Door:
    """Return what the gates of a site have in common."""
    site = building.site
    store = opened(StoreSettings.of(site.storage, building.parts.folder.root))
    accounts = Accounts.of(site, store.is_signed_out)
    return Door(
        accounts,
        SigningIn(accounts, site, lambda: store),
        building.languages.editions(site.login.path),
        building.languages.editions(site.login.out),
        _as_realm(site.site.name),
        (site.site.url,) if site.site.url else (),
        building.programs,
        building.finisher,
        store,
    )


def gate(building: Building, allow: Iterable[str], by: str = "login") -> Gate:
    """Return what lets some users pass: those who are called like this, or have such a role."""
    return Gate(door(building), (frozenset(allow),), by)


def _as_realm(name: str) -> str:
    """Return what a site is called in a header field: quoted, so without quotes, and in ASCII."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^ !#-\[\]-~]", "", bare).strip()[:80] or "This site"


class Protection:
    """The rules of a site, and the gates that they make."""

    def __init__(self, building: Building) -> None:
        self.door = door(building)
        self._covering = covering(building.site, building.languages)
        self._login = frozenset({*self.door.login.values(), *self.door.logout.values()})
        self._own = building.own
        self._gates: dict[tuple[ClosedRule, ...], Gate] = {}
        self.keep: Callable[[Context], Answer | None] = lambda _context: None
        """Asks a person to sign in who has written something in a form, and keeps that meanwhile; None of others."""

    def rules(self, path: str) -> tuple[ClosedRule, ...]:
        """Return who may see what is at an address: none where everybody may, as the page to sign in."""
        return () if path in self._login or path in self._own else self._covering.of(path)

    def is_closed(self, path: str) -> bool:
        """Tell whether only some users may see what is at an address."""
        return bool(self.rules(path))

    def listed(self, each: Listed) -> Listed:
        """Return a line of `declweb routes` that says who may see what is there."""
        allowed = " and ".join(dict.fromkeys(" or ".join(sorted(rule.allow)) for rule in self.rules(each.url)))
        return replace(each, reasons=(f"only {allowed} may see it", *each.reasons)) if allowed else each

    def guard(self, context: Context) -> Answer | None:
        """Answer those who may not see what is at the address that is asked for; a level of matching like others."""
        rules = self.rules(context.path)
        asked = self._gate(rules).check(context) if rules else None
        return (self.keep(context) or asked) if asked is not None and context.method == "POST" else asked

    def _gate(self, rules: tuple[ClosedRule, ...]) -> Gate:
        gate = self._gates.get(rules)
        if gate is None:
            allow = tuple(dict.fromkeys(rule.allow for rule in rules))
            gate = self._gates[rules] = Gate(self.door, allow, rules[0].by)
        return gate


def asked_to_sign_in(door: Door) -> tuple[str, str]:
    """Return what a 401 says to who cannot be asked for a password by the browser."""
    return _challenge("Cookie", door.realm)


def _challenge(scheme: str, realm: str, more: str = "") -> tuple[str, str]:
    """Return what says how to sign in (RFC 9110, section 11.6.1; RFC 7617, section 2.1)."""
    return "WWW-Authenticate", f'{scheme} realm="{realm}"{more}'
