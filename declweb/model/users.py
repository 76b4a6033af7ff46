"""`[users.NAME]`: who may sign in, and what each of them is called to.

Owns how a password's hash is written, and what makes one that is fit to be kept. Knows no page and no visitor.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

from declweb.model.base import Name, OneOrMany, Spelling, Table, wrong

MAKE_ONE = "`declweb hash` asks for the password and prints its hash; write that here, or ${VARIABLE} for it"
"""What to do instead of writing a password."""

LEAST_WORK, MOST_MEMORY, MOST_ROUNDS = 2**14 * 8, 128 * 2**20, 16
"""What scrypt must cost at least (N times r), and at most: bytes of memory, and rounds (p)."""

_HASH = re.compile(r"scrypt:([0-9]{1,8}):([0-9]{1,4}):([0-9]{1,4})\$([!-#%-~]{8,100})\$([0-9a-f]{128})")


@dataclass(frozen=True, slots=True)
class Scrypt:
    """A password's hash as Werkzeug writes it: `scrypt:N:r:p$salt$hash` (RFC 7914)."""

    n: int
    r: int
    p: int
    salt: str
    digest: str

    def __str__(self) -> str:
        return f"scrypt:{self.n}:{self.r}:{self.p}${self.salt}${self.digest}"

    @property
    def memory(self) -> int:
        """The bytes of memory that it takes to make (RFC 7914, section 2)."""
        return 128 * self.n * self.r

    @classmethod
    def find(cls, text: str) -> "Scrypt | None":
        """Return what a hash says; None of what is none."""
        found = _HASH.fullmatch(text)
        return cls(int(found[1]), int(found[2]), int(found[3]), found[4], found[5]) if found else None


def _password(value: str) -> str:
    """Judge a hash; what is written instead may be a password, so no message says it."""
    if not value:
        return value
    found = Scrypt.find(value)
    if found is None:
        is_other = re.match(r"(pbkdf2|\$2[aby]?\$|\$argon2|\$scrypt|\{|\$[0-9a-z]+\$|scrypt:)", value)
        message = "this is no hash that declweb knows" if is_other else "a password never stands in a site file"
        raise wrong("plain-password", message, help=MAKE_ONE)
    is_power = found.n > 1 and found.n & (found.n - 1) == 0
    if not is_power or not found.r or not 1 <= found.p <= MOST_ROUNDS or found.memory > MOST_MEMORY:
        raise wrong("plain-password", "no such hash can be worked out: its numbers are wrong", help=MAKE_ONE)
    if found.n * found.r < LEAST_WORK:
        raise wrong("plain-password", "this hash is too quickly guessed: its numbers are too small", help=MAKE_ONE)
    return value


UserName = Annotated[
    str, Spelling(r"[a-z0-9][a-z0-9._@+-]{0,99}", "a user's name is small letters, digits, `.`, `_`, `-`, `+` and `@`")
]
"""What a user types to sign in."""


class User(Table):
    """Somebody who may sign in, by the name in the header."""

    password: Annotated[str, AfterValidator(_password), Field(examples=["${ANNA_PASSWORD_HASH:-}"])] = ""
    """The hash that `declweb hash` makes of the password, never the password; an empty one cannot sign in."""
    roles: OneOrMany[Name] = Field(default=[], validate_default=False, examples=[["staff"]])
    """What the user is called in `allow`, besides the name: a role or several."""

    @property
    def can_sign_in(self) -> bool:
        """Whether there is a password to sign in with."""
        return bool(self.password)
