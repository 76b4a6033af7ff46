"""Attempts to sign in, and visits that are over: what all workers and machines must agree on.

Owns how guessing is slowed down, for each account and for each address, and that nobody is locked out for good: an
address from which a user has signed in before is not held up by what others try elsewhere. Names and addresses are kept
as keyed hashes. Knows no password.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from declweb.storage.entry import Rate
from declweb.storage.refusals import TooMany
from declweb.storage.tables import SIGN_INS

PER_ACCOUNT = Rate(10, 900)
"""Wrong passwords for one account, from addresses that it was not signed in from before."""
PER_ADDRESS = Rate(20, 900)
"""Wrong passwords from one address, for whatever accounts."""
PER_CROWD = Rate(200, 900)
"""Wrong passwords from all visitors together whom a proxy hides that nobody declared, or who say that there is one."""
REMEMBERED = 90 * 86_400.0
"""Seconds for which it is known that an account was signed in from an address."""

ACCOUNT, ADDRESS, CROWD, KNOWN, OVER = "account", "address", "crowd", "known", "over"
"""What is remembered: wrong passwords by account, by address and by crowd; from where somebody signed in; visits."""


@dataclass(frozen=True, slots=True)
class Trying:
    """Who tries to sign in, as keyed hashes: an account, an address or a crowd, and both together."""

    account: str
    address: str | None
    both: str | None
    moment: float
    """When, in seconds since 1970."""
    crowd: str | None = None
    """The address of a proxy, where it is not known whom that speaks for; then there is no `address`."""


def begin(connection: Connection, trying: Trying) -> None:
    """Count a try as a wrong one until it turns out to be right; raises TooMany where it is one too many."""
    now = trying.moment
    is_known = trying.both is not None and _has(connection, KNOWN, trying.both, now)
    bounds = [(ACCOUNT, trying.account, PER_ACCOUNT)] if not is_known else []
    bounds += [(ADDRESS, trying.address, PER_ADDRESS)] if trying.address is not None else []
    bounds += [(CROWD, trying.crowd, PER_CROWD)] if trying.crowd is not None else []
    for kind, who, rate in bounds:
        _bound(connection, kind, who, rate, now)
    for kind, who, rate in bounds:
        _note(connection, kind, who, now, rate.seconds)


def succeed(connection: Connection, trying: Trying) -> None:
    """Take a try back that was right, and remember where it came from."""
    table = SIGN_INS.c
    for kind, who in ((ACCOUNT, trying.account), (ADDRESS, trying.address), (CROWD, trying.crowd)):
        this = (table.kind == kind) & (table.who == who) & (table.moment == trying.moment)
        connection.execute(delete(SIGN_INS).where(this))
    if trying.both is not None:
        connection.execute(delete(SIGN_INS).where(table.kind == KNOWN, table.who == trying.both))
        _note(connection, KNOWN, trying.both, trying.moment, REMEMBERED)


def end(connection: Connection, number: str, now: float, seconds: float) -> None:
    """Remember that a visit is over, for as long as its session could be shown again."""
    _note(connection, OVER, number, now, seconds)


def is_over(connection: Connection, number: str, now: float) -> bool:
    """Tell whether a visit is over."""
    return _has(connection, OVER, number, now)


def _has(connection: Connection, kind: str, who: str, now: float) -> bool:
    table = SIGN_INS.c
    found = select(table.until).where(table.kind == kind, table.who == who, table.until > now).limit(1)
    return connection.execute(found).first() is not None


def _bound(connection: Connection, kind: str, who: str, rate: Rate, now: float) -> None:
    table = SIGN_INS.c
    since = now - rate.seconds
    tries = select(table.moment).where(
        table.kind == kind, table.who == who, table.moment > since, table.moment <= now + rate.seconds
    )
    moments = sorted(connection.execute(tries).scalars())
    if len(moments) >= rate.count:
        raise TooMany(max(1, int(moments[-rate.count] + rate.seconds - now) + 1))


def _note(connection: Connection, kind: str, who: str, now: float, seconds: float) -> None:
    row = {"kind": kind, "who": who, "moment": now, "until": now + seconds}
    connection.execute(insert(SIGN_INS), [row])
