"""`declweb serve --dev`: problems are shown in the browser until they are gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Running, eventually, serve, write

SITE = """
[site]
name = "Harbour"

[routes.home]
path = "/"
html = "<p>one</p>"

[env.development.routes.home]
html = "<p>one for me</p>"
"""
PAGE = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write(tmp_path / "site", site=SITE, static__style_css="p { color: red }")


@pytest.fixture
def server(site: Path) -> Iterator[Running]:
    with serve(site, "--dev") as running:
        yield running


def is_broken(server: Running) -> bool:
    return server.get("/", **PAGE).status == 500


def test_problems_are_shown_as_a_page_until_they_are_gone(server: Running, site: Path) -> None:
    assert server.get("/", **PAGE).text == "<p>one for me</p>"
    assert "environment development" in server.log
    assert len(server.workers()) == 1
    write(site, site=SITE + "[route.about]\n")
    eventually(lambda: is_broken(server))
    page = server.get("/about", **PAGE)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>1 error" in page.text
    assert "site.toml:11:2" in page.text
    assert "did you mean <code>routes</code>?" in page.text
    assert server.get("/static/style.css").text == "p { color: red }"
    head = server.get("/", "HEAD", **PAGE)
    assert (head.status, head.body) == (500, b"")
    assert head.headers["X-Declweb-Problems"] in page.text
    write(site, site=SITE)
    eventually(lambda: not is_broken(server))
    assert server.get("/", "HEAD", **PAGE).headers["X-Declweb-Problems"] is None


def test_it_starts_broken(tmp_path: Path) -> None:
    site = write(tmp_path / "site", site="[site]\nname = Harbour\n")
    with serve(site, "--dev") as server:
        assert is_broken(server)
        assert "is broken; the browser shows what is wrong with it" in server.log
        plain = server.get("/static/style.css")
        assert (plain.status, plain.headers["Content-Type"]) == (500, "text/plain; charset=utf-8")
        assert "site.toml:2" in plain.text
        write(site, site=SITE)
        eventually(lambda: not is_broken(server))
        assert server.get("/", **PAGE).text == "<p>one for me</p>"
        assert server.stop() == 0


def test_the_way_to_an_error_of_the_sites_python_is_shown(tmp_path: Path) -> None:
    view = '[site]\nname = "Harbour"\n[hooks]\nmodule = "hooks"\n[routes.view]\npath = "/"\nhandler = "view"\n'
    site = write(tmp_path / "site", site=view, hooks_py="def view():\n    return {}['<tide>']\n")
    with serve(site, "--dev") as server:
        shown = server.get("/", **PAGE)
        assert shown.status == 500
        assert "KeyError: &#x27;&lt;tide&gt;&#x27;" in shown.text
        assert "hooks.py:2" in shown.text
        assert "site.toml:5" in shown.text
        write(site, hooks_py="def view():\n    return 'high'\n")
        eventually(lambda: server.get("/", **PAGE).text == "high")
    with serve(site) as server:
        write(site, hooks_py="def view():\n    return {}['<tide>']\n")
        told = eventually(lambda: answer if (answer := server.get("/", **PAGE)).status == 500 else None)
        assert "Something went wrong" in told.text
        assert "tide" not in told.text
        assert "GET / failed (site.toml:5, request " in server.log
