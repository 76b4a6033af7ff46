"""The installed command on real sockets, on each server that it knows."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import COMMAND, Running, eventually, is_running, serve, write

from declweb.serving.addresses import listen

SITE = """
[site]
name = "Harbour"

[routes.home]
path = "/"
text = "one"

[server]
workers = 2
"""
BIG = 40_000_000
"""Bytes; more than what the kernel keeps for a reader who does not read."""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write(tmp_path / "site", site=SITE)


@pytest.fixture(params=["granian", "gunicorn"])
def server(request: pytest.FixtureRequest, site: Path) -> Iterator[Running]:
    with serve(site, "--server", request.param) as running:
        yield running


@pytest.fixture
def big(site: Path) -> Path:
    (site / "static").mkdir()
    with (site / "static" / "big.bin").open("wb") as file:
        file.truncate(BIG)
    return site


def test_it_says_what_it_serves_and_answers(server: Running) -> None:
    assert server.get("/").text == "one"
    assert server.get("/nothing").status == 404
    said = server.log.splitlines()
    assert said[0] == f"Harbour is served at {server.url}"
    assert said[1:] == ["  1 URL, all of them prepared", "  Ctrl-C stops it"]


def test_what_is_no_request_is_refused_and_the_next_one_answered(server: Running) -> None:
    assert server.get("/", X_Long="a" * 60_000).status == 431
    assert server.get("/" + "a" * 20_000).status == 414
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(b"\x16\x03\x01 is no HTTP\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 400")
    assert server.get("/").text == "one"
    assert "Traceback" not in server.log


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"HTTP/1.1\r\n", b"400"),
        (b"HTTP/1.1\r\nHost: a\r\nHost: b\r\n", b"400"),
        (b"HTTP/1.1\r\nHost: a\r\n", b"200"),
        (b"HTTP/1.0\r\n", b"200"),
    ],
)
def test_a_request_is_for_one_host(server: Running, head: bytes, status: bytes) -> None:
    """RFC 9112, section 3.2, for prepared pages too."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(b"GET / %bConnection: close\r\n\r\n" % head)
        assert connection.recv(1000).split()[1] == status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_at_once_when_it_is_idle(server: Running, number: int) -> None:
    kept = socket.create_connection(("127.0.0.1", server.port))
    kept.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert kept.recv(100).startswith(b"HTTP/1.1 200")
    silent = socket.create_connection(("127.0.0.1", server.port))
    began = time.monotonic()
    assert server.stop(number) == 0
    assert time.monotonic() - began < 15, "half of what requests under way would be given"
    kept.close()
    silent.close()


def begin_download(server: Running) -> socket.socket:
    """Return a connection in the middle of a long answer."""
    found = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    found.sendall(b"GET /static/big.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert found.recv(1000).startswith(b"HTTP/1.1 200")
    return found


@pytest.mark.parametrize("kind", ["granian", "gunicorn"])
def test_requests_under_way_are_finished(big: Path, kind: str) -> None:
    with serve(big, "--server", kind) as server, begin_download(server) as download:
        port = server.port
        os.killpg(server.process.pid, signal.SIGINT)  # as a terminal does for Ctrl-C
        eventually(lambda: not is_listening(port))
        assert server.process.poll() is None
        size = 0
        while part := download.recv(1_000_000):
            size += len(part)
        assert size > BIG - 1000
        assert server.process.wait(20) == 0


def is_listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.parametrize("kind", ["granian", "gunicorn"])
def test_a_second_signal_ends_it(big: Path, kind: str) -> None:
    with serve(big, "--server", kind) as server, begin_download(server):
        port, workers = server.port, server.workers()
        server.process.send_signal(signal.SIGINT)
        eventually(lambda: not is_listening(port))
        assert server.stop(signal.SIGINT) == 128 + signal.SIGINT
        assert not any(is_running(worker) for worker in workers)


@pytest.mark.parametrize("kind", ["granian", "gunicorn"])
def test_grace_has_an_end(big: Path, kind: str) -> None:
    write(big, site=SITE + 'grace = "1 second"\n')
    with serve(big, "--server", kind) as server, begin_download(server):
        assert server.stop() == 0
        assert "stopped after 1 seconds, with requests still under way" in server.log


def test_a_site_survives_the_death_of_its_workers(server: Running) -> None:
    seen, stop = [], threading.Event()

    def visit() -> None:
        while not stop.is_set():
            answer = server.answers()
            if answer is not None:
                seen.append(answer.text)

    visitor = threading.Thread(target=visit)
    visitor.start()
    first = eventually(lambda: fresh(server, set()))
    killed: set[int] = set()
    for _ in range(6):
        for worker in eventually(lambda: fresh(server, killed)):
            os.kill(worker, signal.SIGKILL)
            killed.add(worker)
    stop.set()
    visitor.join()
    assert len(killed) == 12
    assert eventually(server.answers).text == "one"
    workers = eventually(lambda: fresh(server, killed))
    assert len(set(workers)) == 2
    assert not set(workers) & set(first)
    assert set(seen) == {"one"}
    assert server.stop() == 0


def fresh(server: Running, killed: set[int]) -> list[int]:
    """Return both workers once they are others than those that were killed, and at work."""
    workers = [worker for worker in server.workers() if worker not in killed and is_running(worker)]
    return workers if len(workers) == 2 and server.answers() else []


def test_workers_end_when_their_parent_is_killed(server: Running) -> None:
    server.get("/")
    workers, port = server.workers(), server.port
    server.process.kill()
    for worker in workers:
        eventually(lambda pid=worker: not is_running(pid))  # type: ignore[misc] # bound here
    assert not is_listening(port)


def test_an_edit_is_live_on_every_worker_and_a_broken_one_never_is(server: Running, site: Path) -> None:
    assert server.get("/").text == "one"
    write(site, site=SITE.replace("one", "two"))
    eventually(lambda: {server.get("/").text for _ in range(20)} == {"two"})
    write(site, site=SITE.replace("one", "three").replace("text", "txet"))
    eventually(lambda: "unknown-key" in server.log)
    assert {server.get("/").text for _ in range(20)} == {"two"}
    (first, *_), killed = server.workers(), set(server.workers())
    os.kill(first, signal.SIGKILL)
    eventually(lambda: len(server.workers()) == 2 and first not in server.workers())
    assert {eventually(server.answers).text for _ in range(20)} == {"two"}
    write(site, site=SITE.replace("one", "four"))
    eventually(lambda: {server.get("/").text for _ in range(20)} == {"four"})
    assert killed - {first} <= set(server.workers())
    assert server.log.count("error[unknown-key]") == 1


ENDINGS = (
    "import os\nos._exit(3)\n",
    "import sys\nsys.exit(3)\n",
    "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
    "from os import abort\nabort()\n",
    "import os, sys\nos.execl(sys.executable, sys.executable, '-c', '')\n",
)


def test_python_that_ends_the_process_where_it_is_imported_never_is_live(server: Running, site: Path) -> None:
    hooks = "def say():\n    return WORD\n"
    text = SITE.replace('text = "one"', 'handler = "hooks:say"') + '[hooks]\nmodule = "hooks"\n'
    write(site, site=text, hooks_py="WORD = 'two'\n" + hooks)
    eventually(lambda: {server.get("/").text for _ in range(20)} == {"two"})
    before = set(server.workers())
    for told, ending in enumerate(ENDINGS, 1):
        write(site, hooks_py=ending + hooks)
        eventually(lambda: server.log.count("error[failing-module]") == told)  # noqa: B023 # called at once
        assert {server.get("/").text for _ in range(20)} == {"two"}
    assert set(server.workers()) == before
    write(site, hooks_py="WORD = 'three'\n" + hooks)
    eventually(lambda: {server.get("/").text for _ in range(20)} == {"three"})
    assert set(server.workers()) == before


def test_python_that_ends_the_process_is_a_problem_at_the_start(site: Path) -> None:
    text = SITE.replace('text = "one"', 'handler = "hooks:say"') + '[hooks]\nmodule = "hooks"\n'
    write(site, site=text, hooks_py="import os\n\nos._exit(0)\n")
    command = [COMMAND, "serve", str(site), "--port", "0"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert run.returncode == 2, run.stderr
    assert "`hooks` cannot be imported: os._exit would end the server" in run.stderr
    assert "hooks.py:3" in run.stderr


def test_parts_of_an_answer_are_sent_at_once() -> None:
    (listener,) = listen("127.0.0.1", 0, 1)
    with listener, socket.create_connection(listener.getsockname()), listener.accept()[0] as accepted:
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
