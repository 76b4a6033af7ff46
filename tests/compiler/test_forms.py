"""Forms of a running site: what is prepared, and what visitors see when something is in the way."""

import logging
import threading
from pathlib import Path
from typing import NoReturn

import pytest
from cases import copied, running, strict_client, write
from werkzeug.test import Client, TestResponse

from declweb.app import App
from declweb.compiler import data, form_posts, senders
from declweb.forms.reading import Busy
from declweb.forms.script import script, style
from declweb.storage import StoreDown

SITE = """
[site]
name = "Bakery"

[forms.plain]
path = "/plain"
template = "form.html"
keep = "forever"
guard = false

[forms.plain.fields]
name = { label = "Your name", required = true }

[forms.prefilled]
path = "/prefilled"
keep = "forever"

[forms.prefilled.fields]
name = { label = "Your name", prefill = true }

[forms.seats]
path = "/seats"
keep = "forever"
limit = "none"

[forms.seats.fields]
name = { label = "Your name", required = true }
day = {
    label = "Day", type = "radio", required = true,
    choices = { monday = { label = "Monday", places = 1 }, other = "Other" },
}

[forms.few]
path = "/few"
keep = "forever"
max_entries = 3

[forms.few.fields]
name = { label = "Your name", unique = true, required = true }
"""

FILES = {"site.toml": SITE, "templates/form.html": "<title>Bakery</title>{{ form }}"}


@pytest.fixture
def app(tmp_path: Path) -> App:
    return running(write(tmp_path, FILES))


def post(app: App, path: str, headers: dict[str, str] | None = None, **data: str) -> TestResponse:
    return strict_client(app).post(
        path, data=data, headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.1"}, buffered=True
    )


def get(app: App, path: str) -> TestResponse:
    return strict_client(app).get(path, buffered=True)


def test_pages_that_look_at_nothing_are_prepared(app: App) -> None:
    assert {path for path, ready in app.prepared.items() if "GET" in ready} >= {"/plain"}
    assert not {"/prefilled", "/seats", "/few"} & set(app.prepared)


def test_pages_that_count_entries_are_kept_until_one_is_added_or_gone(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "disabled" not in get(app, "/seats").text
    kept = app.files["/seats"]
    assert post(app, "/seats", name="Ann", day="monday").status_code == 303
    assert "disabled" in get(app, "/seats").text
    assert app.files["/seats"] is not kept
    kept = app.files["/seats"]
    tag = get(app, "/seats?from=letter").headers["ETag"]
    again = strict_client(app).get("/seats", headers={"If-None-Match": tag}, buffered=True)
    assert again.status_code == 304
    assert app.files["/seats"] is kept
    assert app.store is not None
    monkeypatch.setattr(data, "PATIENCE", 0.0)
    assert all(app.store.delete(entry.receipt) for entry in list(app.store.entries("seats")))
    assert "disabled" not in get(app, "/seats").text

    assert "<button" in get(app, "/few").text
    for name in ("Ann", "Ben", "Cleo"):
        assert post(app, "/few", name=name).status_code == 303
    assert "<button" not in get(app, "/few").text


def test_pages_that_are_filled_in_are_kept_as_they_are_without(app: App) -> None:
    assert 'value="Ann"' in get(app, "/prefilled?name=Ann").text
    assert "/prefilled" not in app.files
    assert "Ann" not in get(app, "/prefilled").text
    assert "/prefilled" in app.files
    assert 'value="Ben"' in get(app, "/prefilled?name=Ben").text
    assert "Ben" not in get(app, "/prefilled").text


def test_what_one_visitor_is_told_is_not_kept_for_others(app: App) -> None:
    client = Client(app)
    assert "Thank you" not in client.get("/seats").text
    client.post("/seats", data={"name": "Ann", "day": "other"}, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert "Thank you" in client.get("/seats").text
    assert "Thank you" not in get(app, "/seats").text


def test_what_is_shown_while_the_store_is_down_is_not_kept(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_: str) -> NoReturn:
        raise StoreDown

    assert post(app, "/seats", name="Ann", day="monday").status_code == 303
    monkeypatch.setattr(data, "PATIENCE", 0.0)
    with monkeypatch.context() as bad_day:
        bad_day.setattr(app.store, "generation", down)
        bad_day.setattr(app.store, "places_taken", down)
        assert "disabled" not in get(app, "/seats").text
    assert "disabled" in get(app, "/seats").text


def test_the_last_place_is_taken_once(app: App) -> None:
    assert post(app, "/seats", name="Ann", day="monday").status_code == 303
    response = post(app, "/seats", name="Ben", day="monday")
    assert response.status_code == 422
    assert "no places left" in response.text
    assert 'value="Ben"' in response.text
    assert post(app, "/seats", name="Ben", day="other").status_code == 303
    assert "disabled" in get(app, "/seats").text


def test_a_unique_value_is_taken_once(app: App) -> None:
    assert post(app, "/few", name="Ann").status_code == 303
    response = post(app, "/few", headers={"User-Agent": "Another"}, name="  ANN ")
    assert response.status_code == 422
    assert "already taken" in response.text


@pytest.mark.parametrize(
    ("type_", "first", "second"),
    [("number", "1.0", "1"), ("number", "-0", "0"), ("integer", "07", "7"), ("text", "Rene\u0301", "Ren\u00e9")],
)
def test_a_unique_value_is_the_same_however_it_is_written(tmp_path: Path, type_: str, first: str, second: str) -> None:
    unique = SITE.replace('label = "Your name", unique = true', f'label = "Your name", type = "{type_}", unique = true')
    app = running(write(tmp_path, {**FILES, "site.toml": unique}))
    assert post(app, "/few", name=first).status_code == 303
    response = post(app, "/few", headers={"User-Agent": "Another"}, name=second)
    assert response.status_code == 422
    assert "already taken" in response.text


def test_a_template_that_fails_is_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    endless = "{% for a in range(99999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}"
    files = {**FILES, "templates/form.html": "{{ form }}{% if request.args.boom %}" + endless + "{% endif %}"}
    app = running(write(tmp_path, files))
    response = post(app, "/plain?boom=1", name="")
    assert response.status_code == 422
    assert "<h1>Plain</h1>" in response.text
    assert "Your name" in response.text
    assert "the page of form plain failed" in caplog.text


def test_too_many_readers_are_told_to_come_again(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def reading(self, *_: object) -> None:
            raise Busy

    monkeypatch.setattr(form_posts, "READERS", Full())
    response = post(app, "/plain", name="Ann")
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "in a few seconds" in response.text


def test_what_is_too_large_is_refused_with_a_page(app: App) -> None:
    response = post(app, "/plain", name="x" * 2_000_000)
    assert response.status_code == 413
    assert "which is the most that this form takes" in response.text
    assert "go back in your browser" in response.text
    response = post(app, "/plain", headers={"Accept-Language": "de"}, name="x" * 2_000_000)
    assert response.headers["Content-Language"] == "de"


def test_what_is_a_little_too_large_is_on_the_page(app: App) -> None:
    response = post(app, "/plain", name="x" * 300_000)
    assert response.status_code == 413
    assert "which is the most that this form takes" in response.text
    assert "x" * 300_000 in response.text
    response = post(app, "/plain", headers={"Accept": "application/json"}, name="x" * 300_000)
    assert response.status_code == 413
    assert response.content_type == "application/problem+json"


def test_proxies_that_are_not_declared_are_told_of_once(
    app: App, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senders, "_suspended", threading.Event())
    with caplog.at_level(logging.WARNING):
        for number in range(7):
            response = post(app, "/plain", headers={"X-Forwarded-For": "203.0.113.9"}, name=f"Ann {number}")
            assert response.status_code == 303
    assert caplog.text.count("there is no [proxy]") == 1


def test_limits_hold_for_visitors_that_are_known(app: App) -> None:
    statuses = [post(app, "/plain", name=f"Ann {number}").status_code for number in range(7)]
    assert statuses == [303] * 5 + [429] * 2


def test_attempts_are_counted_apart(app: App) -> None:
    statuses = {post(app, "/plain", name="").status_code for _ in range(30)}
    assert statuses == {422}
    response = post(app, "/plain", name="")
    assert response.status_code == 429
    assert "Retry-After" in response.headers


def test_script_and_style_are_kept_for_good(app: App) -> None:
    page = get(app, "/plain").text
    for address in (script().address, style().address):
        assert address in page
        response = get(app, address)
        assert response.status_code == 200
        assert "immutable" in response.headers["Cache-Control"]


def test_the_bakery_s_thanks_are_no_page_to_be_found(tmp_path: Path) -> None:
    bakery = running(copied(Path(__file__).parents[2] / "sites" / "bakery", tmp_path))
    sitemap = get(bakery, "/sitemap.xml").text
    assert "<loc>https://blackbird.example/contact</loc>" in sitemap
    assert "/thanks" not in sitemap
