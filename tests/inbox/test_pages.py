"""The inbox as its owner uses it, asked without a browser: what stands on its pages, and what its buttons do."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import openpyxl  # type: ignore[import-untyped] # it has no types
import pytest
from inboxes import PASSWORD, bakery, changed, cookie_of, fail, loaded, put, signed_in, small, store_of, words
from werkzeug.test import Client, TestResponse

from declweb.app import App
from declweb.inbox.downloads import disposition
from declweb.model.inbox import BELOW
from declweb.storage import Store, StoredField

OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small(tmp_path)


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    store = store_of(folder)
    yield store
    store.stop()


@pytest.fixture
def app(folder: Path, store: Store) -> App:
    store.prepare()
    return loaded(folder)


@pytest.fixture
def anna(app: App) -> Client:
    return signed_in(app)


def page(client: Client, url: str, status: int = 200) -> str:
    with client.get(url) as answer:
        assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
        return answer.get_data(as_text=True)


def act(client: Client, action: str, *receipts: str, back: str = "/inbox/entries", **more: str) -> TestResponse:
    """Press a button, and return the answer."""
    data = {"action": action, "receipt": list(receipts), "back": back, **more}
    answer = client.post("/inbox/do", data=data, headers=OWN)
    answer.close()
    return answer


def listed(text: str) -> list[str]:
    """Return the receipts of the entries that a page lists, in its order."""
    return re.findall(r'<div class="what">\s*<a href="/inbox/entry/([0-9A-Z-]+)"', text)


def told(client: Client) -> str:
    """Return what the next page says of the last action."""
    found = re.search(r'role="status">\s*<div class="wide">\s*<p>(.*?)</p>', page(client, "/inbox"), re.DOTALL)
    return re.sub("<[^>]*>", "", found[1]) if found else ""


# --- looking ----------------------------------------------------------------------------------------------------------


def test_an_empty_inbox_says_what_to_do(anna: Client) -> None:
    text = page(anna, "/inbox")
    assert "Nothing has come yet" in text
    assert 'href="/contact"' in text
    assert "Nothing has come yet" in page(anna, "/inbox/entries?form=order")
    assert "Nothing fits" in page(anna, "/inbox/entries?q=nothing")
    assert "Everything has gone out" in page(anna, "/inbox/messages")
    assert "Nothing was done yet" in page(anna, "/inbox/done")
    assert "Nothing is stored of this address" in page(anna, "/inbox/address?address=a@example.org")


def test_an_inbox_without_a_store_makes_none(folder: Path) -> None:
    anna = signed_in(loaded(folder))
    for path in ("/inbox", "/inbox/entries", "/inbox/messages", "/inbox/done", "/inbox/address?address=a@b.example"):
        page(anna, path)
    assert "[]" in page(anna, "/inbox/export.json")


def test_the_first_page_counts(anna: Client, store: Store) -> None:
    put(store, "contact", words("Ann"), mails=["hello@blackbird.example"])
    fail(store, put(store, "contact", words("Bea"), mails=["hello@blackbird.example"]))
    put(store, "contact", words("Cid"), status="held", points=10, reasons=["honeypot"])
    put(store, "guestbook", {"name": "Dan", "message": "Nice"}, status="waiting")
    text = page(anna, "/inbox")
    cards = re.findall(r'<b>(\d+)</b> <span>([^<]*)</span><span class="unseen"> . (\w+)', text)
    assert ("3", "new", "Contact") in cards
    assert ("1", "held", "Contact") in cards
    assert ("1", "failed", "Contact") in cards
    assert ("3", "in all", "Contact") in cards
    assert ("1", "to approve", "Guestbook") in cards
    assert "Messages that could not be delivered: 1" in text


def test_the_chart_tells_what_it_shows(anna: Client, store: Store) -> None:
    for ago in (0, 0, 1):
        put(store, "contact", words("Ann"), ago=timedelta(days=ago))
    put(store, "order", {"name": "Bea"})
    text = page(anna, "/inbox")
    svg = re.search(r"<svg viewBox.*?</svg>", text, re.DOTALL)
    assert svg
    assert 'role="img"' in svg[0]
    assert "4 entries in 30 days; the most on one day are 3" in svg[0]
    assert len(re.findall(r'<rect class="s\d"', svg[0])) == 3
    table = text[text.index("<thead>") : text.index("</table>")]
    assert table.count("<tr>") == 31
    assert "style=" not in text


def test_newest_first_with_first_text_and_first_line(anna: Client, store: Store) -> None:
    first = put(store, "contact", words("Ann", "\n\n One line\nanother"))
    second = put(store, "contact", words("Bea"))
    text = page(anna, "/inbox/entries")
    assert listed(text) == [second, first]
    assert "<bdi>One line</bdi>" in text
    assert "another" not in text


def test_pages_go_on_where_the_last_one_ended(app: App, store: Store) -> None:
    sent = [put(store, "contact", words(f"Ann {number}")) for number in range(120)]
    anna, url, found = signed_in(app), "/inbox/entries?form=contact", []
    while url:
        text = page(anna, url)
        found += listed(text)
        assert "120 entries" in text
        older = re.search(r'href="([^"]*)" rel="next"', text)
        url = older[1].replace("&amp;", "&") if older else ""
        if len(found) == 50:
            assert store.delete(put(store, "contact", words("Meanwhile")))
    assert found == list(reversed(sent))


def test_filters(anna: Client, store: Store) -> None:
    new = put(store, "contact", words("Ann", "about rye"))
    seen = put(store, "contact", words("Bea"), ago=timedelta(days=3))
    held = put(store, "contact", words("Cid"), status="held")
    waiting = put(store, "guestbook", {"name": "Dan", "message": "Nice"}, status="waiting")
    failed = put(store, "order", {"name": "Eve", "cake": "sacher"}, mails=["x@example.org"])
    fail(store, failed)
    store.mark_seen([seen, failed], "anna")
    today = date.today()  # noqa: DTZ011 # days are compared generously below
    for query, expected in {
        "": {new, seen, held, waiting, failed},
        "form=contact": {new, seen, held},
        "show=new": {new, held, waiting},
        "show=seen": {seen, failed},
        "show=held": {held},
        "show=waiting": {waiting},
        "show=failed": {failed},
        "show=approved": set(),
        "q=RYE": {new},
        "q=ann+about": {new},
        "q=Sacher": {failed},
        "q=nobody": set(),
        f"to={today - timedelta(days=2)}": {seen},
        f"from={today - timedelta(days=1)}": {new, held, waiting, failed},
        f"from={today - timedelta(days=1)}&form=contact&show=held": {held},
        "show=nonsense&before=x": {new, seen, held, waiting, failed},
    }.items():
        assert set(listed(page(anna, f"/inbox/entries?{query}"))) == expected, query
    assert 'aria-invalid="true"' in page(anna, "/inbox/entries?from=yesterday")
    page(anna, "/inbox/entries?form=nosuch", 404)


def test_one_entry(anna: Client, store: Store) -> None:
    receipt = put(
        store,
        "order",
        {"name": "Jürgen Weiß", "email": "j@example.org", "cake": "sacher", "people": 12000, "gone": "was asked once"},
        file=("Torte süß.png", b"\x89PNG picture"),
        mails=["orders@blackbird.example"],
        keep=timedelta(days=730),
    )
    number = fail(store, receipt, "550 5.7.1 <no> & never")
    text = page(anna, f"/inbox/entry/{receipt}")
    for expected in (
        "Which cake?", "<bdi>Sacher</bdi>", "12,000", "Torte süß.png", "550 5.7.1 &lt;no&gt; &amp; never", "Failed",
        "was asked once", "There are no more tries by themselves.", "deleted on", 'value="unseen"', 'value="hold"',
    ):  # fmt: skip
        assert expected in text, expected
    assert f'name="message" value="{number}"' in text
    entry = store.entry(receipt)
    assert entry is not None
    assert entry.seen is not None
    page(anna, "/inbox/entry/AAAAA-AAAAA", 404)
    page(anna, "/inbox/entry/x", 404)


def test_labels_are_those_of_the_entry(anna: Client, store: Store) -> None:
    receipt = put(store, "contact", {"name": "Ann"}, fields=[StoredField("name", "How you were called then", "text")])
    assert "How you were called then" in page(anna, f"/inbox/entry/{receipt}")


def test_what_speaks_for_spam_is_told_in_words(anna: Client, store: Store) -> None:
    reasons = ["honeypot", "fast 0.8", "links 4", "link-in name", "same name message", "of-later version"]
    receipt = put(store, "contact", words("Ann"), status="held", points=20, reasons=reasons)
    text = re.sub("</?bdi>", "", page(anna, f"/inbox/entry/{receipt}"))
    for expected in (
        "held (20 points)", "A field that people do not see was filled in.", "It was filled in within 0.8 seconds.",
        "There are 4 links in it.", "There is a link in “Your name”.", "“Your name” and “Your message” say the same.",
        "of-later version",
    ):  # fmt: skip
        assert expected in text, expected
    assert 'value="release"' in text


def test_retention_is_told_in_words(anna: Client, store: Store) -> None:
    held = put(store, "contact", words("Ann"), status="held")
    kept = put(store, "guestbook", {"name": "Bea", "message": "x"})
    assert "kept until you delete it" in page(anna, f"/inbox/entry/{kept}")
    text = page(anna, f"/inbox/entry/{held}")
    entry = store.entry(held)
    assert entry is not None
    assert entry.shown is not None
    day = (entry.shown + timedelta(days=30)).astimezone(ZoneInfo("Europe/Berlin"))
    assert f"deleted on {day:%B} {day.day}" in text


def test_reply(anna: Client, store: Store) -> None:
    receipt = put(store, "contact", words("Ann", "First & line?\nsecond"), mails=["hello@blackbird.example"])
    link = re.search(r'class="button" href="(mailto:[^"]*)"', page(anna, f"/inbox/entry/{receipt}"))
    assert link
    url = urlsplit(link[1].replace("&amp;", "&"))
    assert unquote(url.path) == "ann@example.org"
    asked = parse_qs(url.query)
    assert asked["subject"] == ["Re: About Ann"]
    assert asked["body"] == ["\r\n\r\n> First & line?\r\n> second\r\n"]
    nobody = put(store, "contact", words("Bea") | {"email": "bea@example.org?cc=all@example.org,x@y"})
    assert "mailto:" not in page(anna, f"/inbox/entry/{nobody}")


def test_what_a_browser_fetches_beforehand_is_not_seen(anna: Client, store: Store) -> None:
    receipt = put(store, "contact", words("Ann"))
    for method, headers in (("HEAD", {}), ("GET", {"Sec-Purpose": "prefetch;prerender"})):
        with anna.open(f"/inbox/entry/{receipt}", method=method, headers=headers) as answer:
            assert answer.status_code == 200
    assert listed(page(anna, "/inbox/entries?show=new")) == [receipt]
    page(anna, f"/inbox/entry/{receipt}")
    assert listed(page(anna, "/inbox/entries?show=new")) == []


# --- doing ------------------------------------------------------------------------------------------------------------


def test_marking(anna: Client, store: Store) -> None:
    receipts = [put(store, "contact", words(f"Ann {number}")) for number in range(3)]
    answer = act(anna, "seen", *receipts[:2], back="/inbox/entries?form=contact&q=ann")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/inbox/entries?form=contact&q=ann"
    assert told(anna) == "2 entries are marked as seen."
    assert listed(page(anna, "/inbox/entries?show=new")) == [receipts[2]]
    act(anna, "unseen", receipts[0])
    assert set(listed(page(anna, "/inbox/entries?show=new"))) == {receipts[0], receipts[2]}
    assert told(anna) == "", "said once"


def test_approving(anna: Client, store: Store) -> None:
    receipt = put(store, "guestbook", {"name": "Ann", "message": "Nice"}, status="waiting")
    act(anna, "approve", receipt)
    assert told(anna) == "1 entry is approved."
    entry = store.entry(receipt)
    assert entry is not None
    assert entry.status == "approved"


def test_holding_and_releasing(anna: Client, store: Store) -> None:
    receipt = put(store, "contact", words("Ann"), mails=["hello@blackbird.example"])
    words_book = put(store, "guestbook", {"name": "Ann", "message": "Nice"}, status="held")
    act(anna, "hold", receipt, back=f"/inbox/entry/{receipt}")
    (message,) = store.messages(receipt)
    assert message.state == "held"
    act(anna, "release", receipt, words_book)
    (message,) = store.messages(receipt)
    assert message.state == "waiting"
    statuses = [entry.status for one in (receipt, words_book) if (entry := store.entry(one))]
    assert statuses == ["new", "waiting"]


def test_releasing_what_another_one_has_meanwhile(tmp_path: Path) -> None:
    folder = small(tmp_path)
    store = store_of(folder)
    held = put(store, "contact", words("Ann"), status="held", unique={"email": "ann@example.org"})
    put(store, "contact", words("Ann"), unique={"email": "ann@example.org"})
    anna = signed_in(loaded(folder))
    act(anna, "release", held)
    assert "1 entry stays held: another one has the same in “email”" in told(anna)
    store.stop()


def test_deleting_and_bringing_back(anna: Client, store: Store) -> None:
    receipts = [put(store, "contact", words(f"Ann {number}")) for number in range(2)]
    answer = act(anna, "delete", *receipts, back=f"/inbox/entry/{receipts[0]}")
    assert answer.headers["Location"] == "/inbox/entries"
    text = page(anna, "/inbox/entries")
    assert "2 entries are deleted." in text
    assert listed(text) == []
    token = re.search(r'name="token" value="([^"]+)"', page(anna, "/inbox/messages"))
    assert token, "the banner stands on every page"
    assert act(anna, "undo", token=token[1]).status_code == 303
    text = page(anna, "/inbox/entries")
    assert set(listed(text)) == set(receipts)
    assert "2 entries are back." in text
    assert 'name="token"' not in text
    act(anna, "undo", token=token[1])
    assert "cannot be undone any more" in told(anna)


def test_sending_again(anna: Client, store: Store) -> None:
    receipt = put(store, "contact", words("Ann"), mails=["hello@blackbird.example"])
    number = fail(store, receipt)
    assert "550 5.1.1 No such user" in page(anna, "/inbox/messages")
    answer = act(anna, "resend", message=str(number), back="/inbox/messages")
    assert answer.headers["Location"] == "/inbox/messages"
    assert told(anna) == "The message goes out again now."
    (message,) = store.messages(receipt)
    assert message.state == "waiting"
    act(anna, "resend", message="999999")
    assert "cannot go out" in told(anna)


@pytest.mark.parametrize("path", ["/inbox/messages", "/inbox/entry/{receipt}"])
def test_what_was_sent_again_is_listed_with_its_entry(anna: Client, store: Store, path: str) -> None:
    receipt = put(store, "contact", words("Ann"), mails=["hello@blackbird.example"])
    number, path = fail(store, receipt), path.format(receipt=receipt)
    if path == "/inbox/messages":
        assert f'name="receipt" value="{receipt}"' in page(anna, path)
        act(anna, "resend", receipt, message=str(number), back=path)
    else:
        act(anna, "resend", message=str(number), back=path)
    assert store.audits(1)[0].receipts == (receipt,)


def test_nobody_says_that_another_entry_was_sent_again(anna: Client, store: Store) -> None:
    receipt = put(store, "contact", words("Ann"), mails=["hello@blackbird.example"])
    other, number = put(store, "contact", words("Bob")), fail(store, receipt)
    act(anna, "resend", message=str(number), back=f"/inbox/entry/{other}")
    assert store.audits(1)[0].receipts == (receipt,)


def test_nothing_chosen_and_what_is_gone(anna: Client, store: Store) -> None:
    store.prepare()
    act(anna, "seen")
    assert "Nothing was chosen" in told(anna)
    act(anna, "delete", "AAAAA-AAAAA")
    assert "no longer there" in told(anna)
    assert act(anna, "explode", "AAAAA-AAAAA").status_code == 400


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example",
        "//[evil.example",
        "/login",
        "/inbox/../x",
        "javascript:alert(1)",
        "/inbox/do",
        "/inbox/entries?" + "a=1&" * 30,
        "",
    ],
)
def test_an_action_leads_nowhere_else(anna: Client, store: Store, back: str) -> None:
    receipt = put(store, "contact", words("Ann"))
    assert act(anna, "seen", receipt, back=back).headers["Location"] == "/inbox/entries"


def test_what_was_done_is_listed(anna: Client, store: Store) -> None:
    receipt = put(store, "contact", words("Ann"))
    for action in ("seen", "hold", "release", "unseen", "delete"):
        act(anna, action, receipt)
    page(anna, "/inbox/export.csv")
    text = page(anna, "/inbox/done")
    for expected in (
        "deleted 1 entry",
        "marked 1 entry as new",
        "released 1 entry",
        "held 1 entry",
        "exported 0 entries",
    ):
        assert expected in text
    assert text.count("<bdi>anna</bdi>") >= 6


# --- taking along -----------------------------------------------------------------------------------------------------


def test_exports_have_what_is_filtered(anna: Client, store: Store) -> None:
    for number in range(60):
        put(store, "contact", words(f"Ann {number}", "=1+1"))
    put(store, "contact", words("Bea"), status="held")
    put(store, "order", {"name": "Cid", "people": 3})
    with anna.get("/inbox/export.csv?form=contact&q=ann&before=5") as answer:
        rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
        assert re.fullmatch(r'attachment; filename="contact-[\d-]+\.csv"', answer.headers["Content-Disposition"])
    assert len(rows) == 60
    assert rows[0]["message"] == "'=1+1"
    with anna.get("/inbox/export.csv") as answer:
        rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [row["form"] for row in rows[:3]] == ["order", "contact", "contact"]
    with anna.get("/inbox/export.xlsx?show=held") as answer:
        sheet = openpyxl.load_workbook(io.BytesIO(answer.get_data())).active
    assert sheet.max_row == 2
    with anna.get("/inbox/export.json") as answer:
        assert answer.mimetype == "application/json"
        assert len(json.loads(answer.get_data())) == 62


def test_files_are_saved_and_never_shown(anna: Client, store: Store) -> None:
    content = b"<script>alert(1)</script>" * 40_000
    name = "../Lebenslauf \u202e履歴書 “süß”.html"
    receipt = put(store, "order", {"name": "Ann"}, file=(name, content))
    with anna.get(f"/inbox/entry/{receipt}/file/1") as answer:
        assert answer.get_data() == content
        headers = answer.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Disposition"].startswith("attachment; ")
    saved = unquote(headers["Content-Disposition"].rpartition("filename*=UTF-8''")[2])
    assert saved == "Lebenslauf 履歴書 “süß”.html"
    for number in ("0", "2", "x", "-1", "99999999"):
        page(anna, f"/inbox/entry/{receipt}/file/{number}", 404)
    entry = store.entry(receipt)
    assert entry is not None
    store.uploads.path(entry.uploads[0].id).unlink()
    page(anna, f"/inbox/entry/{receipt}/file/1", 404)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.pdf", 'attachment; filename="a.pdf"'),
        ('a"b;c.pdf', "attachment; filename=\"a_b_c.pdf\"; filename*=UTF-8''a%22b%3Bc.pdf"),
        ("a\r\nSet-Cookie: x", "attachment; filename=\"aSet-Cookie_ x\"; filename*=UTF-8''aSet-Cookie%3A%20x"),
        ("C:\\x\\y.txt", 'attachment; filename="y.txt"'),
        ("..", 'attachment; filename="file"'),
        ("", 'attachment; filename="file"'),
    ],
)
def test_names_of_files(name: str, expected: str) -> None:
    assert disposition(name) == expected


def test_everything_of_an_address(anna: Client, store: Store) -> None:
    mine = put(store, "contact", words("Ann"))
    order = put(store, "order", {"name": "Ann", "email": "ANN@example.org"}, file=("tram.png", b"picture"))
    other = put(store, "contact", words("Bea"))
    mention = put(store, "contact", words("Cid", "Ask ann@example.org about it"))
    second = put(store, "contact", words("Dan", "Or ann@example.org"))
    url = "?address=ann%40example.org"
    assert set(listed(page(anna, f"/inbox/address{url}"))) == {mine, order, mention, second}
    assert set(listed(page(anna, f"/inbox/address/erase{url}"))) == {mention, second}
    with anna.get(f"/inbox/address.zip{url}") as answer:
        archive = zipfile.ZipFile(io.BytesIO(answer.get_data()))
    assert {one["receipt"] for one in json.loads(archive.read("entries.json"))} == {mine, order}
    (picture,) = (name for name in archive.namelist() if name.endswith("tram.png"))
    assert archive.read(picture) == b"picture"
    assert "Erase everything of <bdi>ann@example.org</bdi>: entries 2?" in page(anna, f"/inbox/address/erase{url}")
    with anna.post(
        "/inbox/address/erase", data={"address": "ann@example.org", "receipt": mention}, headers=OWN
    ) as answer:
        assert answer.headers["Location"] == "/inbox/address"
    assert "Erased for good: entries 3, files 1" in told(anna)
    assert listed(page(anna, "/inbox/entries")) == [second, other]
    text = page(anna, "/inbox/done")
    assert "erased everything of an address, 3 entries" in text
    assert "copied everything of an address, 2 entries" in text
    assert "ann@example.org" not in text


# --- who may ----------------------------------------------------------------------------------------------------------


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
