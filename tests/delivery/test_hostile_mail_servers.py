"""Mail servers that nobody wishes to meet: they drip, never end, lie and speak at the wrong moment. None holds up a
process, fills its memory, or gets a password that it should not."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from mailing import Office
from servers import DEADLINE

from declweb.delivery import smtp

Manner = Callable[[socket.socket, threading.Event], None]
SECONDS = 0.5


@contextmanager
def hostile(manner: Manner) -> Iterator[tuple[int, list[bytes]]]:
    """Run a server of this manner; yield its port and, line by line, what it heard."""
    heard: list[bytes] = []
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_accept, args=(listening, manner, stopped, heard))
        thread.start()
        try:
            yield listening.getsockname()[1], heard
        finally:
            stopped.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(DEADLINE)
            assert not thread.is_alive()


def _accept(listening: socket.socket, manner: Manner, stopped: threading.Event, heard: list[bytes]) -> None:
    while not stopped.is_set():
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        connection.settimeout(DEADLINE)
        with connection, suppress(OSError):
            manner(_Hearing(connection, heard), stopped)  # type: ignore[arg-type] # as much of a socket as is needed


class _Hearing:
    """A connection that writes down what it hears."""

    def __init__(self, connection: socket.socket, heard: list[bytes]) -> None:
        self._connection = connection
        self._heard = heard
        self.sendall = connection.sendall

    def recv(self, size: int) -> bytes:
        data = self._connection.recv(size)
        self._heard += data.splitlines()
        return data


def drip(connection: socket.socket, stopped: threading.Event, data: bytes) -> None:
    while not stopped.wait(0.02):
        for number in range(len(data)):
            connection.sendall(data[number : number + 1])
            if stopped.wait(0.02):
                return


def answers(*lines: bytes) -> Manner:
    """Say these, the first as a greeting and each other one after something was heard."""

    def talk(connection: socket.socket, _stopped: threading.Event) -> None:
        connection.sendall(lines[0])
        for line in lines[1:]:
            if not connection.recv(65536):
                return
            connection.sendall(line)
        connection.recv(65536)

    return talk


def dripping_greeting(connection: socket.socket, stopped: threading.Event) -> None:
    drip(connection, stopped, b"220-hello\r\n")


def dripping_ehlo(connection: socket.socket, stopped: threading.Event) -> None:
    connection.sendall(b"220 hello\r\n")
    connection.recv(65536)
    drip(connection, stopped, b"250-SIZE\r\n")


def dripping_line(connection: socket.socket, stopped: threading.Event) -> None:
    drip(connection, stopped, b"220 x")


def endless_greeting(connection: socket.socket, stopped: threading.Event) -> None:
    while not stopped.is_set():
        connection.sendall(b"220-x\r\n" * 10_000)


def endless_ehlo(connection: socket.socket, stopped: threading.Event) -> None:
    connection.sendall(b"220 hello\r\n")
    connection.recv(65536)
    endless_greeting(connection, stopped)


def endless_line(connection: socket.socket, stopped: threading.Event) -> None:
    while not stopped.is_set():
        connection.sendall(b"x" * 65536)


BAD = [dripping_greeting, dripping_ehlo, dripping_line, endless_greeting, endless_ehlo, endless_line]


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "PATIENCE", SECONDS)
    monkeypatch.setattr(smtp, "LAST_PATIENCE", SECONDS)


@pytest.mark.usefixtures("in_a_hurry")
@pytest.mark.parametrize("manner", BAD, ids=lambda manner: manner.__name__)
def test_no_server_holds_up_a_process(manner: Manner, office: Office) -> None:
    office.post()
    with hostile(manner) as (port, _):
        began = time.monotonic()
        office.deliver(port)
        assert time.monotonic() - began < DEADLINE
    (message,) = office.messages
    assert (message.state, message.attempts) == ("waiting", 1)
    assert message.last_words.startswith("127.0.0.1:")
    assert len(message.last_words) < 300


EHLO = b"250-here\r\n250 SIZE 1000000\r\n"
OK = b"250 ok\r\n"


def dripping_acceptance(connection: socket.socket, stopped: threading.Event) -> None:
    answers(b"220 hello\r\n", EHLO, OK, OK, b"354 go on\r\n")(connection, stopped)
    drip(connection, stopped, b"250-queued\r\n")


def test_an_acceptance_that_never_ends_is_none(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "LAST_PATIENCE", SECONDS)
    office.post()
    with hostile(dripping_acceptance) as (port, heard):
        began = time.monotonic()
        office.deliver(port)
        assert time.monotonic() - began < DEADLINE
    assert b"DATA" in [line.upper() for line in heard]
    assert office.states == ["waiting"]


ODD: list[tuple[str, Manner, str]] = [
    ("goodbye", answers(b"421 too busy\r\n"), "waiting"),
    ("refusal", answers(b"554 go away\r\n"), "waiting"),
    ("no_ehlo", answers(b"220 hello\r\n", b"502 what\r\n", b"502 what\r\n"), "waiting"),
    (
        "nonsense_size",
        answers(b"220 hi\r\n", b"250-here\r\n250 SIZE x\xff\r\n", OK, OK, b"354 go\r\n", OK),
        "delivered",
    ),
    ("strange_code", answers(b"220 hi\r\n", EHLO, b"999 odd\r\n", OK), "waiting"),
    ("no_code", answers(b"220 hi\r\n", EHLO, b"\xff\xfe\r\n", OK), "waiting"),
    ("2xx_to_data", answers(b"220 hi\r\n", EHLO, OK, OK, OK, OK), "waiting"),
]


@pytest.mark.parametrize(("manner", "state"), [each[1:] for each in ODD], ids=[each[0] for each in ODD])
def test_odd_servers(manner: Manner, state: str, office: Office) -> None:
    office.post()
    with hostile(manner) as (port, _):
        office.deliver(port)
    assert office.states == [state]
    assert office.messages[0].last_words.isprintable()


@pytest.mark.usefixtures("in_a_hurry")
def test_a_server_that_never_greets(office: Office) -> None:
    test_odd_servers(answers(b""), "waiting", office)


@pytest.mark.parametrize("capability", [b"AUTH PLAIN LOGIN", b"AUTH PLAIN\r\n250-STARTTLS"])
def test_a_password_is_said_within_tls_alone(
    capability: bytes, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server elsewhere that offers no TLS, or breaks it off, hears no password."""
    monkeypatch.setattr("declweb.delivery.servers.MailServer.is_this_machine", False)
    office.post()
    greeting = b"250-here\r\n250-" + capability + b"\r\n250 HELP\r\n"
    with hostile(answers(b"220 hi\r\n", greeting, b"454 no TLS today\r\n", OK, OK)) as (port, heard):
        office.deliver(f"smtp://anna:geheim@127.0.0.1:{port}")
    assert office.states == ["waiting"]
    assert not any(line.upper().startswith((b"AUTH", b"MAIL")) for line in heard)
    assert "geheim" not in office.messages[0].last_words


def test_what_is_said_before_tls_counts_for_nothing(office: Office) -> None:
    """Answers slipped in behind the one to STARTTLS (CVE-2011-0411 and its kin) are not taken for those within TLS."""
    office.post()
    slipped = (
        b"220 go on\r\n250-evil\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 queued\r\n"
    )
    manner = answers(b"220 hi\r\n", b"250-here\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n", slipped)
    with hostile(manner) as (port, heard):
        office.deliver(f"smtp://anna:geheim@127.0.0.1:{port}")
    assert office.states == ["waiting"]
    assert not any(line.upper().startswith((b"AUTH", b"MAIL")) for line in heard)
