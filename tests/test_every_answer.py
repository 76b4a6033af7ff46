"""Header rules and `[security]` have the last word on every kind of answer."""

from functools import cache
from pathlib import Path

import pytest
from cases import running, write
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Request, Response

SITE = """
[site]
name = "Every answer"
url = "http://localhost"

[limits]
body = "1 KB"
url = "1 KB"

[routes.home]
path = "/"
text = "Home"

[routes.seen]
path = "/seen"
text = "{{ request.args }}"

[routes.failing]
path = "/failing"
file = "failing.bin"

[routes.gone]
path = "/gone"
text = "Gone"
status = 410

[routes.slash]
path = "/slash/"
text = "Slash"

[json.version]
path = "/version"
value = 1

[[static]]
path = "/listed"
folder = "listed"
listing = true

[redirects]
"/old" = "/"
"/now" = { to = "/", status = 302 }

[[rewrites]]
from = "/shown"
to = "/"

[errors]
404 = "lost.html"

[[headers]]
set = { "X-All" = "first", "Link" = "</all.css>; rel=preload", "Vary" = "X-Colour", "Set-Cookie" = "a=1" }

[[headers]]
set = { "X-All" = "last", "Set-Cookie" = "b=2", "X-Content-Type-Options" = "nosniff, really" }
unset = ["Referrer-Policy", "X-Frame-Options"]

[[headers]]
only_status = STATUS
set = { "X-Only" = "yes" }
"""
ANSWERS: list[tuple[int, str, str, dict[str, str]]] = [
    (200, "GET", "/", {}),
    (200, "HEAD", "/", {}),
    (200, "GET", "/seen", {}),
    (200, "GET", "/version", {}),
    (200, "GET", "/static/small.txt", {}),
    (200, "HEAD", "/static/small.txt", {}),
    (200, "GET", "/static/large.bin", {}),
    (200, "GET", "/shown", {}),
    (200, "OPTIONS", "/", {}),
    (200, "OPTIONS", "/static/small.txt", {}),
    (200, "OPTIONS", "*", {}),
    (200, "GET", "/about", {}),
    (200, "GET", "/sitemap.xml", {}),
    (200, "GET", "/robots.txt", {}),
    (200, "GET", "/listed/", {}),
    (200, "GET", "/listed/", {"Accept": "application/json"}),
    (206, "GET", "/static/small.txt", {"Range": "bytes=0-1"}),
    (206, "GET", "/static/small.txt", {"Range": "bytes=0-0,2-2"}),
    (206, "GET", "/static/large.bin", {"Range": "bytes=0-1"}),
    (301, "GET", "/old", {}),
    (302, "GET", "/now", {}),
    (304, "GET", "/", {"If-None-Match": "*"}),
    (304, "GET", "/static/small.txt", {"If-None-Match": "*"}),
    (304, "GET", "/static/large.bin", {"If-None-Match": "*"}),
    (304, "GET", "/shown", {"If-None-Match": "*"}),
    (304, "GET", "/about", {"If-None-Match": "*"}),
    (308, "GET", "/slash", {}),
    (308, "GET", "/about.html", {}),
    (308, "GET", "/listed", {}),
    (308, "GET", "/static//small.txt", {}),
    (400, "GET", "/%00", {}),
    (404, "GET", "/missing", {}),
    (404, "GET", "/missing", {"Accept": "application/json"}),
    (404, "GET", "/static/missing.txt", {}),
    (404, "GET", "/static/.env", {}),
    (405, "POST", "/", {}),
    (405, "POST", "/static/small.txt", {}),
    (410, "GET", "/gone", {}),
    (412, "GET", "/", {"If-Match": '"x"'}),
    (412, "GET", "/static/small.txt", {"If-Match": '"x"'}),
    (412, "GET", "/static/large.bin", {"If-Match": '"x"'}),
    (413, "GET", "/seen", {"Content-Length": "2000"}),
    (414, "GET", "/seen?" + "a" * 2000, {}),
    (416, "GET", "/static/small.txt", {"Range": "bytes=9-"}),
    (416, "GET", "/static/large.bin", {"Range": "bytes=9999999-"}),
    (500, "GET", "/failing", {}),
]


FILES: dict[str, str | bytes] = {
    "templates/lost.html": "<p>Lost</p>",
    "static/small.txt": "abc",
    "static/large.bin": b"\0" * 5_000_000,
    "listed/a.txt": "a",
    "pages/about.md": "# About",
    "failing.bin": b"\0" * 300_000,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@cache
def _client(folder: Path, only_status: int | None) -> Client:
    """Return a client of the site, with header rules one of which is for a single status, or with none."""
    text = SITE.replace("STATUS", str(only_status)) if only_status else SITE.partition("[[headers]]")[0]
    client = Client(
        running(write(folder / str(only_status), {"site.toml": text, **FILES})), Response, use_cookies=False
    )
    (folder / str(only_status) / "failing.bin").unlink()
    return client


def _ask(client: Client, method: str, url: str, headers: dict[str, str]) -> Response:
    path, _, query = url.partition("?")
    given = {name: value for name, value in headers.items() if name != "Content-Length"}
    environ = EnvironBuilder(path="/", query_string=query, method=method, headers=[*given.items()]).get_environ()
    environ["PATH_INFO"] = path.replace("%00", "\0")
    environ["CONTENT_LENGTH"] = headers.get("Content-Length", "")
    response = client.open(Request(environ))
    response.get_data()
    response.close()
    return response


@pytest.mark.parametrize("only", [200, 404])
@pytest.mark.parametrize(("status", "method", "url", "headers"), ANSWERS)
def test_rules_have_the_last_word(  # noqa: PLR0913 # a table's columns
    folder: Path, status: int, method: str, url: str, headers: dict[str, str], only: int
) -> None:
    answer = _ask(_client(folder, only), method, url, headers)
    assert answer.status_code == status
    assert answer.headers.getlist("X-All") == ["last"]
    assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff, really"]
    assert "</all.css>; rel=preload" in answer.headers.getlist("Link")
    assert {"a=1", "b=2"} <= set(answer.headers.getlist("Set-Cookie"))
    assert len(answer.headers.getlist("Vary")) == 1
    assert "X-Colour" in answer.headers["Vary"]
    assert not {"Referrer-Policy", "X-Frame-Options"} & set(answer.headers.keys())
    assert ("X-Only" in answer.headers) == (status == only)


@pytest.mark.parametrize(("status", "method", "url", "headers"), ANSWERS)
def test_every_answer_is_strict(folder: Path, status: int, method: str, url: str, headers: dict[str, str]) -> None:
    answer = _ask(_client(folder, None), method, url, headers)
    assert answer.status_code == status
    for name in ("Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options", "Permissions-Policy"):
        assert len(answer.headers.getlist(name)) == 1, name


@pytest.mark.parametrize("status", [status for status, *_ in ANSWERS if status > 206])
def test_only_status_picks_errors_redirects_and_304(folder: Path, status: int) -> None:
    client = _client(folder, status)
    for found, method, url, headers in ANSWERS:
        assert ("X-Only" in _ask(client, method, url, headers).headers) == (found == status), (found, url)
