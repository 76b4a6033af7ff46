"""Names and passwords, from the login page or by HTTP basic: whose they are.

Owns that guessing is slow, that every guess costs the same, and what is remembered of passwords that were right. Knows
no page. The slow-down is counted in the store, so that all workers agree; what is remembered stays in the process, and
is neither a password nor a hash that helps anybody who reads it.
"""

import hmac
import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from declweb.compiler.accounts import Accounts
from declweb.compiler.senders import visitor
from declweb.context import Context, SignedIn
from declweb.http.answer import Refused
from declweb.http.basic import credentials
from declweb.http.passwords import TooBusy, is_right, stand_in
from declweb.http.visitors import is_near, visitor_address
from declweb.model import Site
from declweb.model.users import Scrypt
from declweb.storage import Store, StoreDown, StoreTooNew, TooMany
from declweb.translations import mark

logger = logging.getLogger("declweb.users")

TOO_MANY = mark("There were too many wrong passwords. Please wait a little before you try again.")
DOWN = mark("Nobody can sign in at the moment. Please try again in a minute.")

LATER = 30
"""Seconds after which to try again where nobody can sign in."""

MOST = 1000
"""Passwords that were right and are remembered."""

LONGEST_NAME = 100
"""Characters of a user's name."""


class NotNow(Exception):
    """Whether a password is right is not looked at now."""

    def __init__(self, status: int, retry_after: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.retry_after = retry_after
        self.words = words
        """To be translated."""


@dataclass(frozen=True, slots=True, eq=False)
class SigningIn:
    """Says whose a name and a password are."""

    accounts: Accounts
    site: Site
    store: Callable[[], Store]
    judge: Callable[[str, Scrypt], bool] = is_right
    _hashes: Mapping[str, Scrypt] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        found = {name: Scrypt.find(user.password) for name, user in self.accounts.users.items()}
        hashes = {name: one for name, one in found.items() if one is not None}
        object.__setattr__(self, "_hashes", hashes)

    def who(self, context: Context, name: str, password: str) -> str | None:
        """Return the user whose name and password these are; raises NotNow."""
        name = name.strip().casefold()
        _mind_who_listens(context)
        try:
            address = visitor(context, self.site)
            crowd = visitor_address(context.environ.get("REMOTE_ADDR")) if address is None else None
            trying = self.store().begin_sign_in(name[:LONGEST_NAME], address, crowd=crowd)
            known = self._hashes.get(name)
            if not self.judge(password, known or stand_in(name, tuple(self._hashes.values()))) or known is None:
                return None
            self.store().end_sign_in(trying)
        except TooMany as error:
            raise NotNow(429, error.retry_after, TOO_MANY) from None
        except (StoreDown, StoreTooNew, OSError, TooBusy):
            raise NotNow(503, LATER, DOWN) from None
        return name

    def by_basic(self, context: Context) -> SignedIn | None:
        """Return who a visitor is by HTTP basic; raises Refused where nobody looks."""
        found = credentials(context.environ.get("HTTP_AUTHORIZATION"))
        if found is None:
            return None
        name, password = found[0].strip().casefold(), found[1]
        mark_ = _right.mark(name, password, self._hashes.get(name))
        if mark_ not in _right:
            try:
                if self.who(context, name, password) is None:
                    return None
            except NotNow as error:
                words = error.words
                raise Refused(error.status, [("Retry-After", str(error.retry_after))], lambda say: say(words)) from None
            _right.add(mark_)
        return self.accounts.named(name)


_warned = threading.Event()


def _mind_who_listens(context: Context) -> None:
    """Say once that passwords come in clear, unless that is on this machine or in its own network."""
    if not context.is_secure and not _warned.is_set() and not is_near(context.environ.get("HTTP_HOST", "")):
        _warned.set()
        logger.warning(
            "a password came over http, which everybody on the way can read: let visitors come by https; where a proxy"
            " in front of this server sees to that, declare it: [proxy] trust = 1"
        )


class _Right:
    """Marks of passwords that were right: hashes with a key that only this process has, and for one hash alone."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._marks: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def mark(self, name: str, password: str, expected: Scrypt | None) -> bytes:
        """Return what stands for a name and a password, as long as the hash is this one."""
        written = "\0".join((name, str(expected), password)).encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, written, sha256)

    def __contains__(self, mark_: bytes) -> bool:
        return mark_ in self._marks

    def add(self, mark_: bytes) -> None:
        with self._lock:
            self._marks[mark_] = None
            while len(self._marks) > MOST:
                self._marks.popitem(last=False)


_right = _Right()
