"""`[users.NAME]`: who is signed in, as sessions say it.

Owns what a session keeps of a user, and when that holds no more: a changed password, a user who is gone, and time end
it. Roles are those of the present site, whatever the session is of. Knows no password and no page.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b

from declweb.context import Context, SignedIn
from declweb.http.sessions import SIGNED_IN, Session
from declweb.model import Site, User

AHEAD = 300
"""Seconds that the clock of another machine may be ahead of this one's."""

Clock = Callable[[], float]
IsOver = Callable[[str], bool]
"""Tells whether whoever had this session has signed out."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a session keeps of a user: written as a list, so that Flask reads it, too."""

    name: str
    since: int
    """When the user signed in, in seconds since 1970."""
    password: str
    """A mark of the password that was right then."""
    number: str
    """Tells this visit from all others."""

    @classmethod
    def find(cls, session: Session) -> "Visit | None":
        """Return what a session says; None where it says nothing that makes sense."""
        match session.get(SIGNED_IN):
            case [str(name), int(since), str(password), str(number)]:
                return cls(name, since, password, number)
        return None

    def written(self) -> list[object]:
        """Return what the session keeps."""
        return [self.name, self.since, self.password, self.number]


def mark_of(user: User) -> str:
    """Return what stands for a user's present password, and tells nothing of it."""
    return blake2b(user.password.encode(), digest_size=9, person=b"declweb-password").hexdigest()


def _never(_number: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """The users of a site."""

    users: Mapping[str, User]
    lifetime: timedelta
    is_over: IsOver = _never
    clock: Clock = time.time
    _seen: Mapping[str, SignedIn] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        seen = {name: SignedIn(name, tuple(user.roles)) for name, user in self.users.items()}
        object.__setattr__(self, "_seen", seen)

    @classmethod
    def of(cls, site: Site, is_over: IsOver = _never) -> "Accounts":
        """Return the users of a site; `is_over` says of a visit whether its user has signed out."""
        return cls(site.users, site.session.lifetime, is_over)

    def named(self, name: str) -> SignedIn:
        """Return the user of a name that there is."""
        return self._seen[name]

    def names_of(self, user: SignedIn) -> frozenset[str]:
        """Return all that a user is called in `allow`."""
        return frozenset({user.name, *user.roles})

    def find(self, context: Context) -> SignedIn | None:
        """Return who is signed in, by the session."""
        visit = Visit.find(context.session)
        user = self.users.get(visit.name) if visit is not None else None
        if visit is None or user is None or not user.can_sign_in or mark_of(user) != visit.password:
            return None
        age = self.clock() - visit.since
        if not -AHEAD <= age < self.lifetime.total_seconds() or self.is_over(visit.number):
            return None
        return self._seen[visit.name]

    def sign_in(self, session: Session, name: str) -> None:
        """Let a session be a user's: a new one, of which only the messages were there before."""
        visit = Visit(name, int(self.clock()), mark_of(self.users[name]), secrets.token_urlsafe(12))
        session.begin_anew()
        session[SIGNED_IN] = visit.written()
        session.permanent = True
