"""Everything that a visitor of a site can come across."""

import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import urljoin, urlsplit

from servers import Running

_LINK = re.compile(r"""<a\b[^>]*?\shref=["']?([^"'\s>]+)""")
MISSING = "/no-such-page"
"""An address at which no site has anything."""


def pages_of(site: Running, known: Iterable[str] = ()) -> dict[str, str]:
    """Return the HTML of every page of a site that is reached from its start page or known otherwise, by address."""
    found: dict[str, str] = {}
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
            if path and path not in seen:
                seen.add(path)
                todo.append(path)
    return found


def _own(url: str, site: Running) -> str | None:
    parts, own = urlsplit(url), urlsplit(site.url)
    if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")
