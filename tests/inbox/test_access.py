"""Who gets to the inbox, under which addresses, and what every answer says."""

import re
from pathlib import Path

import pytest
from inbox_pages import OWN, page
from inboxes import PASSWORD, bakery, changed, cookie_of, loaded, put, signed_in, small, store_of, words
from werkzeug.test import Client

from declweb.app import App
from declweb.model.inbox import BELOW
from declweb.storage import Store


def addresses(receipt: str) -> list[tuple[str, str]]:
    """Return every method and address of the inbox, and one below it that there is not."""
    filled = {below: f"/inbox{below}".replace("<receipt>", receipt).replace("<number>", "1") for below in BELOW}
    return [
        *((method, filled[below]) for below, methods in BELOW.items() for method in sorted(methods)),
        ("GET", "/inbox/nothing/there"),
        ("GET", "/INBOX/entries"),
        ("GET", "/inbox//entries"),
        ("HEAD", f"/inbox/entry/{receipt}/file/1"),
    ]


FOREIGN = {
    "a form of another site": {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "iframe",
    },
    "a picture": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    "a script of a neighbour": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    "an old browser": {"Origin": "https://evil.example"},
    "a document without an origin": {"Origin": "null"},
}


def test_nobody_else_gets_in(app: App, store: Store) -> None:
    receipt = put(store, "order", {"name": "Ann"}, file=("a.png", b"secret picture"))
    key, value = cookie_of(app)
    stranger, forger, ben, anna = Client(app), Client(app), signed_in(app, "ben"), signed_in(app)
    forger.set_cookie(key, value[:-3] + ("abc" if value[-3:] != "abc" else "xyz"))
    for method, path in addresses(receipt):
        for who in (stranger, forger):
            with who.open(path, method=method, headers={"Accept": "text/html"}) as answer:
                assert answer.status_code == 303, (method, path)
                assert answer.headers["Location"].startswith("/login?next="), (method, path)
                assert answer.headers["Cache-Control"] == "no-store"
                assert b"secret" not in answer.get_data()
            with who.open(path, method=method, headers={"Accept": "application/json"}) as answer:
                assert answer.status_code == 401, (method, path)
        with ben.open(path, method=method) as answer:
            assert answer.status_code == 403, (method, path)
        for sort, headers in FOREIGN.items():
            with anna.open(path, method=method, headers=headers) as answer:
                assert answer.status_code == 403, (method, path, sort)
                assert answer.headers["Cache-Control"] == "no-store"
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    with anna.get("/inbox", headers=link) as answer:
        assert answer.status_code == 200, "a link from another site"
    with anna.post("/inbox/do", data={"action": "delete", "receipt": receipt}, headers=link) as answer:
        assert answer.status_code == 403
    assert store.entry(receipt) is not None


def test_somebody_who_is_no_user_any_more(folder: Path, store: Store) -> None:
    cookie = cookie_of(loaded(folder))
    changed(folder, "[users.anna]", "[users.cid]")
    client = Client(loaded(folder))
    client.set_cookie(*cookie)
    with client.get("/inbox") as answer:
        assert answer.status_code == 303


def test_by_basic(tmp_path: Path) -> None:
    folder = changed(small(tmp_path), 'path = "/inbox"\n', 'path = "/inbox"\nby = "basic"\n')
    client = Client(loaded(folder))
    with client.get("/inbox") as answer:
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    with client.get("/inbox", auth=("anna", PASSWORD)) as answer:
        assert answer.status_code == 200
        assert "Sign out" not in answer.get_data(as_text=True)
    with client.get("/inbox", auth=("anna", "wrong")) as answer:
        assert answer.status_code == 401
    store_of(folder).stop()


def test_every_answer_is_for_nobody_else_and_strict(anna: Client, store: Store, folder: Path) -> None:
    file = folder / "site.toml"
    rule = 'set = { "Content-Security-Policy" = "default-src *", "Cache-Control" = "public" }'
    more = f'\n[[headers]]\npath = "/*"\n{rule}\n'
    file.write_text(file.read_text("utf-8") + more, "utf-8")
    receipt = put(store, "order", {"name": "Ann"}, file=("a.png", b"x"))
    anna = signed_in(loaded(folder))
    for method, path in addresses(receipt):
        if method == "GET" and "nothing" not in path and "//" not in path and "INBOX" not in path:
            query = "?address=ann@example.org"
            with anna.get(f"{path}{query}") as answer:
                assert answer.status_code == 200, path
                assert answer.headers["Cache-Control"] == "no-store", path
                assert answer.headers["X-Robots-Tag"] == "noindex"
                policy = answer.headers["Content-Security-Policy"]
                assert policy.startswith("default-src 'none'"), path
                assert "unsafe" not in policy
                assert "*" not in policy


def test_search_engines_are_told_nothing(tmp_path: Path) -> None:
    visitor = Client(loaded(bakery(tmp_path)))
    for path in ("/sitemap.xml", "/robots.txt", "/"):
        assert "inbox" not in page(visitor, path)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"action=seen", "text/plain", 400),
        (b"action=%ff%fe", "application/x-www-form-urlencoded", 400),
        (b"&".join([b"receipt=AAAAA-AAAAA"] * 3000), "application/x-www-form-urlencoded", 400),
        (b"a" * 300_000, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 400),
    ],
)
def test_what_no_button_sends(anna: Client, body: bytes, content_type: str, status: int) -> None:
    with anna.post("/inbox/do", data=body, content_type=content_type, headers=OWN) as answer:
        assert answer.status_code == status


def test_a_store_that_is_down(anna: Client, store: Store, folder: Path) -> None:
    put(store, "contact", words("Ann"))
    store.stop()
    (folder / "storage" / "site.db").rename(folder / "storage" / "away.db")
    (folder / "storage" / "site.db").mkdir()
    with anna.get("/inbox") as answer:
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_in_german(tmp_path: Path) -> None:
    folder = changed(small(tmp_path), 'language = "en"', 'language = "de"')
    store = store_of(folder)
    receipt = put(store, "contact", words("Ann"), status="held", points=10, reasons=["links 4"])
    anna = signed_in(loaded(folder))
    text = page(anna, f"/inbox/entry/{receipt}")
    assert '<html lang="de">' in text
    for expected in ("Antworten", "Durchlassen", "Es enthält 4 Links.", "wird am", "Zurückgehalten"):
        assert expected in text
    for path in (
        "/inbox",
        "/inbox/entries",
        "/inbox/messages",
        "/inbox/done",
        "/inbox/address?address=ann@example.org",
    ):
        assert not re.search(r">\s*(All entries|Messages|Overview|Everything|Nothing)\b", page(anna, path)), path
    store.stop()


def test_below_a_prefix(tmp_path: Path) -> None:
    folder = changed(small(tmp_path), '//blackbird.example"\n', '//blackbird.example/shop"\n')
    store = store_of(folder)
    receipt = put(store, "contact", words("Ann"))
    anna = signed_in(loaded(folder))
    text = page(anna, "/shop/inbox/entries")
    assert f'href="/shop/inbox/entry/{receipt}"' in text
    assert 'href="/shop/declweb/inbox-' in text
    assert 'action="/shop/login/out"' in text
    with anna.post(
        "/shop/inbox/do", data={"action": "seen", "receipt": receipt, "back": "/shop/inbox/entries"}, headers=OWN
    ) as answer:
        assert answer.headers["Location"] == "/shop/inbox/entries"
    store.stop()


def test_url_for_knows_the_inbox(folder: Path) -> None:
    assert loaded(folder).url_for("inbox") == "/inbox"


def test_an_inbox_that_is_off(tmp_path: Path) -> None:
    folder = changed(small(tmp_path), 'path = "/inbox"\n', 'path = "/inbox"\noff = true\n')
    with signed_in(loaded(folder)).get("/inbox") as answer:
        assert answer.status_code == 404
