"""One request to a WSGI application, without a server."""

from collections.abc import Callable
from io import BytesIO
from sys import stderr
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


def environ(path: str) -> "WSGIEnvironment":
    """Return what a server says of a browser's GET."""
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.5",
        "HTTP_ACCEPT_ENCODING": "gzip, deflate, br, zstd",
        "HTTP_CONNECTION": "keep-alive",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _start_response(_status: str, _headers: object, _exc_info: object = None) -> Callable[[bytes], object]:
    return bytes


def caller(application: "WSGIApplication", *paths: str) -> Callable[[], bytes]:
    """Return what asks an application for one of these addresses after the other, with an environ of its own each."""
    asked = [environ(path) for path in paths]
    turn = 0

    def call() -> bytes:
        nonlocal turn
        turn = turn + 1 if turn + 1 < len(asked) else 0
        body = application(asked[turn].copy(), _start_response)
        content = b"".join(body)
        close = getattr(body, "close", None)
        if close is not None:
            close()
        return content

    return call
