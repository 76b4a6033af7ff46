"""Files that are changed, replaced, cut, deleted or swapped for links while they are served, and files without end.

A visitor gets a whole version of the file or a clean 404, never a failure, never a byte of another file; and a version
that was cut while it was being sent ends early.
"""

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPResponse, IncompleteRead, RemoteDisconnected
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest
from cases import running
from servers import DEADLINE, Running, eventually, serve
from werkzeug.test import EnvironBuilder

if TYPE_CHECKING:
    from declweb.app import App

SITE = '[site]\nname = "Moving"\n[server]\nworkers = 2\nthreads = 32\n'
SMALL, LARGE = 4096, 400_000
"""Bytes of a file that is answered from memory, and of one that is read while it is sent."""
READERS = 6
ENOUGH = 0.2
"""Seconds for which a file is changed and asked for at once."""
SECRET = b"S"
"""What the files outside of the folder consist of."""


class Got:
    """What came back, complete or not; a status of 0 when the connection ended before there was one."""

    def __init__(self, status: int, fields: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.tag = fields.get("etag", "")
        self.length = int(fields.get("content-length", "-1"))
        self.body = body


Ask = Callable[[], Got]


def in_process(app: "App", path: str) -> Ask:
    def ask() -> Got:
        said: list[tuple[str, list[tuple[str, str]]]] = []
        environ = EnvironBuilder(path=path).get_environ()
        body = app(environ, lambda status, headers, _=None: said.append((status, headers)))  # type: ignore[arg-type] # nobody writes
        try:
            content = b"".join(body)
        finally:
            close = getattr(body, "close", None)
            if close:
                close()
        ((status, headers),) = said
        return Got(int(status[:3]), {name.lower(): value for name, value in headers}, content)

    return ask


def over_a_server(server: Running, path: str) -> Ask:
    port = server.port

    def ask() -> Got:
        with closing(socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            with closing(HTTPResponse(connection, method="GET")) as response:
                try:
                    response.begin()
                    body = response.read()
                except RemoteDisconnected:
                    return Got(0, {}, b"")
                except IncompleteRead as cut:
                    body = cut.partial
                return Got(response.status, {name.lower(): value for name, value in response.getheaders()}, body)

    return ask


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site beside a folder with files that nobody may see."""
    above = tmp_path_factory.mktemp("moving")
    site = above / "site"
    (site / "static").mkdir(parents=True)
    (site / "site.toml").write_text(SITE, "utf-8")
    (above / "secret" / "shelf").mkdir(parents=True)
    for size, name in ((SMALL, "small"), (LARGE, "large")):
        (above / "secret" / name).write_bytes(SECRET * size)
    return site


@pytest.fixture
def file(folder: Path) -> Path:
    """Return where a file may be put, in a folder of its own."""
    found = folder / "static" / f"shelf-{time.monotonic_ns()}" / "film.mp4"
    found.parent.mkdir()
    return found


def address(file: Path) -> str:
    return f"/static/{file.parent.name}/{file.name}"


@pytest.fixture(scope="module", params=["granian", "gunicorn"])
def server(folder: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    with serve(folder, "--server", request.param) as found:
        yield found
        assert found.stop() == 0
        assert "Traceback" not in found.log


# --- what is done to the file, again and again, with its next version ------------------------------------------------

Change = Callable[[Path, bytes], None]


def replaced(file: Path, content: bytes) -> None:
    new = file.with_name(".new")
    new.write_bytes(content)
    new.replace(file)


def written_over(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def cut(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    os.truncate(file, len(content) // 3)


def deleted(file: Path, content: bytes) -> None:
    replaced(file, content)
    file.unlink()


def linked_outside(file: Path, content: bytes) -> None:
    replaced(file, content)
    link = file.with_name(".link")
    link.symlink_to(secret(file, len(content)))
    link.replace(file)


def made_a_folder(file: Path, content: bytes) -> None:
    replaced(file, content)
    file.unlink()
    file.mkdir()
    file.rmdir()


def made_a_pipe(file: Path, content: bytes) -> None:
    replaced(file, content)
    pipe = file.with_name(".pipe")
    os.mkfifo(pipe)
    pipe.replace(file)


def moved_with_its_folder(file: Path, content: bytes) -> None:
    """Swap the folder of the file for a link to one that has a file of the same name."""
    replaced(file, content)
    outside = secret(file, len(content)).with_name("shelf")
    shutil.copyfile(secret(file, len(content)), outside / file.name)
    aside = file.parent.with_name(f"{file.parent.name}-aside")
    file.parent.rename(aside)
    file.parent.symlink_to(outside)
    time.sleep(0.001)
    file.parent.unlink()
    aside.rename(file.parent)


def secret(file: Path, size: int) -> Path:
    return file.parents[3] / "secret" / ("small" if size <= SMALL else "large")


CHANGES = (
    replaced,
    written_over,
    cut,
    deleted,
    linked_outside,
    made_a_folder,
    made_a_pipe,
    moved_with_its_folder,
)
IN_PLACE = frozenset({written_over, cut})
"""Changes that a reader may see half of; a large file that is cut before any of it was sent is no answer at all."""


sizes = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
changes = pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)


@sizes
@changes
def test_a_file_that_changes_is_whole_or_not_there(folder: Path, file: Path, change: Change, size: int) -> None:
    hammer(file, in_process(running(folder), address(file)), change, size)


@sizes
@changes
def test_so_it_is_over_a_server(server: Running, file: Path, change: Change, size: int) -> None:
    hammer(file, over_a_server(server, address(file)), change, size)


def hammer(file: Path, ask: Ask, change: Change, size: int) -> None:
    replaced(file, b"a" * size)
    assert ask().body == b"a" * size
    stop = Event()

    def look() -> list[Got]:
        found = []
        while not stop.is_set():
            found.append(ask())
        return found

    with ThreadPoolExecutor(READERS) as pool:
        readers = [pool.submit(look) for _ in range(READERS)]
        try:
            end, turn = time.monotonic() + ENOUGH, 0
            while time.monotonic() < end:
                turn += 1
                change(file, bytes([ord("a") + turn % 26]) * (size - turn % 100))
        finally:
            stop.set()
        found = [answer for reader in readers for answer in reader.result()]
    is_read_from_the_file = size == LARGE
    endings = {0} if change in IN_PLACE and is_read_from_the_file else set()
    assert {answer.status for answer in found} <= {200, 404} | endings
    assert not [answer for answer in found if SECRET * 10 in answer.body]
    for answer in found:
        if answer.status == 200:
            assert_own(answer, size, in_place=change in IN_PLACE)
    bodies = {answer.tag: answer.body for answer in found if answer.status == 200}
    if change not in IN_PLACE:
        assert all(bodies[answer.tag] == answer.body for answer in found if answer.status == 200)
    make_whole(file, b"z" * size)
    assert eventually(lambda: ask().body == b"z" * size)


def assert_own(answer: Got, size: int, *, in_place: bool) -> None:
    """Check that an answer is a version of the file; of one that is written over, a part of one or a mixture."""
    assert len(answer.body) <= answer.length <= size
    zeros = b"\0" if in_place else b""  # the system shows them at the end of a file that is being cut
    assert set(answer.body) <= set(b"abcdefghijklmnopqrstuvwxyz" + zeros)
    if not in_place:
        assert len(answer.body) == answer.length
        assert answer.body == answer.body[:1] * answer.length


def make_whole(file: Path, content: bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    replaced(file, content)


# --- one moment, exactly ----------------------------------------------------------------------------------------------


@sizes
@pytest.mark.parametrize("change", ["deleted", "linked", "folder linked"])
def test_a_file_that_changes_between_looking_and_opening(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch, change: str, size: int
) -> None:
    file.write_bytes(b"a" * size)
    ask, opening = in_process(running(folder), address(file)), os.open

    def open_too_late(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if str(path).endswith((file.parent.name, file.name)) and not file.parent.is_symlink():
            swap()
        return opening(path, flags, mode, dir_fd=dir_fd)

    def swap() -> None:
        if change == "folder linked":
            outside = secret(file, size).with_name("shelf")
            (outside / file.name).write_bytes(SECRET * size)
            file.parent.rename(file.parent.with_name(f"{file.parent.name}-aside"))
            file.parent.symlink_to(outside)
            return
        file.unlink(missing_ok=True)
        if change == "linked":
            file.symlink_to(secret(file, size))

    monkeypatch.setattr(os, "open", open_too_late)
    answer = ask()
    assert answer.status == 404
    assert SECRET * 10 not in answer.body


@pytest.mark.parametrize("fields", ["Connection: close\r\n", "", "Range: bytes=10-\r\n", "Range: bytes=0-1,90-\r\n"])
def test_a_file_that_is_cut_while_it_is_sent_ends_early(server: Running, file: Path, fields: str) -> None:
    """On a connection that goes on, too: else the next answer would pass for the rest of this one."""
    file.write_bytes(b"a" * 60_000_000)
    with closing(begin(server, file, fields)) as connection:
        os.truncate(file, 2_000_000)
        connection.sendall(b"GET /missing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        found = b"".join(parts(connection))
    assert len(found) < 60_000_000
    assert b"HTTP/1.1" not in found
    replaced(file, b"b" * SMALL)
    assert over_a_server(server, address(file))().body == b"b" * SMALL
    assert "Traceback" not in server.log


def test_a_file_that_is_replaced_while_it_is_sent_is_sent_to_its_end(server: Running, file: Path) -> None:
    file.write_bytes(b"a" * 60_000_000)
    with closing(begin(server, file)) as connection:
        replaced(file, b"b" * SMALL)
        found = b"".join(parts(connection))
        assert found.count(b"a") > 59_000_000
        assert b"b" not in found


def test_a_file_that_grows_while_it_is_sent_keeps_to_what_was_said(server: Running, file: Path) -> None:
    file.write_bytes(b"a" * 30_000_000)
    with closing(begin(server, file)) as connection:
        with file.open("ab") as growing:
            growing.write(b"b" * 1_000_000)
        assert b"b" not in b"".join(parts(connection))


def begin(server: Running, file: Path, fields: str = "Connection: close\r\n") -> socket.socket:
    """Return a connection in the middle of the file, with the head of the answer read."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE)
    connection.sendall(f"GET {address(file)} HTTP/1.1\r\nHost: a\r\n{fields}\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(1)
    assert head.startswith(b"HTTP/1.1 20")
    return connection


def parts(connection: socket.socket) -> Iterator[bytes]:
    """Yield what comes until the other side closes, however it does."""
    try:
        while part := connection.recv(1_000_000):
            yield part
    except ConnectionResetError:
        return


# --- a file without end -----------------------------------------------------------------------------------------------

GIGABYTE = 1_000_000_000
CLIENTS = 20
FIRST, MORE = 2_000_000, 20_000_000
"""Bytes that each client reads before memory is looked at, and after that, before it falls asleep within the file."""
MOST_FOR_CLIENTS = 100_000_000
"""Bytes that the blocks on their way to all clients may take."""
MOST_GROWTH = 15_000_000


def test_memory_is_flat_while_many_read_a_huge_file(server: Running, file: Path) -> None:
    replaced(file, b"a" * SMALL)
    over_a_server(server, address(file))()
    before = resident(server)
    with file.open("wb") as huge:
        huge.truncate(GIGABYTE)
    connections = [begin(server, file) for _ in range(CLIENTS)]
    early = most_while(connections, FIRST, server)
    late = most_while(connections, MORE, server)
    for connection in connections:
        connection.close()
    assert early - before < MOST_FOR_CLIENTS, f"from {before:,} to {early:,} bytes"
    assert late - early < MOST_GROWTH, f"from {early:,} to {late:,} bytes"


def most_while(connections: list[socket.socket], size: int, server: Running) -> int:
    """Return the most memory that the server takes while each client reads so many bytes, and right after."""
    most = 0
    with ThreadPoolExecutor(CLIENTS) as pool:
        reading = [pool.submit(read, connection, size) for connection in connections]
        while not all(one.done() for one in reading):
            most = max(most, resident(server))
            time.sleep(0.01)
    assert [one.result() for one in reading] == [size] * len(connections)
    return max(most, resident(server))


def read(connection: socket.socket, size: int) -> int:
    buffer, taken = bytearray(100_000), 0
    while taken < size:
        taken += connection.recv_into(buffer, min(len(buffer), size - taken))
    return taken


def resident(server: Running) -> int:
    """Return the memory of all of its workers together, in bytes."""
    return sum(_resident(pid) for pid in server.workers())


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
