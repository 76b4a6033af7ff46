"""`site.canonical`: one address for a site, whatever scheme and host it is asked by.

Owns which requests are sent on, and that a visitor is redirected once. Knows nothing of what answers a path.

Never sent on: a request without a host, one that a machine or its neighbours make (localhost, private addresses), the
proof of a certificate authority (RFC 8555, section 8.3), and one that a proxy says came over https though [proxy] does
not believe it, which would go round in circles.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from declweb.app import App, Forwarded
from declweb.compiler.redirects import moved, relocated
from declweb.context import Context
from declweb.http.answer import READING, Answer
from declweb.http.headers import find, merge
from declweb.http.paths import escaped
from declweb.http.visitors import is_near

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger("declweb.canonical")

CHALLENGES = "/.well-known/acme-challenge/"
"""What is asked for over http while a certificate is on its way."""

_PASSED_ON = ("400", "413", "414")
_USUAL_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, eq=False)
class Canonical(App):
    """A site that sends visitors of other schemes and hosts to its own address."""

    origin: str = ""
    """Scheme and host of the site's address."""
    usual: tuple[str, str] = ("", "")
    """The same as scheme and Host field."""
    believed: Forwarded | None = None
    """What `forwarded` is elsewhere."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request as the App does, unless it came by another address."""
        if self.believed is not None:
            self.believed(environ)
        scheme, host = self.usual
        # Spelt out, as in App: almost every request is for the right address.
        is_usual = environ.get("HTTP_HOST") == host and environ["wsgi.url_scheme"] == scheme
        if is_usual or not self._is_elsewhere(environ):
            return super().__call__(environ, start_response)
        return self._walk(environ, start_response)

    def _answer(self, path: str | int, context: Context) -> Answer:
        if isinstance(path, int) or path.startswith(CHALLENGES) or not self._is_elsewhere(context.environ):
            return super()._answer(path, context)
        if context.method in READING or self._refusal(context):
            return self._sent_on(super()._answer(path, context), path, context)
        return self._moved(path, context)

    def _sent_on(self, answer: Answer, path: str, context: Context) -> Answer:
        """Return a redirect to what the answer would be at the site's own address, or to where it leads by itself."""
        status, headers, body = answer
        location = find(headers, "Location") if status.startswith("3") else None
        if location is not None:
            return status, merge(headers, [("Location", urljoin(self.origin + context.prefix + path, location))]), body
        if status.startswith(_PASSED_ON):
            return answer
        close = getattr(body, "close", None)
        if close is not None:
            close()
        return self._moved(path, context)

    def _moved(self, path: str, context: Context) -> Answer:
        status = 301 if context.method in READING else 308
        return moved(context, status, self.origin + relocated(escaped(path), context), self.finisher)

    def _is_elsewhere(self, environ: "WSGIEnvironment") -> bool:
        asked = environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "")
        if asked == self.usual or _is_same(asked, self.usual):
            return False
        if asked[0] == "http" and _says_https(environ):
            _warn(self.origin)
            return False
        return True


@lru_cache(maxsize=256)
def _is_same(asked: tuple[str, str], usual: tuple[str, str]) -> bool:
    """Tell whether a scheme and Host field need not be sent on."""
    scheme, host = asked[0], asked[1].lower()
    is_upgrade = usual[0] == "https" and scheme != "https"
    return not host or is_near(host) or (not is_upgrade and host.removesuffix(_USUAL_PORTS.get(scheme, "")) == usual[1])


def _says_https(environ: "WSGIEnvironment") -> bool:
    said = environ.get("HTTP_X_FORWARDED_PROTO", "") + environ.get("HTTP_FORWARDED", "").partition("proto=")[2]
    return "https" in said.lower()


@cache
def _warn(origin: str) -> None:
    logger.warning(
        "a proxy says that visitors come over https, and [proxy] does not believe it: nobody is sent to %s; "
        "add [proxy] with trust = 1",
        origin,
    )


def canonical(app: App, url: str) -> App:
    """Return the App that sends visitors of other addresses to `url`."""
    address = urlsplit(url)
    host = address.netloc.lower().removesuffix(_USUAL_PORTS[address.scheme])
    fields: dict[str, Any] = {name: getattr(app, name) for name in App.__dataclass_fields__}
    fields |= {"forwarded": None, "believed": app.forwarded}
    return Canonical(**fields, origin=f"{address.scheme}://{host}", usual=(address.scheme, host))
