"""Processes that are kept at work."""

import os
import signal
import socket
import time
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from pathlib import Path

import pytest
from servers import eventually, is_running

from declweb.serving.supervisor import LONGEST_PAUSE, PATIENCE, Post, Supervisor, _end_when_told, pause


def test_short_lives_are_followed_at_once_and_then_ever_later() -> None:
    assert [pause(lives) for lives in range(PATIENCE + 1)] == [0.0] * (PATIENCE + 1)
    pauses = [pause(lives) for lives in range(PATIENCE + 1, PATIENCE + 10)]
    assert pauses == sorted(pauses)
    assert pauses[0] > 0
    assert pauses[-1] == LONGEST_PAUSE


def supervised(work: Callable[[socket.socket], None], grace: float = 20.0) -> int:
    """Return the id of a process that supervises two."""
    pid = os.fork()
    if pid == 0:  # pragma: no cover # its own process
        code = 99
        try:
            supervisor = Supervisor([socket.socket(), socket.socket()], work, grace)
            supervisor.start()
            code = supervisor.run()
        finally:
            os._exit(code)
    return pid


def exit_code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_workers_that_cannot_start_are_not_started_in_a_hot_loop(tmp_path: Path) -> None:
    tally = tmp_path / "tally"

    def work(_: socket.socket) -> None:
        with tally.open("a") as file:
            file.write("x")
        os._exit(3)

    def started() -> int:
        return len(tally.read_text()) if tally.exists() else 0

    pid = supervised(work)
    eventually(lambda: started() >= 2 * (PATIENCE + 2))
    assert started() < 2 * (PATIENCE + 5)
    os.kill(pid, signal.SIGTERM)
    assert exit_code(pid) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_does_not_stop_is_stopped(tmp_path: Path, number: int) -> None:
    def work(_: socket.socket) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (tmp_path / str(os.getpid())).touch()
        signal.pause()

    pid = supervised(work)
    eventually(lambda: len(list(tmp_path.iterdir())) == 2)
    assert eventually(lambda: told_again(pid, number)) == 128 + number
    assert not any(is_running(int(path.name)) for path in tmp_path.iterdir())


def told_again(pid: int, number: int) -> int | None:
    """Send a signal, and return the exit code if that was the end."""
    os.kill(pid, number)
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def test_a_worker_ends_when_it_is_told_before_it_listens(tmp_path: Path) -> None:
    def work(_: socket.socket) -> None:
        (tmp_path / str(os.getpid())).touch()
        signal.pause()

    pid = supervised(work)
    eventually(lambda: len(list(tmp_path.iterdir())) == 2)
    os.kill(pid, signal.SIGHUP)
    assert exit_code(pid) == 0


def test_a_system_that_gives_no_processes(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def start(_: ForkProcess) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(ForkProcess, "start", start)
    with socket.socket() as listener:
        post = Post(listener)
        Supervisor([], lambda _: None, 1.0)._start_one(post)
    assert post.process is None
    assert post.due > time.monotonic()
    assert "a worker could not be started: Resource temporarily unavailable" in caplog.text


def test_a_bug_leaves_nobody_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Supervisor) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Supervisor, "_until_due", broken)
    with socket.socket() as listener:
        supervisor = Supervisor([listener], lambda _: signal.pause(), 20.0)
        supervisor._start_one(supervisor._posts[0])
        (process,) = supervisor._processes()
        with pytest.raises(ZeroDivisionError):
            supervisor.run()
        assert not process.is_alive()


@pytest.mark.parametrize("handler", [signal.SIG_DFL, signal.SIG_IGN, None])
def test_who_is_told_to_end(monkeypatch: pytest.MonkeyPatch, handler: signal.Handlers | None) -> None:
    seen: list[object] = []
    monkeypatch.setattr(signal, "sigwait", min)
    found = (lambda number, _frame: seen.append(number)) if handler is None else handler
    monkeypatch.setattr(signal, "getsignal", lambda _: found)
    monkeypatch.setattr(os, "_exit", seen.append)
    _end_when_told()
    assert seen == {signal.SIG_DFL: [0], signal.SIG_IGN: [], None: [signal.SIGTERM]}[handler]
