"""Sessions of a running site: which pages look at the cookie, and what stays prepared."""

import stat
from pathlib import Path

import flask
import pytest
from cases import running, strict_client, write

from declweb.app import App
from declweb.compiler.sessions import KeyFile
from declweb.http.sessions import Session, Sessions
from declweb.loading import load_site

KEY = "0123456789abcdef" * 4

SITE = """
[site]
name = "Bakery"

[routes.home]
path = "/"
template = "home.html"

[routes.plain]
path = "/plain"
template = "plain.html"

[routes.greeting]
path = "/greeting"
template = "greeting.html"
"""

FILES = {
    "site.toml": SITE,
    "templates/base.html": "{% for kind, text in get_flashed_messages(with_categories=true) %}"
    "<p class={{ kind }}>{{ text }}</p>{% endfor %}{% block content %}{% endblock %}",
    "templates/home.html": '{% extends "base.html" %}{% block content %}Home{% endblock %}',
    "templates/plain.html": "Plain",
    "templates/greeting.html": "Hello {{ session.name|default('you') }}",
    "storage/secret.key": f"{KEY}\n",
}


@pytest.fixture
def app(tmp_path: Path) -> App:
    return running(write(tmp_path, FILES))


def cookie(**values: object) -> dict[str, str]:
    session = Session()
    session.update(values)
    ((_, field),) = Sessions(lambda **_: (KEY,)).write(session, secure=False)
    return {"Cookie": field.partition(";")[0]}


FLASH = cookie(_flashes=[("success", "Thank you, <Ann>")])


def test_a_page_with_messages_stays_prepared(app: App) -> None:
    assert [listed.reasons for listed in app.overview if listed.url == "/"] == [()]
    response = strict_client(app).get("/", buffered=True, headers={"Cookie": "other=1"})
    assert response.get_data(as_text=True) == "Home"
    assert "Cookie" in response.headers["Vary"]
    assert "Set-Cookie" not in response.headers
    assert "private" not in response.headers["Cache-Control"]


def test_messages_are_shown_once(app: App) -> None:
    client = strict_client(app)
    response = client.get("/", buffered=True, headers=FLASH)
    assert response.get_data(as_text=True) == "<p class=success>Thank you, &lt;Ann&gt;</p>Home"
    assert "Cookie" in response.headers["Vary"]
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert "Max-Age=0" in response.headers["Set-Cookie"]


def test_an_unchanged_page_with_messages_is_sent_in_full(app: App) -> None:
    client = strict_client(app)
    tag = client.get("/", buffered=True).headers["ETag"]
    assert client.get("/", buffered=True, headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/", buffered=True, headers={"If-None-Match": tag, **FLASH}).status_code == 200


def test_messages_wait_for_a_page_that_shows_them(app: App) -> None:
    response = strict_client(app).get("/plain", buffered=True, headers=FLASH)
    assert response.get_data(as_text=True) == "Plain"
    assert "Set-Cookie" not in response.headers
    assert "Cookie" not in response.headers.get("Vary", "")


def test_a_session_without_messages_stays(app: App) -> None:
    response = strict_client(app).get("/", buffered=True, headers=cookie(name="Ann"))
    assert response.get_data(as_text=True) == "Home"
    assert "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "private, no-cache"


def test_templates_read_the_session(app: App) -> None:
    assert [listed.reasons for listed in app.overview if listed.url == "/greeting"] == [
        ("greeting.html:1 looks at session.name",)
    ]
    client = strict_client(app)
    assert client.get("/greeting", buffered=True, headers=cookie(name="Ann")).get_data(as_text=True) == "Hello Ann"
    assert client.get("/greeting", buffered=True).get_data(as_text=True) == "Hello you"


@pytest.mark.parametrize("field", ["session=", "session=x.y.z", "mysession=1", "session"])
def test_cookies_of_others_show_the_page(app: App, field: str) -> None:
    response = strict_client(app).get("/", buffered=True, headers={"Cookie": field})
    assert response.get_data(as_text=True) == "Home"


def test_no_key_is_made_before_there_is_something_to_sign(tmp_path: Path) -> None:
    files = {name: text for name, text in FILES.items() if not name.startswith("storage/")}
    client = strict_client(running(write(tmp_path, files)))
    assert client.get("/", buffered=True, headers=FLASH).status_code == 200
    assert not (tmp_path / "storage").exists()


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "storage" / "secret.key"
    first, second = KeyFile(path)(make=True), KeyFile(path)(make=True)
    assert first == second
    assert len(first[0]) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret.key"]


def test_a_mistake_in_what_is_done_with_messages_is_found(tmp_path: Path) -> None:
    files = {**FILES, "templates/base.html": "{% for text in get_flashed_messages() %}{{ 1 // 0 }}{% endfor %}"}
    problems = load_site(write(tmp_path, files), None, {}).problems
    assert [problem.code for problem in problems] == ["failing-template"]


def test_flask_reads_the_cookie_of_a_site_with_the_same_key(tmp_path: Path) -> None:
    form = (
        '[forms.contact]\npath = "/contact"\nkeep = "forever"\nsuccess = { message = "Thank you, {{ entry.name }}" }\n'
    )
    form += '[forms.contact.fields]\nname = { label = "Name" }\n'
    site = f'[site]\nname = "Bakery"\n[session]\nsecret = ["{KEY}", "{KEY[::-1]}"]\ncookie = "crumb"\n{form}'
    app = running(write(tmp_path, {"site.toml": site}))
    response = strict_client(app).post("/contact", data={"name": "Ann"}, buffered=True)
    name, _, value = response.headers["Set-Cookie"].partition(";")[0].partition("=")
    assert name == "crumb"
    other = flask.Flask(__name__)
    other.secret_key = KEY
    with other.test_request_context(headers={"Cookie": f"session={value}"}):
        assert flask.get_flashed_messages(with_categories=True) == [("success", "Thank you, Ann")]
    before = Sessions(lambda **_: (KEY[::-1],), "crumb")
    session = Session()
    session.flash("Signed with the key before")
    ((_, field),) = before.write(session, secure=False)
    shown = strict_client(app).get("/contact", buffered=True, headers={"Cookie": field.partition(";")[0]})
    assert "Signed with the key before" in shown.text


def test_cookies_for_the_whole_host_are_set_below_a_prefix_too(tmp_path: Path) -> None:
    text = """
[site]
name = "Bakery"
url = "https://example.org/shop"

[session]
cookie = "__Host-session"
secure = true

[hooks]
module = "hooks"

[routes.home]
path = "/"
handler = "home"
set_cookies = [{ name = "__Host-seen", value = "yes", secure = true }, { name = "near", value = "yes" }]
"""
    hooks = "from declweb import session\n\n\ndef home():\n    session['a'] = 1\n    return 'x'\n"
    found = load_site(write(tmp_path, {"site.toml": text, "hooks.py": hooks}), None, {}).app
    assert found is not None
    with strict_client(found).get("/", base_url="https://example.org/shop") as answer:
        cookies = answer.headers.getlist("Set-Cookie")
    paths = {each.partition("=")[0]: each.rpartition("Path=")[2].partition(";")[0] for each in cookies}
    assert paths == {"__Host-session": "/", "__Host-seen": "/", "near": "/shop/"}
