"""A request body on its way in.

Owns what the environ tells of a body, and how a read that blocks is ended from outside: WSGI has no word for that, and
on every server a body is read in a thread of its own. Knows neither forms nor limits.

What servers do, as measured: `read(n)` blocks until n bytes are there or the client has gone. gunicorn gives the
socket of the connection; Granian gives nothing, so the connections of the client are looked up among the files that
are open in this process, and those are ended that have been waiting for an answer for as long and have sent as little.
When an answer goes out before the body has come, Granian closes the connection at once; gunicorn waits for the rest of
the body for up to 5 s, and then, in the thread that accepts connections, for the client to close for up to 2 s more.
"""

import contextlib
import os
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SLOW = 16_000
"""Bytes per second; a body that comes slower is not waited for longer than it is given for no matter what."""

_SLACK = 32_000
"""Bytes of head and first body that came however slow a client is."""
_SENT, _RECEIVED, _BYTES = 44, 52, 128
"""Offsets in Linux's struct tcp_info: milliseconds since the last send and the last receipt, bytes received."""
_DRAINED = 1_000_000
"""Bytes already here that are thrown away so that the client reads the answer instead of a reset."""
OWN_THREADS = "declweb"
"""What SERVER_SOFTWARE says where declweb itself sees to the threads."""
_OTHER_SERVERS = 8
"""Threads of a server that does not tell; few, for the bound on readers is half of them."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A body that has not been read."""

    read: Callable[[int], bytes]
    """Returns that many bytes; fewer at the end, or when the client has gone, or when it was cut."""
    length: int | None
    """What Content-Length says; None where the body is sent in chunks."""
    cut: Callable[[float], None]
    """Ends a read that blocks, of a request that began that many seconds ago; the answer can still be sent."""
    abandon: Callable[[], None]
    """Sees to it that nothing waits for what is still to come."""
    threads: int | None = None
    """How many requests the server answers at once in this process; None where `[server] threads` says so."""


def incoming(environ: "WSGIEnvironment") -> Incoming:
    """Return the body of a request; App has seen to it that Content-Length is a number."""
    length = environ.get("CONTENT_LENGTH")
    is_chunked = not length and "HTTP_TRANSFER_ENCODING" in environ
    has_end = is_chunked or environ.get("wsgi.input_terminated", False)
    return Incoming(
        environ["wsgi.input"].read,
        int(length) if length else None if has_end else 0,
        _cutter(environ),
        partial(refuse, environ),
        _threads(environ),
    )


def refuse(environ: "WSGIEnvironment") -> None:
    """See to it that a body which nobody will read keeps no thread: what is still to come is not waited for.

    To be called before answering; does nothing where the body has been read, else the connection ends with the answer.
    """
    connection = environ.get("gunicorn.socket")
    if connection is None or not _is_open(environ):
        return
    with contextlib.suppress(OSError), _same(connection.fileno()) as same:
        drained = 0
        with contextlib.suppress(BlockingIOError):
            while drained < _DRAINED and (data := same.recv(65536, socket.MSG_DONTWAIT)):
                drained += len(data)
        same.shutdown(socket.SHUT_RD)


def _is_open(environ: "WSGIEnvironment") -> bool:
    """Tell whether there is something left of a body."""
    if not environ.get("CONTENT_LENGTH", "0").strip("0") and "HTTP_TRANSFER_ENCODING" not in environ:
        return False
    reader = getattr(environ.get("wsgi.input"), "reader", None)
    return getattr(reader, "length", None) != 0 and getattr(reader, "parser", reader) is not None


def _cutter(environ: "WSGIEnvironment") -> Callable[[float], None]:
    connection = environ.get("gunicorn.socket")
    if connection is not None:
        return partial(_cut_socket, connection)
    forwarded = environ.get("werkzeug.proxy_fix.orig") or environ
    return partial(_cut_connections, forwarded.get("REMOTE_ADDR") or "", str(forwarded.get("SERVER_PORT")))


def _cut_socket(connection: socket.socket, _waited: float) -> None:
    # Its own shutdown would forget the encryption of a connection that has one, and the answer would go out in clear.
    with contextlib.suppress(OSError), _same(connection.fileno()) as same:
        same.shutdown(socket.SHUT_RD)


def _cut_connections(address: str, port: str, waited: float) -> None:
    """End the connections of a client that have been waiting for an answer for so long, and were slow meanwhile."""
    for connection in _connections(address, port):
        told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 136)
        if len(told) < 136:
            return
        (sent,), (received,), (size,) = (
            struct.unpack_from("@I", told, _SENT),
            struct.unpack_from("@I", told, _RECEIVED),
            struct.unpack_from("@Q", told, _BYTES),
        )
        if sent >= waited * 1000 - 100 and received <= sent and size <= _SLACK + SLOW * sent / 1000:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)


def _connections(address: str, port: str) -> Iterator[socket.socket]:
    """Yield the open connections from an address to this port, each under a descriptor of its own.

    The port tells them from connections that this process has made itself, to a database on the same machine.
    """
    try:
        descriptors = [int(path.name) for path in Path("/proc/self/fd").iterdir()]
    except OSError:
        return
    for descriptor in descriptors:
        with contextlib.suppress(OSError), _same(descriptor) as connection:
            if (
                connection.family in {socket.AF_INET, socket.AF_INET6}
                and connection.getpeername()[0] == address
                and str(connection.getsockname()[1]) == port
            ):
                yield connection


def _same(descriptor: int) -> socket.socket:
    """Return the socket of a descriptor, under a descriptor of its own: the first may be closed at any moment."""
    own = os.dup(descriptor)
    try:
        return socket.socket(fileno=own)
    except OSError:
        os.close(own)
        raise


def _threads(environ: "WSGIEnvironment") -> int | None:
    if "gunicorn.socket" in environ:
        return _threads_of_gunicorn()
    if environ.get("SERVER_SOFTWARE") in {"Granian", OWN_THREADS}:
        return None
    return _OTHER_SERVERS if environ.get("wsgi.multithread") else 1


@lru_cache(maxsize=1)
def _threads_of_gunicorn() -> int:
    """Return how many threads gunicorn's worker has: it stands among those who called, and is told nowhere else."""
    frame = sys._getframe()  # noqa: SLF001 # the only way up
    while (above := frame.f_back) is not None:
        frame = above
        threads = getattr(getattr(frame.f_locals.get("self"), "cfg", None), "threads", None)
        if isinstance(threads, int):
            return threads
    return _OTHER_SERVERS
