"""A site as an ASGI application, for servers that know no WSGI.

Owns what asgiref's adapter leaves open: bodies are read when the site asks for them and are no longer than that,
requests do not wait for one another, and what an answer holds is let go. Knows nothing of sites.
"""

import os
from asyncio import Semaphore
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from asgiref.sync import AsyncToSync, ThreadSensitiveContext
from asgiref.wsgi import WsgiToAsgi, WsgiToAsgiInstance

from declweb.http.incoming import OWN_THREADS
from declweb.model.server import Server
from declweb.serving.reload import load

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope


def asgi(site: str | os.PathLike[str], env: str | None = None, *, reload: bool = True) -> "Asgi":
    """Return a site as an ASGI application; all else is as in `load`."""
    live = load(site, env, reload=reload)
    declared = live.version.site
    return Asgi(live, (declared.server if declared else Server()).threads)


class Asgi(WsgiToAsgi):
    """An ASGI application that answers with a WSGI application, in so many threads."""

    def __init__(self, application: "WSGIApplication", threads: int) -> None:
        super().__init__(_Closing(application))  # type: ignore[no-untyped-call] # it has no types
        self._places = Semaphore(threads)

    async def __call__(self, scope: "Scope", receive: "ASGIReceiveCallable", send: "ASGISendCallable") -> None:
        """Answer one request; say of everything else that there is nothing to it."""
        if scope["type"] == "http":
            async with self._places, ThreadSensitiveContext():
                await _Request(self.wsgi_application)(scope, receive, send)  # type: ignore[no-untyped-call] # as above
        elif scope["type"] == "lifespan":
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1000, "reason": None})


class _Request(WsgiToAsgiInstance):
    """One request."""

    async def __call__(self, scope: "HTTPScope", receive: "ASGIReceiveCallable", send: "ASGISendCallable") -> None:
        """Answer it in a thread; its body waits to be asked for."""
        self.scope = scope
        self.sync_send = AsyncToSync(send)
        await self.run_wsgi_app(_Body(receive))

    def build_environ(self, scope: "HTTPScope", body: "_Body") -> "WSGIEnvironment":
        """Return the environ, with the address as it was sent and a body that has an end."""
        # A name with an underscore would pass for the one with a hyphen, which a proxy may have set.
        self.scope = {**scope, "headers": [field for field in scope["headers"] if b"_" not in field[0]]}
        environ: WSGIEnvironment = super().build_environ(scope, body)  # type: ignore[no-untyped-call] # as above
        if (raw := scope.get("raw_path")) is not None:
            query = scope["query_string"]
            environ["RAW_URI"] = (raw.partition(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")
        environ["SERVER_SOFTWARE"] = OWN_THREADS
        environ["wsgi.input_terminated"] = True
        return environ


class _Body:
    """`wsgi.input`: what has come of a body, and then what is still to come."""

    def __init__(self, receive: "ASGIReceiveCallable") -> None:
        self._receive = AsyncToSync(receive)
        self._kept = b""
        self._has_more = True

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, fewer at the end or when the client has gone; all of them where no size is given."""
        parts, found = [self._kept], len(self._kept)
        while self._has_more and (size < 0 or found < size):
            message: Any = self._receive()
            self._has_more = message["type"] == "http.request" and message.get("more_body", False)
            parts.append(message.get("body", b""))
            found += len(parts[-1])
        return self._taken(b"".join(parts), found if size < 0 else size)

    def readline(self, size: int = -1) -> bytes:
        """Return a line, or so many bytes of it."""
        line = b""
        while not line.endswith(b"\n") and len(line) != size and (byte := self.read(1)):
            line += byte
        return line

    def readlines(self, _hint: int = -1) -> list[bytes]:
        """Return all lines."""
        return list(self)

    def __iter__(self) -> "Any":
        return iter(self.readline, b"")

    def _taken(self, data: bytes, size: int) -> bytes:
        self._kept = data[size:]
        return data[:size]


class _Closing:
    """A WSGI application whose answers are closed when they are not asked for any more."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self._inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        body = self._inner(environ, start_response)
        try:
            yield from body
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()
