"""`request` as views see it: Werkzeug's, with what Flask adds.

Owns how large its body may be, and when it is known who answers. Knows no site but through its context.
"""

from collections.abc import Mapping
from typing import IO, Any, NoReturn

from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.utils import cached_property
from werkzeug.wrappers import Request as BaseRequest
from werkzeug.wsgi import LimitedStream, get_input_stream

from declweb.context import Context
from declweb.hooks.json import Json
from declweb.hooks.kept_body import keep
from declweb.hooks.state import state


class Rule:
    """`request.url_rule`: the route that answers."""

    def __init__(self, endpoint: str, rule: str, methods: frozenset[str]) -> None:
        self.endpoint = endpoint
        self.rule = rule
        self.methods = methods

    def __str__(self) -> str:
        return self.rule


class _NoMore(LimitedStream):
    """A body of which nobody said how long it is; Werkzeug's own reader would cut it and not say so."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        super().__init__(stream, most + 1, is_max=True)

    def readall(self) -> bytes:
        """Return all of it."""
        data = super().readall()
        if self.is_exhausted:
            raise RequestEntityTooLarge
        return data


class Request(BaseRequest):
    """The request that is being answered."""

    json_module: Any = Json
    max_content_length: int | None = None
    """How many bytes of a body are read; a view may set another number, or None, before it reads the body."""

    _context: Context | None = None

    @cached_property
    def stream(self) -> IO[bytes]:
        """Read the body as it comes in; one that is larger than it may be raises, however it is read."""
        most = self.max_content_length
        if most is not None and self.content_length is None and self.environ.get("wsgi.input_terminated"):
            return _NoMore(self.environ["wsgi.input"], most)  # type: ignore[return-value] # it reads
        return get_input_stream(self.environ, max_content_length=most)

    @property
    def endpoint(self) -> str | None:
        """The name of the route that answers; None where none does."""
        if self._context is None:
            return None
        _ask(self._context)
        return self._context.endpoint

    @property
    def view_args(self) -> Mapping[str, Any] | None:
        """The URL variables; None where nothing answers."""
        if self._context is None or self.endpoint is None:
            return None
        return self._context.view_args

    @property
    def url_rule(self) -> Rule | None:
        """The route that answers: `rule` is its path, `methods` are those that it answers."""
        endpoint = self.endpoint
        if self._context is None or endpoint is None or endpoint not in self._context.app.urls:
            return None
        found = self._context.app.urls.find(endpoint)
        also = {"OPTIONS", "HEAD"} if "GET" in found.methods else {"OPTIONS"}
        return Rule(endpoint, found.path, found.methods | also)

    @property
    def routing_exception(self) -> HTTPException | None:
        """Why nothing answers, once that is known."""
        error = self._context.code.error if self._context is not None and self._context.code is not None else None
        return error if isinstance(error, HTTPException) else None

    @property
    def blueprint(self) -> str | None:
        """What stands before the last dot in the name of the route."""
        endpoint = self.endpoint
        return endpoint.rpartition(".")[0] if endpoint is not None and "." in endpoint else None

    @property
    def blueprints(self) -> list[str]:
        """The same, and all that it is a part of."""
        names, name = [], self.blueprint or ""
        while name:
            names.append(name)
            name = name.rpartition(".")[0]
        return names

    def on_json_loading_failed(self, e: ValueError | None) -> NoReturn:
        """Answer that the request is wrong, in words that tell nothing of how it was read."""
        if e is None:
            super().on_json_loading_failed(e)
        raise BadRequest from e


def _ask(context: Context) -> None:
    """Find out who is going to answer, where it is asked for before that is known."""
    if context.endpoint is None and context.app is not None:
        known = state(context)
        if not known.has_asked:
            known.has_asked = True
            context.app.foresee(context)


def request_of(context: Context) -> Request:
    """Return the request of a context; the same one whenever it is asked for."""
    known = state(context)
    if known.request is None or known.request.environ is not context.environ:
        if context.app is not None and context.method == "POST" and context.path in context.app.limits.forms:
            keep(context.environ, context.app.limits.body)
        request = Request(context.environ, populate_request=False)
        request._context = context  # noqa: SLF001 # made here
        if context.app is not None:
            request.max_content_length = context.app.limits.body
        known.request = request
    found: Request = known.request
    return found
