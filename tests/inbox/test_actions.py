"""The buttons of the inbox, pressed without a browser: what they do, and what is said."""

import re
from html import unescape
from pathlib import Path

import pytest
from inbox_pages import act, listed, page, told
from inboxes import fail, loaded, put, signed_in, small, store_of, words
from werkzeug.test import Client

from declweb.storage import Store


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


def test_what_comes_back_held_is_counted_once_and_told(tmp_path: Path) -> None:
    folder = small(tmp_path)
    store = store_of(folder)
    first = put(store, "contact", words("Ann"), unique={"email": "ann@example.org"})
    anna = signed_in(loaded(folder))
    act(anna, "delete", first)
    token = re.search(r'name="token" value="([^"]+)"', page(anna, "/inbox/entries"))
    put(store, "contact", words("Ann"), unique={"email": "ann@example.org"})
    assert token
    act(anna, "undo", token=token[1])
    said = told(anna)
    assert said.startswith("1 entry is back. 1 entry stays held: another one has the same in “email”")
    store.stop()


def test_undo_leads_back_to_what_was_looked_for(anna: Client, store: Store) -> None:
    receipt = put(store, "contact", words("Ann"))
    where = "/inbox/entries?form=contact&q=ann"
    act(anna, "delete", receipt, back=where)
    text = page(anna, where)
    banner = re.search(r'name="token" value="([^"]+)">\s*<input type="hidden" name="back" value="([^"]+)"', text)
    assert banner
    assert unescape(banner[2]) == where
    assert act(anna, "undo", token=banner[1], back=where).headers["Location"] == where
