"""A program that is called: it keeps what it was told, and answers as a test says, byte by byte if it must."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from servers import DEADLINE

OK = b"HTTP/1.1 204 No Content\r\n\r\n"

Answer = bytes | Callable[[socket.socket], None]
"""What is answered, or what is done with the connection."""


@dataclass
class Call:
    """One request."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Callee:
    """What listens on a port of its own."""

    port: int
    calls: list[Call] = field(default_factory=list)
    connections: int = 0
    is_listener: bool = True
    """Whether it hears what it is told before it answers."""
    answers: list[Answer] = field(default_factory=list)
    """One for each call, the last one for all that follow."""
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


def answering(status: str, body: str = "", *headers: str) -> bytes:
    """Return an answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *headers, "", body]
    return "\r\n".join(lines).encode()


@contextmanager
def callee(*answers: Answer, tls: ssl.SSLContext | None = None, is_listener: bool = True) -> Iterator[Callee]:
    """Run a program that is called."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Callee(listening.getsockname()[1], answers=list(answers) or [OK], is_listener=is_listener)
        threads: list[threading.Thread] = []
        accepting = threading.Thread(target=_accept, args=(made, listening, tls, threads))
        accepting.start()
        try:
            yield made
        finally:
            made.stopped.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            for thread in (accepting, *threads):
                thread.join(DEADLINE)
                assert not thread.is_alive()


def _accept(
    made: Callee, listening: socket.socket, tls: ssl.SSLContext | None, threads: list[threading.Thread]
) -> None:
    while not made.stopped.is_set():
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        thread = threading.Thread(target=_serve, args=(made, connection, tls))
        threads.append(thread)
        thread.start()


def _serve(made: Callee, connection: socket.socket, tls: ssl.SSLContext | None) -> None:
    made.connections += 1
    connection.settimeout(DEADLINE)
    with connection, suppress(OSError):
        stream = tls.wrap_socket(connection, server_side=True) if tls is not None else connection
        with stream:
            call = _read(stream) if made.is_listener else Call("", {}, b"")
            answer = made.answers[min(len(made.calls), len(made.answers) - 1)]
            made.calls.append(call)
            if isinstance(answer, bytes):
                stream.sendall(answer)
            else:
                answer(stream)


def _read(stream: socket.socket) -> Call:
    read = b""
    while b"\r\n\r\n" not in read:
        part = stream.recv(65536)
        if not part:
            raise ConnectionError
        read += part
    head, _, body = read.partition(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)}
    while len(body) < int(headers.get("content-length", 0)):
        body += stream.recv(65536)
    return Call(line, headers, body)


def dripping(data: bytes, stopped: threading.Event, pause: float = 0.02) -> Callable[[socket.socket], None]:
    """Return what sends these bytes one by one, over and over, until nobody reads them any more."""

    def drip(stream: socket.socket) -> None:
        while not stopped.is_set():
            for number in range(len(data)):
                stream.sendall(data[number : number + 1])
                if stopped.wait(pause):
                    return

    return drip
