"""What a site that is being worked on answers while it is broken.

Owns who is shown the page of problems. Knows no site but the last good version, which answers everything else.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from declweb.problems import Problem, draw_text
from declweb.problems_html import SIGN, draw_page, fingerprint

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STATUS = "500 Internal Server Error"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'"
)


class ProblemPage:
    """A WSGI application that shows problems to whoever asks for a page."""

    def __init__(self, problems: Sequence[Problem], last_good: "WSGIApplication | None") -> None:
        self._problems = problems
        self._last_good = last_good
        self._sign = fingerprint(problems)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        if asks_for_page(environ):
            return self._respond(start_response, "text/html", draw_page(self._problems), environ["REQUEST_METHOD"])
        if self._last_good is not None:
            return self._last_good(environ, start_response)
        return self._respond(start_response, "text/plain", draw_text(self._problems), environ["REQUEST_METHOD"])

    def _respond(self, start_response: "StartResponse", kind: str, text: str, method: str) -> list[bytes]:
        body = text.encode("utf-8", "replace")
        headers = [
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            (SIGN, self._sign),
        ]
        start_response(STATUS, headers)
        return [] if method == "HEAD" else [body]


def asks_for_page(environ: "WSGIEnvironment") -> bool:
    """Tell whether a browser is about to show the answer as a page."""
    wanted = environ.get("HTTP_SEC_FETCH_DEST", "")
    if wanted in {"document", "iframe", "frame"}:
        return True
    return "text/html" in environ.get("HTTP_ACCEPT", "")
