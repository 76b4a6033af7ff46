"""What a visitor gets when something goes wrong, whatever it is."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from cases import Exchange, ask, running, strict_client, write
from werkzeug.exceptions import HTTPException, ServiceUnavailable, TooManyRequests
from werkzeug.test import Client

from declweb.app import App
from declweb.compiler.default_errors import STATUSES
from declweb.compiler.errors import _MOST, Errors
from declweb.context import Context, constant_context
from declweb.files import Folder
from declweb.http.answer import Answer, Refused

SITE = """
[site]
name = "x"
[[static]]
path = "/manual"
folder = "manual"
[errors]
4xx = "error.html"
"""
FILES = {
    "site.toml": SITE,
    "templates/error.html": "<h1>{{ error.title }}</h1>",
    "manual/404.html": "<h1>That of the manual</h1>",
}


@pytest.fixture
def app(tmp_path: Path) -> App:
    return running(write(tmp_path, FILES))


def errors_of(app: App) -> Errors:
    assert isinstance(app.errors, Errors)
    return app.errors


def shown(app: App, path: str) -> str:
    """Return what a visitor sees at an address."""
    return ask(strict_client(app), Exchange("GET", path)).get_data(as_text=True)


def refusing(app: App, what: Exception) -> Client:
    """Return a client of a site whose every answer is this."""

    def refuse(_context: Context) -> Answer | None:
        raise what

    return strict_client(replace(app, levels=(refuse,)))


@pytest.mark.parametrize(
    ("what", "status", "words", "retry_after"),
    [
        (TooManyRequests(retry_after=30), 429, "<h1>One moment, please</h1>", "30"),
        (ServiceUnavailable(retry_after=60), 503, "<h1>Not at the moment</h1>", "60"),
        (Refused(429, [("Retry-After", "5")]), 429, "<h1>One moment, please</h1>", "5"),
        (HTTPException(), 500, "<h1>Something went wrong</h1>", None),
    ],
)
def test_what_is_raised_is_answered(
    app: App, what: Exception, status: int, words: str, retry_after: str | None
) -> None:
    client = refusing(app, what)
    answer = ask(client, Exchange("GET", "/"))
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == retry_after
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers.getlist("Content-Type") == ["text/html; charset=utf-8"]
    assert words in answer.get_data(as_text=True)
    problem = ask(client, Exchange("GET", "/", [("Accept", "application/json")]))
    assert problem.json
    assert problem.json["status"] == status
    assert problem.headers.get("Retry-After") == retry_after


def test_bodies_are_made_before_they_are_needed(app: App) -> None:
    made = dict(errors_of(app)._made)
    assert len(made) == sum(status < 500 for status in STATUSES)
    assert "<h1>Page not found</h1>" in shown(app, "/missing")
    assert errors_of(app)._made == made


def test_bodies_do_not_pile_up(app: App) -> None:
    errors = errors_of(app)
    for status in range(500, 600):
        for language in ("de", "en", "es", "fr"):
            for accept in ("text/html", "application/json", "text/plain"):
                context = constant_context("/", "")
                context.environ |= {"HTTP_ACCEPT": accept, "HTTP_ACCEPT_LANGUAGE": language}
                errors(status, context)
    assert len(errors._made) <= _MOST


def test_an_edited_file_shows_at_once(app: App, tmp_path: Path) -> None:
    assert shown(app, "/manual/missing") == "<h1>That of the manual</h1>"
    (tmp_path / "manual/404.html").write_text("<h1>Another</h1>")
    assert shown(app, "/manual/missing") == "<h1>Another</h1>"
    (tmp_path / "manual/404.html").unlink()
    assert shown(app, "/manual/missing") == "<h1>Page not found</h1>"


def test_files_that_are_no_pages_are_left_alone(app: App, tmp_path: Path) -> None:
    page = tmp_path / "manual/404.html"
    page.write_bytes(b"x" * (1024 * 1024 + 1))
    assert shown(app, "/manual/missing") == "<h1>Page not found</h1>"
    page.unlink()
    (tmp_path / "secret.html").write_text("secret")
    page.symlink_to(tmp_path / "secret.html")
    assert shown(app, "/manual/missing") == "<h1>Page not found</h1>"


def test_a_page_that_fails_is_replaced_by_the_default_one(
    app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_folder: Folder, name: str) -> bytes:
        raise OSError(5, "Input/output error", name)

    monkeypatch.setattr(Folder, "read_bytes", fail)
    with caplog.at_level(logging.ERROR, "declweb.errors"):
        answer = ask(strict_client(app), Exchange("GET", "/manual/missing"))
    assert answer.status_code == 404
    assert "<h1>Page not found</h1>" in answer.get_data(as_text=True)
    assert "the error page 404.html failed" in caplog.text


def test_what_looks_at_the_address_is_rendered_each_time(tmp_path: Path) -> None:
    template = "{{ request.path }} {{ request.endpoint }}"
    app = running(write(tmp_path, {**FILES, "templates/error.html": template}))
    assert not errors_of(app)._made
    assert [shown(app, path) for path in ("/a", "/b")] == ["/a None", "/b None"]
    assert not errors_of(app)._made


def test_the_navigation_of_an_error_page_shows_where_it_is(tmp_path: Path) -> None:
    pages = {"pages/index.md": "# Home", "pages/news/index.md": "# News", "pages/news/one.md": "# One"}
    template = "{% for each in navigation if each.is_open %}{{ each.title }}{% endfor %}"
    app = running(write(tmp_path, {**FILES, **pages, "templates/error.html": template}))
    assert [shown(app, path) for path in ("/missing", "/news/missing", "/missing")] == ["", "News", ""]


@pytest.mark.parametrize("accept", ["text/html", "application/json", "text/plain"])
def test_a_page_names_the_request_that_failed(app: App, accept: str, caplog: pytest.LogCaptureFixture) -> None:
    client = refusing(app, ZeroDivisionError("oh"))
    texts = [ask(client, Exchange("GET", "/", [("Accept", accept)])).get_data(as_text=True) for _ in range(2)]
    names = [getattr(record, "request_id", "") for record in caplog.records]
    assert len(set(names)) == 2
    assert all(name in text for name, text in zip(names, texts, strict=True))


def test_a_page_names_no_request_that_did_not_fail(app: App) -> None:
    assert "mention" not in ask(strict_client(app), Exchange("GET", "/nowhere")).get_data(as_text=True)


def test_an_own_page_names_the_request(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    files = {**FILES, "site.toml": SITE + '5xx = "own.html"\n', "templates/own.html": "Mention {{ error.reference }}."}
    client = refusing(running(write(tmp_path, files)), ZeroDivisionError("oh"))
    texts = [ask(client, Exchange("GET", "/")).get_data(as_text=True) for _ in range(2)]
    assert texts == [f"Mention {getattr(record, 'request_id', '')}." for record in caplog.records]
