"""The running site: an immutable WSGI callable.

Owns the way of a request: the table of prepared answers first, then one level of matching after the other, then the
error page; and what is done to every answer on its way out. What the levels are made of is the compiler's business.
Reloading is a new App.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from werkzeug.exceptions import HTTPException

from declweb.context import Context, current
from declweb.http.paths import judge

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from declweb.http.prepared import Prepared

logger = logging.getLogger("declweb.app")

HeaderList = list[tuple[str, str]]


@dataclass(slots=True)
class Answer:
    """One answer on its way out."""

    status: int
    headers: HeaderList
    body: Iterable[bytes] = ()
    is_finished: bool = False
    """Whether the header rules have been applied already, as in a prepared answer."""


class Responder(Protocol):
    """Something an address can answer with."""

    @property
    def place(self) -> str:
        """Where the site file declares it, such as `site.toml:14`."""
        ...

    def respond(self, context: Context) -> Answer:
        """Answer one request."""
        ...


Level = Callable[[Context], Answer | None]
"""One level of matching: answers, or says by None that the next one may try; leaves what it saw in the context."""

ErrorPages = Callable[[int, Context], Answer]
Finish = Callable[[Answer, Context], HeaderList]


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of `declweb routes`."""

    url: str
    methods: tuple[str, ...]
    name: str
    answer: str
    place: str
    reasons: tuple[str, ...] = ()
    """What makes it dynamic; nothing when it is prepared."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a request may be, in bytes."""

    body: int
    url: int


@dataclass(frozen=True, slots=True, eq=False)
class App:
    """A compiled site, as a WSGI application (PEP 3333)."""

    name: str
    prefix: str
    prepared: Mapping[str, Mapping[str, "Prepared"]]
    """By PATH_INFO as WSGI gives it, then by method."""
    levels: tuple[Level, ...]
    errors: ErrorPages
    finish: Finish
    limits: Limits
    url_for: Callable[..., str]
    """Builds the address of a route, a static file or an endpoint, as Flask's url_for does."""
    listing: tuple[Listed, ...] = ()
    made_of: frozenset[str] = field(default=frozenset())
    """The files the site was made of."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request: a look-up when the answer is prepared, a walk through the levels when it is not."""
        get = environ.get
        ready = self.prepared.get(environ["PATH_INFO"])
        if ready is not None and get("SCRIPT_NAME", "") == self.prefix:
            prepared = ready.get(environ["REQUEST_METHOD"])
            if prepared is not None and len(get("QUERY_STRING", "")) < self.limits.url:
                status, headers, body = prepared.choose(environ)
                start_response(status, headers)
                return body
        return self._walk(environ, start_response)

    def _walk(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer what is not prepared."""
        path = judge(self._local_path(environ))
        context = Context(environ, path if isinstance(path, str) else "/")
        token = current.set(context)
        try:
            answer = self._answer(path, context)
            headers = answer.headers if answer.is_finished else self.finish(answer, context)
        finally:
            current.reset(token)
        start_response(_status_line(answer.status), headers)
        if context.method == "HEAD":
            close = getattr(answer.body, "close", None)
            if close is not None:
                close()
            return []
        return answer.body

    def _local_path(self, environ: "WSGIEnvironment") -> str:
        """Return PATH_INFO below the prefix; a server that knows no prefix leaves it in the path."""
        path: str = environ.get("PATH_INFO", "")
        if self.prefix and not environ.get("SCRIPT_NAME"):
            environ["SCRIPT_NAME"] = self.prefix
            if path == self.prefix or path.startswith(self.prefix + "/"):
                environ["PATH_INFO"] = path = path[len(self.prefix) :]
        return path

    def _answer(self, path: str | int, context: Context) -> Answer:
        try:
            refused = path if isinstance(path, int) else self._refusal(context)
            return self.errors(refused, context) if refused else self._matched(context)
        except HTTPException as error:
            return self.errors(error.code or 500, context)
        except Exception:
            where = f" ({context.place})" if context.place else ""
            logger.exception("%s %s failed%s", context.method, context.path, where)
            return self.errors(500, context)

    def _refusal(self, context: Context) -> int | None:
        environ = context.environ
        if len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", "")) > self.limits.url:
            return HTTPStatus.REQUEST_URI_TOO_LONG
        length = environ.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdecimal()):
            return HTTPStatus.BAD_REQUEST
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if int(length) > self.limits.body else None

    def _matched(self, context: Context) -> Answer:
        for level in self.levels:
            answer = level(context)
            if answer is not None:
                return answer
        if not context.allowed:
            return self.errors(HTTPStatus.NOT_FOUND, context)
        allow = ("Allow", ", ".join(sorted({*context.allowed, "OPTIONS"})))
        if context.method == "OPTIONS":
            return Answer(HTTPStatus.OK, [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "0"), allow])
        answer = self.errors(HTTPStatus.METHOD_NOT_ALLOWED, context)
        answer.headers.append(allow)
        return answer


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"
