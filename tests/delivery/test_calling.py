"""Calls of programs that are bad, elsewhere than they say, or not to be trusted: real servers, changing names."""

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import trustme
from callee import OK, answering, callee, dripping
from hooks import LONG, SHORT, message, send, settings, told
from servers import DEADLINE, eventually

from declweb.delivery import calling
from declweb.delivery.outcome import Delivered, Later, Outcome
from declweb.delivery.webhook import Caller, call

# --- bad servers ------------------------------------------------------------------------------------------------------


def silent(stream: socket.socket) -> None:
    stream.recv(1)


def flood(head: bytes, block: bytes) -> Callable[[socket.socket], None]:
    def pour(stream: socket.socket) -> None:
        stream.sendall(head)
        while True:
            stream.sendall(block)

    return pour


BAD: list[tuple[Any, type[Outcome], str]] = [
    (b"", Later, "127.0.0.1 ended the connection before it answered"),
    (b"HTTP/1.1 2", Later, "something that is no HTTP"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", Later, "something that is no HTTP"),
    (b"\x00\xff" * 4000, Later, "something that is no HTTP"),
    (b"HTTP/1.1 abc OK\r\n\r\n", Later, "something that is no HTTP"),
    (b"HTTP/1.1 200 " + b"x" * 70_000 + b"\r\n\r\n", Later, "something that is no HTTP"),
    (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", Later, "something that is no HTTP"),
    (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", Later, "something that is no HTTP"),
    (flood(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), Later, "something that is no HTTP"),
    (flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), Later, "no answer in time"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", Delivered, "200 OK"),
    (flood(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536), Delivered, "200 OK"),
    (flood(b"HTTP/1.1 500 No\r\n\r\n", b"x" * 65536), Later, "500 No: xxx"),
    (b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Later, "500 No"),
    (b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\nabc", Later, "500 No"),
    (b"HTTP/1.1 500 No\r\nContent-Length: -5\r\n\r\nabc", Later, "500 No"),
    (b"HTTP/1.1 500 No\r\nContent-Length: 50\r\n\r\nabc", Later, "500 No: abc"),
    (silent, Later, "127.0.0.1 gave no answer in time"),
]


@pytest.mark.parametrize(("answer", "kind", "words"), BAD, ids=range(len(BAD)))
def test_bad_servers(answer: Any, kind: type[Outcome], words: str) -> None:
    with callee(answer) as there:
        began = time.monotonic()
        outcome = told(there, patience=SHORT if words.endswith("no answer in time") else LONG)
        assert time.monotonic() - began < DEADLINE
    assert isinstance(outcome, kind)
    assert words in outcome.words


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nX: y", Later),
        (b"HTTP/1.1 100 Continue\r\n\r\n", Later),
        (b"HTTP/1.1 500 No\r\n\r\n" + b"x" * 100_000, Later),
    ],
)
def test_a_server_that_drips_is_cut(data: bytes, kind: type[Outcome]) -> None:
    stopped = Event()
    with callee(dripping(data, stopped)) as there:
        try:
            began = time.monotonic()
            outcome = told(there, patience=SHORT)
            assert time.monotonic() - began < DEADLINE
        finally:
            stopped.set()
    assert isinstance(outcome, kind)


def test_a_server_that_reads_nothing_is_cut() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listening:
        target = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        long = message(target, content={"data": "x" * 50_000_000})
        began = time.monotonic()
        outcome = call(long, settings(target), patience=SHORT)
        assert time.monotonic() - began < DEADLINE
    assert outcome == Later("127.0.0.1 gave no answer in time")


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        target = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    outcome = call(message(target), settings(target), patience=LONG)
    assert outcome == Later("nothing answers at 127.0.0.1: the connection was refused")


def test_a_connection_that_is_reset() -> None:
    def reset(stream: socket.socket) -> None:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    with callee(reset) as there:
        assert told(there) == Later("127.0.0.1 ended the connection before it answered")


def test_one_that_is_silent_holds_up_nobody() -> None:
    """It is asked once; whoever waits behind it is called at once, and after a minute it is asked again."""
    moment = time.time()
    with callee(silent) as deaf, callee() as there:
        sends = {"order": (send(deaf.url), send(there.url))}
        known = replace(settings(there.url), sends=sends)
        caller = Caller(known, clock=lambda: moment, patience=SHORT)
        outcomes = [caller(message(deaf.url))]
        caller._patience = LONG
        outcomes += [caller(message(target)) for target in (deaf.url, there.url, deaf.url)]
        assert [type(each) for each in outcomes] == [Later, Later, Delivered, Later]
        assert eventually(lambda: deaf.connections) == 1
        moment += 61
        caller._patience = SHORT
        caller(message(deaf.url))
        eventually(lambda: deaf.connections == 2)


def test_one_that_is_too_busy_is_left_alone() -> None:
    with callee(answering("429 Slowly", "", "Retry-After: 120"), OK) as there:
        caller = Caller(settings(there.url))
        assert caller(message(there.url)) == caller(message(there.url))
    assert len(there.calls) == 1


def test_an_error_of_one_message_is_none_of_the_next() -> None:
    with callee(answering("500 Sorry"), OK) as there:
        caller = Caller(settings(there.url))
        assert isinstance(caller(message(there.url)), Later)
        assert isinstance(caller(message(there.url)), Delivered)


# --- names ------------------------------------------------------------------------------------------------------------


class Names:
    """A look-up of names that a test answers: each time with the next answer, the last one again and again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: list[list[str]] = []
        self.asked = 0
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: str, port: int, **_: Any) -> list[Any]:
        found = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in found
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that were connected to, all of them in vain."""
    found: list[str] = []

    def connected(_family: object, address: tuple[Any, ...], _seconds: float) -> None:
        found.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(calling, "_connected", connected)
    return found


NEVER = [
    "127.0.0.1", "127.9.9.9", "::1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "fe80::1", "fd00::1",
    "100.64.0.1", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "2002:7f00:1::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "::127.0.0.1", "::ffff:0:127.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", NEVER)
def test_where_webhooks_never_go(address: str, names: Names, called: list[str]) -> None:
    names.answers = [[address]]
    target = "https://till.example/orders"
    outcome = call(message(target), settings(target, private=False))
    assert isinstance(outcome, Later)
    assert f"till.example is at {address}, which is " in outcome.words
    assert called == []


@pytest.mark.parametrize(
    "address", ["0.0.0.0", "::", "224.0.0.1", "::ffff:127.0.0.1", "2002:7f00:1::1", "255.255.255.255"]
)
def test_where_they_do_not_go_either_when_private(address: str, names: Names, called: list[str]) -> None:
    names.answers = [[address]]
    outcome = call(message("https://till.example/"), settings("https://till.example/"))
    assert "private = true" not in outcome.words
    assert called == []


def test_of_several_addresses_those_that_may_be_called(names: Names, called: list[str]) -> None:
    names.answers = [["10.0.0.1", "8.8.8.8", "127.0.0.1", "2606:4700::1111"]]
    call(message("https://till.example/"), settings("https://till.example/", private=False))
    assert called == ["8.8.8.8", "2606:4700::1111"]


def test_a_name_that_changes_its_answer_gets_nowhere_else(names: Names, called: list[str]) -> None:
    """DNS rebinding: a good address for the look, a bad one for the connection."""
    names.answers = [["8.8.8.8"], ["127.0.0.1"]]
    call(message("https://till.example/"), settings("https://till.example/", private=False))
    assert names.asked == 1
    assert called == ["8.8.8.8"]


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "localhost", "127.0.0.1."]
)
def test_other_spellings_of_this_machine(host: str) -> None:
    with callee() as there:
        target = f"http://{host}:{there.port}/"
        outcome = call(message(target), settings(target, private=False))
    assert isinstance(outcome, Later)
    assert not there.connections


def test_what_a_private_send_must_say() -> None:
    with callee() as there:
        outcome = told(there, private=False)
    words = "127.0.0.1 is this machine itself: no webhook goes there; if it is meant to be, add `private = true`"
    assert outcome == Later(words)
    assert not there.connections


def test_an_address_that_does_not_answer_is_not_the_last(names: Names) -> None:
    with callee() as there:
        names.answers = [["127.0.0.2", "127.0.0.1"]]
        target = f"http://till.example:{there.port}/"
        assert isinstance(call(message(target), settings(target)), Delivered)
    assert there.calls[0].headers["host"] == f"till.example:{there.port}"


def test_a_look_up_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    done = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: done.wait(2 * DEADLINE))
    began = time.monotonic()
    outcome = call(message("https://till.example/"), settings("https://till.example/"), patience=SHORT)
    done.set()
    assert time.monotonic() - began < DEADLINE
    assert outcome == Later("the name till.example cannot be looked up at the moment")


def test_a_name_that_there_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    outcome = call(message("https://till.example/"), settings("https://till.example/"))
    assert outcome == Later("there is no machine called till.example")


def test_a_network_that_is_not_there(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    def connected(*_: object) -> None:
        raise OSError(101, "Network is unreachable")

    names.answers = [["8.8.8.8"]]
    monkeypatch.setattr(calling, "_connected", connected)
    outcome = call(message("https://till.example/"), settings("https://till.example/"))
    assert outcome == Later("till.example cannot be reached: network is unreachable")


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


def serving(authority: trustme.CA, *names: str, **keys: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **keys).configure_cert(context)
    return context


@pytest.mark.usefixtures("trusted")
def test_tls(authority: trustme.CA, names: Names) -> None:
    names.answers = [["127.0.0.1"]]
    context = serving(authority, "till.example")
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    with callee(tls=context) as there:
        target = f"https://till.example:{there.port}/orders"
        assert call(message(target), settings(target)) == Delivered("till.example answered 204 No Content")
    assert asked == ["till.example"]
    assert there.calls[0].headers["host"] == f"till.example:{there.port}"


CERTIFICATES: list[tuple[tuple[str, ...], dict[str, Any], str]] = [
    (("other.example",), {}, "is one for another name"),
    (("till.example",), {"not_after": datetime(2020, 1, 1, tzinfo=UTC)}, "has expired"),
    (("till.example",), {"not_before": datetime(2090, 1, 1, tzinfo=UTC)}, "is not valid yet"),
]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("hosts", "keys", "words"), CERTIFICATES)
def test_bad_certificates(
    hosts: tuple[str, ...], keys: dict[str, Any], words: str, authority: trustme.CA, names: Names
) -> None:
    names.answers = [["127.0.0.1"]]
    with callee(tls=serving(authority, *hosts, **keys)) as there:
        target = f"https://till.example:{there.port}/"
        outcome = call(message(target), settings(target))
    assert outcome == Later(f"the certificate of till.example {words}")
    assert not there.calls


def test_a_certificate_that_nobody_signed(authority: trustme.CA, names: Names) -> None:
    names.answers = [["127.0.0.1"]]
    with callee(tls=serving(authority, "till.example")) as there:
        target = f"https://till.example:{there.port}/"
        outcome = call(message(target), settings(target))
    assert "was signed by nobody that is trusted" in outcome.words
    assert not there.calls


def test_two_that_share_no_way_to_speak_tls(names: Names) -> None:
    names.answers = [["127.0.0.1"]]
    with callee(tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)) as there:
        target = f"https://till.example:{there.port}/"
        outcome = call(message(target), settings(target))
    assert outcome.words.startswith("till.example and this machine find no safe way to speak TLS (")


def test_no_tls_where_there_should_be() -> None:
    with callee(b"HTTP/1.1 400 Bad Request\r\n\r\n", is_listener=False) as there:
        target = there.url.replace("http:", "https:")
        assert call(message(target), settings(target)) == Later("127.0.0.1 does not speak TLS there")
