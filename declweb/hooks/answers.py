"""What a view returns, as an answer.

Owns which kinds of values there are and what each becomes, as Flask has it. Knows neither views nor routes.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from declweb.context import Context
from declweb.hooks.json import body_of
from declweb.hooks.response import Response
from declweb.hooks.streams import Stream
from declweb.http.answer import WITHOUT_CONTENT, Answer, status_line
from declweb.http.headers import find, without
from declweb.http.stream import Blocks

HTML = ("Content-Type", "text/html; charset=utf-8")
JSON = ("Content-Type", "application/json")
OK = status_line(200)


_WITHOUT_CONTENT = frozenset(str(status) for status in WITHOUT_CONTENT)


class NoAnswer(TypeError):
    """A value that is no answer, in words for whoever wrote the view."""


def answered(value: Any, context: Context) -> Answer | BaseResponse:
    """Return what a view returned as an answer, or as the response that it is already. Raises NoAnswer."""
    kind = type(value)
    if kind is str:
        body = value.encode()
        return OK, [HTML, ("Content-Length", str(len(body)))], [body]
    if kind is dict or kind is list:
        body = body_of(value)
        return OK, [JSON, ("Content-Length", str(len(body)))], [body]
    if isinstance(value, BaseResponse):
        return value
    return _with_more(value, context) if isinstance(value, tuple) else _other(value, context)


def _other(value: Any, context: Context) -> Answer | BaseResponse:
    if isinstance(value, str | bytes | bytearray):
        body = value.encode() if isinstance(value, str) else bytes(value)
        return OK, [HTML, ("Content-Length", str(len(body)))], [body]
    if isinstance(value, dict | list):
        body = body_of(value)
        return OK, [JSON, ("Content-Length", str(len(body)))], [body]
    if isinstance(value, HTTPException):
        raise value
    if isinstance(value, Iterator):
        return OK, [HTML], Stream(value, context)
    if callable(value) and not isinstance(value, type):
        return _of_application(value, context)
    what = "nothing: a `return` is missing" if value is None else f"{type(value).__name__}, which is no answer"
    raise NoAnswer(f"returned {what}")


def _of_application(application: Any, context: Context) -> BaseResponse:
    try:
        return Response.from_app(application, context.environ)
    except TypeError as error:
        if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
            deepest = error.__traceback__
            while deepest.tb_next is not None:
                deepest = deepest.tb_next
            if deepest.tb_frame.f_code.co_name != "run_wsgi_app":
                raise
        raise NoAnswer("returned a function that is no WSGI application") from error


def _with_more(value: tuple[Any, ...], context: Context) -> Answer | BaseResponse:
    """Return (body, status), (body, headers) or (body, status, headers) as an answer."""
    body, status, headers = _parts(value)
    if body is None or isinstance(body, tuple):
        raise NoAnswer("returned a tuple whose first element is no body")
    made = answered(body, context)
    if isinstance(made, BaseResponse):
        return _changed(made, status, headers)
    line, fields, content = made
    if status is not None:
        line = _line(status)
    if headers:
        # As in Flask: a new answer has the fields that were given, and those of a value in JSON are replaced by them.
        merged = Headers(fields) if isinstance(body, dict | list) else Headers(headers)
        if isinstance(body, dict | list):
            merged.update(headers)
        for name, said in fields:
            merged.setdefault(name, said)
        fields = merged.to_wsgi_list()
    return line, fields, content


def _parts(value: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    match value:
        case body, status, headers:
            return body, status, headers
        case body, Headers() | Mapping() | tuple() | list() as headers:
            return body, None, headers
        case body, status:
            return body, status, None
    raise NoAnswer(f"returned a tuple of {len(value)}: it must be (body, status), (body, headers) or all three")


def _changed(response: BaseResponse, status: Any, headers: Any) -> BaseResponse:
    if status is not None:
        response.status = status if isinstance(status, str) else int(status)
    if headers:
        response.headers.update(headers)
    return response


def _line(status: Any) -> str:
    if isinstance(status, int):
        return status_line(int(status))
    if isinstance(status, str):
        return BaseResponse(status=status).status
    raise NoAnswer(f"returned {status!r} as a status: it must be a number, or a text such as `404 Not Found`")


# --- between answers and responses ------------------------------------------------------------------------------------


def as_response(answer: Answer, kind: type[Response] = Response) -> Response:
    """Return an answer as a response, which functions may change."""
    line, fields, body = answer
    response = kind(body, status=line, headers=Headers(fields), direct_passthrough=isinstance(body, Blocks))
    if find(fields, "Content-Type") is None:
        response.headers.pop("Content-Type", None)
    return response


def sent(response: BaseResponse, context: Context) -> Answer:
    """Return a response as the answer to its request."""
    body, line, fields = response.get_wsgi_response(context.environ)
    if context.method == "HEAD":
        response.close()
        return line, fields, []
    if response.direct_passthrough:
        return line, fields, body
    if response.is_sequence and not response._on_close:  # noqa: SLF001 # who asked to be told of the end is told by the body
        return line, fields, list(body)
    return line, fields, Stream(body, context)


def checked(answer: Answer, context: Context) -> Answer:
    """Return an answer that is what it says: no content where there can be none, and no other length than was said.

    Raises TypeError where its status is none.
    """
    line, fields, body = answer
    if not ("100" <= line[:3] <= "999" and line[3:4] == " " and line.isprintable()):
        _close(body)
        raise TypeError(f"answers with a status that no server sends: {line!r}")
    if line[:3] in _WITHOUT_CONTENT:
        _close(body)
        return line, without(fields, ("Content-Type", "Content-Length")), []
    said = find(fields, "Content-Length")
    if context.method == "HEAD" or isinstance(body, Blocks):
        return answer
    if isinstance(body, list):
        length = str(sum(map(len, body)))
        if said != length:
            fields = [*without(fields, ("Content-Length",)), ("Content-Length", length)]
        return line, fields, body
    if said is not None and isinstance(body, Stream):
        if not (said.isascii() and said.isdecimal()):
            return line, without(fields, ("Content-Length",)), body
        body.expect(int(said))
    return line, fields, body


def _close(body: Iterable[bytes]) -> None:
    if (close := getattr(body, "close", None)) is not None:
        close()


__all__ = ["HTML", "JSON", "OK", "NoAnswer", "answered", "as_response", "checked", "sent"]
