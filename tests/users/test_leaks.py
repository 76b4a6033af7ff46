"""What lies beside what is closed: lists, neighbours, listings and error pages say nothing of it to others."""

import subprocess
import sys
from pathlib import Path

import pytest
from cases import running, strict_client, write
from visiting import asked, said, signed_in, users
from werkzeug.test import Client

from declweb.app import App

SITE = f"""
[site]
name = "Blackbird Bakery"
url = "https://blackbird.example"

[session]
secret = "a secret of the tests, long enough"

{users(anna="staff", ben="drivers")}
[[protect]]
path = ["/news/recipe", "/files/inner/*", "/staff/*"]
allow = "staff"

[[protect]]
path = "/routes"
allow = "drivers"

[routes.routes]
path = "/routes"
template = "all.html"

[routes.by_hand]
path = "/by-hand"
html = "<a href='{{{{ url_for('page', path='news/recipe') }}}}'>for the staff</a>"

[routes.about]
path = "/about"
template = "all.html"

[[static]]
path = "/files"
folder = "files"
listing = true

[[pages]]
folder = "pages"
feeds = {{ "/news.xml" = "news/*" }}
page_size = 2

[errors]
404 = "error.html"
403 = "error.html"
"""

ALL = "{% for page in pages %}{{ page.title }}, {% endfor %}{{ pages.tags|join }}"
PAGE = "+++\ntitle = '{}'\ndate = 2026-01-0{}\ntags = ['{}']\n+++\n{}\n"
FILES = {
    "site.toml": SITE,
    "templates/all.html": ALL,
    "templates/error.html": "{{ error.code }} {% for each in navigation %}{{ each.title }}{% endfor %}" + ALL,
    "pages/news/index.md": "+++\ntitle = 'News'\n+++\n",
    "pages/news/bread.md": PAGE.format("Bread", 1, "loud", "Bread is out."),
    "pages/news/recipe.md": PAGE.format("Secret recipe", 2, "hush", "Secret flour."),
    "pages/news/cake.md": PAGE.format("Cake", 3, "loud", "Cake is out."),
    "pages/staff/index.md": "+++\ntitle = 'Secret staff'\n+++\nSecret\n",
    "files/open.txt": "open",
    "files/inner/secret.txt": "Secret",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    return running(write(tmp_path_factory.mktemp("leaks"), FILES))


@pytest.fixture(scope="module")
def client(app: App) -> Client:
    return strict_client(app)


PUBLIC = (
    "/about",
    "/news/",
    "/news/2",
    "/news/bread",
    "/news/cake",
    "/news.xml",
    "/sitemap.xml",
    "/files/",
    "/nothing",
)


@pytest.mark.parametrize("path", PUBLIC)
def test_others_find_nothing(app: App, client: Client, path: str) -> None:
    for name in ("anna", "ben", None):
        sent = {"Cookie": signed_in(app, name)} if name else {}
        text = said(asked(client, path, headers=sent))
        for word in ("Secret", "hush", "recipe", "inner"):
            assert word not in text, f"{path} for {name}: {text}"


def test_neighbours_and_lists_close_ranks(client: Client) -> None:
    assert 'rel="next" href="/news/cake"' in said(asked(client, "/news/bread"))
    first = said(asked(client, "/news/"))
    assert "Bread" in first
    assert "Cake" in first
    assert "/news/2" not in first


def test_users_find_it_where_they_may(app: App, client: Client) -> None:
    anna = {"Cookie": signed_in(app)}
    assert "Secret staff" in said(asked(client, "/staff/", headers=anna))
    assert "Secret flour" in said(asked(client, "/news/recipe", headers=anna))
    assert "secret.txt" in said(asked(client, "/files/inner/", headers=anna))


def test_other_users_find_nothing_in_what_is_theirs(app: App, client: Client) -> None:
    text = said(asked(client, "/routes", headers={"Cookie": signed_in(app, "ben")}))
    assert "Bread" in text
    assert "Secret" not in text


def test_error_pages_say_no_more_than_the_visitor_may_see(app: App, client: Client) -> None:
    anna, ben = {"Cookie": signed_in(app)}, {"Cookie": signed_in(app, "ben")}
    missing = asked(client, "/staff/nothing", headers=anna)
    assert "404" in said(missing)
    refused = asked(client, "/staff/nothing", headers=ben)
    text = said(refused)
    assert refused.status_code == 403
    assert "Bread" in text
    assert "Secret" not in text
    assert "Secret" not in said(asked(client, "/nothing"))


def test_what_an_author_links_by_hand_is_linked(client: Client) -> None:
    assert "href='/news/recipe'" in said(asked(client, "/by-hand"))
    with asked(client, "/news/recipe") as answer:
        assert answer.status_code == 303


def test_a_site_without_users_imports_nothing_of_it(tmp_path: Path) -> None:
    write(tmp_path, {"site.toml": '[site]\nname = "Plain"\n[routes.home]\npath = "/"\ntext = "Hello"\n'})
    names = ("declweb.compiler.protection", "declweb.compiler.login", "declweb.compiler.signing_in", "sqlalchemy")
    program = f"import sys, declweb; declweb.load({str(tmp_path)!r}); print([n for n in {names} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
