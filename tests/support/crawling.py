"""Everything that a visitor of a site can come across."""

import re
from collections import Counter
from collections.abc import Iterable
from html import unescape
from urllib.parse import urljoin, urlsplit

from servers import Running

_LINK = re.compile(r"""<a\b[^>]*?\shref=["']?([^"'\s>]+)""")
MOST_ALIKE = 3
"""Pages beside each other, or at one address with different queries, that are looked at."""
MISSING = "/no-such-page"
"""An address at which no site has anything."""


def pages_of(site: Running, known: Iterable[str] = ()) -> dict[str, str]:
    """Return the HTML of every page of a site that is reached from its start page or known otherwise, by address.

    Of pages that only another row makes, or another question, a few are enough.
    """
    found: dict[str, str] = {}
    alike = Counter[str]()
    seen = {urlsplit(site.url).path or "/", MISSING, *known}
    todo = sorted(seen)
    while todo:
        address = todo.pop()
        answer = site.get(address, Accept="text/html")
        assert answer.status == (404 if address == MISSING else 200) or 300 <= answer.status < 400, address
        if answer.status < 400 and "Location" in answer.headers:
            links = [answer.headers["Location"]]
        elif answer.headers.get_content_type() == "text/html":
            found[address] = answer.text
            links = [unescape(link) for link in _LINK.findall(answer.text)]
        else:
            continue
        for link in links:
            path = _own(urljoin(f"{site.url.rstrip('/')}{address}", link), site)
            if path and path not in seen and alike[kind := _kind(path)] < MOST_ALIKE:
                alike[kind] += 1
                seen.add(path)
                todo.append(path)
    return found


def _kind(path: str) -> str:
    """Return what a page shares with those that are like it: its folder, or its address where that has a query."""
    address, mark, _ = path.partition("?")
    return address if mark else address.rstrip("/").rpartition("/")[0]


def _own(url: str, site: Running) -> str | None:
    parts, own = urlsplit(url), urlsplit(site.url)
    if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")
