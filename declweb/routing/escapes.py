"""Whether a path was asked for in another spelling than its own, or in none at all.

Owns which escapes mean the same (RFC 3986, sections 2.1 and 6.2.2). Knows nothing of what a path leads to.
"""

import re
from urllib.parse import unquote_to_bytes

from declweb.routing.matching import merged

_MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_NEVER_ESCAPED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
"""The unreserved characters, and the slash, which nothing here can have in its name."""
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


def is_misspelt(target: str | None, prefix: str, path: str) -> bool:
    """Tell whether a request target is another spelling of the path that was understood, such as `/%61bout`.

    `target` is what the client sent, where the server passes it on; a proxy may have taken the prefix off. One that
    means something else altogether was rewritten on its way, and is nobody's mistake. Nor is what some proxies write
    out and others escape, such as brackets and commas: to insist on one of them would send visitors in circles.
    """
    if not target:
        return False
    asked = _ORIGIN.sub("", target.partition("?")[0], count=1) or "/"
    if merged(_ESCAPE.sub(_normal, asked)) == asked:
        return False
    try:
        meant = merged(unquote_to_bytes(asked.encode("latin-1")).decode())
    except UnicodeError:
        return False
    return meant in {path, prefix + path}


def _normal(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _NEVER_ESCAPED else escape[0].upper()


def is_malformed(target: str | None) -> bool:
    """Tell whether the path of a request target has a percent sign that escapes nothing."""
    return target is not None and _MALFORMED.search(target.partition("?")[0]) is not None
