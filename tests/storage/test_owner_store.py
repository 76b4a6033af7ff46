"""The owner's hand: many entries at once, in one transaction with its audit; deleting with a minute to think."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from entering import entering, mail, received
from sqlalchemy import text

from declweb.storage import UNDO, AuditAction, Place, Search, Store
from declweb.storage.outcomes import AUDITED, MOST_RECEIPTS

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)


def added(store: Store, **more: object) -> str:
    entry = entering(**more)
    store.add(entry)
    return entry.receipt


def actions(store: Store) -> list[tuple[str, str, int]]:
    """Return who did what to how many, the first first."""
    return [(audit.by, audit.action, audit.count) for audit in reversed(store.audits())]


def statuses(store: Store) -> dict[str, str]:
    return {entry.receipt: entry.status for entry in store.search(Search())}


# --- marking and judging ----------------------------------------------------------------------------------------------


def test_entries_are_marked_as_seen_and_as_new_again(store: Store) -> None:
    new, held = added(store), added(store, status="held")
    done = store.mark_seen([new, held, "NOBOD-YHAS1", new], "anna", NOW)
    assert (list(done.receipts), list(done.missing)) == ([new, held], ["NOBOD-YHAS1"])
    assert [(entry.seen, entry.shown) for entry in store.search(Search())] == [(NOW, NOW), (NOW, None)]
    store.mark_seen([new], "anna", NOW + timedelta(days=1))
    assert store.search(Search(is_seen=True))[-1].seen == NOW
    store.mark_unseen([new, held], "ben")
    store.mark_unseen([new, held], "ben")
    assert [(entry.seen, entry.shown) for entry in store.search(Search())] == [(None, NOW), (None, None)]
    assert actions(store) == [("anna", "seen", 2), ("ben", "unseen", 2)]


def test_entries_are_judged_together(store: Store) -> None:
    new, held, waiting = added(store, messages=[mail()]), added(store, status="held"), added(store, status="waiting")
    other = added(store, form="guestbook", status="held", messages=[mail()])
    assert list(store.approve_all([waiting, held, "NOBOD-YHAS1"], "anna").missing) == ["NOBOD-YHAS1"]
    assert statuses(store) == {new: "new", held: "approved", waiting: "approved", other: "held"}
    store.hold_all([new, held], "anna")
    assert [message.state for message in store.messages()] == ["held", "held"]
    generation = store.generation("guestbook")
    done = store.release_all([new, held, other, waiting], "anna", approving=["guestbook"])
    assert list(done.receipts) == [new, held, other, waiting]
    assert statuses(store) == {new: "new", held: "new", waiting: "approved", other: "waiting"}
    assert [message.state for message in store.messages()] == ["waiting", "waiting"]
    assert store.generation("guestbook") > generation
    assert actions(store) == [("anna", "approve", 2), ("anna", "hold", 2), ("anna", "release", 3)]
    last = store.audits(1)[0]
    assert (last.form, list(last.receipts)) == ("", [new, held, other])
    assert [audit.action for audit in store.audits(receipt=waiting)] == ["approve"]
    assert [audit.action for audit in store.audits(before=last.number)] == ["hold", "approve"]


def test_one_that_cannot_be_released_does_not_stop_the_others(store: Store) -> None:
    unique = {"name": "ann", "email": "ann@example.com"}
    first = added(store, status="held", unique=unique)
    second = added(store, status="held", unique={"name": "other", "email": "ann@example.com"})
    third = added(store, status="held")
    for release in (store.release_all, store.approve_all):
        done = release([first, second, third], "anna")
        assert (list(done.receipts), done.taken) == ([first, third], {second: "email"})
        assert statuses(store)[second] == "held"
    assert not store.is_taken("contact", "name", "other")
    assert store.release_all([second], "anna").taken == {second: "email"}


def test_what_changes_the_waking_of_those_who_deliver_rings(store: Store) -> None:
    held = added(store, status="held", messages=[mail()])
    rung: list[int] = []
    store.bells.append(lambda: rung.append(1))
    store.release_all([held], "anna")
    assert rung


def test_many_are_deleted_for_ever_at_once(store: Store) -> None:
    upload = received(store)
    receipts = [added(store, uploads=[upload]), *(added(store) for _ in range(2))]
    kept = added(store)
    assert store.delete_all([*receipts, "NOBOD-YHAS1"], "anna") == 3
    assert list(statuses(store)) == [kept]
    assert not store.uploads.path(upload.id).exists()
    assert actions(store) == [("anna", "delete", 3)]
    assert store.delete_all(receipts, "anna") == 0
    assert len(store.audits()) == 1


def test_audits_name_a_bounded_number_of_entries_and_are_forgotten_after_a_year(store: Store) -> None:
    receipts = [added(store) for _ in range(3)]
    store.audit(
        "anna", AuditAction.EXPORT, (f"{number:05}-AAAAA" for number in range(MOST_RECEIPTS + 1)), form="contact"
    )
    store.mark_seen(receipts, "anna")
    exported = store.audits()[-1]
    assert (exported.action, exported.count, len(exported.receipts)) == ("export", MOST_RECEIPTS + 1, MOST_RECEIPTS)
    store.housekeeping(datetime.now(UTC) + AUDITED - timedelta(minutes=1))
    assert len(store.audits()) == 2
    store.housekeeping(datetime.now(UTC) + AUDITED + timedelta(minutes=1))
    assert store.audits() == []


# --- deleting, and thinking better of it ------------------------------------------------------------------------------


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of all tables with an entry's rows."""
    of = {
        "entries": "SELECT number, receipt, status, content, digest, seen FROM entries ORDER BY number",
        "uniques": "SELECT * FROM uniques ORDER BY value",
        "places": "SELECT * FROM places ORDER BY value, receipt",
        "outbox": "SELECT number, receipt, target, state, attempts, due FROM outbox ORDER BY number",
        "delivery_attempts": "SELECT * FROM delivery_attempts ORDER BY message, moment",
        "uploads": "SELECT * FROM uploads ORDER BY id",
    }
    with store._process().database.reading() as connection:
        return {name: [tuple(row) for row in connection.execute(text(sql))] for name, sql in of.items()}


def full(store: Store, **more: object) -> str:
    """Add an entry with something in every table."""
    usual = {
        "unique": {"name": "ann"},
        "places": [Place("day", "monday", 1)],
        "messages": [mail(), mail("second@example.com")],
        "uploads": [received(store)],
    }
    return added(store, **{**usual, **more})


def test_what_was_deleted_comes_back_as_it_was(store: Store) -> None:
    before = added(store)
    receipt = full(store, values={"message": "Jürgens Brot"})
    after = added(store)
    message = store.claim(1, 60)[0]
    store.note_attempt(message, "450 later", is_delivered=False, again=NOW)
    store.mark_seen([receipt], "anna")
    rows = everything(store)
    generation = store.generation("contact")
    discarded = store.discard([receipt, before, "NOBOD-YHAS1"], "anna", NOW)
    assert (list(discarded.receipts), discarded.until) == ([receipt, before], NOW + UNDO)
    assert store.generation("contact") > generation
    assert list(statuses(store)) == [after]
    done = store.undo_discard(discarded.token, "anna", NOW + UNDO)
    assert done is not None
    assert (set(done.receipts), done.taken) == ({receipt, before}, {})
    assert everything(store) == rows
    assert [entry.receipt for entry in store.search(Search(text="jürgens"))] == [receipt]
    assert store.undo_discard(discarded.token, "anna", NOW) is None
    assert actions(store)[1:] == [("anna", "discard", 2), ("anna", "undo", 2)]


def test_what_was_deleted_is_nowhere(store: Store) -> None:
    receipt = full(store, values={"message": "bread"})
    (upload,) = store.entry(receipt).uploads  # type: ignore[union-attr] # it is there
    store.index()
    store.discard([receipt], "anna")
    store.discard([receipt], "anna")
    assert store.entry(receipt) is None
    assert list(store.entries("contact")) == []
    assert store.search(Search(text="bread")) == store.search(Search()) == []
    assert (store.counts(), dict(store.forms()), store.count("contact")) == ({}, {}, 0)
    assert store.claim(9, 60) == []
    assert list(store.messages()) == []
    assert dict(store.places_taken("contact")) == {}
    assert not store.is_taken("contact", "name", "ann")
    assert store.approve_all([receipt], "anna").missing == [receipt]
    store.sweep()
    assert store.uploads.path(upload.id).exists()


def test_after_a_minute_it_is_gone_with_its_files(store: Store) -> None:
    receipt, other = full(store), full(store, unique={}, places=[])
    (upload,) = store.entry(receipt).uploads  # type: ignore[union-attr] # it is there
    token = store.discard([receipt], "anna", NOW).token
    assert store.housekeeping(NOW + UNDO) == 0
    assert store.undo_discard(token, "anna", NOW + UNDO + timedelta(seconds=1)) is None
    assert store.housekeeping(NOW + UNDO + timedelta(seconds=1)) == 1
    assert not store.uploads.path(upload.id).exists()
    assert store.undo_discard(token, "anna", NOW) is None
    assert list(statuses(store)) == [other]
    assert receipt not in str(everything(store))


def test_it_survives_a_restart(store: Store) -> None:
    receipt = full(store)
    token = store.discard([receipt], "anna", NOW).token
    store.stop()
    again = Store(store.settings)
    assert again.undo_discard(token, "anna", NOW) is not None
    assert list(statuses(again)) == [receipt]
    again.stop()


def test_what_another_one_has_by_now_stays_with_it(store: Store) -> None:
    receipt = full(store)
    token = store.discard([receipt], "anna", NOW).token
    other = added(store, unique={"name": "ann"}, places=[Place("day", "monday", 1)])
    done = store.undo_discard(token, "anna", NOW)
    assert done is not None
    assert done.taken == {receipt: "name"}
    assert statuses(store) == {other: "new", receipt: "held"}
    assert {message.state for message in store.messages(receipt)} == {"held"}
    assert dict(store.places_taken("contact")) == {("day", "monday"): 2}
    store.delete_all([other], "anna")
    assert store.release_all([receipt], "anna").taken == {}


def test_the_same_may_have_come_again_meanwhile(store: Store) -> None:
    entry = entering(key="a key", messages=[mail()])
    store.add(entry)
    (number,) = (message.number for message in store.messages())
    store.note_attempt(store.claim(1, 60)[0], "450 later", is_delivered=False, again=NOW)
    token = store.discard([entry.receipt], "anna", NOW).token
    again = entering(key="a key", digest=entry.digest, messages=[mail()])
    assert store.add(again).receipt == again.receipt
    assert store.undo_discard(token, "anna", NOW) is not None
    assert set(statuses(store)) == {entry.receipt, again.receipt}
    (attempt,) = store.attempts(entry.receipt)
    (message,) = store.messages(entry.receipt)
    assert attempt.message == message.number
    assert len({number, *(message.number for message in store.messages())}) == 2


def test_nothing_is_deleted_where_there_is_nothing(store: Store) -> None:
    assert store.discard(["NOBOD-YHAS1"], "anna").token == ""
    assert store.undo_discard("", "anna") is None
    assert store.audits() == []


def test_more_are_deleted_than_one_statement_names(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("declweb.storage.portions.PORTION", 2)
    receipts = [added(store) for _ in range(5)]
    token = store.discard(receipts, "anna", NOW).token
    assert statuses(store) == {}
    done = store.undo_discard(token, "anna", NOW)
    assert done is not None
    assert set(done.receipts) == set(receipts)


def test_deleting_and_approving_at_once_is_one_after_the_other(store: Store) -> None:
    """Whoever comes first: the entry ends as deleted, and comes back with the status that it had then."""
    other = Store(store.settings)
    for round_ in range(8):
        receipt = full(store, status="waiting", unique={"name": str(round_)}, places=[])
        barrier = threading.Barrier(2)
        tokens: list[str] = []
        missing: list[str] = []

        def discard(receipt: str = receipt, barrier: threading.Barrier = barrier, into: list[str] = tokens) -> None:
            barrier.wait()
            into.append(store.discard([receipt], "anna").token)

        def approve(receipt: str = receipt, barrier: threading.Barrier = barrier, into: list[str] = missing) -> None:
            barrier.wait()
            into.extend(other.approve_all([receipt], "ben").missing)

        threads = [threading.Thread(target=discard), threading.Thread(target=approve)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.entry(receipt) is None
        assert store.undo_discard(tokens[0], "anna") is not None
        assert store.undo_discard(tokens[0], "anna") is None
        entry = store.entry(receipt)
        assert entry is not None
        assert entry.status == ("waiting" if missing else "approved")
        assert store.is_taken("contact", "name", str(round_))
    other.stop()
