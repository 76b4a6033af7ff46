"""Passwords: whether one is right, and the hash of a new one.

Owns the working out of scrypt (RFC 7914), how much of it is done at once, and that an unknown user costs as much as a
known one. How a hash is written is the business of `model.users`. Knows no site and no request.
"""

import hashlib
import hmac
import os
import secrets
import string
import threading
import unicodedata
from collections.abc import Sequence

from declweb.model.users import Scrypt

COST = (2**15, 8, 1)
"""N, r and p of new hashes, as Werkzeug has them: 32 MB and some 60 ms."""

AT_ONCE = 2
"""Hashes that one process works out at a time: each takes its memory."""

PATIENCE = 5.0
"""Seconds that somebody waits for a turn."""

LONGEST = 1000
"""Characters of a password."""

_SALTS = string.ascii_letters + string.digits
_turns = threading.BoundedSemaphore(AT_ONCE)


class TooBusy(Exception):
    """So many passwords are being worked out that there was no turn."""


def hashed(password: str) -> Scrypt:
    """Return the hash of a new password."""
    n, r, p = COST
    salt = "".join(secrets.choice(_SALTS) for _ in range(16))
    return Scrypt(n, r, p, salt, _digest(password, Scrypt(n, r, p, salt, "")))


def stand_in(name: str, known: Sequence[Scrypt]) -> Scrypt:
    """Return a hash that no password has, for a name that nobody has.

    It costs as much as one of the known ones, and for one name always the same, in every process: else the time that a
    guess takes would tell which names there are where hashes are not all alike.
    """
    secret = hashlib.sha256(repr(sorted(map(str, known))).encode()).digest()
    drawn = hmac.digest(secret, name.encode("utf-8", "surrogatepass"), hashlib.sha512)
    costs = sorted((one.n, one.r, one.p) for one in known) or [COST]
    n, r, p = costs[int.from_bytes(drawn[:8], "big") % len(costs)]
    return Scrypt(n, r, p, drawn[:8].hex(), drawn.hex())


def is_right(password: str, expected: Scrypt) -> bool:
    """Tell whether this is the password; raises TooBusy. Takes long, and as long for a wrong one."""
    turns = _turns
    if not turns.acquire(timeout=PATIENCE):
        raise TooBusy
    try:
        digest = _digest(password[:LONGEST], expected)
    finally:
        turns.release()
    return hmac.compare_digest(digest, expected.digest) and len(password) <= LONGEST


def _digest(password: str, cost: Scrypt) -> str:
    """Return the hash in hexadecimal; keyboards put an accent together in several ways (RFC 8265, section 4.2)."""
    written = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    salt = cost.salt.encode()
    memory = 132 * cost.n * cost.r * cost.p
    return hashlib.scrypt(written, salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=memory, dklen=64).hex()


def _after_fork() -> None:
    global _turns  # noqa: PLW0603 # threads of the parent, which are not here, may have had turns
    _turns = threading.BoundedSemaphore(AT_ONCE)


os.register_at_fork(after_in_child=_after_fork)
