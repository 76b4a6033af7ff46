"""`declweb.asgi`: what a server that speaks ASGI 3 hears, message by message."""

import asyncio
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event, current_thread
from typing import Any

import pytest
from servers import write

import declweb
from declweb.serving.asgi import Asgi

SITE = """
[site]
name = "Harbour"

[routes.home]
path = "/"
text = "one"

[routes.hello]
path = "/hello/<name>"
text = "Hello, {{ name }}!"

[server]
threads = 3
"""

Message = dict[str, Any]


def exchange(application: Any, messages: Iterable[Message], **scope: object) -> list[Message]:
    """Return what an application says to a request whose messages come one after the other."""
    return asyncio.run(exchanged(application, messages, **scope))


async def exchanged(application: Any, messages: Iterable[Message], **scope: object) -> list[Message]:
    coming, said = iter(messages), []

    async def receive() -> Message:
        return next(coming)

    async def send(message: Message) -> None:
        said.append(message)

    await application({**SCOPE, **scope}, receive, send)
    return said


SCOPE: Message = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/",
    "raw_path": b"/",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"host", b"harbour.example")],
    "client": ("192.0.2.1", 40000),
    "server": ("127.0.0.1", 80),
}
END: Message = {"type": "http.request", "body": b"", "more_body": False}


def whole(said: list[Message]) -> tuple[int, bytes]:
    assert said[0]["type"] == "http.response.start"
    return said[0]["status"], b"".join(message.get("body", b"") for message in said[1:])


@pytest.fixture
def site(tmp_path: Path) -> Asgi:
    return declweb.asgi(write(tmp_path / "site", site=SITE), reload=False)


def test_a_site_answers(site: Asgi) -> None:
    assert whole(exchange(site, [END])) == (200, b"one")
    assert whole(exchange(site, [END], path="/hello/Änne", raw_path=b"/hello/%C3%84nne")) == (
        200,
        "Hello, Änne!".encode(),
    )
    assert whole(exchange(site, [END], method="HEAD")) == (200, b"")


def test_what_was_sent_is_judged_not_what_became_of_it(site: Asgi) -> None:
    answer = exchange(site, [END], path="/hello/%zz", raw_path=b"/hello/%zz", query_string=b"a=b")
    assert whole(answer)[0] == 400
    assert whole(exchange(site, [END], headers=[(b"host", b"a"), (b"host", b"b")]))[0] == 400


def echo(environ: Message, start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield environ.get("HTTP_X_FORWARDED_FOR", "nobody").encode()
    yield from environ["wsgi.input"]


def test_a_body_is_read_as_it_comes() -> None:
    parts: list[Message] = [
        {"type": "http.request", "body": b"one\ntw", "more_body": True},
        {"type": "http.request", "body": b"o\nthree", "more_body": False},
    ]
    assert whole(exchange(Asgi(echo, 1), parts)) == (200, b"nobodyone\ntwo\nthree")

    def sized(environ: Message, start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"]
        start_response("200 OK", [])
        return [body.read(2), b"|", body.readline(1), b"|", *body.readlines(), b"|", body.read(), body.read(5)]

    assert whole(exchange(Asgi(sized, 1), parts)) == (200, b"on|e|\ntwo\nthree|")


def test_a_body_that_nobody_asks_for_is_not_waited_for(site: Asgi) -> None:
    fields = [(b"host", b"a"), (b"content-length", b"9000000000")]
    assert whole(exchange(site, [], method="POST", headers=fields))[0] in {405, 413}


def test_a_client_that_has_gone_ends_its_body() -> None:
    parts: list[Message] = [{"type": "http.request", "body": b"on", "more_body": True}, {"type": "http.disconnect"}]
    assert whole(exchange(Asgi(echo, 1), parts)) == (200, b"nobodyon")


def test_a_name_with_an_underscore_passes_for_no_other() -> None:
    fields = [(b"x_forwarded_for", b"6.6.6.6")]
    assert whole(exchange(Asgi(echo, 1), [END], headers=fields)) == (200, b"nobody")


def test_what_an_answer_holds_is_let_go() -> None:
    closed: list[str] = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"one", b"two"])

        def close(self) -> None:
            closed.append("closed")

    def application(_environ: Message, start_response: Any) -> Body:
        start_response("200 OK", [("Content-Length", "3")])
        return Body()

    assert whole(exchange(Asgi(application, 1), [END])) == (200, b"one")
    assert closed == ["closed"]


def test_requests_do_not_wait_for_one_another() -> None:
    second_is_here = Event()
    threads: set[str] = set()

    def application(environ: Message, start_response: Any) -> list[bytes]:
        threads.add(current_thread().name)
        if environ["PATH_INFO"] == "/first":
            assert second_is_here.wait(20)
        else:
            second_is_here.set()
        start_response("200 OK", [])
        return [b"done"]

    async def both() -> list[list[Message]]:
        asked = Asgi(application, 2)
        return await asyncio.gather(*(exchanged(asked, [END], path=path) for path in ("/first", "/second")))

    assert [whole(said) for said in asyncio.run(both())] == [(200, b"done")] * 2
    assert len(threads) == 2


def test_servers_that_start_and_stop_are_told_that_all_is_well(site: Asgi) -> None:
    said = exchange(site, [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}], type="lifespan")
    assert [message["type"] for message in said] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_web_sockets_are_turned_away(site: Asgi) -> None:
    (said,) = exchange(site, [{"type": "websocket.connect"}], type="websocket")
    assert said["type"] == "websocket.close"


def test_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "asgiref"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "asgiref", None)
    monkeypatch.delitem(sys.modules, "declweb.serving.asgi")
    with pytest.raises(ModuleNotFoundError, match=r"declweb\[asgi\]"):
        declweb.asgi(tmp_path)
