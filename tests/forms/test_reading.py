import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass

import pytest
from bodies import arriving
from servers import DEADLINE, eventually

from declweb.forms import reading
from declweb.forms.reading import Body, Bounds, Busy, Readers, Refused, TooLarge, TooSlow, Unreadable, visitor_of
from declweb.http.incoming import Incoming, incoming, refuse


@pytest.fixture
def readers() -> Readers:
    return Readers()


@pytest.fixture
def nobody_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let bodies take as long as the machine does."""
    for patience in ("GRACE", "PATIENCE", "OWN_PATIENCE"):
        monkeypatch.setattr(reading, patience, DEADLINE)


class Stalled:
    """A body that never comes, until it is cut."""

    def __init__(self) -> None:
        self.is_cut = threading.Event()
        self.was_abandoned = False
        self.began = threading.Event()

    def read(self, _size: int) -> bytes:
        self.began.set()
        assert self.is_cut.wait(3 * DEADLINE)
        return b""

    def abandon(self) -> None:
        self.was_abandoned = True

    def incoming(self, threads: int | None = None) -> Incoming:
        return Incoming(self.read, 1000, lambda _waited: self.is_cut.set(), self.abandon, threads)


class Reading:
    """A thread that reads a body."""

    def __init__(self, readers: Readers, address: str, bounds: Bounds, threads: int | None = None) -> None:
        self.body = Stalled()
        self.outcome: BaseException | None = None
        self._arguments = readers, address, bounds, threads
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        assert eventually(lambda: self.body.began.is_set() or not self.thread.is_alive())

    def _run(self) -> None:
        readers, address, bounds, threads = self._arguments
        try:
            with readers.reading(address, self.body.incoming(threads), bounds) as body:
                while body.read(100):
                    pass
        except Refused as error:
            self.outcome = error

    def end(self) -> BaseException | None:
        self.body.is_cut.set()
        self.thread.join(DEADLINE)
        return self.outcome


@pytest.fixture
def start(readers: Readers) -> Iterator[Callable[..., Reading]]:
    started: list[Reading] = []

    def begin(address: str, bounds: Bounds, threads: int | None = None) -> Reading:
        started.append(Reading(readers, address, bounds, threads))
        return started[-1]

    yield begin
    for each in started:
        each.end()
    assert len(readers) == 0


def read_all(readers: Readers, incoming: Incoming, bounds: Bounds, address: str = "192.0.2.1") -> bytes:
    with readers.reading(address, incoming, bounds) as body:
        return b"".join(iter(lambda: body.read(10_000), b""))


# --- one body ---------------------------------------------------------------------------------------------------------


def test_a_body_is_read(readers: Readers) -> None:
    assert read_all(readers, arriving(b"a" * 50_000), Bounds(100_000)) == b"a" * 50_000
    assert read_all(readers, arriving(b"a" * 50_000, None), Bounds(100_000)) == b"a" * 50_000
    assert read_all(readers, arriving(b"", 0), Bounds(100_000)) == b""


def test_nothing_is_read_beyond_the_end(readers: Readers) -> None:
    """A server that does not end its input would wait for what never comes."""
    asked = 0

    def read(size: int) -> bytes:
        nonlocal asked
        asked += size
        return b"a" * size

    read_all(readers, arriving(b"", 1000, read), Bounds(100_000))
    assert asked == 1000


def test_too_large_is_said_before_anything_is_read(readers: Readers) -> None:
    with pytest.raises(TooLarge), readers.reading("192.0.2.1", arriving(b"", 1001), Bounds(1000)):
        pytest.fail("read")


def test_too_large_without_a_length(readers: Readers) -> None:
    body = arriving(b"a" * 1001, None)
    with pytest.raises(TooLarge):
        read_all(readers, body, Bounds(1000))
    assert read_all(readers, arriving(b"a" * 1000, None), Bounds(1000)) == b"a" * 1000


@pytest.mark.parametrize("error", [OSError("reset"), ValueError("no chunk"), RuntimeError("closed")])
def test_what_a_server_raises_is_a_body_cut_off(readers: Readers, error: Exception) -> None:
    def read(_size: int) -> bytes:
        raise error

    with pytest.raises(Unreadable):
        read_all(readers, arriving(b"", 10, read), Bounds(1000))


def test_the_deadline(readers: Readers, start: Callable[..., Reading]) -> None:
    stalled = start("192.0.2.1", Bounds(10_000, seconds=0.3))
    assert stalled.body.is_cut.wait(DEADLINE)
    assert isinstance(stalled.end(), TooSlow)
    assert stalled.body.was_abandoned


def test_drops_do_not_move_the_deadline(readers: Readers) -> None:
    def read(_size: int) -> bytes:
        time.sleep(0.05)
        return b"a"

    began = time.monotonic()
    with pytest.raises(Refused):
        read_all(readers, arriving(b"", 1000, read), Bounds(10_000, seconds=0.3))
    assert time.monotonic() - began < 40, "of the fifty seconds that all of it would take"


def test_a_body_that_comes_fast_has_its_time(readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second more for every 16 KB: what takes long because it is much is not cut off."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def read(size: int) -> bytes:
        now[0] += size / 20_000
        return b"a" * size

    assert len(read_all(readers, arriving(b"", 5_000_000, read), Bounds(10_000_000, seconds=1))) == 5_000_000

    def slowly(size: int) -> bytes:
        now[0] += size / 10_000
        return b"a" * size

    with pytest.raises(TooSlow):
        read_all(readers, arriving(b"", 5_000_000, slowly), Bounds(10_000_000, seconds=1))


# --- many bodies ------------------------------------------------------------------------------------------------------


def test_one_visitor_has_a_share(
    readers: Readers, start: Callable[..., Reading], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "OWN_PATIENCE", 2 * DEADLINE)
    bounds = Bounds(10_000, readers=32, readers_per_visitor=3)
    for _ in range(3):
        start("2001:db8::1", bounds)
    began = time.monotonic()
    with pytest.raises(Busy), readers.reading("2001:db8::ffff:2", arriving(b""), bounds):
        pytest.fail("a neighbour in the same network")
    assert time.monotonic() - began < DEADLINE, "as soon as the others are slow"
    with monkeypatch.context() as patch:
        patch.setattr(readers._changed, "wait", lambda _: pytest.fail("it is told at once"))
        with pytest.raises(Busy), readers.reading("2001:db8::1", arriving(b""), bounds):
            pytest.fail("a neighbour in the same network")
    assert read_all(readers, arriving(b"abc"), bounds, "2001:db8:0:1::1") == b"abc"


@pytest.mark.usefixtures("nobody_is_slow")
def test_one_visitor_may_send_many_forms_at_once(readers: Readers) -> None:
    """They wait for one another for a moment."""
    bounds = Bounds(10_000, readers=16, readers_per_visitor=2)
    read: list[bytes] = []
    with readers.reading("192.0.2.1", arriving(b"abc"), bounds), ExitStack() as stack:
        stack.enter_context(readers.reading("192.0.2.1", arriving(b"abc"), bounds))
        threads = [
            threading.Thread(target=lambda: read.append(read_all(readers, arriving(b"abc"), bounds))) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        eventually(lambda: readers._queueing == 3)
        stack.close()
        for thread in threads:
            thread.join(DEADLINE)
    assert read == [b"abc"] * 3
    assert readers._queueing == 0


def test_slow_ones_make_room(readers: Readers, start: Callable[..., Reading], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PATIENCE", DEADLINE)
    bounds = Bounds(10_000, readers=4, readers_per_visitor=2)
    slow = [start(f"192.0.2.{number}", bounds) for number in (2, 2, 3, 4)]
    assert read_all(readers, arriving(b"abc"), bounds) == b"abc"
    ended = [each for each in slow if each.body.is_cut.is_set()]
    assert 1 <= len(ended) <= 2
    assert ended[0] in slow[:2], "the visitor with most of them loses one"
    assert all(isinstance(each.end(), TooSlow) for each in ended)


def test_those_who_are_fast_are_not_ended(readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.8)
    bounds = Bounds(10_000_000, readers=1)
    with readers.reading("192.0.2.2", arriving(b"a" * 1_000_000), bounds) as body:
        while body.received < 500_000:
            body.read(16_384)
        with pytest.raises(Busy), readers.reading("192.0.2.1", arriving(b"abc"), bounds):
            pytest.fail("there was no room")
        assert not body.is_stopped


def test_only_so_many_wait(readers: Readers, start: Callable[..., Reading], monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits holds a thread as well."""
    monkeypatch.setattr(reading, "PATIENCE", 20.0)
    bounds = Bounds(10_000, readers=2, threads=4)
    slow = [start(f"192.0.2.{number}", bounds) for number in (2, 3)]
    waiting = threading.Thread(target=lambda: read_all(readers, arriving(b"abc"), bounds))
    waiting.start()
    eventually(lambda: readers._waiting or not waiting.is_alive())
    with ExitStack() as stack, pytest.raises(Busy):  # noqa: PT012 # one of them is the first too many
        for number in range(10):
            stack.enter_context(readers.reading(f"198.51.100.{number}", Stalled().incoming(), bounds))
    waiting.join(DEADLINE)
    assert any(each.body.is_cut.is_set() for each in slow)


@pytest.mark.parametrize(("threads", "most"), [(1, 1), (2, 1), (8, 4), (128, 32)])
def test_never_more_than_half_of_the_threads(
    readers: Readers, start: Callable[..., Reading], threads: int, most: int
) -> None:
    bounds = Bounds(10_000)
    for number in range(most):
        start(f"192.0.2.{number}", bounds, threads)
    assert len(readers) == most
    slow = Stalled()
    slow.is_cut.set()
    with pytest.raises(Refused), readers.reading("198.51.100.1", slow.incoming(threads), bounds) as body:
        body.read(1)
    assert len(readers) <= most


def test_who_does_not_get_a_place_is_abandoned(readers: Readers, start: Callable[..., Reading]) -> None:
    bounds = Bounds(10_000, readers_per_visitor=1)
    start("192.0.2.1", bounds)
    body = Stalled()
    with pytest.raises(Busy), readers.reading("192.0.2.1", body.incoming(), bounds):
        pytest.fail("there was no place")
    assert body.was_abandoned


@pytest.mark.usefixtures("nobody_is_slow")
def test_many_at_once_leave_nothing_behind(readers: Readers) -> None:
    bounds = Bounds(10_000, readers=4, readers_per_visitor=2)
    read: list[int] = []

    def run(number: int) -> None:
        for _ in range(20):
            try:
                read.append(len(read_all(readers, arriving(b"abc"), bounds, f"192.0.2.{number}")))
            except Busy:
                time.sleep(0.001)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    assert set(read) == {3}
    assert len(readers) == 0
    assert not readers._visitors
    assert readers._waiting == 0


@pytest.mark.parametrize(
    ("address", "visitor"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:0db8:0000:0000"),
        ("2001:db8:0:0:ffff::1", "2001:0db8:0000:0000"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_what_a_visitor_is(address: str, visitor: str) -> None:
    assert visitor_of(address) == visitor


def test_a_body_knows_whether_it_is_slow() -> None:
    body = Body(arriving(b""), Bounds(1000), "")
    assert not body.is_slow(body.began + 0.1)
    assert body.is_slow(body.began + 1)
    body.received = 100_000
    assert not body.is_slow(body.began + 1)


# --- what servers tell ------------------------------------------------------------------------------------------------


@dataclass
class Reader:
    """What gunicorn reads bodies with, whose length is what is left of one."""

    length: int | None
    parser: str | None


class Input:
    def __init__(self, reader: Reader | None = None) -> None:
        self.reader = reader

    def read(self, size: int) -> bytes:
        return b"a" * size


@pytest.mark.parametrize(
    ("environ", "length"),
    [
        ({"CONTENT_LENGTH": "12"}, 12),
        ({"CONTENT_LENGTH": ""}, 0),
        ({}, 0),
        ({"wsgi.input_terminated": True}, None),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, None),
        ({"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "12"}, 12),
    ],
)
def test_how_long_a_body_is(environ: dict[str, object], length: int | None) -> None:
    assert incoming({"wsgi.input": Input(), **environ}).length == length


@pytest.mark.parametrize(
    ("environ", "threads"),
    [
        ({"SERVER_SOFTWARE": "Granian"}, None),
        ({"wsgi.multithread": True}, 8),
        ({"wsgi.multithread": False}, 1),
    ],
)
def test_how_many_threads_a_server_has(environ: dict[str, object], threads: int | None) -> None:
    assert incoming({"wsgi.input": Input(), **environ}).threads == threads


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection, the client's first."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
        with client, server:
            client.settimeout(20)
            server.settimeout(20)
            yield client, server


def test_a_connection_is_cut_for_reading_only(pair: tuple[socket.socket, socket.socket]) -> None:
    client, server = pair
    body = incoming({"wsgi.input": Input(), "gunicorn.socket": server})
    threading.Timer(0.1, body.cut, [1.0]).start()
    assert server.recv(10) == b""
    server.sendall(b"408")
    assert client.recv(10) == b"408"


def test_a_connection_is_found_by_its_address(pair: tuple[socket.socket, socket.socket]) -> None:
    client, server = pair
    client.sendall(b"POST")
    assert server.recv(10) == b"POST"
    time.sleep(0.3)
    port = str(server.getsockname()[1])

    def cut(address: str, port: str, waited: float, **more: object) -> None:
        told = {"REMOTE_ADDR": address, "SERVER_PORT": port, "SERVER_SOFTWARE": "Granian", **more}
        incoming({"wsgi.input": Input(), **told}).cut(waited)

    cut("127.0.0.9", port, 0.2)
    cut("127.0.0.1", port, 10.0)
    cut("127.0.0.1", "1", 0.2)
    for one, other in (pair, (server, client)):
        one.sendall(b"more")
        assert other.recv(10) == b"more"
    time.sleep(0.3)
    client.sendall(b"x")
    assert server.recv(10) == b"x"
    origin = {"REMOTE_ADDR": "127.0.0.1", "SERVER_PORT": port}
    cut("192.0.2.1", "443", 0.2, **{"werkzeug.proxy_fix.orig": origin})
    assert server.recv(10) == b""
    server.sendall(b"408")
    assert client.recv(10) == b"408"


def test_a_body_that_nobody_reads_is_thrown_away(pair: tuple[socket.socket, socket.socket]) -> None:
    client, server = pair
    client.sendall(b"a" * 1000)
    refuse({"gunicorn.socket": server})
    assert server.recv(10) == b"a" * 10
    for read in (Reader(0, None), Reader(None, None)):
        refuse({"gunicorn.socket": server, "CONTENT_LENGTH": "1000", "wsgi.input": Input(read)})
        assert server.recv(10) == b"a" * 10
    refuse({"gunicorn.socket": server, "CONTENT_LENGTH": "1000", "wsgi.input": Input(Reader(10, "parser"))})
    assert server.recv(10) == b""
    refuse({"CONTENT_LENGTH": "1000"})
    server.close()
    refuse({"gunicorn.socket": server, "CONTENT_LENGTH": "1000"})
