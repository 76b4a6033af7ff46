"""A form behind `[[protect]]` that is sent when the session has ended: nothing of what was written is lost."""

import html
import json
import re
from io import BytesIO
from pathlib import Path

import pytest
from cases import running, strict_client, write
from visiting import HEAD, PASSWORD, asked, said, signed_in, users
from werkzeug.test import Client

from declweb.app import App

SITE = f"""{HEAD}
{users(anna="staff", ben="drivers")}
[[protect]]
path = "/staff/*"
allow = "staff"

[[rewrites]]
from = "/shortcut"
to = "/staff/report"

[forms.report]
path = "/staff/report"
keep = "forever"
[forms.report.fields.title]
label = "Title"
required = true
[forms.report.fields.words]
label = "What happened"
type = "textarea"
[forms.report.fields.pin]
label = "Pin"
type = "password"
[forms.report.fields.shift]
label = "Shift"
type = "radio"
choices = ["early", "late"]
"""
PHOTO = '[forms.report.fields.photo]\nlabel = "Photo"\ntype = "file"\naccept = "images"\n'
PIXELS = b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + bytes(24) + b";"
WORDS = 'The "big" oven\nis <b>cold</b> & dark: ünïcödé 🍞 \\'
WRITTEN = {"title": "Oven", "words": WORDS, "pin": "1234", "shift": "late"}
KEPT = "You are not signed in, so nothing was sent yet."
BACK = "You are signed in now. What you wrote was not sent yet"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return site(tmp_path)


def site(folder: Path, more: str = "", **files: str) -> App:
    return running(write(folder, {"site.toml": SITE + more, **files}))


def hidden(page: str) -> dict[str, str]:
    """Return what a browser would send along without showing it."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def entries(app: App) -> int:
    assert app.store is not None
    return app.store.count("report")


def sent(client: Client, **fields: str) -> str:
    return said(client.post("/staff/report", data={**WRITTEN, **fields}))


def test_it_comes_back_once_somebody_has_signed_in(app: App, caplog: pytest.LogCaptureFixture) -> None:
    client = strict_client(app)
    answer = client.post("/staff/report", data=WRITTEN)
    page = said(answer)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (401, "no-store")
    assert KEPT in page
    assert 'enctype="multipart/form-data"' in page
    assert "<title>Error: Sign in" in page
    assert not caplog.records
    kept = hidden(page)
    assert kept["next"] == "/staff/report"
    assert "1234" not in page
    wrong = said(client.post("/login", data={"user": "anna", "password": "wrong", **kept}))
    assert hidden(wrong) == kept
    missing = said(client.post("/login", data={"user": "anna", "password": "", **kept}))
    assert hidden(missing) == kept
    done = client.post(
        "/login", data={"user": "anna", "password": PASSWORD, **kept}, content_type="multipart/form-data"
    )
    form = said(done)
    assert (done.status_code, done.headers["Cache-Control"]) == (200, "no-store")
    assert BACK in form
    assert 'action="/staff/report"' in form
    (shown,) = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", form, re.DOTALL)
    assert html.unescape(shown) == WORDS
    assert "<b>cold" not in form
    assert 'value="Oven"' in form
    assert re.search(r'value="late"[^>]* checked', form)
    assert "Files have to be" not in form
    assert entries(app) == 0
    cookie = done.headers["Set-Cookie"].partition(";")[0]
    with client.post("/staff/report", data=WRITTEN, headers={"Cookie": cookie}) as stored:
        assert stored.status_code == 303
    assert entries(app) == 1


def test_whoever_may_not_see_the_form_is_not_shown_it(app: App) -> None:
    client = strict_client(app)
    kept = hidden(sent(client))
    answer = client.post("/login", data={"user": "ben", "password": PASSWORD, **kept})
    text = said(answer)
    assert answer.status_code == 403
    assert "What happened" not in text


def test_it_speaks_the_language_of_the_form(app: App) -> None:
    client = strict_client(app)
    page = said(client.post("/de/staff/report", data=WRITTEN))
    assert "Sie sind nicht angemeldet" in page
    assert 'action="/de/login"' in page
    form = said(client.post("/de/login", data={"user": "anna", "password": PASSWORD, **hidden(page)}))
    assert "Sie sind jetzt angemeldet" in form
    assert 'action="/de/staff/report"' in form


def test_files_are_not_kept_and_that_is_said(tmp_path: Path) -> None:
    app = site(tmp_path, PHOTO)
    client = strict_client(app)
    page = said(client.post("/staff/report", data={**WRITTEN, "photo": (BytesIO(PIXELS), "oven.gif")}))
    assert not [each for each in (tmp_path / "storage").rglob("*") if each.is_file() and PIXELS in each.read_bytes()]
    form = said(client.post("/login", data={"user": "anna", "password": PASSWORD, **hidden(page)}))
    assert "Files have to be chosen once more." in form
    assert 'value="Oven"' in form


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Content-Encoding": "gzip"}]
)
def test_nothing_is_kept_of_what_another_site_sends(app: App, headers: dict[str, str]) -> None:
    with strict_client(app).post("/staff/report", data=WRITTEN, headers=headers) as answer:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/staff/report")


def test_programs_are_asked_to_sign_in_as_ever(app: App) -> None:
    client = strict_client(app)
    for sent_ in ({"json": WRITTEN}, {"data": WRITTEN, "headers": {"Accept": "application/json"}}):
        answer = client.post("/staff/report", **sent_)
        assert "Oven" not in said(answer)
        assert answer.status_code == 401


def test_who_wrote_nothing_is_led_to_the_page_alone(app: App) -> None:
    client = strict_client(app)
    for body in ({}, {"title": ""}, {"unknown": "x"}):
        with client.post("/staff/report", data=body) as answer:
            assert answer.status_code == 303
    with client.post("/staff/nothing", data=WRITTEN) as answer:
        assert answer.status_code == 303


def test_what_is_too_long_for_a_page_is_not_kept(tmp_path: Path) -> None:
    app = running(
        write(tmp_path, {"site.toml": SITE.replace("[forms.report]", "[limits]\nbody = '18 kB'\n[forms.report]", 1)})
    )
    client = strict_client(app)
    assert KEPT in sent(client, words="x" * 1500)
    with client.post("/staff/report", data={**WRITTEN, "words": "x" * 2500}) as answer:
        assert answer.status_code == 303


@pytest.mark.parametrize(
    "written", ["[", "[]", "7", '{"title": "x"}', '{"title": [["<script>"]], "x": [1]}', "[" * 5000]
)
def test_what_makes_no_sense_is_left_out(app: App, written: str) -> None:
    fields = {"user": "anna", "password": PASSWORD, "next": "/staff/report", "written": written}
    answer = strict_client(app).post("/login", data=fields)
    form = said(answer)
    assert answer.status_code == 200
    assert "<script>" not in form
    with strict_client(app).post("/login", data={**fields, "next": "/"}) as elsewhere:
        assert (elsewhere.status_code, elsewhere.headers["Location"]) == (303, "/")


def test_a_form_that_closed_meanwhile_shows_what_was_written(tmp_path: Path) -> None:
    client = strict_client(site(tmp_path))
    kept = hidden(sent(client))
    closed = SITE.replace("[forms.report]", "[forms.report]\nends = 2020-01-01", 1)
    app = running(write(tmp_path, {"site.toml": closed}))
    form = said(strict_client(app).post("/login", data={"user": "anna", "password": PASSWORD, **kept}))
    assert "This form is closed" in form
    assert "What you wrote was not sent" in form
    assert "Oven" in form


def test_what_is_shown_elsewhere_comes_back_to_the_form(app: App) -> None:
    client = strict_client(app)
    page = said(client.post("/shortcut", data=WRITTEN))
    assert hidden(page)["next"] == "/staff/report"


OWN = {
    "by hand": '<form action="/login" method="post"><input name="user"><input name="password" type="password"></form>',
    "by parts": """{{ form.start }}{% for field in form.fields if field.type != 'hidden' %}{{ field }}{% endfor %}
        {{ form.button }}{{ form.end }}""",
}


@pytest.mark.parametrize("own", OWN)
def test_a_page_of_the_sites_own_brings_along_what_it_must(tmp_path: Path, own: str) -> None:
    more = '[login]\ntemplate = "enter.html"\n'
    text = f"<!doctype html><html lang='en'><head><title>Enter</title></head><body>{OWN[own]}</body></html>"
    app = site(tmp_path, more, **{"templates/enter.html": text})
    client = strict_client(app)
    assert hidden(said(asked(client, "/login?next=/staff/report"))) == {"next": "/staff/report"}
    page = said(client.post("/staff/report", data=WRITTEN))
    assert page.count('enctype="multipart/form-data"') == 1
    assert json.loads(hidden(page)["written"])["title"] == ["Oven"]
    assert KEPT in page
    wrong = said(client.post("/login", data={"user": "anna", "password": "wrong"}))
    assert "Name or password are not right." in wrong
    assert 'value="anna"' in wrong
    form = said(client.post("/login", data={"user": "anna", "password": PASSWORD, **hidden(page)}))
    assert 'value="Oven"' in form


def test_who_is_signed_in_notices_nothing(app: App) -> None:
    with strict_client(app).post("/staff/report", data=WRITTEN, headers={"Cookie": signed_in(app)}) as answer:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/report")
