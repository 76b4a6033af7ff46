"""Signing in and out: on the page, and what a session is worth afterwards."""

import re
import sqlite3
from pathlib import Path
from typing import Any, cast

import pytest
from cases import strict_client
from itsdangerous import URLSafeTimedSerializer
from staff import SITE, posted, site
from visiting import (
    NAVIGATES,
    PASSWORD,
    SECRET,
    asked,
    content_of,
    forged,
    quick_hash,
    said,
    signed_in,
    users,
)

from declweb.app import App
from declweb.http.sessions import SIGNED_IN
from declweb.http.targets import local_target


def status(app: App, cookie: str, path: str = "/staff/plan") -> int:
    with asked(strict_client(app), path, headers={"Cookie": cookie}) as answer:
        return answer.status_code


# --- the way in -------------------------------------------------------------------------------------------------------


def test_the_way_in_leads_to_what_was_asked_for(app: App) -> None:
    client = strict_client(app)
    with client.get("/staff/plan?day=monday&x=%2F") as answer:
        assert answer.headers["Location"] == "/login?next=/staff/plan%3Fday%3Dmonday%26x%3D%252F"
        page = said(client.get(answer.headers["Location"]))
    (wanted,) = re.findall(r'name="next" value="([^"]*)"', page)
    assert wanted == "/staff/plan?day=monday&amp;x=%2F"
    with posted(client, user=" Anna ", password=PASSWORD, next=wanted.replace("&amp;", "&")) as answer:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/plan?day=monday&x=%2F")
        cookie = answer.headers["Set-Cookie"]
    assert re.search(r"HttpOnly; Path=/; SameSite=Lax$", cookie)
    assert "anna reads" in said(client.get("/staff/plan", headers={"Cookie": cookie.partition(";")[0]}))


def test_over_https_the_cookie_stays_there(app: App) -> None:
    client = strict_client(app)
    with client.post("/login", data={"user": "anna", "password": PASSWORD}, base_url="https://localhost") as answer:
        assert "; Secure;" in answer.headers["Set-Cookie"]


def test_the_page_speaks_the_language_of_what_was_asked_for(app: App) -> None:
    client = strict_client(app)
    with client.get("/de/staff/plan") as answer:
        assert answer.headers["Location"] == "/de/login?next=/de/staff/plan"
    assert "Anmelden" in said(client.get("/de/login"))
    assert "stimmen nicht" in said(posted(client, "/de/login", user="anna", password="wrong"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"user": "anna", "password": "wrong"}, 401),
        ({"user": "eve", "password": PASSWORD}, 401),
        ({"user": "nobody_yet", "password": PASSWORD}, 401),
        ({"user": "nobody_yet", "password": ""}, 422),
        ({"user": "", "password": PASSWORD}, 422),
        ({"user": "anna", "password": f"{PASSWORD}\n"}, 401),
        ({"user": "anna", "password": PASSWORD + "x" * 1000}, 401),
        ({"user": "a" * 5000, "password": PASSWORD}, 401),
        ({"user": "anna", "password": "x" * 20_000}, 413),
        ({}, 422),
    ],
)
def test_a_wrong_try_opens_nothing(one: App, fields: dict[str, str], expected: int) -> None:
    answer = strict_client(one).post("/login", data=fields)
    text = said(answer)
    assert answer.status_code == expected
    assert "Set-Cookie" not in answer.headers
    assert PASSWORD not in text
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_written_comes_back_but_for_the_password(app: App) -> None:
    text = said(posted(strict_client(app), user='<b>"anna', password="swordfish"))
    assert 'value="&lt;b&gt;&#34;anna"' in text
    assert "swordfish" not in text
    assert 'role="alert"' in text
    assert "<title>Error: Sign in" in text


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, NAVIGATES],
)
def test_another_site_signs_nobody_in_or_out(app: App, headers: dict[str, str]) -> None:
    client = strict_client(app)
    with posted(client, headers=headers, user="anna", password=PASSWORD) as answer:
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers
    cookie = signed_in(app)
    with posted(client, "/login/out", headers={**headers, "Cookie": cookie}) as answer:
        assert answer.status_code == 403
    assert status(app, cookie) == 200


def test_a_body_that_is_no_form_is_refused(app: App) -> None:
    client = strict_client(app)
    for kind, body, status in (
        ("text/plain", "user=anna", 415), ("multipart/form-data", "x", 400), ("application/json", "[", 400)
    ):  # fmt: skip
        with client.post("/login", data=body, content_type=kind) as answer:
            assert answer.status_code == status


# --- where it leads ---------------------------------------------------------------------------------------------------

ELSEWHERE = (
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "/\n/evil.example", "\t//evil.example", " //evil.example", "/ /evil.example", "https://evil.example",
    "http:evil.example", "https:/evil.example", "https:evil.example", "javascript:alert(1)", "data:text/html,x",
    "evil.example", "@evil.example", ".evil.example", "?next=//evil.example", "#x", "", "/%2f/evil.example",
    "/%2Fevil.example", "/%5cevil.example", "/%5C%5Cevil.example", "/%09/evil.example", "/%0a/evil.example",
    "/%0d%0aSet-Cookie:%20x=y", "/x\r\nSet-Cookie: x=y", "/%252fevil.example", "/%25252f%25252fevil.example",
    "/..//evil.example", "/../evil.example", "/./x", "/x/..//evil.example", "/%2e%2e//evil.example", "/.//evil.example",
    "/%2e/x", "/\u2028/evil.example", "/\u2215evil.example", "/\uff0fevil.example", "/\x00", "/x\x7f", "/<script>",
    "/x y", '/"', "/" + "x" * 3000, "/x//y", "/x%2f%2fy", "/\ufeff/evil.example", "/x\\y", "/%c0%af/evil.example/..",
    "HTTPS://EVIL.EXAMPLE", "ftp://evil.example", "//evil.example@localhost", "/login", "/login?next=/", "/login/out",
    "/de/login/out", "/;@evil.example/..", "/%00",
)  # fmt: skip
"""Where nobody may be sent after signing in, or where it would make no sense."""

HERE = ("/", "/staff/plan", "/staff/plan?a=b&c=d%20e", "/x?next=//evil.example", "/x#part", "/%C3%A4", "/a:b@c", "/x/")


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_the_way_elsewhere_is_forgotten(one: App, wanted: str) -> None:
    page = asked(strict_client(one), f"/login?next={''.join(f'%{byte:02x}' for byte in wanted.encode())}")
    assert 'name="next"' not in said(page)


@pytest.mark.parametrize("wanted", ELSEWHERE[::6])
def test_nobody_is_led_elsewhere(one: App, wanted: str) -> None:
    with posted(strict_client(one), user="anna", password=PASSWORD, next=wanted) as answer:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        assert len(answer.headers.getlist("Set-Cookie")) == 1


@pytest.mark.parametrize("wanted", HERE)
def test_pages_of_the_site_are_fine(one: App, wanted: str) -> None:
    with posted(strict_client(one), user="anna", password=PASSWORD, next=wanted) as answer:
        assert answer.headers["Location"] == wanted


def test_below_a_prefix_only_what_lies_there() -> None:
    assert local_target("/shop/x", "/shop") == "/shop/x"
    for wanted in ("/x", "/shopping", "/shop", "/shop//evil.example", "/shop/../x", "/shop/%2e%2e/x"):
        assert local_target(wanted, "/shop") is None, wanted


def test_who_wants_nowhere_else_goes_to_the_inbox_that_is_theirs(tmp_path: Path) -> None:
    app = site(tmp_path, SITE + '\n[inbox]\npath = "/inbox"\nallow = "staff"\n')
    for name, expected in (("anna", "/inbox"), ("ben", "/")):
        with posted(strict_client(app), user=name, password=PASSWORD) as answer:
            assert answer.headers["Location"] == expected
    with posted(strict_client(app), user="anna", password=PASSWORD, next="/staff/plan") as answer:
        assert answer.headers["Location"] == "/staff/plan"


def test_below_a_prefix_the_way_in_stays_there(tmp_path: Path) -> None:
    app = site(tmp_path, SITE.replace('url = "https://blackbird.example"', 'url = "https://blackbird.example/shop"'))
    client = strict_client(app)
    with client.get("/shop/staff/plan") as answer:
        assert answer.headers["Location"] == "/shop/login?next=/shop/staff/plan"
    for wanted, expected in (("/shop/staff/plan", "/shop/staff/plan"), ("/staff/plan", "/shop/"), ("/shop", "/shop/")):
        with posted(client, "/shop/login", user="anna", password=PASSWORD, next=wanted) as answer:
            assert answer.headers["Location"] == expected
            assert "Path=/shop/" in answer.headers["Set-Cookie"]
    cookie = signed_in(app, prefix="/shop")
    assert "anna reads" in said(client.get("/shop/staff/plan", headers={"Cookie": cookie}))


# --- what a session is worth ------------------------------------------------------------------------------------------


def test_signing_in_begins_a_new_session(app: App) -> None:
    before = forged({"cart": [1, 2], "_flashes": [["message", "Kept"]], "user": "eve"}, SECRET)
    with posted(strict_client(app), headers={"Cookie": before}, user="anna", password=PASSWORD) as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    content = content_of(cookie)
    assert set(content) == {SIGNED_IN, "_flashes", "_permanent"}
    assert quick_hash() not in str(content)


def test_signing_in_again_ends_the_former_visit(app: App) -> None:
    first = signed_in(app)
    with posted(strict_client(app), headers={"Cookie": first}, user="ben", password=PASSWORD) as answer:
        assert answer.status_code == 303
    assert status(app, first) == 303


def test_signing_out_ends_it_everywhere(app: App) -> None:
    cookie, other = signed_in(app), signed_in(app)
    client = strict_client(app)
    page = said(client.get("/login/out", headers={"Cookie": cookie}))
    assert "You are signed in as anna." in page
    assert status(app, cookie) == 200
    with posted(client, "/login/out", headers={"Cookie": cookie}) as answer:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
        left = answer.headers["Set-Cookie"].partition(";")[0]
    shown = client.get("/login", headers={"Cookie": left})
    assert "You are signed out." in said(shown)
    assert "Max-Age=0" in shown.headers["Set-Cookie"]
    assert [status(app, each) for each in (cookie, left, other)] == [303, 303, 200]
    with client.get("/login/out") as answer:
        assert answer.headers["Location"] == "/login"


def test_use_does_not_prolong_it(app: App) -> None:
    with asked(strict_client(app), "/staff/plan", headers={"Cookie": signed_in(app)}) as answer:
        assert "Set-Cookie" not in answer.headers


def test_it_holds_in_the_next_version_of_the_site_until_the_password_is_another(tmp_path: Path) -> None:
    cookie = signed_in(site(tmp_path))
    assert status(site(tmp_path, SITE.replace("reads", "still reads")), cookie) == 200
    assert (
        status(site(tmp_path, SITE.replace("['staff']", "['drivers']").replace('"staff", "ben"', '"staff"')), cookie)
        == 403
    )
    assert status(site(tmp_path, SITE.replace(quick_hash(), quick_hash("another one"), 1)), cookie) == 303
    gone = SITE.replace(users(anna="staff"), "")
    assert status(site(tmp_path, gone), cookie) == 303
    assert status(site(tmp_path, SITE.replace(quick_hash(), "", 1)), cookie) == 303


def test_it_ends_with_the_lifetime(tmp_path: Path) -> None:
    app = site(tmp_path)
    name, since, mark, number = cast("list[Any]", content_of(signed_in(app))[SIGNED_IN])
    for age, expected in ((30 * 86400, 200), (32 * 86400, 303), (-200, 200), (-1000, 303)):
        assert status(app, forged({SIGNED_IN: [name, since - age, mark, number]}, SECRET)) == expected
    short = site(tmp_path, SITE.replace(f'secret = "{SECRET}"', f'secret = "{SECRET}"\nlifetime = "1 hour"'))
    assert status(short, forged({SIGNED_IN: [name, since - 3700, mark, number]}, SECRET)) == 303


def test_a_secret_that_rotates_keeps_sessions(tmp_path: Path) -> None:
    cookie = signed_in(site(tmp_path))
    rotated = SITE.replace(f'secret = "{SECRET}"', f'secret = ["a new secret, long enough", "{SECRET}"]')
    assert status(site(tmp_path, rotated), cookie) == 200
    assert status(site(tmp_path, SITE.replace(SECRET, "a new secret, long enough")), cookie) == 303


def test_flask_reads_it(app: App) -> None:
    value = signed_in(app).partition("=")[2]
    signer = URLSafeTimedSerializer(SECRET, salt="cookie-session", signer_kwargs={"key_derivation": "hmac"})
    assert signer.loads(value)[SIGNED_IN][0] == "anna"


# --- pages that everybody may see -------------------------------------------------------------------------------------


def test_a_page_that_looks_at_the_user_is_prepared_for_strangers(app: App) -> None:
    client = strict_client(app)
    assert "/" in app.prepared
    stranger = client.get("/")
    assert "Hello stranger" in said(stranger)
    assert stranger.headers["Vary"] == "Cookie"
    known = client.get("/", headers={"Cookie": signed_in(app)})
    assert "Hello anna (staff)" in said(known)
    assert known.headers["Cache-Control"] == "private, no-cache"
    assert "Hello stranger" in said(client.get("/", headers={"Cookie": "session=forged"}))


# --- when the store is down -------------------------------------------------------------------------------------------


def test_nobody_passes_while_the_store_is_down(tmp_path: Path) -> None:
    app = site(tmp_path)
    cookie = signed_in(app)
    assert app.store is not None
    app.store.stop()
    database = next((tmp_path / "storage").glob("*.db"))
    sqlite3.connect(database).close()
    hidden = database.rename(database.with_suffix(".hidden"))
    for each in (tmp_path / "storage").glob("*.db-*"):
        each.unlink()
    database.mkdir()
    try:
        assert status(app, cookie) == 503
        answer = posted(strict_client(app), user="anna", password=PASSWORD)
        assert "Nobody can sign in at the moment" in said(answer)
        assert answer.status_code == 503
        assert "Hello stranger" in said(asked(strict_client(app), "/"))
    finally:
        database.rmdir()
        hidden.rename(database)
    assert status(app, cookie) == 200


# --- the author's own page --------------------------------------------------------------------------------------------


def test_the_page_stands_in_the_sites_own_template(tmp_path: Path) -> None:
    text = SITE + '\n[login]\npath = "/enter"\ntemplate = "enter.html"\n'
    own = '<h1>{{ title }} to the bakehouse</h1>{{ form }}<p>{{ url_for("login") }} {{ url_for("logout") }}</p>'
    app = site(tmp_path, text, **{"templates/enter.html": own})
    client = strict_client(app)
    page = said(client.get("/enter"))
    assert "<h1>Sign in to the bakehouse</h1>" in page
    assert "<p>/enter /enter/out</p>" in page
    with client.get("/staff/plan") as answer:
        assert answer.headers["Location"] == "/enter?next=/staff/plan"
    with posted(client, "/enter", user="anna", password=PASSWORD) as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    assert "<h1>Sign out to the bakehouse</h1>" in said(client.get("/enter/out", headers={"Cookie": cookie}))
