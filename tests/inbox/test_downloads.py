"""What can be taken along from the inbox."""

import csv
import io
import json
import re
import zipfile
from urllib.parse import unquote

import openpyxl  # type: ignore[import-untyped] # it has no types
import pytest
from inbox_pages import OWN, listed, page, told
from inboxes import put, words
from werkzeug.test import Client

from declweb.inbox.downloads import disposition
from declweb.storage import Store


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
    assert "Erase everything of <bdi>ann@example.org</bdi>: 2 entries?" in page(anna, f"/inbox/address/erase{url}")
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


def test_erasing_asks_for_what_there_is(anna: Client, store: Store) -> None:
    put(store, "contact", {**words("Ann"), "message": "Ask bea@example.org about it."})
    for address, said in (
        ("ann@example.org", "Erase everything of <bdi>ann@example.org</bdi>: 1 entry?"),
        ("bea@example.org", "Others mention <bdi>bea@example.org</bdi>: erase some of them?"),
    ):
        text = page(anna, f"/inbox/address/erase?address={address}")
        assert said in text
        assert "Erase for good" in text
    text = page(anna, "/inbox/address/erase?address=nobody@example.org")
    assert "Nothing is stored of <bdi>nobody@example.org</bdi>" in text
    assert "Erase for good" not in text
