"""What a Flask application was given that a site file has no word for, or another one.

Owns the words for it. Writes no table.
"""

from collections.abc import Iterator
from typing import Any

from jinja2 import defaults

from declweb.flask_import.places import is_flasks, place

CLASSES = ("request_class", "response_class", "json_provider_class", "jinja_environment", "test_client_class")
"""Classes that an application may have of its own."""


def remainders(app: Any) -> Iterator[str]:
    """Yield a sentence for each thing of an application that is not carried over."""
    yield from _around(vars(app).get("wsgi_app"))
    for key in CLASSES:
        if not is_flasks(getattr(app, key, None)):
            yield f"`{key}` of the application ({_called(getattr(app, key))}) is not carried over"
    if not is_flasks(type(app.session_interface)):
        yield f"the sessions of {_called(type(app.session_interface))} are not carried over: [session] has its own"
    changed = sorted(vars(app.json).keys() - {"_app"})
    if changed or not is_flasks(type(app.json)):
        yield f"how `app.json` writes JSON ({', '.join(changed) or _called(type(app.json))}) is not carried over"
    if not is_flasks(type(app)):
        yield f"what {_called(type(app))} does otherwise than Flask is not carried over"
    for each in app.url_build_error_handlers:
        yield f"{place(each)}`url_build_error_handlers` are not carried over: catch `BuildError` around url_for"
    for each in app.shell_context_processors:
        yield f"{place(each)}`shell_context_processor` is not carried over: a site has no shell"
    yield from _of_templates(app.jinja_env)
    yield from (f"the extension `{name}` is not carried over" for name in app.extensions)


def _around(middleware: Any) -> Iterator[str]:
    """Yield what is said of the WSGI applications around an application, the outermost first."""
    while middleware is not None and not _is_flasks_own(middleware):
        kind = type(middleware)
        rest = "[proxy] says the same" if kind.__name__ == "ProxyFix" else "write it as [[middleware]]"
        yield f"the middleware {_called(kind)} is not carried over: {rest}"
        inside = getattr(middleware, "__dict__", {})
        middleware = next((inside[key] for key in ("app", "wsgi_app") if key in inside), None)


def _is_flasks_own(found: Any) -> bool:
    """Tell whether this is what Flask itself answers with."""
    return getattr(found, "__name__", "") == "wsgi_app" and is_flasks(found)


def _of_templates(environment: Any) -> Iterator[str]:
    for key, usual in vars(defaults).items():
        name = key.lower()
        if key.isupper() and getattr(environment, name, usual) != usual:
            yield f"`jinja_env.{name}` is not carried over: templates are read with Jinja's own setting"
    for name in environment.extensions:
        yield f"the Jinja extension `{name}` is not carried over"


def _called(kind: Any) -> str:
    return f"`{getattr(kind, '__module__', '')}.{getattr(kind, '__qualname__', kind)}`"
