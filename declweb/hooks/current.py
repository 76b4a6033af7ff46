"""`request`, `session`, `g` and `current_app`: each stands for that of the request which is being answered.

Owns what is said where there is none. Knows nothing of what they hold.
"""

from typing import TYPE_CHECKING, Any, NoReturn, cast

from werkzeug.local import LocalProxy

from declweb.context import Context, current
from declweb.hooks.view_request import Request, request_of
from declweb.http.sessions import Session
from declweb.kept import Globals

if TYPE_CHECKING:
    from declweb.hooks.application import Application


def _outside(what: str) -> NoReturn:
    raise RuntimeError(
        f"there is no request, so there is no `{what}`: it is there while a request is answered, "
        "and within `with app.test_request_context():`"
    )


def context_of(what: str, *, needs_request: bool = True) -> Context:
    """Return the context of the request that is being answered; raises RuntimeError where there is none."""
    context = current.get(None)
    if context is None or (needs_request and context.code is not None and not context.code.has_request):
        _outside(what)
    return context


def has_request_context() -> bool:
    """Tell whether a request is being answered."""
    context = current.get(None)
    return context is not None and (context.code is None or context.code.has_request)


def has_app_context() -> bool:
    """Tell whether there is a site that `current_app` and `g` are of."""
    return current.get(None) is not None


def _request() -> Request:
    return request_of(context_of("request"))


def _session() -> Session:
    return context_of("session").session


def _g() -> Globals:
    return context_of("g", needs_request=False).g


def _application() -> Any:
    app = context_of("current_app", needs_request=False).app
    if app is None or app.code is None:
        _outside("current_app")
    return app.code


request = cast("Request", LocalProxy(_request))
"""The request that is being answered, as Flask's."""
session = cast("Session", LocalProxy(_session))
"""What the visitor's cookie keeps, as Flask's."""
g = cast("Any", LocalProxy(_g))
"""A place for whatever one request wants to keep."""
current_app = cast("Application", LocalProxy(_application))
"""The site, as Flask's application: `config`, `logger`, `url_for` and what views ask of it besides."""
