"""What tells one request from all others: in the log, and on the page that says that something went wrong.

Owns how it is made, where an environ holds it, and which one of a proxy is believed. Knows no site.
"""

import re
from secrets import token_hex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

KEY = "declweb.request_id"
SENT = "HTTP_X_REQUEST_ID"
"""Where WSGI keeps the field in which a proxy gives it."""

_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)


def request_id(environ: "WSGIEnvironment") -> str:
    """Return what a request is called, which is settled when it is asked for the first time."""
    found: str | None = environ.get(KEY)
    if found is None:
        found = environ[KEY] = token_hex(8)
    return found


def believe_proxy(environ: "WSGIEnvironment") -> None:
    """Call a request what the proxy in front calls it: 8 to 64 letters, digits, dots, dashes and underscores."""
    sent = environ.get(SENT, "")
    if _WELL_FORMED.fullmatch(sent):
        environ[KEY] = sent
