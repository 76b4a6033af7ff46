"""`Response` as views see it, and what makes one.

Owns how anything that a view may return becomes a response. Knows no site.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from werkzeug.wrappers import Response as BaseResponse

from declweb.context import current
from declweb.hooks.json import Json, body_of
from declweb.hooks.state import state
from declweb.http.encodings import uncompressed


class Response(BaseResponse):
    """An answer that a view makes; HTML where nothing else is said."""

    default_mimetype = "text/html"
    json_module: Any = Json
    autocorrect_location_header = False


class SiteResponse(Response):
    """An answer of the site's own, which functions are given to change it: they see what a browser shows.

    It may be compressed and have validators that were made beforehand: what is read is not compressed, and what is
    written has neither.
    """

    def get_data(self, as_text: bool = False) -> Any:  # noqa: FBT001, FBT002 # Werkzeug's signature
        """Return the body, without compression."""
        data = super().get_data()
        if self.content_encoding:
            data = uncompressed(data, self.content_encoding)
        return data.decode() if as_text else data

    def set_data(self, value: bytes | str) -> None:
        """Replace the body."""
        super().set_data(value)
        for name in _OF_THE_OLD_BODY:
            self.headers.pop(name, None)

    data = property(get_data, set_data)


_OF_THE_OLD_BODY = ("Content-Encoding", "ETag", "Last-Modified", "Accept-Ranges")


def make_response(*values: Any) -> BaseResponse:
    """Return what a view may return as a response, so that its header fields and cookies can be set."""
    if not values:
        return Response()
    answers = import_module("declweb.hooks.answers")  # it needs Response
    value = values[0] if len(values) == 1 else values
    made = answers.answered(value, current.get())
    response: BaseResponse = made if isinstance(made, BaseResponse) else answers.as_response(made)
    return response


def jsonify(*values: Any, **named: Any) -> Response:
    """Return a response that is a value in JSON: the only one given, a list of several, or those given by name."""
    if values and named:
        raise TypeError("jsonify takes values, or values by name, but not both")
    value: Any = (values[0] if len(values) == 1 else list(values)) if values else named or None
    if not values and not named:
        value = None
    return Response(body_of(value), mimetype="application/json")


AfterFunction = Callable[[Any], Any]


def after_this_request(function: AfterFunction) -> AfterFunction:
    """Call a function with the response of the request that is being answered; it returns the one that is sent."""
    context = current.get(None)
    if context is None:
        raise RuntimeError("there is no request: after_this_request belongs into a view or a before_request function")
    state(context).after.append(function)
    return function
