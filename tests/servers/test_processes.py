"""Processes of the servers in examples/deploy: they are started anew, killed, copied, and deliver what forms send."""

import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from callee import callee
from deploying import Deployed, ask, copied, deployed
from servers import children, eventually, is_running

WEBHOOK = '\n[[forms.letter.send]]\nwebhook = "{url}"\nprivate = true\n'
LETTER = b"name=Ann&words=Hello"
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


@contextmanager
def visited(server: Deployed) -> Iterator[list[str]]:
    """Ask for pages all the time until the context ends; the list is of what went wrong."""
    failures: list[str] = []
    stop = threading.Event()

    def visit() -> None:
        while not stop.is_set():
            answer = server.answers("/hello/Ann")
            if answer is None or answer.text != "Hello, Ann!":
                failures.append("no answer" if answer is None else str(answer.status))
            stop.wait(0.1)

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        yield failures
    finally:
        stop.set()
        visitor.join()


@pytest.mark.parametrize("preload", ["", "--preload"])
def test_gunicorn_reloads_without_a_visitor_who_waits(preload: str, tmp_path: Path) -> None:
    variables = {"GUNICORN_CMD_ARGS": preload}
    with deployed("gunicorn", tmp_path / "site", variables=variables) as server:
        before = eventually(lambda: set(found) if len(found := server.workers()) == 4 else None)
        if not preload:  # each loads the site itself, and then follows it and delivers
            eventually(lambda: all(threads(pid) > 4 for pid in before))
        with visited(server) as failures:
            server.reload()
            eventually(lambda: not before & set(server.workers()))
            eventually(lambda: len(server.workers()) == 4)
            home = server.site / "templates" / "home.html"
            home.write_text(home.read_text("utf-8").replace("Bread", "Cakes"), "utf-8")
            eventually(lambda: all("Cakes" in server.get("/").text for _ in range(20)))
        assert not failures
        killed = server.workers()[0]
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: killed not in server.workers() and len(server.workers()) == 4)
        assert server.get("/").status == 200
        # gunicorn does not stop a process that is just beginning before its time is over
        eventually(lambda: all(hears(pid) and (preload or threads(pid) > 4) for pid in server.workers()))
        assert server.stop() == 0


def test_gunicorn_has_imported_what_its_processes_need(tmp_path: Path) -> None:
    """Else nobody answers after HUP until each of them has imported it."""
    with deployed("gunicorn", tmp_path / "site") as server:
        libraries = Path(f"/proc/{server.process.pid}/maps").read_text("utf-8")
        assert all(name in libraries for name in ("_pydantic_core", "_sqlite3"))
        eventually(lambda: len(server.workers()) == 4)
        assert "control socket" not in server.log.lower()


@pytest.mark.parametrize("name", ["uwsgi", "granian"])
def test_a_worker_that_is_killed_is_replaced(name: str, tmp_path: Path) -> None:
    with deployed(name, tmp_path / "site") as server:
        assert server.get("/hello/Ann").text == "Hello, Ann!"
        first = worker(server)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: not is_running(first))
        eventually(lambda: worker(server) and (answer := server.answers("/hello/Ann")) and answer.status == 200)


def test_uwsgi_stops_while_it_starts(tmp_path: Path) -> None:
    settings = copied("uwsgi", tmp_path / "site") / "uwsgi.ini"
    text = settings.read_text("utf-8")
    assert "worker-reload-mercy = 30\n" in text
    settings.write_text(text.replace("mercy = 30", "mercy = 1"), "utf-8")
    with deployed("uwsgi", tmp_path / "site") as server:  # one of its processes answers, the other may be loading yet
        assert server.stop() in {0, 22}  # 22: a process was loading


def worker(server: Deployed) -> int:
    """Return the process with the most threads: one that answers."""
    below = [pid for child in server.workers() for pid in (child, *children(child))]
    return max(filter(is_running, below), key=threads, default=0)


def hears(pid: int) -> bool:
    """Tell whether a process of gunicorn has handlers of its own: its parent heeds SIGHUP, and it does not."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    caught = int(re.search(r"^SigCgt:\s*(\w+)", status, re.MULTILINE)[1], 16)  # type: ignore[index] # it is always there
    return not caught & 1 << signal.SIGHUP - 1


def threads(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())


COPIED = re.compile(r"^lazy-apps = true\n", re.MULTILINE)


@pytest.mark.parametrize(
    "name",
    ["gunicorn, loaded before", "uwsgi, copied", "mod_wsgi"],
)
def test_what_a_form_sends_is_delivered(name: str, tmp_path: Path) -> None:
    example, _, how = name.partition(", ")
    folder = copied(example, tmp_path / "site")
    if how == "copied":
        settings = folder / "uwsgi.ini"
        settings.write_text(COPIED.sub("", settings.read_text("utf-8"), count=1), "utf-8")
        assert not COPIED.search(settings.read_text("utf-8"))
    variables = {"GUNICORN_CMD_ARGS": "--preload"} if how == "loaded before" else {}
    with callee() as till:
        with (folder / "site.toml").open("a", encoding="utf-8") as file:
            file.write(WEBHOOK.format(url=till.url))
        with deployed(example, folder, variables=variables) as server:
            for number in (1, 2, 3):
                answer = ask(server, "POST", "/letter", LETTER + b"%d" % number, **FORM)
                assert answer.status == 303, answer.text
                eventually(lambda number=number: len(till.calls) == number)  # type: ignore[misc] # bound here
            home = server.site / "templates" / "home.html"
            home.write_text(home.read_text("utf-8").replace("Bread", "Cakes"), "utf-8")
            eventually(lambda: all("Cakes" in server.get("/").text for _ in range(10)))
            assert server.stop() in {0, -signal.SIGTERM}
            assert "Traceback" not in server.log
