"""Who sends a form: a person or a program, and by what they are counted.

Owns what headers tell of that. Knows no form.
"""

import logging
import threading

from declweb.context import Context
from declweb.forms.accept import Sender
from declweb.http.negotiation import best_type, prefers
from declweb.http.visitors import FORWARDED, visitor_address
from declweb.model import Site

logger = logging.getLogger("declweb.forms")


FROM_BROWSERS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
"""How a form comes that a browser sends; programs send them as well."""


def wants_json(context: Context) -> bool:
    """Tell whether the answer is for a program."""
    accept = context.environ.get("HTTP_ACCEPT")
    kind = context.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if kind not in FROM_BROWSERS:
        return accept is None or not prefers(accept, "text/html")
    offered = ("text/html", "application/json", "application/problem+json")
    context.vary.add("Accept")
    return best_type(accept, offered) != "text/html"


def user_agent(context: Context) -> str:
    """Return what the sender's program calls itself, cut where it is too long."""
    agent: str = context.environ.get("HTTP_USER_AGENT", "")
    return agent[:500]


_suspended = threading.Event()


def visitor(context: Context, site: Site) -> str | None:
    """Return by what a visitor is counted; None behind proxies that the site file does not tell of."""
    environ = context.environ
    if site.proxy is None and any(name in environ for name in FORWARDED):
        if not _suspended.is_set():
            _suspended.set()
            logger.warning(
                "requests come through a proxy, and there is no [proxy]: all visitors have its address, so limits for"
                " each visitor are suspended; declare the proxy: [proxy] trust = 1"
            )
        return None
    return visitor_address(environ.get("REMOTE_ADDR"))


def reader(context: Context, sender: Sender) -> str:
    """Return by what it is counted who reads bodies at the moment."""
    if sender.address is not None:
        return str(context.environ.get("REMOTE_ADDR", ""))
    return next((str(context.environ[name]) for name in FORWARDED if name in context.environ), "")
