"""Views that raise, hang, leak, end early or lie about their length: visitors are told, and the worker goes on."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException, IncompleteRead
from pathlib import Path

import pytest
from servers import Answer, Running, eventually, serve, write

SITE = """
[site]
name = "Misbehaving"
[server]
workers = 1
threads = 8
[hooks]
module = "hooks"
teardown_request = "bye"
[errors]
500 = "failed.html"
[routes.view]
path = "/<what>"
handler = "view"
[routes.home]
path = "/"
text = "home"
"""
HOOKS = """
import os
import time
from pathlib import Path
from declweb import Response, current_app, request, stream_with_context

HELD = []

def note(word):
    with Path(current_app.root_path, "storage.log").open("a") as log:
        log.write(word + "\\n")

def bye(error):
    if request.path == "/early":
        note(f"bye {type(error).__name__}")

def view(what):
    return globals()[what]()

def pid():
    return str(os.getpid())

def fails():
    return {}["nothing"]

def exits():
    raise SystemExit(3)

def exits_late():
    def parts():
        yield "begun"
        raise SystemExit(3)
    return parts()

def recursion():
    return recursion()

def hangs():
    time.sleep(3)
    return "at last"

def leaks():
    def parts():
        yield "a"
        yield "b"
    leaked = stream_with_context(parts())
    next(leaked)
    HELD.append(leaked)
    return "leaked"

def early():
    def parts():
        try:
            for number in range(100_000):
                yield b"x" * 10_000
        finally:
            note("closed")
    return stream_with_context(parts())

def breaks():
    def parts():
        yield "begun"
        raise ValueError("in the middle")
    return parts()

def too_short():
    return iter(["12345"]), {"Content-Length": "10"}

def too_long():
    return iter(["12345", "67890"]), {"Content-Length": "7"}

def wrong():
    return Response("12345", headers={"Content-Length": "99"})
"""


@pytest.fixture(scope="module", params=["granian", "gunicorn"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = write(tmp_path_factory.mktemp("site"), site=SITE, hooks_py=HOOKS)
    (folder / "templates").mkdir()
    (folder / "templates/failed.html").write_text("<h1>The oven is cold</h1>{{ error.code }}")
    with serve(folder, "--server", request.param) as running:
        yield running


@pytest.fixture
def folder(server: Running) -> Path:
    """Return the folder of the site that is served."""
    return next(Path(part) for part in server.command if Path(part).is_dir())


@pytest.fixture(autouse=True)
def the_worker_goes_on(server: Running) -> Iterator[None]:
    before = server.get("/pid").text
    yield
    assert server.get("/pid").text == before
    assert server.get("/").text == "home"


def _read(server: Running, path: str) -> Answer | Exception:
    try:
        return server.get(path)
    except (OSError, HTTPException) as error:
        return error


@pytest.mark.parametrize(("what", "said"), [("fails", "KeyError: 'nothing'"), ("recursion", "RecursionError")])
def test_what_raises_is_answered_with_the_sites_own_page(server: Running, what: str, said: str) -> None:
    answer = server.get(f"/{what}", Accept="text/html")
    assert (answer.status, answer.text) == (500, "<h1>The oven is cold</h1>500")
    assert f"GET /{what} failed (site.toml:12, request " in server.log
    assert said in server.log
    assert "hooks.py" in server.log


def test_what_would_end_the_process_is_an_error_like_others(server: Running) -> None:
    assert server.get("/exits").status == 500
    assert "GET /exits failed (site.toml:12, request " in server.log
    _read(server, "/exits_late")
    eventually(lambda: "GET /exits_late failed while it was sent (site.toml:12, request " in server.log)


def test_what_hangs_keeps_nobody_else_waiting(server: Running) -> None:
    with ThreadPoolExecutor() as pool:
        slow = [pool.submit(server.get, "/hangs") for _ in range(4)]
        assert [server.get("/").text for _ in range(5)] == ["home"] * 5
        assert server.get("/pid").status == 200
        assert [each.result().text for each in slow] == ["at last"] * 4


def test_what_leaks_a_generator_is_answered_all_the_same(server: Running) -> None:
    assert [server.get("/leaks").text for _ in range(20)] == ["leaked"] * 20


def test_a_visitor_who_leaves_early_ends_the_stream(server: Running, folder: Path) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"GET /early HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b"200 OK" in connection.recv(1000)
    log = folder / "storage.log"
    assert eventually(lambda: log.exists() and log.read_text().split("\n")[:2] == ["closed", "bye NoneType"])


def test_a_body_that_breaks_is_logged(server: Running) -> None:
    answer = _read(server, "/breaks")
    if "gunicorn" in server.command:
        assert not isinstance(answer, Answer)  # Granian ends it as if it were whole, whoever made it
    eventually(lambda: "GET /breaks failed while it was sent (site.toml:12, request " in server.log)
    eventually(lambda: "ValueError: in the middle" in server.log)


def test_a_body_that_is_too_short_ends_the_connection(server: Running) -> None:
    error = _read(server, "/too_short")
    assert isinstance(error, Exception)
    assert not isinstance(error, IncompleteRead) or error.partial in {b"", b"12345"}
    eventually(lambda: "GET /too_short ended 5 bytes too early (site.toml:12, request " in server.log)


def test_a_body_that_is_too_long_does_not_spill_into_the_next_answer(server: Running) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    for _ in range(2):
        connection.request("GET", "/too_long")
        assert connection.getresponse().read() == b"1234567"
        connection.request("GET", "/wrong")
        assert connection.getresponse().read() == b"12345"
    connection.close()
