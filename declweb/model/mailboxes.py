"""Addresses that mail can go to and come from, as those who hand it in judge them.

Owns which address is one. Knows no table.
"""

import re

ENCODED = "=?"
"""What an encoded word begins with (RFC 2047): nobody's address, and programs would decode it."""

_BELOW = ".example"
_ATOM, _LABEL = r"[A-Za-z0-9_+-]+", r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})*")
"""Addresses of which nothing more has to be known."""


def judged(address: str, *, is_own: bool) -> tuple[str | None, str]:
    """Return an address in ASCII, if it can be written so, and in its own script; raises ValueError, which says why.

    One that is the site's own may be on this machine or in its network (`root@localhost`, `anna@shop.local`): nobody
    else may name such places (RFC 6761).
    """
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 # slow to import

    below = _BELOW if is_own else ""
    if ENCODED in address:
        raise ValueError(f"`{ENCODED}` cannot stand in one")
    try:
        found = validate_email(
            address + below, check_deliverability=False, globally_deliverable=False, allow_domain_literal=False
        )
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    return found.ascii_email and found.ascii_email.removesuffix(below), found.normalized.removesuffix(below)


def is_address(address: str) -> bool:
    """Tell whether mail can go to an address that stands in a site file."""
    if _PLAIN.fullmatch(address) and "--" not in address:
        return True
    try:
        judged(address, is_own=True)
    except ValueError:
        return False
    return True
