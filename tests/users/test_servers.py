"""What is closed stays closed on real servers: as bytes on the wire, with what proxies and attackers add."""

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cases import write
from servers import Running, eventually, serve
from visiting import CLOSED, FILES, METHODS, PASSWORD, SECRET_WORDS

GUNICORN = str(Path(sys.executable).with_name("gunicorn"))


def on_granian(folder: Path) -> Running:
    return serve(folder)


def on_gunicorn(folder: Path) -> Running:
    app = f"declweb:load({str(folder)!r})"
    return Running(GUNICORN, "--bind", "127.0.0.1:0", "--workers", "2", "--threads", "4", app)


SERVERS: dict[str, Callable[[Path], Running]] = {"granian": on_granian, "gunicorn": on_gunicorn}


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = write(tmp_path_factory.mktemp("closed"), FILES)
    with SERVERS[request.param](folder) as running:
        eventually(lambda: running.answers("/login"))
        yield running


def sent(server: Running, head: str, body: str = "") -> str:
    """Return what comes back for these very bytes."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(f"{head}Host: localhost\r\nConnection: close\r\n{length}\r\n{body}".encode("latin-1"))
        found = b""
        while part := connection.recv(65536):
            found += part
    return found.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def cookie(server: Running) -> str:
    body = f"user=anna&password={PASSWORD.replace(' ', '+')}&next=/staff/plan"
    answer = sent(server, "POST /login HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n", body)
    assert answer.startswith("HTTP/1.1 303"), answer
    fields = dict(line.split(": ", 1) for line in answer.partition("\r\n\r\n")[0].splitlines()[1:])
    found = {name.lower(): value for name, value in fields.items()}
    assert found["location"] == "/staff/plan"
    return found["set-cookie"].partition(";")[0]


ADDED = (
    "X-Original-URL: /open\r\n", "X-Rewrite-URL: /open\r\n", "X-Forwarded-Prefix: /open\r\n",
    "X-HTTP-Method-Override: GET\r\n", "X-Forwarded-User: anna\r\n", "Remote-User: anna\r\n",
    "X-Forwarded-Host: evil.example\r\n",
    "Script-Name: /staff\r\n", "Cookie: session=; session=x\r\n", "Range: bytes=0-\r\n", "If-None-Match: *\r\n",
    "If-Range: x\r\n", "Authorization: Basic YW5uYTphbm5h\r\n", "Cookie_: x\r\n", "Accept-Encoding: gzip, br\r\n",
)  # fmt: skip
"""Lines that have fooled one server or the other."""

TARGETS = (
    "/staff/plan", "//staff/plan", "///staff/plan", "/./staff/plan", "/open/../staff/plan", "/x/../staff/plan",
    "/%2e/staff/plan", "/open/%2e%2e/staff/plan", "/staff/%2e/plan", "/staff/./plan", "/%2fstaff/plan", "/staff%5cplan",
    "/staff\\plan", "/staff/plan%00", "/staff/plan%20", "/staff/plan.", "/staff/plan;/", "/staff/plan?",
    "/staff/plan#x", "http://localhost/staff/plan", "http://evil.example/staff/plan", "/staff/plan%3f", "/sta%66f/plan",
    "/STAFF/plan",
    "/staff/plan/%2e%2e/plan", "/open/plan", "/static/../staff/files/oven.txt", "/static/%2e%2e/staff/files/oven.txt",
    "/staff/files//oven.txt", "/staff/files/%6fven.txt", "/staff/files/oven.txt/", "*", "/staff/plan\t",
    "/%u0073taff/plan",
    "/declweb/../staff/plan", "/login/../staff/plan", "/login/%2e%2e/staff/plan", "/login/out/../../staff/plan",
)  # fmt: skip
"""Targets that have fooled one server or the other."""


def test_no_target_gets_around_it(server: Running) -> None:
    for target in TARGETS:
        for line in ("", ADDED[0]):
            answer = sent(server, f"GET {target} HTTP/1.1\r\n{line}")
            assert SECRET_WORDS not in answer, target
            assert not answer.startswith("HTTP/1.1 200"), target


def test_no_line_gets_around_it(server: Running) -> None:
    for line in ADDED:
        for method in ("GET", "HEAD", "POST", "PROPFIND"):
            answer = sent(server, f"{method} /staff/plan HTTP/1.1\r\n{line}")
            assert SECRET_WORDS not in answer, line
            assert not answer.startswith("HTTP/1.1 2"), line


def test_every_address_by_every_method(server: Running) -> None:
    for path in CLOSED:
        for method in METHODS if path in {"/staff/plan", "/oven", "/staff/files/oven.txt"} else ("GET",):
            answer = sent(server, f"{method} {path} HTTP/1.1\r\n")
            assert answer.split()[1] in {"303", "401", "403", "404", "405", "414"}, f"{method} {path}: {answer[:200]}"
            assert SECRET_WORDS not in answer
            assert SECRET_WORDS.replace(" ", "-") not in answer


def test_users_are_let_in_by_every_worker(server: Running, cookie: str) -> None:
    for _ in range(8):
        answer = sent(server, f"GET /staff/plan HTTP/1.1\r\nCookie: {cookie}\r\n")
        assert answer.startswith("HTTP/1.1 200"), answer
        assert SECRET_WORDS in answer


def test_two_requests_in_one_are_not_taken_for_one(server: Running, cookie: str) -> None:
    smuggled = "0\r\n\r\nGET /staff/plan HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = "POST /nothing HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n"
    assert SECRET_WORDS not in sent(server, head, smuggled)
    twice = sent(server, f"GET /staff/plan HTTP/1.1\r\nCookie: {cookie[:-2]}\r\nCookie: a=b\r\n")
    assert SECRET_WORDS not in twice
