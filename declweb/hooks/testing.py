"""Asking a site without a server, and being within one of its requests, as Flask's test client and contexts.

Owns how long a context stays for whoever tests. Knows no test framework.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Token
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click
from click.testing import CliRunner, Result
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Request

from declweb.context import Context, current
from declweb.hooks.response import Response
from declweb.hooks.state import State, state
from declweb.http.sessions import Session

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

KEEP = "declweb.keep_context"
"""Where an environ holds what is given the context of its request."""


def _site(app: Any) -> Any:
    """Return the site as it is now."""
    return getattr(app, "app", app)


class TestResponse(Response):
    """An answer, as tests look at it."""

    __test__ = False


class Within:
    """What lets a `with` block be within a request; blocks may stand within each other."""

    def __init__(self, app: Any, context: Context) -> None:
        self.app = app
        self.context = context
        self._tokens: list[Token[Context]] = []

    @property
    def request(self) -> Any:
        """The request."""
        from declweb.hooks.view_request import request_of  # noqa: PLC0415 # it needs no request to be imported

        return request_of(self.context)

    @property
    def session(self) -> Session:
        """The session."""
        return self.context.session

    @property
    def g(self) -> Any:
        """What the request keeps."""
        return self.context.g

    def push(self) -> None:
        """Begin to be within it."""
        self._tokens.append(current.set(self.context))

    def pop(self, exc: BaseException | None = None) -> None:
        """Be within it no more; the last time, the request is over."""
        try:
            cycle = self.app.cycle
            if len(self._tokens) == 1 and cycle is not None:
                state(self.context).failure = exc
                cycle.end(self.context)
        finally:
            current.reset(self._tokens.pop())

    def __enter__(self) -> Self:
        self.push()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.pop(error)


def within_environ(app: Any, environ: "WSGIEnvironment") -> Within:
    """Return what lets a block be within the request of an environ."""
    site = _site(app)
    return Within(site, site.context_of(environ))


def within_request(app: Any, *args: Any, **options: Any) -> Within:
    """Return what lets a block be within a request, which is described as werkzeug.test.EnvironBuilder wants it."""
    builder = EnvironBuilder(*args, **options)
    try:
        return within_environ(app, builder.get_environ())
    finally:
        builder.close()


def within_site(app: Any) -> Within:
    """Return what lets a block be within a site, without a request."""
    within = within_request(app)
    within.context.code = State()
    within.context.code.has_request = False
    return within


class SiteClient(Client):
    """Asks a site; within `with client:` the context of the last request stays, for `session` and `g`."""

    __test__ = False

    def __init__(self, app: Any, *args: Any, **options: Any) -> None:
        super().__init__(app, TestResponse, *args, **options)
        self._stays = False
        self._left: Callable[[], None] | None = None
        self._kept: list[Context] = []

    @contextmanager
    def session_transaction(self, *args: Any, **options: Any) -> Iterator[Session]:
        """Give the session of this client to look at and to change, as it is between two requests."""
        if self._cookies is None:
            raise TypeError("this client has no cookies: make it with use_cookies=True")
        site = _site(self.application)
        builder = EnvironBuilder(*args, **options)
        try:
            environ = builder.get_environ()
        finally:
            builder.close()
        self._add_cookies_to_wsgi(environ)
        context = site.context_of(environ)
        yield context.session
        request = Request(environ)
        told = [value for _, value in site.sessions.write(context.session, secure=context.is_secure)]
        self._update_cookies_from_response(request.host.partition(":")[0], request.path, told)

    def open(self, *args: Any, **options: Any) -> Any:
        """Ask the site, as werkzeug.test.Client does."""
        self._leave()
        self._kept.clear()
        answer = super().open(*args, **options)
        if self._stays:
            *others, last = self._kept or [_site(self.application).context_of(answer.request.environ)]
            for context in others:
                state(context).release()
            self._stay(last)
        return answer

    def run_wsgi_app(self, environ: "WSGIEnvironment", buffered: bool = False) -> Any:  # noqa: FBT001, FBT002 # Werkzeug's signature
        """Ask the site, and keep its context where that is wanted."""
        environ.setdefault("REMOTE_ADDR", "127.0.0.1")
        environ.setdefault("HTTP_USER_AGENT", "declweb")
        if self._stays:
            environ[KEEP] = lambda context: self._kept.append(_held(context))
        try:
            return super().run_wsgi_app(environ, buffered)
        finally:
            environ.pop(KEEP, None)

    def _stay(self, context: Context) -> None:
        token = current.set(context)

        def leave() -> None:
            current.reset(token)
            if state(context).holds:
                state(context).release()

        self._left = leave

    def _leave(self) -> None:
        left, self._left = self._left, None
        if left is not None:
            left()

    def __enter__(self) -> Self:
        if self._stays:
            raise RuntimeError("this client stays within its last request already")
        self._stays = True
        return self

    def __exit__(self, _kind: object, _error: object, _at: object) -> None:
        self._stays = False
        self._leave()


def _held(context: Context) -> Context:
    state(context).hold()
    return context


class SiteRunner(CliRunner):
    """Runs the commands of a site without a terminal."""

    __test__ = False

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(**options)
        self.app = app

    def invoke(self, cli: Any = None, args: Any = None, **options: Any) -> Result:  # type: ignore[override] # as in Flask, the command may be left out
        """Run a command: one of the site by its name, as in `invoke(args=["init-db"])`, or any Click command."""
        with within_site(self.app):
            return super().invoke(commands(self.app) if cli is None else cli, args, **options)


def commands(app: Any) -> click.Group:
    """Return the commands of a site as one."""
    group = click.Group()
    for name, function in _site(app).commands.items():
        is_command = isinstance(function, click.Command)
        command = function if is_command else click.Command(name, callback=function, help=function.__doc__)
        group.add_command(command, name)
    return group


def runner(app: Any, **options: Any) -> SiteRunner:
    """Return what runs the commands of a site."""
    return SiteRunner(_site(app), **options)
