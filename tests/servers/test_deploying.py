"""What docs/deploying.md tells: the site of examples/deploy on every server, asked the same questions on each."""

import http.client
import io
import signal
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from bodies import named
from deploying import Listening, ask, deployed, in_front, proxies
from servers import DEADLINE, eventually

POEM = "".join(f"Line {number}: the blackbird sings before the oven is warm.\n" for number in range(1, 201))
UPLOAD = b"Bread and cakes\n" * 20_000
"""More than what any server reads along with the head of a request."""
SPOOFED = {
    "X_Forwarded_For": "6.6.6.6",
    "X_Forwarded_Proto": "https",
    "X_Forwarded_Host": "evil.example",
    "X_Forwarded_Prefix": "/evil",
    "X_Forwarded_Ssl": "on",
    "X_Forwarded_Protocol": "ssl",
    "Forwarded": "for=6.6.6.6;proto=https;host=evil.example",
}

SERVERS: dict[str, tuple[str, dict[str, str]]] = {
    "serve": ("serve", {}),
    "gunicorn": ("gunicorn", {}),
    "gunicorn, loaded before": ("gunicorn", {"GUNICORN_CMD_ARGS": "--preload"}),
    "gunicorn without threads": ("gunicorn", {"GUNICORN_CMD_ARGS": "--worker-class sync"}),
    "uwsgi": ("uwsgi", {}),
    "mod_wsgi": ("mod_wsgi", {}),
    "hypercorn": ("hypercorn", {}),
    "waitress": ("waitress", {}),
    "granian": ("granian", {}),
}


def sent(server: Listening, data: bytes) -> bytes:
    """Return all that comes back for these very bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE) as connection:
        connection.sendall(data)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def letter(name: str, file: bytes | None = None) -> bytes:
    parts = named(b"name", name.encode()) + named(b"words", b"Hello")
    return parts + (b"" if file is None else named(b"paper", file, b"menu.txt")) + b"--x--\r\n"


def page(server: Listening) -> None:
    answer = server.get("/hello/J%C3%B6rg%20%26%20Ann")
    assert (answer.status, answer.text) == (200, "Hello, Jörg & Ann!")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Security-Policy"]


def prepared_page(server: Listening) -> None:
    answer = server.get("/")
    assert answer.status == 200
    assert 'href="/letter"' in answer.text
    again = server.get("/", If_None_Match=answer.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    packed = server.get("/static/poem.txt", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"


def form_with_upload(server: Listening) -> None:
    kind = {"Content_Type": "multipart/form-data; boundary=x"}
    answer = ask(server, "POST", "/letter", letter("Ann", UPLOAD), **kind)
    assert (answer.status, answer.headers["Location"]) == (303, "/letter"), answer.text
    uploads = server.site / "storage" / "uploads"
    assert [path.read_bytes() for path in uploads.iterdir() if path.is_file()] == [UPLOAD]
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    thanks = server.get("/letter", Cookie=cookie)
    assert "Thank you, Ann." in thanks.text
    after = thanks.headers["Set-Cookie"].partition(";")[0]
    assert "Thank you" not in server.get("/letter", Cookie=after).text
    assert ask(server, "POST", "/letter", letter("Ben")[:-9], **kind).status == 400
    refused = ask(server, "POST", "/letter", b"name=Ann", Content_Type="application/x-www-form-urlencoded")
    assert refused.status == 422


def session_and_flash(server: Listening) -> None:
    cookie = ""
    for number in (1, 2):
        answer = server.get("/visit", Cookie=cookie)
        assert (answer.status, answer.headers["Location"]) == (302, "/visits")
        told = server.get("/visits", Cookie=answer.headers["Set-Cookie"].partition(";")[0])
        assert told.text == f"This is your visit number {number}."
        cookie = told.headers["Set-Cookie"].partition(";")[0]
        assert server.get("/visits", Cookie=cookie).text == "Nothing new."


def stream(server: Listening) -> None:
    """What a view says arrives when it is said, not when all is said."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE) as connection:
        connection.sendall(b"GET /oven HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        said = b""
        while b"Mixing. " not in said:
            part = connection.recv(65536)
            assert part, said
            said += part
        assert b"Baking. " not in said
        assert b"Baking. " in b"".join(iter(lambda: connection.recv(65536), b""))
    assert server.get("/oven").text == "Mixing. Baking. "


def body_in_chunks(server: Listening) -> None:
    body = letter("Chris", b"Rye\n" * 50_000)
    chunks = iter(partial(io.BytesIO(body).read, 7_777), b"")
    answer = ask(server, "POST", "/letter", chunks, Content_Type="multipart/form-data; boundary=x")
    assert answer.status == 303, answer.text


def body_that_waits(server: Listening) -> None:
    """A client that asks first whether its body is welcome (RFC 9110, section 10.1.1) is told so."""
    body = b"name=Dora&words=Hello"
    head = b"POST /letter HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n"
    kind = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(body)
    with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE) as connection:
        connection.sendall(head + kind)
        told = connection.recv(65536)
        assert told.startswith(b"HTTP/1.1 100 "), told
        connection.sendall(body)
        rest = b"".join(iter(lambda: connection.recv(65536), b""))
        assert b"HTTP/1.1 303" in told + rest


def body_that_is_too_large(server: Listening) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 9000000000\r\n\r\nabc")
        assert connection.recv(65536).split()[1] in {b"413", b"405"}


def ranges(server: Listening) -> None:
    answer = server.get("/static/poem.txt", Range="bytes=5-20")
    assert (answer.status, answer.text) == (206, POEM[5:21])
    assert answer.headers["Content-Range"] == f"bytes 5-20/{len(POEM)}"
    assert server.get("/static/poem.txt", Range="bytes=99999-").status == 416
    assert server.get("/static/poem.txt").text == POEM


def large_file(server: Listening) -> None:
    content = bytes(range(256)) * 20_000
    (server.site / "static" / "large.bin").write_bytes(content)
    answer = eventually(lambda: found if (found := server.get("/static/large.bin")).status == 200 else None)
    assert answer.body == content
    assert answer.headers["Content-Length"] == str(len(content))
    assert server.get("/static/large.bin", Range="bytes=-1000").body == content[-1000:]


def redirect(server: Listening) -> None:
    answer = server.get("/hi/Ann?from=flyer")
    assert (answer.status, answer.headers["Location"]) == (301, "/hello/Ann?from=flyer")


def not_found(server: Listening) -> None:
    answer = server.get("/nothing")
    assert answer.status == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert server.get("/static/%2e%2e/site.toml").status in {400, 404}
    assert server.get("/static/..%2fsite.toml").status in {400, 404}
    assert server.get("/static/poem.txt%00").status in {400, 404}


def slashes(server: Listening) -> None:
    """An escaped slash is none that parts a path."""
    assert server.get("/hello/a%2Fb").status == 404
    answer = server.get("//hello//Ann")
    assert answer.headers["Location"] == "/hello/Ann" or answer.text == "Hello, Ann!"


def head(server: Listening) -> None:
    for path in ("/", "/hello/Ann", "/static/poem.txt", "/letter", "/nothing"):
        whole, short = server.get(path), server.get(path, "HEAD")
        assert (short.status, short.body) == (whole.status, b"")
        assert short.headers.get("Content-Length") in {str(len(whole.body)), None}, path


def method(server: Listening) -> None:
    answer = server.get("/", "DELETE")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def bad_request(server: Listening) -> None:
    refused = sent(server, b"\x16\x03\x01 is no HTTP\r\n\r\n")
    assert not refused or b" 400 " in refused.partition(b"\r\n")[0]
    twice = sent(server, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n")
    assert twice.split()[1] == b"400", twice
    both = b"POST /letter HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"
    assert sent(server, both + b"Connection: close\r\n\r\n0\r\n\r\n").split()[1][:1] == b"4"
    nowhere = sent(server, b"GET /hello/Ann HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n")
    assert not nowhere or nowhere.split()[1] == b"400", nowhere
    escaped = sent(server, b"GET /hello/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert escaped.split()[1] == b"400" or b"Hello, %zz!" in escaped
    assert server.get("/hello/" + "a" * 20_000).status in {400, 414, 431, 500, 502}
    assert server.get("/").status == 200


def hops_that_are_not_declared(server: Listening) -> None:
    assert ask(server, "GET", "/visitor", **SPOOFED).text == f"127.0.0.1 http://127.0.0.1:{server.port}/visitor"


def connection_that_is_kept(server: Listening) -> None:
    """One answer after the other comes on a connection, also where nobody looks at a body."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
    asked = (("GET", "/", 200), ("GET", "/nothing", 404), ("POST", "/letter", 422), ("HEAD", "/", 200))
    for verb, path, status in asked * 2:
        connection.request(verb, path, b"name=Eve" if verb == "POST" else None, form if verb == "POST" else {})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status, path
    connection.close()


def edit(server: Listening) -> None:
    home = server.site / "templates" / "home.html"
    home.write_text(home.read_text("utf-8").replace("Bread since", "Cakes since"), "utf-8")
    eventually(lambda: all("Cakes since" in server.get("/").text for _ in range(10)))


def stop(server: Listening) -> None:
    began = time.monotonic()
    assert server.stop() in {0, -signal.SIGTERM}, server.log
    assert time.monotonic() - began < 20
    assert "Traceback" not in server.log


SUITE: tuple[Callable[[Listening], None], ...] = (
    page, prepared_page, form_with_upload, session_and_flash, stream, body_in_chunks, body_that_waits,
    body_that_is_too_large, ranges, large_file, redirect, not_found, slashes, head, method, bad_request,
    hops_that_are_not_declared, connection_that_is_kept, edit, stop,
)  # fmt: skip

AT_THE_DOOR = {
    "nginx": (bad_request, hops_that_are_not_declared, stop),
    "apache": (bad_request, body_that_is_too_large, hops_that_are_not_declared, stop),
}
"""What is asked otherwise where another server stands in front; Apache wants 16 KB of a body before it asks at all."""


@pytest.mark.parametrize("name", SERVERS)
def test_the_same_on_every_server(name: str, tmp_path: Path) -> None:
    example, variables = SERVERS[name]
    with deployed(example, tmp_path / "site", variables=variables) as server:
        for asked in SUITE:
            asked(server)


HOPS = {
    "X_Forwarded_For": "6.6.6.6, 10.1.1.1",
    "X_Forwarded_Proto": "http, https",
    "X_Forwarded_Host": "evil.example, bakery.example",
    "X_Forwarded_Prefix": "/evil, /bakery",
}
"""What one proxy adds to what a visitor has made up."""


TAKES_UNDERSCORES = {"serve", "granian", "uwsgi"}
"""Servers on which a name with an underscore passes for the one with a hyphen; so what is in front must drop it."""


@pytest.mark.parametrize("name", ["serve", "gunicorn", "uwsgi", "mod_wsgi", "hypercorn", "waitress", "granian"])
def test_only_hops_that_are_declared_are_believed(name: str, tmp_path: Path) -> None:
    with deployed(name, tmp_path / "site", variables={"PROXIES": "1"}) as server:
        expected = "10.1.1.1 https://bakery.example/bakery/visitor"
        assert ask(server, "GET", "/visitor", **HOPS).text == expected
        lines = "".join(f"{key.replace('_', '-')}: {value}\r\n" for key, value in HOPS.items())
        made_up = "".join(f"{key}: {value}\r\n" for key, value in SPOOFED.items() if "_" in key)
        for fields in (lines,) if name in TAKES_UNDERSCORES else (lines + made_up, made_up + lines):
            head = f"GET /visitor HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n"
            assert sent(server, head.encode()).decode().rpartition("\r\n\r\n")[2] == expected


@pytest.mark.parametrize(("name", "behind"), [("nginx", "gunicorn"), ("apache", "serve")])
def test_behind_another_server(name: str, behind: str, tmp_path: Path) -> None:
    with (
        deployed(behind, tmp_path / "site", variables=proxies(name)) as server,
        in_front(name, tmp_path / "front", server) as front,
    ):
        for asked in SUITE:
            if asked not in AT_THE_DOOR[name]:
                asked(front)
        for below in ("", "/bakery"):
            for scheme, port in (("http", front.port), ("https", front.secure_port)):
                for headers in ({}, SPOOFED, HOPS):
                    said = visit(scheme, port, f"{below}/visitor", headers)
                    assert said == f"127.0.0.2 {scheme}://bakery.example:8080{below}/visitor"
        assert front.get("/bakery/hi/Ann").headers["Location"] == "/bakery/hello/Ann"
        assert 'href="/bakery/letter"' in front.get("/bakery/").text
        assert server.stop() == 0
        assert front.stop() == 0, front.log


def visit(scheme: str, port: int, path: str, headers: Mapping[str, str]) -> str:
    """Return what a visitor from another address reads, who has made some header fields up."""
    source = ("127.0.0.2", 0)
    context = ssl._create_unverified_context()
    connection = (
        http.client.HTTPSConnection("127.0.0.1", port, timeout=DEADLINE, source_address=source, context=context)
        if scheme == "https"
        else http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE, source_address=source)
    )
    with closing(connection):
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", "bakery.example:8080")
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse().read().decode()
