"""Who sent a form: a page of the site itself, or one of another site.

Owns the verdict by Sec-Fetch-Site and Origin, which needs neither a cookie nor a token. Knows no environ and no site.
"""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

_OWN = frozenset({"same-origin", "none"})
_PORTS = {"http": 80, "https": 443}


class FetchMetadata(NamedTuple):
    """What the browser says of a request (Fetch Metadata, sections 2.1 to 2.3); None where it says nothing."""

    site: str | None
    mode: str | None
    destination: str | None


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


def is_foreign(fetch: FetchMetadata, origin: str | None, own: Iterable[str], host: str, *, reads: bool) -> bool:
    """Tell whether another site makes the browser ask for what only a user may see.

    Not so a link to it: a page that is opened in a window of its own, with a method that only `reads`. A frame, a
    picture or a script is a part of the other site's page.
    """
    is_opened = reads and fetch.mode == "navigate" and fetch.destination == "document"
    return not is_opened and is_cross_site(fetch.site, origin, own, host)


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
