"""The pages of the inbox, asked without a browser: what stands on them."""

import re
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from inbox_pages import listed, page
from inboxes import fail, loaded, put, signed_in, words
from werkzeug.test import Client

from declweb.app import App
from declweb.storage import Store, StoredField


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
        "was asked once", "It is not tried again by itself.", "deleted on", 'value="unseen"', 'value="hold"',
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
        "held (20 points)", "A field that people do not see was filled in.",
        "It was filled in within 2 seconds, quicker than people write.",
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


def test_reply_turns_no_text_around(anna: Client, store: Store) -> None:
    receipt = put(store, "contact", {**words("Ann"), "message": "a\u202eb\u2066c\x00d"})
    text = page(anna, f"/inbox/entry/{receipt}")
    (url,) = re.findall(r'href="(mailto:[^"]+)"', text)
    assert "abcd" in unquote(url)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00]", unquote(url))


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
