"""Everything of one address: what belongs to it is found, copied and deleted; what only mentions it is shown."""

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from entering import entering, mail, received
from sqlalchemy import text

from declweb.storage import Json, Message, MessageKind, Search, Store, StoredField, StoreDown

ANNA = "Anna.Süß@Example.com"
FIELDS = (
    StoredField("name", "Your name", "text"),
    StoredField("email", "Your e-mail address", "email"),
    StoredField("message", "Your words", "textarea"),
)


def added(store: Store, email: str, message: str = "hello", **more: object) -> str:
    values: dict[str, Json] = {"name": "Ann", "email": email, "message": message}
    entry = entering(**{"values": values, "fields": FIELDS, **more})
    store.add(entry)
    return entry.receipt


def words_left(store: Store) -> str:
    """Return all that the database holds, but for who did what."""
    left = ""
    for table in (
        "entries",
        "outbox",
        "delivery_attempts",
        "discarded",
        "searched",
        "uniques",
        "courtesies",
        "uploads",
    ):
        with store._process().database.reading() as connection:
            left += str(connection.execute(text(f"SELECT * FROM {table}")).all())  # our own names
    return left


@pytest.fixture
def hers(store: Store) -> list[str]:
    """Entries of Anna's in two forms, the first one with files; others are there, too."""
    first = added(
        store,
        "anna.süß@example.com",
        uploads=[received(store, b"one", "Rezept.pdf"), received(store, b"two", "Rezept.pdf")],
        messages=[mail(), mail("Anna <ANNA.süß@example.com>", subject="We have it", text="Dear Anna")],
        unique={"email": "anna.süß@example.com"},
    )
    second = added(store, " ANNA.SÜSS@EXAMPLE.COM ", form="order", status="held", messages=[mail()])
    added(store, "ben@example.com", messages=[mail("ben@example.com")])
    added(store, "joanna.süß@example.com")
    added(store, "anna.süß@example.com.au")
    return [first, second]


def test_entries_mentions_and_messages_are_told_apart(store: Store, hers: list[str]) -> None:
    mention = added(store, "ben@example.com", f"Ask {ANNA}, she knows.", messages=[mail("anna.süß@example.com")])
    for _ in range(2):
        found = store.of_address(ANNA)
        assert [entry.receipt for entry in found.entries] == hers[::-1]
        assert [entry.receipt for entry in found.mentions] == [mention]
        assert found.messages == 2
        store.index()
    for nobody in ("", "  ", "nobody@example.com", "example.com", "%", "anna.süß@example"):
        found = store.of_address(nobody)
        assert (found.entries, found.messages) == ([], 0)


def test_everything_is_erased_for_ever(store: Store, hers: list[str]) -> None:
    mention = added(store, "ben@example.com", f"Ask {ANNA}")
    lying = added(store, ANNA, uploads=[received(store)])
    store.discard([lying], "anna")
    (message,) = (one for one in store.claim(9, 60) if "Anna" in one.target)
    store.note_attempt(message, "550 no Anna.Süß@Example.com here", is_delivered=False)
    store.claim_address(store.visitor(ANNA.casefold()), message.number, 3600)
    store.tell_failed(lambda failed: [Message(MessageKind.EMAIL, "owner@example.com", {"text": failed[0].target})])
    store.index()
    erased = store.erase_address(ANNA, "ben")
    assert (erased.entries, erased.files, erased.messages) == (3, 3, 4)
    assert store.search(Search(text="anna.süß@example.com"))[0].receipt == mention
    left = words_left(store)
    assert not any(receipt in left for receipt in [*hers, lying])
    assert store.visitor(ANNA.casefold()) not in left
    assert [path for path in store.uploads.root.iterdir() if path.is_file()] == []
    assert [entry.values["email"] for entry in store.search(Search())] == [
        "ben@example.com",
        "anna.süß@example.com.au",
        "joanna.süß@example.com",
        "ben@example.com",
    ]
    assert [message.target for message in store.messages()] == ["ben@example.com"]


def test_mentions_go_where_that_is_said(store: Store, hers: list[str]) -> None:
    one, two = (added(store, "ben@example.com", f"{number}: {ANNA}") for number in range(2))
    assert store.erase_address(ANNA, "ben", also=[one, "NOBOD-YHAS1"]).entries == len(hers) + 1
    assert [entry.receipt for entry in store.of_address(ANNA).mentions] == [two]


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0"])
def test_a_blank_address_erases_nothing(store: Store, hers: list[str], blank: str) -> None:
    counted = dict(store.forms())
    messages = len(list(store.messages()))
    with pytest.raises(ValueError, match="blank"):
        store.erase_address(blank, "anna", hers)
    assert (store.forms(), len(list(store.messages()))) == (counted, messages)
    assert not store.audits()


def test_the_audit_does_not_say_the_address(store: Store, hers: list[str]) -> None:
    store.copy_address(ANNA, "ben", io.BytesIO())
    store.erase_address(ANNA, "ben")
    erased, copied = store.audits()
    assert (erased.action, erased.by, erased.count) == ("erase", "ben", len(hers))
    assert (copied.action, copied.count) == ("copy", len(hers))
    assert erased.subject == copied.subject == store.address_mark(" anna.süß@EXAMPLE.com")
    assert "anna" not in str(store.audits()).casefold()


def test_a_copy_has_all_of_it(store: Store, hers: list[str], tmp_path: Path) -> None:
    archive = io.BytesIO()
    store.copy_address(ANNA, "ben", archive)
    with zipfile.ZipFile(archive) as copy:
        assert copy.testzip() is None
        files = {name: copy.read(name) for name in copy.namelist()}
    entries = json.loads(files["entries.json"])
    assert [entry["receipt"] for entry in entries] == hers[::-1]
    assert [files[each["copy"]] for each in entries[1]["files"]] == [b"one", b"two"]
    assert [each["copy"].rpartition("/")[2] for each in entries[1]["files"]] == ["Rezept.pdf", "Rezept (2).pdf"]
    (message,) = json.loads(files["messages.json"])
    assert (message["subject"], message["text"], message["state"]) == ("We have it", "Dear Anna", "waiting")
    folder = tmp_path / "copy"
    store.copy_address(ANNA, "ben", folder)
    assert {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*") if path.is_file()} == files
    with pytest.raises(FileExistsError):
        store.copy_address(ANNA, "ben", folder)


def test_a_copy_has_mentions_where_that_is_said(store: Store, hers: list[str], tmp_path: Path) -> None:
    mention = added(store, "ben@example.com", f"Ask {ANNA}", created=datetime(2026, 5, 3, tzinfo=UTC))
    store.copy_address(ANNA, "ben", tmp_path / "copy", also=[mention])
    entries = json.loads((tmp_path / "copy" / "entries.json").read_text(encoding="utf-8"))
    assert [entry["receipt"] for entry in entries] == [*hers[::-1], mention]


def test_a_file_that_leads_elsewhere_stays_in_the_copy(store: Store, tmp_path: Path) -> None:
    added(store, ANNA, uploads=[received(store, name="../../etc/passwd"), received(store, name="..")])
    store.copy_address(ANNA, "ben", tmp_path / "copy")
    names = sorted(path.name for path in (tmp_path / "copy" / "files").rglob("*") if path.is_file())
    assert "_.._etc_passwd" in names
    assert len(names) == 2


def test_a_file_that_is_gone_is_told(sqlite_store: Store) -> None:
    upload = received(sqlite_store)
    added(sqlite_store, ANNA, uploads=[upload])
    sqlite_store.uploads.path(upload.id).unlink()
    with pytest.raises(StoreDown):
        sqlite_store.copy_address(ANNA, "ben", io.BytesIO())
