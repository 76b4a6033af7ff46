"""Who sent a form: a page of the site itself, or one of another site.

Owns the verdict by Sec-Fetch-Site and Origin, which needs neither a cookie nor a token. Knows no environ and no site.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

_OWN = frozenset({"same-origin", "none"})
_PORTS = {"http": 80, "https": 443}


def is_cross_site(fetch_site: str | None, origin: str | None, own: Iterable[str], host: str = "") -> bool:
    """Tell whether a request that changes something comes from a page of another origin.

    Sec-Fetch-Site decides where the browser sends it (Fetch Metadata, section 2.3), else Origin must be one of the
    site's `own`, or have the `host` that was asked: its scheme is not known behind a proxy that nobody declared.
    Without either field it is no browser, and nobody's cookies can be abused.
    """
    if fetch_site:
        return fetch_site.strip().lower() not in _OWN
    if not origin:
        return False
    asked = _parts(origin)
    return asked is None or all(asked != _parts(each) for each in (*own, f"{asked[0]}://{host}"))


def _parts(origin: str) -> tuple[str, str, int | None] | None:
    """Return scheme, host and port of an origin; None of what is none, such as `null`."""
    try:
        found = urlsplit(origin.strip())
        port = found.port
    except ValueError:
        return None
    if not found.scheme or not found.hostname or "@" in found.netloc:
        return None
    return found.scheme, found.hostname.lower(), port or _PORTS.get(found.scheme)
