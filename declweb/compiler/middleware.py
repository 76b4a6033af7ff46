"""`[[middleware]]`: WSGI applications around the site.

Owns their order, and what is said where one cannot be made. Knows nothing of what they do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from declweb.app import App
from declweb.hook_modules import Functions, unending
from declweb.model import Middleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class CannotMake(Exception):
    """Middleware that raises while it is made, or is no WSGI application."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index
        self.message = message


@dataclass(frozen=True, eq=False)
class _Site:
    """The site as middleware is given it: a WSGI application."""

    app: App

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return self.app(environ, start_response)


@dataclass(frozen=True, eq=False)
class Surrounded(App):
    """A site with middleware around it."""

    outermost: "WSGIApplication | None" = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request as the outermost middleware does."""
        assert self.outermost is not None
        return self.outermost(environ, start_response)


def surrounded(app: App, declared: Sequence[Middleware], functions: Functions) -> App:
    """Return the App with its middleware around it; raises CannotMake."""
    if all(each.off for each in declared):
        return app
    fields: dict[str, Any] = {name: getattr(app, name) for name in App.__dataclass_fields__}
    return Surrounded(**fields, outermost=around(_Site(app), declared, functions))


def around(application: "WSGIApplication", declared: Sequence[Middleware], functions: Functions) -> "WSGIApplication":
    """Return an application with middleware around it, of which the first is the outermost; raises CannotMake."""
    for index, each in reversed([*enumerate(declared)]):
        if not each.off:
            application = _made(index, each, application, functions)
    return application


def _made(index: int, each: Middleware, inner: "WSGIApplication", functions: Functions) -> "WSGIApplication":
    try:
        with unending():
            made = functions[each.use](inner, **each.options)
    except (Exception, SystemExit) as error:
        raise CannotMake(index, f"`{each.use}` cannot be made: {type(error).__name__}: {error}") from error
    if not callable(made):
        raise CannotMake(index, f"`{each.use}` gives no WSGI application, but {type(made).__name__}")
    application: WSGIApplication = made
    return application
