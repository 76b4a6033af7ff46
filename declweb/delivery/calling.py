"""A call of another program over HTTP: one connection, to an address that was looked at, within a time.

Owns how a name becomes a connection and which addresses are never called. The name is looked up once, and the
connection goes to exactly the address that was judged, so that a name that changes its answer gets nowhere else.
Proxies that the environment names are not used, and no answer leads to another call. Knows no message.
"""

import contextlib
import http.client
import io
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any, Never
from urllib.parse import SplitResult

from declweb.delivery.failures import failure
from declweb.http.networks import as_address, near, nowhere

MOST_ADDRESSES = 4
"""Addresses of one name that are tried."""
LONGEST_ANSWER = 2000
"""Bytes of an answer's body that are read; it is only shown."""
CHUNK = 16_384
"""Bytes that are sent at once."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call may take, in seconds."""

    connect: float = 10.0
    """Until there is a connection, looking up the name included."""
    whole: float = 20.0
    """Until there is an answer, connecting included (Standard Webhooks: 15 to 30 seconds)."""
    words: float = 2.0
    """For the body of an answer that is only shown."""


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    host: str
    status: int
    reason: str
    headers: Mapping[str, str]
    """By their names in small letters."""
    text: str
    """How the body begins, where it is no success."""


class Unreachable(Exception):
    """No answer came back; the message says why in words."""


class NotAllowed(Unreachable):
    """The name leads to an address that is not called."""


class _Clock:
    """The time that is left."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; raises TimeoutError where there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def shorten(self, seconds: float) -> None:
        """Leave no more than so many seconds."""
        self._end = min(self._end, time.monotonic() + seconds)


def post(
    url: SplitResult, body: bytes, headers: Mapping[str, str], *, is_private: bool, patience: Patience = PATIENCE
) -> Reply:
    """Send a body to an address and return the answer; raises Unreachable where there is none."""
    clock = _Clock(patience.whole)
    host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
    connection: socket.socket | None = None
    try:
        connection = _connection(host, port, _Clock(patience.connect), is_private=is_private)
        if url.scheme == "https":
            connection = _encrypted(connection, host, clock)
        return _answer(connection, url, body, headers, clock, patience)
    except Unreachable:
        raise
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise Unreachable(failure(error, host)) from error
    finally:
        if connection is not None:
            connection.close()


# --- connecting -------------------------------------------------------------------------------------------------------


def _connection(host: str, port: int, clock: _Clock, *, is_private: bool) -> socket.socket:
    """Return a connection to the first address that answers, of those that may be called."""
    found = list(dict.fromkeys(_looked_up(host, port, clock)))
    allowed = [each for each in found if not _judged(each[1][0], is_private=is_private)]
    if not allowed:
        _refuse(host, found[0][1][0], is_private=is_private)
    allowed = allowed[:MOST_ADDRESSES]
    for number, (family, address) in enumerate(allowed):
        try:
            return _connected(family, address, clock.left() / (len(allowed) - number))
        except OSError:
            if number == len(allowed) - 1:
                raise
    raise AssertionError("there is at least one address")


def _refuse(host: str, address: str, *, is_private: bool) -> Never:
    found, what = as_address(address), _judged(address, is_private=is_private)
    where = f"{host} is" if host == address else f"{host} is at {address}, which is"
    way_out = "; if it is meant to be, add `private = true`" if found is not None and near(found) else ""
    raise NotAllowed(f"{where} {what}: no webhook goes there{way_out}")


def _judged(address: str, *, is_private: bool) -> str | None:
    """Say why an address is not called; None where it may be."""
    found = as_address(address)
    if found is None:
        return "no address"
    return nowhere(found) or (None if is_private else near(found))


_Found = tuple[socket.AddressFamily, tuple[Any, ...]]


def _looked_up(host: str, port: int, clock: _Clock) -> Iterator[_Found]:
    """Yield the addresses of a name; the system's look-up knows no time limit, so it has a thread of its own."""
    answers: SimpleQueue[list[Any] | BaseException] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except BaseException as error:  # noqa: BLE001 # whoever waits is told
            answers.put(error)

    Thread(target=ask, name="declweb look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=clock.left())
    except Empty:
        raise socket.gaierror(socket.EAI_AGAIN, "no answer in time") from None
    if isinstance(answer, BaseException):
        raise answer
    for family, _, _, _, address in answer:
        yield family, address


def _connected(family: socket.AddressFamily, address: tuple[Any, ...], seconds: float) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.settimeout(seconds)
        made.connect(address)
    except BaseException:
        made.close()
        raise
    return made


def _encrypted(connection: socket.socket, host: str, clock: _Clock) -> ssl.SSLSocket:
    connection.settimeout(clock.left())
    return ssl.create_default_context().wrap_socket(connection, server_hostname=host.rstrip("."))


# --- asking -----------------------------------------------------------------------------------------------------------


class _Timed(io.RawIOBase):
    """What comes over a connection, as long as there is time; a server that drips cannot stretch it."""

    def __init__(self, connection: socket.socket, clock: _Clock) -> None:
        self._connection = connection
        self._clock = clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(self._clock.left())
        return self._connection.recv_into(buffer)


class _Socket:
    """As much of a socket as http.client needs."""

    def __init__(self, connection: socket.socket, clock: _Clock) -> None:
        self._connection = connection
        self._clock = clock

    def makefile(self, _mode: str) -> IO[bytes]:
        return io.BufferedReader(_Timed(self._connection, self._clock))

    def sendall(self, data: bytes) -> None:
        for start in range(0, len(data), CHUNK):
            self._connection.settimeout(self._clock.left())
            self._connection.sendall(data[start : start + CHUNK])

    def close(self) -> None:
        """Leave it open: who made it closes it."""


class _Connection(http.client.HTTPConnection):
    """A connection that is there already, and that nothing makes anew."""

    auto_open = 0

    def __init__(self, url: SplitResult, made: _Socket) -> None:
        self.default_port = 443 if url.scheme == "https" else 80
        super().__init__(url.hostname or "", url.port or self.default_port)
        self.sock = made


def _answer(  # noqa: PLR0913 # what a call is
    connection: socket.socket,
    url: SplitResult,
    body: bytes,
    headers: Mapping[str, str],
    clock: _Clock,
    patience: Patience,
) -> Reply:
    asking = _Connection(url, _Socket(connection, clock))
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    asking.request("POST", target, body, {"User-Agent": _name(), "Connection": "close", **headers})
    answer = asking.getresponse()
    found = {name.lower(): value for name, value in answer.getheaders()}
    clock.shorten(patience.words)
    text = "" if answer.status in range(200, 300) else _beginning(answer)
    return Reply(url.hostname or "", answer.status, answer.reason, found, text)


def _beginning(answer: http.client.HTTPResponse) -> str:
    """Return how the body begins; it is nice to have, so nothing that goes wrong here counts."""
    read = bytearray()
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
        while len(read) < LONGEST_ANSWER and (part := answer.read1(LONGEST_ANSWER - len(read))):
            read += part
    return read.decode("utf-8", "replace")


@cache
def _name() -> str:
    return f"declweb/{metadata.version('declweb')}"
