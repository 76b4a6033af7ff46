"""Rewrites on servers that pass on the address as the client wrote it."""

from pathlib import Path

from cases import running, write
from werkzeug.test import Client
from werkzeug.wrappers import Response

SITE = """
[site]
name = "Rewrites"

[routes.seen]
path = "/seen"
text = "{{ request.args.getlist('a') | join(',') }}"

[redirects]
"/one" = "/two"
"/two" = "/three"
"/three" = "/four"
"/four" = "/five"
"/five" = "/six"
"/six" = "/seen"

[[rewrites]]
from = "/shown/<name>"
to = "/about"

[[rewrites]]
from = "/far"
to = "/one"

[[rewrites]]
from = "/near"
to = "/four"

[[rewrites]]
from = "/asked"
to = "/seen?a=1"
"""


def _client(folder: Path) -> Client:
    return Client(running(write(folder, {"site.toml": SITE, "pages/about.md": "# About"})), Response)


def test_the_address_as_it_was_written_is_not_that_of_the_page(tmp_path: Path) -> None:
    environ = {"RAW_URI": "/shown/J%c3%bcrgen", "REQUEST_URI": "/shown/J%c3%bcrgen"}
    answer = _client(tmp_path).get("/shown/J%c3%bcrgen", environ_overrides=environ)
    assert (answer.status_code, "About" in answer.text) == (200, True)


def test_a_few_redirects_are_followed(tmp_path: Path) -> None:
    client = _client(tmp_path)
    assert client.get("/near").status_code == 200
    assert client.get("/far").status_code == 404


def test_rewrites_are_listed(tmp_path: Path) -> None:
    text = SITE + '\n[[rewrites]]\nfrom = "/app/<path:rest>"\nto = "/seen"\nnavigation_only = true\n'
    overview = {listed.url: listed for listed in running(write(tmp_path, {"site.toml": text})).overview}
    assert overview["/far"].answer == "= /one"
    assert overview["/far"].methods == ("*",)
    assert overview["/app/<path:rest>"].methods == ("GET",)
    assert overview["/app/<path:rest>"].reasons


def test_queries_are_merged_once(tmp_path: Path) -> None:
    client = _client(tmp_path)
    assert client.get("/asked").text == "1"
    assert client.get("/asked?a=2&b=3").text == "2"
