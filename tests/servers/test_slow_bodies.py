"""200 clients that send a form byte by byte, or stop in the middle, keep nobody else from anything.

On the servers that README names. Visitors have addresses of their own, which Linux gives to anybody: 127.0.0.1 to .9.
"""

import http.client
import itertools
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest
from servers import COMMAND, DEADLINE, Running, eventually, serve, write

SITE = """
[site]
name = "Slow"

[routes.home]
path = "/"
text = "the page"

[forms.contact]
path = "/contact"
keep = "1 day"
limit = "none"
fields = { message = { label = "Message", type = "textarea", required = true } }

[limits]
body_time = "12 seconds"
"""
SOON = 8
"""Seconds within which whoever is quick is answered: less than slow ones are given, however busy the machine is."""
CLIENTS = 200
SLOW_ONES = [f"127.0.0.{number}" for number in range(2, 10)]
NORMAL = "127.0.0.1"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

Starts = Callable[[Path], Running]


def on_granian(site: Path) -> Running:
    return serve(site, "--workers", "2")


def on_gunicorn(site: Path) -> Running:
    """The smallest that one would start: eight threads are few for two hundred visitors."""
    gunicorn = str(Path(COMMAND).with_name("gunicorn"))
    options = ("--bind", "127.0.0.1:0", "--threads", "8", "--workers", "2", "--graceful-timeout", "1")
    return Running(gunicorn, *options, f"declweb:load({str(site)!r})")


SERVERS: dict[str, Starts] = {"granian": on_granian, "gunicorn": on_gunicorn}


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    with SERVERS[request.param](write(tmp_path, site=SITE)) as running:
        eventually(lambda: running.answers("/"))
        yield running


def ask(server: Running, address: str, path: str = "/", body: str | None = None) -> tuple[int, float]:
    """Return the status of an answer, and the seconds that it took."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE, source_address=(address, 0))
    try:
        connection.request("POST" if body else "GET", path, body, FORM if body else {})
        answer = connection.getresponse()
        answer.read()
        return answer.status, time.monotonic() - began
    finally:
        connection.close()


_numbers = itertools.count()


def send_form(server: Running, address: str) -> tuple[int, float]:
    return ask(server, address, "/contact", f"message=Hello+number+{next(_numbers)}+" + "a" * 5000)


class Slow:
    """Clients that send a body byte by byte, and others that stop in the middle."""

    def __init__(self, server: Running, addresses: Sequence[str], path: str = "/contact", length: int = 50_000) -> None:
        fields = {"Host": f"127.0.0.1:{server.port}", "Content-Length": length, **FORM}
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        self._head = "\r\n".join(lines).encode()
        self._connections = [self._connect(server, addresses[number % len(addresses)]) for number in range(CLIENTS)]
        self._stopped = Event()
        self._thread = Thread(target=self._drip)
        self._thread.start()

    def _connect(self, server: Running, address: str) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", server.port), 20, (address, 0))
        connection.sendall(self._head + b"message=" + b"a" * 100)
        connection.setblocking(False)  # its name is no word of ours
        return connection

    def _drip(self) -> None:
        while not self._stopped.wait(0.2):
            for connection in self._connections[::2]:
                try:
                    connection.send(b"a")
                except OSError:
                    continue

    def answers(self) -> Counter[str]:
        """Return how many were answered with what; `-` is a connection closed without a word."""
        found: Counter[str] = Counter()
        for connection in self._connections:
            try:
                found[connection.recv(12, socket.MSG_PEEK)[9:].decode() or "-"] += 1
            except BlockingIOError:
                continue
            except OSError:
                found["-"] += 1
        return found

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()
        for connection in self._connections:
            connection.close()


@contextmanager
def slow(server: Running, *addresses: str, path: str = "/contact", length: int = 50_000) -> Iterator[Slow]:
    clients = Slow(server, addresses, path, length)
    try:
        yield clients
    finally:
        clients.stop()


def test_slow_bodies_keep_nobody_waiting(server: Running) -> None:
    with slow(server, *SLOW_ONES) as clients:
        eventually(lambda: clients.answers()["503"] >= CLIENTS // 2)
        time.sleep(1)  # until then all of them are new, and nobody knows that they are slow
        for _ in range(10):
            status, seconds = ask(server, NORMAL)
            assert (status, seconds < SOON) == (200, True), seconds
            status, seconds = send_form(server, NORMAL)
            assert (status, seconds < SOON) == (303, True), (status, seconds)
        assert send_form(server, NORMAL)[0] == 303
        eventually(lambda: clients.answers().total() == CLIENTS, within=60)
        assert clients.answers().keys() == {"408", "503"}


def test_slow_bodies_from_one_address(server: Running) -> None:
    with slow(server, NORMAL) as clients:
        eventually(lambda: clients.answers()["503"] >= CLIENTS // 2)
        for _ in range(5):
            status, seconds = ask(server, NORMAL)
            assert (status, seconds < SOON) == (200, True), seconds
            status, seconds = send_form(server, NORMAL)
            if status == 303:  # the first have had their time, so that there is room again
                eventually(lambda: clients.answers()["408"] > 0)
                break
            assert (status, seconds < SOON) == (503, True), (status, seconds)
            status, seconds = send_form(server, SLOW_ONES[0])
            assert (status, seconds < SOON) == (303, True), (status, seconds)
        else:
            eventually(lambda: clients.answers().total() == CLIENTS, within=60)
        assert clients.answers().keys() <= {"408", "503"}
        eventually(lambda: send_form(server, NORMAL)[0] == 303, within=60)


def test_a_body_that_comes_in_time_is_taken(server: Running) -> None:
    """Slow is not wrong: what is complete within `body_time` is an entry like others."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)

    def parts() -> Iterator[bytes]:
        yield b"message="
        for _ in range(8):
            time.sleep(0.2)
            yield b"abc+"

    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(8 + 32)}
    connection.request("POST", "/contact", parts(), headers)
    assert connection.getresponse().status == 303
    connection.close()


def test_a_body_that_is_too_large_is_answered(server: Running) -> None:
    head = f"POST /contact HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 3000000\r\n\r\n".encode()
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
            with suppress(ConnectionError):  # the server need not read all of it
                connection.sendall(head + b"a" * 3_000_000)
            assert connection.recv(12) == b"HTTP/1.1 413"


@pytest.mark.parametrize(("path", "length", "status"), [("/contact", 50_000_000, "413"), ("/", 50_000, "405")])
def test_slow_bodies_that_nobody_reads(server: Running, path: str, length: int, status: str) -> None:
    """Who is refused before anything was read holds nobody up."""
    with slow(server, *SLOW_ONES, path=path, length=length) as clients:
        for _ in range(5):
            assert ask(server, NORMAL)[1] < SOON
            answer, seconds = send_form(server, NORMAL)
            assert (answer, seconds < SOON) == (303, True), seconds
        eventually(lambda: clients.answers().total() == CLIENTS)
        assert clients.answers().keys() == {status}
