"""What time does: entries that are kept no longer, held ones, visitors that are forgotten, leases, copies."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from entering import entering, mail, received
from postgresql import fresh_database
from sqlalchemy import select

from declweb.storage import ATTEMPTS, Place, Rate, Store, StoreDown, StoreSettings, tidying
from declweb.storage.tables import ATTEMPTS as ATTEMPTS_TABLE
from declweb.storage.tables import ENTRIES

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_what_is_kept_no_longer_goes_with_all_that_belongs_to_it(store: Store) -> None:
    upload = received(store)
    old = entering(
        created=NOW - 3 * DAY, keep=2 * DAY, uploads=[upload], messages=[mail()], places=[Place("a", "b", 9)]
    )
    young = entering(created=NOW - DAY, keep=2 * DAY)
    for_ever = entering(created=NOW - 999 * DAY)
    for one in (old, young, for_ever):
        store.add(one)
    before = store.generation("contact")
    assert store.housekeeping(NOW) == 1
    assert {entry.receipt for entry in store.entries("contact")} == {young.receipt, for_ever.receipt}
    assert not list(store.messages())
    assert not store.places_taken("contact")
    assert not store.uploads.path(upload.id).exists()
    assert store.generation("contact") > before
    assert store.housekeeping(NOW) == 0


def test_what_the_site_file_says_now_goes_before_what_it_said(store: Store) -> None:
    store.add(entering(created=NOW - 3 * DAY, keep=2 * DAY))
    store.add(entering(created=NOW - 3 * DAY, form="order"))
    store.add(entering(created=NOW - 3 * DAY, keep=2 * DAY, form="gone"))
    store.keeps = {"contact": None, "order": DAY}
    assert store.housekeeping(NOW) == 2
    assert store.forms() == {"contact": 1}


def test_many_go_in_portions(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("declweb.storage.expiry.PORTION", 3)
    for _ in range(10):
        store.add(entering(created=NOW - 3 * DAY, keep=DAY))
    assert store.housekeeping(NOW) == 10


def test_held_entries_go_a_month_after_they_were_shown(store: Store) -> None:
    shown, unseen, released = (entering(status="held", created=NOW - 90 * DAY) for _ in range(3))
    for one in (shown, unseen, released):
        store.add(one)
    store.note_shown([shown.receipt, released.receipt], NOW - 31 * DAY)
    store.note_shown([shown.receipt], NOW)
    store.release_all([released.receipt], "anna")
    assert store.housekeeping(NOW) == 1
    assert {entry.receipt for entry in store.entries("contact")} == {unseen.receipt, released.receipt}


def test_no_held_entry_goes_before_it_was_shown(store: Store) -> None:
    for form in ("contact", "gone"):
        for status in ("new", "held", "held"):
            store.add(entering(form=form, status=status, created=NOW - 3 * DAY, keep=2 * DAY))
    store.keeps = {"contact": 2 * DAY}
    assert store.housekeeping(NOW) == 2
    assert store.forms() == {"contact": 2, "gone": 2}
    store.note_shown([entry.receipt for form in ("contact", "gone") for entry in store.entries(form)][::2], NOW)
    assert store.housekeeping(NOW) == 2


def test_visitors_are_forgotten(store: Store) -> None:
    now = datetime.now(UTC)
    store.attempt("contact", "v", Rate(9, 60))
    store.add(entering(visitor="v", attempts=ATTEMPTS, repeats_visitor="v"))
    store.housekeeping(now + timedelta(seconds=30))
    with store._process().database.reading() as connection:
        assert len(connection.execute(select(ATTEMPTS_TABLE)).all()) == 2
        assert connection.execute(select(ENTRIES.c.repeats_visitor)).scalar() == "v"
    store.housekeeping(now + timedelta(hours=2))
    with store._process().database.reading() as connection:
        assert connection.execute(select(ATTEMPTS_TABLE)).all() == []
        assert connection.execute(select(ENTRIES.c.repeats_visitor)).scalar() is None


def test_addresses_are_not_in_the_database(sqlite_store: Store) -> None:
    address = "198.51.100.77"
    visitor = sqlite_store.visitor(address)
    repeats = sqlite_store.visitor(address, "Browser/1")
    sqlite_store.add(entering(visitor=visitor, repeats_visitor=repeats, rate=Rate(5, 60)))
    for path in sqlite_store.settings.folder.glob("site.db*"):
        assert address.encode() not in path.read_bytes()


def test_a_lease_is_one_process_s_until_it_ends(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Store(store.settings)
    assert store.lease("tidying", 100)
    assert store.lease("tidying", 100)
    assert not other.lease("tidying", 100)
    assert other.lease("mail", 100)
    later = time.time() + 101
    monkeypatch.setattr("time.time", lambda: later)
    assert other.lease("tidying", 100)
    assert not store.lease("tidying", 100)
    other.stop()


def test_a_serving_process_sweeps_and_tidies(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "INTERVAL", 0.01)
    orphan = sqlite_store.settings.uploads_folder / ("0" * 12 + "-" + "0" * 32)
    orphan.parent.mkdir(parents=True)
    orphan.touch()
    sqlite_store.add(entering(created=NOW - 999 * DAY, keep=DAY))
    sqlite_store.start()
    sqlite_store.start()
    wait_for(lambda: not orphan.exists())
    wait_for(lambda: sqlite_store.count("contact") == 0)
    sqlite_store.stop()
    assert sqlite_store.count("contact") == 0


def test_tidying_goes_on_after_a_failure(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tidying, "INTERVAL", 0.01)
    failures: list[Exception] = [StoreDown("database is locked"), RuntimeError("a bug")]

    def sweep(_store: Store) -> int:
        if failures:
            raise failures.pop()
        return 0

    monkeypatch.setattr(Store, "sweep", sweep)
    sqlite_store.add(entering(created=NOW - 999 * DAY, keep=DAY))
    sqlite_store.start()
    wait_for(lambda: not failures)
    sqlite_store.stop()
    assert "entries could not be tidied: database is locked" in caplog.text
    assert "a bug" in caplog.text


# --- copies -----------------------------------------------------------------------------------------------------------


def test_a_copy_of_postgresql_has_everything_as_lines(server: str, tmp_path: Path) -> None:
    store = Store(StoreSettings(tmp_path / "storage", fresh_database(server, "copied")))
    upload = received(store)
    sent = [entering(uploads=[upload], messages=[mail()], created=NOW), entering(form="order")]
    for one in sent:
        store.add(one)
    steps: list[tuple[int, int]] = []
    store.backup(tmp_path / "copy", lambda done, number: steps.append((done, number)))
    store.stop()
    assert steps == [(0, 1), (1, 1)]
    entries = [json.loads(line) for line in (tmp_path / "copy" / "entries.jsonl").read_text().splitlines()]
    assert [entry["receipt"] for entry in entries] == [one.receipt for one in sent]
    assert entries[0]["content"] == sent[0].values
    assert entries[0]["created"] == "2026-11-22T12:00:00.000000Z"
    assert (tmp_path / "copy" / "uploads" / upload.id).read_bytes() == b"a picture"
    (message,) = (tmp_path / "copy" / "outbox.jsonl").read_text().splitlines()
    assert json.loads(message)["receipt"] == sent[0].receipt


def test_an_entry_deleted_meanwhile_is_not_in_the_copy(sqlite_store: Store, tmp_path: Path) -> None:
    upload = received(sqlite_store)
    gone, stays = entering(uploads=[upload], unique={"name": "ann"}), entering()
    for one in (gone, stays):
        sqlite_store.add(one)

    def delete_once(done: int, _number: int) -> None:
        if not done:
            sqlite_store.delete(gone.receipt)

    sqlite_store.backup(tmp_path / "copy", delete_once)
    with closing(sqlite3.connect(tmp_path / "copy" / "site.db")) as copy:
        assert copy.execute("SELECT receipt FROM entries").fetchall() == [(stays.receipt,)]
        assert copy.execute("SELECT count(*) FROM uniques").fetchone() == (0,)


def test_a_copy_that_would_lack_a_file_is_none(sqlite_store: Store, tmp_path: Path) -> None:
    upload = received(sqlite_store)
    sqlite_store.add(entering(uploads=[upload]))
    sqlite_store.uploads.path(upload.id).unlink()
    with pytest.raises(StoreDown, match="1 files of entries are missing"):
        sqlite_store.backup(tmp_path / "copy")
    assert [path.name for path in tmp_path.iterdir()] == ["storage"]


def test_a_copy_is_made_while_entries_come(sqlite_store: Store, tmp_path: Path) -> None:
    end = Event()
    sent: list[str] = []

    def add() -> None:
        while not end.is_set():
            upload = received(sqlite_store)
            sent.append(sqlite_store.add(entering(uploads=[upload])).receipt)

    thread = Thread(target=add)
    thread.start()
    wait_for(lambda: len(sent) > 10)
    sqlite_store.backup(tmp_path / "copy")
    end.set()
    thread.join()
    with closing(sqlite3.connect(tmp_path / "copy" / "site.db")) as copy:
        found = copy.execute(
            "SELECT receipt, (SELECT count(*) FROM uploads u WHERE u.receipt = e.receipt) FROM entries e"
        )
        rows = found.fetchall()
    assert {number for _, number in rows} == {1}
    assert {receipt for receipt, _ in rows} <= set(sent)
    assert len(list((tmp_path / "copy" / "uploads").iterdir())) == len(rows)
