"""Addresses that a request brings along, to be sent to: whether they stay on this site.

Owns what is no address of this site, whatever browsers make of it. Knows no site but by its prefix.
"""

import re
from urllib.parse import unquote

LONGEST = 2000
"""Characters of such an address."""

_PLAIN = re.compile(r"/[!$-;=?-\[\]_a-z~&@#%]*", re.IGNORECASE)
"""A slash, then what may stand in an address (RFC 3986, appendix A): no space, control character or backslash."""

_LEAVING = re.compile(r"[/\\]{2}|[/\\]\.{1,2}(?:[/\\]|\Z)|[\\\x00-\x20\x7f-\x9f]")
"""What a path must not have that browsers or servers could read as a host, or as a way out (WHATWG URL, 4.4)."""


def local_target(wanted: str | None, prefix: str = "") -> str | None:
    """Return the address if it is a path of this very site below its prefix; None for anything else.

    It is judged as it is written, and as it would be after each time that somebody decodes it.
    """
    if not wanted or len(wanted) > LONGEST or not _PLAIN.fullmatch(wanted) or not wanted.startswith(f"{prefix}/"):
        return None
    path = re.split("[?#]", wanted, maxsplit=1)[0]
    for _ in range(len(path)):
        if _LEAVING.search(path) or not path.startswith(f"{prefix}/"):
            return None
        decoded = unquote(path)
        if decoded == path:
            return wanted
        path = decoded
    return None
