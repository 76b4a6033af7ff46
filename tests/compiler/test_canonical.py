"""One address for a site: what is never sent on, and what comes out once."""

import logging
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication

import pytest
from cases import running, write
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client
from werkzeug.wrappers import Response

from declweb.compiler.canonical import Canonical
from declweb.http.visitors import is_near
from declweb.loading import load_site

SITE = """
[site]
name = "Canonical"
url = "https://blackbird.example/shop"
canonical = true

[routes.home]
path = "/"
text = "Home"
"""


@pytest.fixture
def client(tmp_path: Path) -> Client:
    files: dict[str, str | bytes] = {"site.toml": SITE, "static/large.bin": b"\0" * 5_000_000}
    return Client(running(write(tmp_path, files)), Response, use_cookies=False)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("shop.localhost:8000", True),
        ("127.0.0.2", True),
        ("[::1]:8000", True),
        ("192.168.1.7:80", True),
        ("10.1.2.3", True),
        ("93.184.215.14", False),
        ("blackbird.example", False),
        ("localhost.example", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_hosts_of_this_machine_and_its_network(host: str, expected: bool) -> None:  # a table's column
    assert is_near(host) is expected


def test_without_it_the_app_is_as_ever(tmp_path: Path) -> None:
    text = SITE.replace("canonical = true", "")
    assert not isinstance(running(write(tmp_path, {"site.toml": text})), Canonical)


def test_the_prefix_is_kept_and_large_files_are_closed(client: Client) -> None:
    answer = client.get("/shop/static/large.bin?a=1", base_url="http://www.blackbird.example")
    assert (answer.status_code, answer.headers["Location"]) == (
        301,
        "https://blackbird.example/shop/static/large.bin?a=1",
    )


def test_refused_requests_are_not_sent_on(client: Client) -> None:
    answer = client.get("/shop/?" + "a" * 10_000, base_url="http://www.blackbird.example")
    assert (answer.status_code, "Location" in answer.headers) == (414, False)


def test_a_request_without_a_host_is_answered(client: Client) -> None:
    environ = {"HTTP_HOST": "", "SERVER_PROTOCOL": "HTTP/1.0"}
    assert client.get("/shop/", environ_overrides=environ).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-Proto": "https"}, {"X-Forwarded-Proto": "https, http"}, {"Forwarded": "for=x;proto=https"}],
)
def test_a_proxy_that_is_not_believed_makes_no_circle(
    client: Client, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "declweb.canonical"):
        answers = [client.get("/shop/", base_url="http://blackbird.example", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(caplog.records) <= 1


def test_options_of_the_server_are_answered_everywhere(client: Client) -> None:
    environ = {"PATH_INFO": "*", "SCRIPT_NAME": ""}
    answer = client.open(method="OPTIONS", base_url="http://www.blackbird.example", environ_overrides=environ)
    assert answer.status_code in {200, 400}


LATIN = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f"), max_size=20)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> WSGIApplication:
    found = load_site(write(tmp_path_factory.mktemp("site"), {"site.toml": SITE}), None, {}).app
    assert found is not None
    return found


@settings(max_examples=300)
@given(st.text(st.characters(codec="utf-8"), max_size=20), LATIN, LATIN)
def test_any_address_is_sent_to_the_same_one_or_refused(app: WSGIApplication, path: str, query: str, host: str) -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "/shop",
        "PATH_INFO": f"/{path}".encode().decode("latin-1"),
        "QUERY_STRING": query,
        "HTTP_HOST": f"{host}.example",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "https",
    }
    started: list[tuple[str, dict[str, str]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
        started.append((status, dict(headers)))
        return lambda _: None

    list(app(environ, start_response))
    ((status, headers),) = started
    location = headers.get("Location", "")
    if status[:3] in {"400", "404", "414"}:
        assert not location
        return
    assert status[:3] in {"301", "308"}
    assert location.startswith("https://blackbird.example/shop/")
    asked, _, rest = location.removeprefix("https://blackbird.example/shop").partition("?")
    assert unquote_to_bytes(asked).decode().lstrip("/") == path.lstrip("/")
    assert unquote_to_bytes(rest) == unquote_to_bytes(query.encode("latin-1"))
