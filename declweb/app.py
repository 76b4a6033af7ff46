"""The running site: an immutable WSGI callable.

Owns the way of a request: the table of prepared answers first, then one level of matching after the other, then the
error page; and what is done to every answer on its way out. What the levels are made of is the compiler's business.
Reloading is a new App.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from werkzeug.exceptions import HTTPException

from declweb.context import Context, SignedIn, current
from declweb.hooks.tested import Tested
from declweb.http.answer import Answer, Finish, Header, Headers, Refused, status_line
from declweb.http.guarded import kept_from_others
from declweb.http.headers import find, merge
from declweb.http.hosts import is_host
from declweb.http.incoming import refuse
from declweb.http.library import Remembered
from declweb.http.paths import judge
from declweb.http.prepared import Prepared
from declweb.http.sessions import Sessions
from declweb.http.stream import Blocks
from declweb.routing import Languages, Urls
from declweb.routing.escapes import is_malformed

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from declweb.delivery.settings import Settings
    from declweb.hooks.application import Application
    from declweb.storage import Store

logger = logging.getLogger("declweb.app")

SERVER_WIDE = "GET, HEAD, OPTIONS"
"""What `OPTIONS *` answers (RFC 9110, section 9.3.7)."""


Level = Callable[[Context], Answer | None]
"""One level of matching: answers, or says by None that the next one may try; leaves what it saw in the context."""

Forwarded = Callable[["WSGIEnvironment"], object]
"""Makes an environ tell of the visitor instead of the proxies in front."""
ErrorPages = Callable[[int, Context], Answer]
Finisher = Callable[[str], Finish]
"""The last word on the header fields of the answers at a decoded path."""

_DIGITS = 20
"""Of the longest Content-Length that is read as a number at all."""


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
    forms: frozenset[str] = frozenset()
    """The paths of forms, which judge bodies themselves."""
    views: frozenset[str] = frozenset()
    """The names of what the site's own Python answers: it is told when it reads further than this."""


class Cycle(Protocol):
    """What the site's own Python does with every request, besides answering some of them."""

    def begin(self, context: Context) -> None:
        """Begin a request."""

    def before(self, context: Context) -> Answer | None:
        """Answer before anything else does, or let the request pass."""

    def handled(self, error: BaseException, context: Context) -> Answer | None:
        """Answer with an error, where the site's own Python has something to say of it."""

    def failed(self, error: BaseException, context: Context) -> Answer | None:
        """Answer with an error that nobody expected, where more is to be told of it than visitors are."""

    def after(self, answer: Answer, context: Context, *, is_failing: bool = False) -> Answer:
        """Let an answer be changed before it is sent; of one that tells of a failure, one more is only logged."""

    def end(self, context: Context) -> None:
        """Let the request be over, once nobody needs it any more."""


Foreseen = Callable[[Context], None]
"""Leaves in a context who is going to answer, before it does."""


def _nobody(_context: Context) -> None:
    """Foresee nothing."""


def _nothing() -> None:
    """Let go of nothing."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class App(Tested):
    """A compiled site, as a WSGI application (PEP 3333)."""

    name: str
    prefix: str
    prepared: Mapping[str, Mapping[str, Prepared]]
    """By PATH_INFO as WSGI gives it, then by method."""
    files: Mapping[str, Remembered]
    """Files and pages in memory, by PATH_INFO; only those that no earlier level concerns."""
    levels: tuple[Level, ...]
    errors: ErrorPages
    finisher: Finisher
    limits: Limits
    urls: Urls
    overview: tuple[Listed, ...] = ()
    made_of: frozenset[Path] = frozenset()
    """The files the site was made of."""
    forwarded: Forwarded | None = None
    languages: Languages = field(default_factory=Languages)
    sessions: Sessions | None = None
    store: "Store | None" = None
    """What keeps the entries of its forms, where it has any."""
    guard: Level | None = None
    """Answers for what only some users may see, to all others."""
    who: Callable[[Context], SignedIn | None] | None = None
    """Tells who is signed in, where the site has users."""
    delivery: "Settings | None" = None
    """How what its forms send is delivered."""
    forget: Callable[[], None] = _nothing
    """Lets go of the files in memory."""
    commands: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """What `declweb run` knows, by name."""
    code: "Application | None" = None
    """The site as its own Python sees it, where it has any."""
    cycle: Cycle | None = None
    """What its own Python does with every request."""
    foresee: Foreseen = _nobody
    crossing: Level | None = None
    """Leaves in a context what pages of other origins may read, and answers those that ask beforehand."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request: a look-up when the answer is prepared, a walk through the levels when it is not."""
        if self.forwarded is not None:
            self.forwarded(environ)
        path = environ["PATH_INFO"]
        kept = None
        if (ready := self.prepared.get(path)) is not None or (kept := self.files.get(path)) is not None:
            get = environ.get
            method = environ["REQUEST_METHOD"]
            raw = get("RAW_URI") or get("REQUEST_URI")
            # Spelt out: a function for it would cost a tenth of what all of this costs.
            if (
                (raw is None or raw == path or raw.partition("?")[0] == path)
                and (method == "GET" or method == "HEAD")  # noqa: PLR1714 # half the time of looking in a set
                and get("SCRIPT_NAME", "") == self.prefix
                and len(get("QUERY_STRING", "")) < self.limits.url
                and (host := get("HTTP_HOST"))
                and "," not in host
                and "HTTP_RANGE" not in environ
                and "HTTP_IF_MATCH" not in environ
                and "HTTP_IF_UNMODIFIED_SINCE" not in environ
                and (
                    prepared := ready.get(method)
                    if ready is not None
                    else kept.now(get("QUERY_STRING", ""), environ)
                    if kept is not None
                    else None
                )
                is not None
                and ((cookie := prepared.unless) is None or cookie not in get("HTTP_COOKIE", ""))
            ):
                status, headers, body = prepared.choose(
                    get("HTTP_ACCEPT_ENCODING"),
                    get("HTTP_IF_NONE_MATCH"),
                    get("HTTP_IF_MODIFIED_SINCE"),
                    environ["wsgi.url_scheme"] == "https",
                    method == "HEAD",
                )
                start_response(status, headers)
                return body
        return self._walk(environ, start_response)

    def url_for(self, endpoint: str, **values: object) -> str:
        """Return the address of a route, a static file or an endpoint, as Flask's url_for does.

        Raises CannotBuild for an unknown name, a missing variable, or a value that its converter cannot write.
        """
        context = current.get(None)
        if context is None:
            return self.urls.build(endpoint, values, self.prefix, strictly=False)
        return self.urls.build(endpoint, values, context.prefix, context.origin, context.language, strictly=False)

    def _walk(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer what is not prepared."""
        path = judge(self._local_path(environ))
        local = path if isinstance(path, str) else "/"
        context = self._context(environ, local)
        token = current.set(context)
        try:
            status, headers, body = (
                self._answer(path, context) if self.cycle is None else self._with_code(path, context)
            )
        finally:
            current.reset(token)
        refuse(environ)
        start_response(status, headers)
        if context.method != "HEAD":
            send = environ.get("wsgi.file_wrapper")
            return body.sent_by(send) if send is not None and isinstance(body, Blocks) else body
        close = getattr(body, "close", None)
        if close is not None:
            close()
        return []

    def _context(self, environ: "WSGIEnvironment", path: str) -> Context:
        context = Context(environ, path, self.languages.of(path), self.sessions, self.who)
        context.app = self
        return context

    def context_of(self, environ: "WSGIEnvironment") -> Context:
        """Return the context of a request that nobody answers: for tests, and for commands."""
        if self.forwarded is not None:
            self.forwarded(environ)
        path = judge(self._local_path(environ))
        return self._context(environ, path if isinstance(path, str) else "/")

    def _with_code(self, path: str | int, context: Context) -> Answer:
        """Answer with the site's own Python around it."""
        assert self.cycle is not None
        self.cycle.begin(context)
        try:
            return self._answer(path, context)
        finally:
            self.cycle.end(context)

    def _local_path(self, environ: "WSGIEnvironment") -> str:
        """Return PATH_INFO below the prefix; a server that knows no prefix leaves it in the path."""
        path: str = environ.get("PATH_INFO", "")
        if self.prefix and not environ.get("SCRIPT_NAME"):
            environ["SCRIPT_NAME"] = self.prefix
            if path == self.prefix or path.startswith(self.prefix + "/"):
                environ["PATH_INFO"] = path = path[len(self.prefix) :]
        return path

    def _answer(self, path: str | int, context: Context) -> Answer:
        """Answer, whatever goes wrong on the way."""
        try:
            answer = self._routed(path, context)
        except (Exception, SystemExit) as error:  # noqa: BLE001 # it is logged, unless it is an answer
            answer = self._mended(error, context)
        if self.cycle is not None:
            try:
                answer = self.cycle.after(answer, context)
                return answer[0], self._marked(answer[1], context), answer[2]
            except (Exception, SystemExit) as error:  # noqa: BLE001 # as above
                answer = self._after_failing(self._mended(error, context), context)
        return answer[0], self._marked(answer[1], context), answer[2]

    def _after_failing(self, answer: Answer, context: Context) -> Answer:
        """Let an answer be changed that tells of a failure; one more is only logged, and nothing is kept of it."""
        assert self.cycle is not None
        context.drop_session()
        return self.cycle.after(answer, context, is_failing=True)

    def _routed(self, path: str | int, context: Context) -> Answer:
        if context.method == "OPTIONS" and context.environ.get("PATH_INFO") == "*":
            return self._options(context, SERVER_WIDE)
        if self.crossing is not None and isinstance(path, str) and (allowed := self.crossing(context)) is not None:
            return allowed
        if self.guard is not None and isinstance(path, str) and (turned_away := self.guard(context)) is not None:
            return turned_away
        refused = path if isinstance(path, int) else self._refusal(context)
        return self.errors(refused, context) if refused else self._matched(context)

    def _mended(self, error: BaseException, context: Context) -> Answer:
        """Answer with what went wrong."""
        if self.cycle is not None:
            try:
                handled = self.cycle.handled(error, context)
            except (Exception, SystemExit) as failure:  # noqa: BLE001 # it is logged
                return self._unexpected(failure, context)
            if handled is not None:
                return handled
        if isinstance(error, Refused):
            context.told = error.told
            return self._error(error.status, context, error.headers)
        if isinstance(error, HTTPException):
            said = error.get_headers(context.environ)
            return self._error(error.code or 500, context, (header for header in said if header[0] != "Content-Type"))
        return self._unexpected(error, context)

    def _unexpected(self, error: BaseException, context: Context) -> Answer:
        """Answer with an error that nobody has anything to say of."""
        context.reference = context.request_id
        where = f"{context.place}, " if context.place else ""
        told = {"place": context.place, "request_id": context.reference}
        what = context.method, context.path_in_log
        logger.error(
            "%s %s failed (%srequest %s)", *what, where, context.reference, exc_info=error,
            extra={key: value for key, value in told.items() if value},
        )  # fmt: skip
        shown = self.cycle.failed(error, context) if self.cycle is not None else None
        return shown or self.errors(500, context)

    def _refusal(self, context: Context) -> int | None:
        environ = context.environ
        if len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", "")) > self.limits.url:
            return HTTPStatus.REQUEST_URI_TOO_LONG
        host = environ.get("HTTP_HOST", "")
        if is_malformed(context.target):
            return HTTPStatus.BAD_REQUEST
        if not is_host(host) or (not host and environ.get("SERVER_PROTOCOL") == "HTTP/1.1"):
            return HTTPStatus.BAD_REQUEST
        length = environ.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdecimal()):
            return HTTPStatus.BAD_REQUEST
        is_judged_there = context.method == "POST" and context.path in self.limits.forms
        is_too_large = len(length) > _DIGITS or (int(length) > self.limits.body and not is_judged_there)
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if is_too_large and not self._is_for_view(context) else None

    def _is_for_view(self, context: Context) -> bool:
        if not self.limits.views:
            return False
        self.foresee(context)
        return context.endpoint in self.limits.views

    def _matched(self, context: Context) -> Answer:
        if self.cycle is not None and (answer := self.cycle.before(context)) is not None:
            return answer
        for level in self.levels:
            answer = level(context)
            if answer is not None:
                return answer
        if not context.allowed:
            return self.errors(HTTPStatus.NOT_FOUND, context)
        allow = ", ".join(sorted({*context.allowed, "OPTIONS"}))
        if context.method == "OPTIONS":
            return self._options(context, allow)
        return self._error(HTTPStatus.METHOD_NOT_ALLOWED, context, [("Allow", allow)])

    def _error(self, error: int, context: Context, said: Iterable[Header]) -> Answer:
        """Answer with an error, and with header fields that tell more of it."""
        status, headers, body = self.errors(error, context)
        return status, merge(headers, said), body

    def _options(self, context: Context, allow: str) -> Answer:
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "0"), ("Allow", allow)]
        return status_line(200), self.finisher(context.path)(200, context.is_secure, headers), []

    def _marked(self, headers: Headers, context: Context) -> Headers:
        """Return header fields that tell caches what the levels looked at, and the browser of its session."""
        if context.has_looked_at_session:
            context.is_private = context.is_private or bool(context.session) or context.session.modified
            if self.sessions is not None:
                headers = merge(headers, self.sessions.write(context.session, secure=context.is_secure))
        if context.said:
            headers = merge(headers, context.said)
        if context.vary:
            headers = merge(headers, [("Vary", ", ".join(sorted(context.vary)))])
        if context.is_guarded:
            return kept_from_others(headers)
        if context.is_private and find(headers, "Cache-Control") != "no-store":
            headers = merge(headers, [("Cache-Control", "private, no-cache")])
        return headers
