"""What declweb puts right on uWSGI, with a module `uwsgi` that says what uWSGI's would."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from bodies import named
from servers import eventually, write
from werkzeug.test import EnvironBuilder, run_wsgi_app

import declweb
from declweb.serving.on_uwsgi import NO_THREADS

SITE = """
[site]
name = "Harbour"

[routes.home]
path = "/"
text = "one {{ request.scheme }}"

[forms.letter]
path = "/letter"
keep = "forever"
fields.words = { label = "Your words", required = true }
"""
WORDS = named(b"words", b"Hello") + b"--x--\r\n"


class Uwsgi(ModuleType):
    """As much of uWSGI's own module as declweb looks at."""

    def __init__(self, *, worker: int, has_threads: int = 1, chunks: tuple[bytes | type[Exception], ...] = ()) -> None:
        super().__init__("uwsgi")
        self.has_threads = has_threads
        self._worker, self._chunks = worker, iter(chunks)

    def worker_id(self) -> int:
        return self._worker

    def chunked_read(self) -> bytes:
        chunk = next(self._chunks, b"")
        if isinstance(chunk, bytes):
            return chunk
        raise chunk


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write(tmp_path / "site", site=SITE)


def ask(application: Any, path: str = "/", **environ: object) -> tuple[str, bytes]:
    built = {**EnvironBuilder(path).get_environ(), **environ}
    body, status, _ = run_wsgi_app(application, built, buffered=True)
    return status, b"".join(body)


@pytest.fixture
def uwsgi(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def set_up(**said: Any) -> None:
        monkeypatch.setitem(sys.modules, "uwsgi", Uwsgi(**said))

    return set_up


@pytest.mark.parametrize("name", ["HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_SSL"])
def test_the_scheme_is_not_what_a_visitor_says(site: Path, uwsgi: Callable[..., None], name: str) -> None:
    uwsgi(worker=1)
    live = declweb.load(site, reload=False)
    said: dict[str, Any] = {name: "https", "wsgi.url_scheme": "https"}
    assert ask(live, **said)[1] == b"one http"
    assert ask(live, **said, HTTPS="on")[1] == ask(live, **said, UWSGI_SCHEME="https")[1] == b"one https"


def test_files_are_not_sent_by_what_sends_all_of_them(site: Path, uwsgi: Callable[..., None]) -> None:
    write(site, static__poem_txt="0123456789")
    uwsgi(worker=1)
    live = declweb.load(site, reload=False)

    def all_of_it(file: Any, _size: int) -> list[bytes]:
        return [b"all of it"]

    said: dict[str, Any] = {"HTTP_RANGE": "bytes=2-4", "wsgi.file_wrapper": all_of_it}
    assert ask(live, "/static/poem.txt", **said) == ("206 Partial Content", b"234")


@pytest.mark.parametrize(
    ("chunks", "status"), [((WORDS[:9], WORDS[9:40], WORDS[40:]), "303"), ((WORDS[:9], OSError), "400"), ((), "400")]
)
def test_a_body_in_chunks_is_read(site: Path, uwsgi: Callable[..., None], chunks: tuple[Any, ...], status: str) -> None:
    uwsgi(worker=1, chunks=chunks)
    live = declweb.load(site, reload=False)
    said = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = ask(live, "/letter", REQUEST_METHOD="POST", CONTENT_LENGTH="", **said)
    assert answer[0].startswith(status)


@pytest.mark.parametrize("reload", [True, False])
def test_what_is_copied_begins_with_its_first_request(site: Path, uwsgi: Callable[..., None], reload: bool) -> None:
    uwsgi(worker=0)
    live = declweb.load(site, reload=reload)
    write(site, site=SITE.replace("one", "two"))
    expected = b"two http" if reload else b"one http"
    assert ask(live)[1] == expected
    write(site, site=SITE.replace("one", "three"))
    if reload:
        eventually(lambda: ask(live)[1] == b"three http")
    assert ask(live)[1] == (b"three http" if reload else expected)
    live.stop()


def test_it_says_that_threads_are_needed(
    site: Path, uwsgi: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    uwsgi(worker=1, has_threads=0)
    with caplog.at_level(logging.WARNING):
        declweb.load(site, reload=False)
    assert NO_THREADS in caplog.messages
