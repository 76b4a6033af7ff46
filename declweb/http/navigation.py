"""Navigations: requests of a browser that opens a page, as against those for a page's parts.

Owns how the two are told apart. Knows nothing of what a path leads to.
"""

import re

from declweb.http.negotiation import prefers

CONSULTED = ("Accept", "Sec-Fetch-Dest", "Sec-Fetch-Mode")
"""The header fields that are looked at."""

_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,11}$")


_HIDDEN = re.compile(r"/\.(?!well-known(?:/|\Z))")


def is_navigation(path: str, mode: str | None, destination: str | None, accept: str | None) -> bool:
    """Tell whether a GET or HEAD opens a page.

    Browsers say so in Sec-Fetch-Mode and Sec-Fetch-Dest (Fetch Metadata Request Headers, sections 2.1 and 2.2). Where
    neither came, a page is what HTML is preferred for, unless the path ends as a file does. No page is called like a
    hidden file: who asks for `.env` or `.git/config` looks for secrets, whatever the request says.
    """
    if _HIDDEN.search(path):
        return False
    if mode or destination:
        return mode == "navigate" or destination == "document"
    return not _EXTENSION.search(path) and prefers(accept, "text/html")
