"""What becomes of an entry: stored, a repeat, or refused."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from entering import FIELDS, entering, mail, received

from declweb.storage import (
    Added,
    FormFull,
    Place,
    Rate,
    Refused,
    SoldOut,
    Status,
    Store,
    StoreDown,
    StoreSettings,
    Taken,
    TooMany,
)
from declweb.storage.reading import read_entries, read_messages


def test_what_was_stored_comes_back(store: Store) -> None:
    upload = received(store, b"\x89PNG", "日本 🎂.png")
    created = datetime(2026, 11, 22, 16, 40, 1, 2, tzinfo=UTC)
    values = {"name": "Ann ☺", "people": 8, "price": 2.5, "vegan": True, "allergies": ["Nuts"], "idea": None, "x": ""}
    sent = entering(
        values=values,
        created=created,
        language="de",
        uploads=[upload],
        messages=[mail(), mail("b@example.com", body="ä")],
        points=3,
        reasons=["links"],
        keep=timedelta(days=180),
    )
    assert store.add(sent) == Added(sent.receipt)
    entry = store.entry(sent.receipt)
    assert entry is not None
    assert entry.values == values
    assert list(entry.values) == list(values)
    assert (entry.form, entry.created, entry.language, entry.status) == ("contact", created, "de", "new")
    assert (entry.points, list(entry.reasons)) == (3, ["links"])
    assert entry.expires == created + timedelta(days=180)
    assert tuple(entry.fields) == FIELDS
    assert list(entry.uploads) == [upload]
    assert store.uploads.path(upload.id).read_bytes() == b"\x89PNG"
    assert store.uploads.path(upload.id).parent == store.uploads.root
    one, two = store.messages(sent.receipt)
    assert (one.target, one.state, one.due, one.attempts) == ("owner@example.com", "waiting", created, 0)
    assert two.content == {"body": "ä"}
    assert store.waiting_messages() == 2
    assert list(store.entries("contact")) == [entry]
    assert store.forms() == {"contact": 1}
    assert store.entry("AAAAA-AAAAA") is None


def test_the_same_key_and_content_is_a_repeat(store: Store) -> None:
    first = entering(key="k", digest="d")
    assert store.add(first) == Added(first.receipt)
    upload = received(store)
    assert store.add(entering(key="k", digest="d", uploads=[upload])) == Added(first.receipt, is_repeat=True)
    assert not store.uploads.path(upload.id).exists()
    assert not store.add(entering(key="k", digest="other")).is_repeat
    assert not store.add(entering(key="other", digest="d")).is_repeat
    assert not store.add(entering(form="order", key="k", digest="d")).is_repeat
    assert store.count("contact") == 3


def test_a_repeated_call_keeps_the_files_of_the_first(store: Store) -> None:
    upload = received(store)
    sent = entering(key="k", uploads=[upload])
    assert store.add(sent) == Added(sent.receipt)
    assert store.add(sent) == Added(sent.receipt, is_repeat=True)
    assert store.uploads.path(upload.id).read_bytes() == b"a picture"


def test_without_a_key_two_minutes_make_a_repeat(store: Store) -> None:
    start = datetime.now(UTC)
    first = entering(digest="d", repeats_visitor="v", created=start)
    store.add(first)
    again = entering(digest="d", repeats_visitor="v", created=start + timedelta(seconds=119))
    assert store.add(again) == Added(first.receipt, is_repeat=True)
    for other in (
        entering(digest="d", repeats_visitor="w"),
        entering(digest="e", repeats_visitor="v"),
        entering(digest="d", repeats_visitor="v", created=start + timedelta(seconds=121)),
        entering(digest="d"),
        entering(digest="d"),
    ):
        assert store.add(other) == Added(other.receipt)


def test_a_unique_value_is_taken_once(store: Store) -> None:
    store.add(entering(unique={"name": "ann"}))
    with pytest.raises(Taken) as refusal:
        store.add(entering(unique={"message": "ann", "name": "ann"}))
    assert refusal.value.field == "name"
    store.add(entering(unique={"message": "ann", "name": "bob"}))
    store.add(entering(form="order", unique={"name": "ann"}))
    assert store.is_taken("contact", "name", "ann")
    assert not store.is_taken("contact", "name", "eve")
    assert store.count("contact") == 2


def test_a_unique_value_may_be_long(store: Store) -> None:
    long = "ä" * 5000
    store.add(entering(unique={"message": long}, key=long))
    assert store.is_taken("contact", "message", long)
    with pytest.raises(Taken):
        store.add(entering(unique={"message": long}))
    store.add(entering(unique={"message": f"{long}!"}))


def test_held_entries_take_places_but_no_unique_values(store: Store) -> None:
    place = Place("cake", "sacher", 2)
    store.add(entering(status="held", unique={"name": "ann"}, places=[place]))
    assert not store.is_taken("contact", "name", "ann")
    store.add(entering(unique={"name": "ann"}, places=[place]))
    with pytest.raises(SoldOut) as refusal:
        store.add(entering(places=[place]))
    assert (refusal.value.field, refusal.value.value) == ("cake", "sacher")
    store.add(entering(places=[Place("cake", "cheese", 1)]))
    assert store.places_taken("contact") == {("cake", "sacher"): 2, ("cake", "cheese"): 1}


def test_a_form_may_have_a_most(store: Store) -> None:
    store.add(entering(max_entries=2))
    store.add(entering(max_entries=2, status="held"))
    with pytest.raises(FormFull):
        store.add(entering(max_entries=2))
    store.add(entering(form="order", max_entries=1))


def test_a_refused_entry_leaves_nothing_and_its_files_can_be_laid_aside(store: Store) -> None:
    store.add(entering(unique={"name": "ann"}))
    upload = received(store)
    with pytest.raises(Taken):
        store.add(entering(unique={"name": "ann"}, uploads=[upload], messages=[mail()], places=[Place("a", "b", 9)]))
    assert store.count("contact") == 1
    assert store.waiting_messages() == 0
    assert not store.places_taken("contact")
    ticket = store.uploads.hold(upload.id)
    again = store.uploads.reuse(ticket)
    assert again
    store.add(entering(uploads=[type(upload)(again, "photo", "cake.png", "image/png", 9, upload.digest)]))
    assert store.uploads.path(again).read_bytes() == b"a picture"


def test_entries_are_bound_per_visitor_and_form(store: Store) -> None:
    rate = Rate(2, 60)
    for _ in range(2):
        store.add(entering(visitor="v", rate=rate))
    with pytest.raises(TooMany) as refusal:
        store.add(entering(visitor="v", rate=rate))
    assert 1 <= refusal.value.retry_after <= 60
    store.add(entering(visitor="w", rate=rate))
    store.add(entering(form="order", visitor="v", rate=rate))
    store.add(entering(visitor="v"))


def test_a_repeat_is_not_bound(store: Store) -> None:
    first = entering(visitor="v", rate=Rate(1, 60), key="k", digest="d")
    store.add(first)
    assert store.add(entering(visitor="v", rate=Rate(1, 60), key="k", digest="d")).receipt == first.receipt


def test_attempts_are_bound_apart_from_entries(store: Store) -> None:
    attempts = Rate(3, 60)
    store.attempt("contact", "v", attempts)
    store.add(entering(visitor="v", attempts=attempts, rate=Rate(5, 60)))
    store.add(entering(unique={"name": "ann"}, visitor="w"))
    with pytest.raises(Taken):
        store.add(entering(visitor="v", attempts=attempts, rate=Rate(5, 60), unique={"name": "ann"}))
    with pytest.raises(TooMany):
        store.attempt("contact", "v", attempts)
    with pytest.raises(TooMany):
        store.add(entering(visitor="v", attempts=attempts))
    store.attempt("contact", "w", attempts)


def test_time_frees_a_visitor(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now)
    store.attempt("contact", "v", Rate(1, 60))
    now += 59
    with pytest.raises(TooMany) as refusal:
        store.attempt("contact", "v", Rate(1, 60))
    assert refusal.value.retry_after == 1
    now += 2
    store.attempt("contact", "v", Rate(1, 60))


def test_visitors_are_hashes_with_the_sites_key(store: Store, tmp_path: Path) -> None:
    visitor = store.visitor("192.0.2.1")
    assert visitor == store.visitor("192.0.2.1")
    assert len({visitor, store.visitor("192.0.2.2"), store.visitor("192.0.2.1", "Firefox")}) == 3
    assert Store(StoreSettings(tmp_path / "other")).visitor("192.0.2.1") != visitor
    assert store.settings.key_file.stat().st_mode & 0o777 == 0o600


def test_generations_count_changes(store: Store) -> None:
    assert store.generation("contact") == 0
    sent = entering(unique={"name": "ann"})
    store.add(sent)
    first = store.generation("contact")
    store.add(entering(form="order"))
    with pytest.raises(Refused):
        store.add(entering(unique={"name": "ann"}))
    assert store.generation("contact") == first
    store.approve_all([sent.receipt], "anna")
    assert store.generation("contact") > first
    assert set(store.generations()) == {"contact", "order"}


@pytest.mark.parametrize("value", ["a\0b", "half \ud83d"])
def test_what_no_database_can_hold_is_refused_at_once(store: Store, value: str) -> None:
    with pytest.raises(ValueError, match=r"NUL|surrogates"):
        store.add(entering(repeats_visitor=value))
    with pytest.raises(ValueError, match=r"surrogates|JSON"):
        store.add(entering(values={"name": "half \ud83d", "n": float("nan")}))
    assert store.count("contact") == 0


def test_a_receipt_is_given_once(store: Store) -> None:
    first = entering()
    store.add(first)
    with pytest.raises(StoreDown):
        store.add(entering(receipt=first.receipt, values={"name": "Bob"}))
    entry = store.entry(first.receipt)
    assert entry
    assert entry.values["name"] == "Ann"
    store.add(entering())


# --- the owner's hand -------------------------------------------------------------------------------------------------


def test_holding_and_releasing_takes_messages_and_values_along(store: Store) -> None:
    sent = entering(unique={"name": "ann"}, messages=[mail()])
    store.add(sent)
    assert store.hold_all([sent.receipt], "anna").receipts
    assert store.waiting_messages() == 0
    assert not store.is_taken("contact", "name", "ann")
    assert store.release_all([sent.receipt], "anna").receipts
    assert store.waiting_messages() == 1
    assert store.is_taken("contact", "name", "ann")
    assert [entry.status for entry in store.entries("contact")] == ["new"]


def test_a_held_entry_whose_value_is_taken_stays_held(store: Store) -> None:
    held = entering(status="held", unique={"name": "ann"}, messages=[mail()])
    store.add(held)
    store.add(entering(unique={"name": "ann"}))
    for change in (store.release_all, store.approve_all):
        assert change([held.receipt], "anna").taken == {held.receipt: "name"}
    assert store.count("contact", Status.HELD) == 1
    assert store.waiting_messages() == 0


@pytest.mark.parametrize("status", ["new", "waiting", "held"])
def test_entries_are_approved(store: Store, status: Status) -> None:
    sent = entering(status=status)
    store.add(sent)
    assert store.approve_all([sent.receipt], "anna").receipts
    assert store.approve_all([sent.receipt], "anna").receipts
    assert [entry.receipt for entry in store.entries("contact", Status.APPROVED)] == [sent.receipt]


def test_deleting_takes_everything_along(store: Store) -> None:
    upload = received(store)
    sent = entering(uploads=[upload], messages=[mail()], unique={"name": "ann"}, places=[Place("cake", "a", 1)])
    store.add(sent)
    assert store.delete(sent.receipt)
    assert not store.delete(sent.receipt)
    assert store.entry(sent.receipt) is None
    assert not list(store.messages())
    assert not store.uploads.path(upload.id).exists()
    store.add(entering(unique={"name": "ann"}, places=[Place("cake", "a", 1)]))


def test_nothing_can_be_done_to_what_is_not_there(store: Store) -> None:
    for change in (store.approve_all, store.hold_all, store.release_all):
        done = change(["AAAAA-AAAAA"], "anna")
        assert (list(done.receipts), list(done.missing)) == ([], ["AAAAA-AAAAA"])
    assert not store.delete("AAAAA-AAAAA")


def test_many_entries_come_in_their_order(sqlite_store: Store) -> None:
    sent = [entering(messages=[mail()]) for _ in range(10)]
    for one in sent:
        sqlite_store.add(one)
    database = sqlite_store._process().database
    for portion in (3, 5, 10, 11):
        found = read_entries(database, "contact", None, is_newest_first=False, portion=portion)
        assert [one.receipt for one in found] == [one.receipt for one in sent]
        found = read_entries(database, "contact", None, is_newest_first=True, portion=portion)
        assert [one.receipt for one in found] == [one.receipt for one in reversed(sent)]
        assert len(list(read_messages(database, None, portion=portion))) == 10
