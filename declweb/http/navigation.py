"""Navigations: requests of a browser that opens a page, as against those for a page's parts.

Owns how the two are told apart. Knows nothing of what a path leads to.
"""

import re
from functools import lru_cache

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

CONSULTED = ("Accept", "Sec-Fetch-Dest", "Sec-Fetch-Mode")
"""The header fields that are looked at."""

_USUAL = 300
"""Characters of an Accept field that is worth remembering."""
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,11}$")


def is_navigation(path: str, mode: str | None, destination: str | None, accept: str | None) -> bool:
    """Tell whether a GET or HEAD opens a page.

    Browsers say so in Sec-Fetch-Mode and Sec-Fetch-Dest (Fetch Metadata Request Headers, sections 2.1 and 2.2). Where
    neither came, a page is what HTML is preferred for, unless the path ends as a file does.
    """
    if mode or destination:
        return mode == "navigate" or destination == "document"
    return not _EXTENSION.search(path) and _prefers_html(accept or "")


def _prefers_html(accept: str) -> bool:
    return _usual_preference(accept) if len(accept) <= _USUAL else _usual_preference.__wrapped__(accept)


@lru_cache(maxsize=256)
def _usual_preference(accept: str) -> bool:
    """Tell whether text/html is named, and nothing is wanted more."""
    accepted = parse_accept_header(accept, MIMEAccept)
    named = max((quality for kind, quality in accepted if kind.lower() == "text/html"), default=0)
    return named > 0 and named >= max(quality for _, quality in accepted)
