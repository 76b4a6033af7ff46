"""What only some users may see: every kind of address, asked for by every kind of visitor who must not see it."""

from pathlib import Path
from typing import NamedTuple

import pytest
from visiting import (
    CLOSED,
    METHODS,
    NAVIGATES,
    OPEN,
    PASSWORD,
    SECRET_WORDS,
    asked,
    basic,
    browser,
    closed_site,
    said,
    signed_in,
    wrong_visitors,
)
from werkzeug.test import Client

from declweb.app import App

MANY_WAYS = [
    (method, more) for method in METHODS for more in ({}, {"Accept": "application/json"}, {"Range": "bytes=0-9"})
]
ONE_WAY: list[tuple[str, dict[str, str]]] = [("GET", {})]
FEW_WAYS: list[tuple[str, dict[str, str]]] = [("GET", {}), ("POST", {})]
WAYS = {"no cookie": MANY_WAYS, "another role": FEW_WAYS, "a page of another site": FEW_WAYS}
BASIC = ("/basic/plan", "/basic", "/basic/nothing", "/BASIC/plan", "//basic/plan", "/basic/plan.html")


class Site(NamedTuple):
    app: App
    client: Client
    visitors: dict[str, dict[str, str]]
    anna: dict[str, str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    app = closed_site(tmp_path_factory.mktemp("closed"))
    return Site(app, browser(app), dict(wrong_visitors(app)), {"Cookie": signed_in(app)})


def leaks(text: str) -> bool:
    return SECRET_WORDS in text or SECRET_WORDS.replace(" ", "-") in text or SECRET_WORDS.split()[0] in text


@pytest.mark.parametrize("path", CLOSED)
def test_nobody_else_sees_it(site: Site, path: str) -> None:
    for who, sent in site.visitors.items():
        for method, more in WAYS.get(who, ONE_WAY):
            answer = asked(site.client, path, method, {**sent, **more})
            text = said(answer)
            where = f"{method} {path} by {who}, {more}: {text[:600]}"
            assert answer.status_code in {303, 401, 403}, where
            assert not leaks(text), where
            assert answer.headers["Cache-Control"] in {"no-store", "private, no-cache"}, where
            assert {"CDN-Cache-Control", "Expires", "ETag"}.isdisjoint(answer.headers.keys()), where


@pytest.mark.parametrize("path", CLOSED)
def test_what_is_wrong_is_told_by_the_right_status(site: Site, path: str) -> None:
    def status(headers: dict[str, str], method: str = "GET") -> int:
        with asked(site.client, path, method, headers) as answer:
            return answer.status_code

    is_json = path == "/api/secret"
    assert status({}) == (401 if is_json else 303)
    assert status({"Accept": "text/html"}) == 303
    assert status({"Accept": "application/json"}) == 401
    assert status(site.visitors["another role"]) == 403
    assert status({**site.visitors["a page of another site"], "Accept": "application/json"}) == 403
    assert status({**site.anna, **NAVIGATES}, "POST") == 403
    assert status({**site.anna, **NAVIGATES}) == status(site.anna)
    assert status({**site.anna, **NAVIGATES}, "HEAD") == status(site.anna)
    assert status(site.anna) in {200, 301, 308, 404, 414}


@pytest.mark.parametrize("path", CLOSED)
def test_users_see_it_and_caches_keep_nothing(site: Site, path: str) -> None:
    answer = asked(site.client, path, headers=site.anna)
    text = said(answer)
    assert answer.headers["Cache-Control"] in {"no-store", "private, no-cache"}
    assert {"CDN-Cache-Control", "Expires"}.isdisjoint(answer.headers.keys())
    assert "Cookie" in answer.headers["Vary"]
    if answer.status_code == 200 and path != "/staff/files/":
        assert leaks(text)


def test_most_of_them_are_there(site: Site) -> None:
    statuses = []
    for path in CLOSED:
        with asked(site.client, path, headers=site.anna) as answer:
            statuses.append(answer.status_code)
    assert statuses.count(200) >= 25


@pytest.mark.parametrize("path", OPEN)
def test_nothing_of_it_is_seen_elsewhere(site: Site, path: str) -> None:
    for sent in ({}, site.visitors["another role"], site.anna):
        assert not leaks(said(asked(site.client, path, headers=sent)))


def test_users_find_it_in_what_is_closed(site: Site) -> None:
    for path in ("/staff/", "/staff/oven", "/secret.xml"):
        assert leaks(said(asked(site.client, path, headers=site.anna)))
    assert "/staff/oven" in said(site.client.get("/staff/", headers=site.anna))


def test_nothing_of_it_is_prepared(site: Site) -> None:
    for path in CLOSED:
        for sent in ({}, site.anna):
            said(asked(site.client, path, headers=sent))
    for found in (site.app.prepared, site.app.files):
        assert not [path for path in found if "staff" in path or path in CLOSED]
    listed = {each.url: each.reasons for each in site.app.overview}
    for url in ("/staff/plan", "/staff/<day>/plan", "/one-page", "/api/secret", "/staff/oven", "/secret.xml", "/oven"):
        assert "only staff may see it" in listed[url], url


# --- HTTP basic -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", BASIC)
def test_nobody_else_sees_what_is_asked_for_by_basic(site: Site, path: str) -> None:
    sent = {
        "nobody": {},
        "a cookie": site.anna,
        "a wrong password": {"Authorization": basic("anna", "wrong")},
        "an unknown user": {"Authorization": basic("eve", PASSWORD)},
        "no base64": {"Authorization": "Basic ???"},
        "no colon": {"Authorization": "Basic YW5uYQ=="},
        "another scheme": {"Authorization": basic("anna", PASSWORD).replace("Basic", "Bearer")},
        "too much": {"Authorization": basic("anna", "x" * 5000)},
        "a line break": {"Authorization": basic("anna", f"{PASSWORD}\n")},
        "no text": {"Authorization": "Basic /////w=="},
    }
    for who, headers in sent.items():
        refused = asked(site.client, path, headers=headers)
        assert not leaks(said(refused))
        assert refused.status_code == 401, who
        assert refused.headers["WWW-Authenticate"] == 'Basic realm="Blackbird Bakery", charset="UTF-8"'
        assert refused.headers["Cache-Control"] == "no-store"
        assert "Authorization" in refused.headers["Vary"]
    with asked(site.client, path, headers={"Authorization": basic("ben", PASSWORD)}) as answer:
        assert answer.status_code == 403
    foreign = {"Authorization": basic("anna", PASSWORD), "Sec-Fetch-Site": "cross-site"}
    with asked(site.client, path, headers=foreign) as answer:
        assert answer.status_code == 403


def test_users_pass_by_basic(site: Site) -> None:
    for name in ("anna", " Anna", "ANNA"):
        answer = site.client.get("/basic/plan", headers={"Authorization": basic(name, PASSWORD)})
        assert SECRET_WORDS in said(answer)
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_login_page_stays_open_where_all_is_closed(tmp_path: Path) -> None:
    app = closed_site(tmp_path, **{'path = ["/staff/*", ': 'path = ["/*", '})
    client = browser(app)
    with client.get("/") as answer:
        assert answer.headers["Location"] == "/login?next=/"
    page = client.get("/login")
    text = said(page)
    assert page.status_code == 200
    style = next(part for part in text.split('"') if part.startswith("/declweb/") and part.endswith(".css"))
    with client.get(style) as answer:
        assert answer.status_code == 200
    with client.get("/", headers={"Cookie": signed_in(app)}) as answer:
        assert answer.status_code == 200
