"""What is settled before a site is served."""

import resource
import selectors
import signal
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from servers import serve, write
from werkzeug.test import Client

from declweb.model.server import Server
from declweb.problems import Place, Problem
from declweb.serving import on_gunicorn
from declweb.serving import serve as serving
from declweb.serving.announcement import announcement
from declweb.serving.problem_page import ProblemPage
from declweb.serving.reload import Live
from declweb.serving.serve import Wishes, _workers
from declweb.serving.settings import SPARE_FILES, allow_connections
from declweb.serving.source import Source, unreadable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SITE = '[site]\nname = "Harbour"\n'
ROUTE = '\n[routes.home]\npath = "/"\ntext = "one"\n'


def told(site: Path, host: str = "127.0.0.1", *, is_development: bool = False) -> list[str]:
    live = Live(Source(site, is_development=is_development), shows_problems=is_development)
    return [line for line, _ in announcement(live, host, 8000, is_secure=False)]


def test_the_announcement(tmp_path: Path) -> None:
    site = write(tmp_path, site=SITE + ROUTE + '[env.production.server]\nprefix = "/shop"\n')
    assert told(site, "0.0.0.0") == [
        "Harbour is served at http://127.0.0.1:8000/shop/ and at every other address of this machine (0.0.0.0)",
        "  1 URL, all of them prepared; environment production",
        "  Ctrl-C stops it",
    ]


def test_the_announcement_of_an_empty_site(tmp_path: Path) -> None:
    assert told(write(tmp_path, site=SITE))[1] == "  no URLs yet"


def test_the_announcement_tells_of_some_warnings(tmp_path: Path) -> None:
    redirects = "".join(f'"/old{number}" = "/nothing"\n' for number in range(6))
    lines = told(write(tmp_path, site=f"{SITE}[redirects]\n{redirects}"))
    assert lines[2] == "  6 warnings:"
    assert len([line for line in lines if "nothing answers /nothing" in line]) == 5
    assert lines[-2] == f"    and more; `declweb check {tmp_path}` shows all"


def test_the_announcement_of_a_broken_site_in_development(tmp_path: Path) -> None:
    lines = told(write(tmp_path, site=SITE + "nmae = 1\n"), is_development=True)
    assert lines[0] == "Harbour is served at http://127.0.0.1:8000/"
    assert lines[1] == f"  {tmp_path}/site.toml is broken; the browser shows what is wrong with it"
    assert lines[3] == "  1 error:"
    lines = told(tmp_path / "nothing", is_development=True)
    assert lines[0] == f"{tmp_path}/nothing is served at http://127.0.0.1:8000/"


def test_how_many_workers() -> None:
    source = Source(Path())
    assert _workers(source, Wishes(workers=3), Server(workers=2)) == 3
    assert _workers(source, Wishes(), Server(workers=2)) == 2
    assert _workers(source, Wishes(), Server()) >= 1
    assert _workers(Source(Path(), is_development=True), Wishes(workers=3), Server()) == 1


def test_cores_where_the_system_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    assert serving._cores() >= 1


@pytest.mark.parametrize(
    ("soft", "hard", "raised", "allowed"),
    [
        (1024, 4096, 4096, 4096 - SPARE_FILES),
        (1024, 100_000, 1000 + SPARE_FILES, 1000),
        (1024, resource.RLIM_INFINITY, 1000 + SPARE_FILES, 1000),
        (100_000, 100_000, None, 1000),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, None, 1000),
        (100, 100, 100, SPARE_FILES),
    ],
)
def test_connections_need_open_files(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, raised: int | None, allowed: int
) -> None:
    set_: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: set_.append(limits))
    assert allow_connections(10_000 if hard == 4096 else 1000) == allowed
    assert [limits[0] for limits in set_] == ([] if raised is None else [raised])


def test_a_file_that_may_not_be_read() -> None:
    assert unreadable(Path("a"), PermissionError(13, "Permission denied")) == "a cannot be read: permission denied"


PROBLEMS = [Problem("dead-link", "nothing answers /a", Place("site.toml"))]


@pytest.mark.parametrize(
    ("headers", "is_page"),
    [
        ({"Accept": "text/html"}, True),
        ({"Sec-Fetch-Dest": "document"}, True),
        ({"Sec-Fetch-Dest": "iframe", "Accept": "*/*"}, True),
        ({"Sec-Fetch-Dest": "style", "Accept": "text/css"}, False),
        ({}, False),
    ],
)
def test_who_is_shown_the_page_of_problems(headers: dict[str, str], is_page: bool) -> None:  # a column
    def last_good(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response("200 OK", [])
        return []

    client = Client(ProblemPage(PROBLEMS, last_good))
    assert client.get("/", headers=headers).status_code == (500 if is_page else 200)


def test_what_asks_for_no_page_is_told_in_text_where_nothing_ever_worked() -> None:
    answer = Client(ProblemPage(PROBLEMS, None)).get("/")
    assert (answer.status_code, answer.mimetype) == (500, "text/plain")
    assert "nothing answers /a" in answer.get_data(as_text=True)


def test_a_server_that_outlives_its_terminal(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        server = serve(write(tmp_path, site=SITE + ROUTE))
    finally:
        signal.signal(signal.SIGHUP, before)
    with server:
        assert server.get("/").text == "one"
        server.process.send_signal(signal.SIGHUP)
        assert server.get("/").text == "one"
        assert server.stop(signal.SIGTERM) == 0


def test_a_gunicorn_worker_that_stops_waits_for_no_silent_connection() -> None:
    class Connection:
        timeout = time.monotonic() + 1000
        sock = None

        def close(self) -> None:
            closed.append(self)

    closed: list[Connection] = []
    worker = on_gunicorn._Worker.__new__(on_gunicorn._Worker)
    worker.pending_conns, worker.nr_conns, worker.alive = deque([Connection()]), 1, True
    worker.poller = selectors.DefaultSelector()
    worker.murder_pending()
    assert not closed
    worker.alive = False
    worker.murder_pending()
    assert len(closed) == 1
    worker.poller.close()
