"""The store's side of signing in: what the login page asks of it.

Owns what stands for an account and an address. How guessing is slowed down stands in `sign_ins`.
"""

import time
from functools import partial
from typing import TYPE_CHECKING

from declweb.storage.base_store import BaseStore

if TYPE_CHECKING:
    from declweb.storage.sign_ins import Trying


class SignInStore(BaseStore):
    """The attempts to sign in, and the visits that are over."""

    def begin_sign_in(
        self, account: str, address: str | None, now: float | None = None, *, crowd: str | None = None
    ) -> "Trying":
        """Count a try to sign in as a wrong one; raises TooMany if it is one too many.

        `address` is a visitor's; where that is not known, `crowd` is the address of whoever passes the visitors on.
        """
        from declweb.storage import sign_ins

        trying = sign_ins.Trying(
            self.visitor(account, "sign-in account"),
            None if address is None else self.visitor(address, "sign-in address"),
            None if address is None else self.visitor(f"{account}\n{address}", "sign-in known"),
            time.time() if now is None else now,
            None if crowd is None else self.visitor(crowd, "sign-in crowd"),
        )
        self._write(partial(sign_ins.begin, trying=trying), *_concerned(trying))
        return trying

    def end_sign_in(self, trying: "Trying") -> None:
        """Take back a try that was right, and remember where it came from."""
        from declweb.storage import sign_ins

        self._write(partial(sign_ins.succeed, trying=trying), *_concerned(trying))

    def sign_out(self, visit: str, seconds: float, now: float | None = None) -> None:
        """Remember for so many seconds that a visit is over."""
        from declweb.storage import sign_ins

        moment = time.time() if now is None else now
        self._write(partial(sign_ins.end, number=visit, now=moment, seconds=seconds), f"signed out {visit}")

    def is_signed_out(self, visit: str, now: float | None = None) -> bool:
        """Tell whether a visit is over."""
        from declweb.storage import sign_ins

        return self._read(partial(sign_ins.is_over, number=visit, now=time.time() if now is None else now))


def _concerned(trying: "Trying") -> tuple[str, ...]:
    """Return what a try must not be counted beside at the same moment."""
    return tuple(f"sign-in {who}" for who in (trying.account, trying.address, trying.crowd) if who is not None)
