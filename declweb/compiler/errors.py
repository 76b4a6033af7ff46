"""`[errors]`: what visitors see when something goes wrong.

Owns the choice of the page and of its form: HTML for people, problem+json (RFC 9457) for programs. An error page that
fails itself is replaced by the plain one.
"""

import json
import logging
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from html import escape

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from declweb.app import Finisher
from declweb.compiler.templates import Page
from declweb.context import Context
from declweb.http.answer import Answer, Headers, status_line

logger = logging.getLogger("declweb.errors")

HTML, PROBLEM, JSON, PLAIN = "text/html", "application/problem+json", "application/json", "text/plain"

_USUAL = 300
"""Characters of an Accept field that is worth remembering."""

SENTENCES = {
    400: "The server could not understand what your browser sent.",
    403: "You may not see this page.",
    404: "There is no page at this address.",
    405: "This address cannot be used in this way.",
    413: "What you sent is too large.",
    414: "This address is too long.",
    429: "That was too much at once. Please wait a little and try again.",
    500: "Something went wrong on our side. Please try again in a while.",
    503: "The site is not available at the moment. Please try again in a while.",
}
"""What the plain error page says, by status code."""

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem}"
    "h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem}p{margin:0 0 1rem}"
)
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Error:
    """`error` in templates."""

    code: int
    name: str
    description: str

    @classmethod
    def of(cls, status: int) -> "Error":
        """Return what is told of a status."""
        name = status_line(status).partition(" ")[2]
        return cls(status, name, SENTENCES.get(status) or SENTENCES[500 if status >= 500 else 400])


@dataclass(frozen=True, slots=True)
class Errors:
    """The error pages of a site."""

    pages: Mapping[str, Page]
    """By status code, or `4xx` and `5xx` for a whole class."""
    finisher: Finisher
    home: str
    _bodies: dict[int, bytes] = field(default_factory=dict)
    """Pages that look at nothing but the status, rendered once."""

    def __call__(self, status: int, context: Context) -> Answer:
        """Answer with an error."""
        context.vary.add("Accept")
        form = _form(context.environ.get("HTTP_ACCEPT", ""))
        headers, body = self._html(status, context) if form == HTML else _for_programs(status, form)
        headers += [("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        return status_line(status), self.finisher(context.path)(status, context.is_secure, headers), [body]

    def page(self, status: int) -> Page | None:
        """Return the author's page for a status."""
        return self.pages.get(str(status)) or self.pages.get(f"{status // 100}xx")

    def _html(self, status: int, context: Context) -> tuple[Headers, bytes]:
        content_type = ("Content-Type", "text/html; charset=utf-8")
        page = self.page(status)
        if page is None:
            return [content_type, ("Content-Security-Policy", _POLICY)], plain_page(status, self.home)
        if status in self._bodies and context.prefix == page.prefix:
            return [content_type], self._bodies[status]
        try:
            body = page.render(context, {"error": Error.of(status)}).encode()
        except Exception:
            logger.exception("the error page %s failed", page.name)
            return [content_type, ("Content-Security-Policy", _POLICY)], plain_page(status, self.home)
        if page.is_same_everywhere and context.prefix == page.prefix:
            self._bodies[status] = body
        return [content_type], body


def _form(accept: str) -> str:
    return _usual_form(accept) if len(accept) <= _USUAL else _usual_form.__wrapped__(accept)


@lru_cache(maxsize=256)
def _usual_form(accept: str) -> str:
    """Return the media type that fits an Accept field best; browsers send the same few again and again."""
    return parse_accept_header(accept, MIMEAccept).best_match((HTML, PROBLEM, JSON, PLAIN), default=HTML)


def _for_programs(status: int, form: str) -> tuple[Headers, bytes]:
    error = Error.of(status)
    if form == PLAIN:
        return [("Content-Type", "text/plain; charset=utf-8")], f"{error.name}\n{error.description}\n".encode()
    problem = {"type": "about:blank", "title": error.name, "status": status, "detail": error.description}
    return [("Content-Type", PROBLEM)], json.dumps(problem).encode() + b"\n"


def plain_page(status: int, home: str) -> bytes:
    """Return the page that is shown where the author gives none."""
    error = Error.of(status)
    link = f'<p><a href="{escape(home)}">To the start page</a></p>\n' if status < 500 else ""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(error.name)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n<main>\n<h1>{escape(error.name)}</h1>\n<p>{escape(error.description)}</p>\n{link}</main>\n</body>\n</html>\n"
    ).encode()
