"""Claims, attempts and what is told to the owner, on either database."""

import threading
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from entering import entering, mail

from declweb.storage import Message, MessageKind, News, Outgoing, Store, StoreSettings

NOW = datetime.now(UTC)


def post(store: Store, count: int = 1, status: str = "new") -> str:
    return store.add(
        entering(created=NOW - timedelta(minutes=1), messages=[mail() for _ in range(count)], status=status)
    ).receipt


def test_what_is_claimed_is_nobody_elses_until_the_lease_is_over(store: Store) -> None:
    post(store, 3)
    first = store.claim(2, 60, now=NOW)
    second = store.claim(2, 60, now=NOW)
    assert (len(first), len(second)) == (2, 1)
    assert not {each.number for each in first} & {each.number for each in second}
    assert not store.claim(2, 60, now=NOW + timedelta(seconds=59))
    store.renew(first[0].lease, 60, NOW + timedelta(seconds=59))
    (again,) = store.claim(5, 60, now=NOW + timedelta(seconds=61))
    assert again.number == second[0].number


def test_many_claim_at_once_and_each_message_is_claimed_once(settings: StoreSettings) -> None:
    stores = [Store(settings) for _ in range(4)]
    for _ in range(10):
        post(stores[0], 10)
    claimed: list[int] = []

    def claim(store: Store) -> None:
        while some := store.claim(7, 60, now=NOW):
            claimed.extend(each.number for each in some)

    threads = [threading.Thread(target=claim, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 100
    for store in stores:
        store.stop()


def test_what_is_not_due_or_held_is_not_claimed(store: Store) -> None:
    receipt = post(store, status="held")
    assert not store.claim(9, 60, now=NOW)
    assert store.release_all([receipt], "anna").receipts
    (message,) = store.claim(9, 60, now=NOW)
    later = NOW + timedelta(hours=1)
    store.note_attempt(message, "451 later", is_delivered=False, again=later, now=NOW)
    assert store.next_due() == later
    assert not store.claim(9, 60, now=NOW)
    webhooks = (MessageKind.WEBHOOK,)
    assert not store.claim(9, 60, kinds=webhooks, now=later)
    assert len(store.claim(9, 60, now=later)) == 1


def test_the_next_message_is_the_first_that_is_free_or_whose_claim_ends(store: Store) -> None:
    assert store.next_due() is None
    post(store, 2)
    due = NOW - timedelta(minutes=1)
    assert store.next_due() == store.next_due(("email",)) == due
    assert store.next_due(("webhook",)) is None
    (first,) = store.claim(1, 60, now=NOW)
    assert store.next_due() == due
    (second,) = store.claim(1, 30, now=NOW)
    ends = store.next_due()
    assert ends is not None
    assert timedelta(seconds=30) <= ends - NOW < timedelta(seconds=300)
    store.give_back([first], NOW + timedelta(seconds=10))
    assert store.next_due() == NOW + timedelta(seconds=10)
    store.note_attempt(second, "250 OK", is_delivered=True, now=NOW)
    (first,) = store.claim(1, 60, now=NOW + timedelta(seconds=10))
    store.note_attempt(first, "250 OK", is_delivered=True, now=NOW)
    assert store.next_due() is None


def test_an_entry_that_is_held_while_its_message_is_on_its_way(store: Store) -> None:
    receipt = post(store, 2)
    first, second = store.claim(2, 60, now=NOW)
    store.hold_all([receipt], "anna")
    assert not store.is_claimed(first)
    store.note_attempt(first, "451 later", is_delivered=False, again=NOW, now=NOW)
    store.note_attempt(second, "250 ok", is_delivered=True, now=NOW)
    assert [each.state for each in store.messages()] == ["held", "delivered"]
    assert not store.resend(first.number, "anna")


def test_nothing_of_a_held_entry_is_sent_again(store: Store) -> None:
    receipt = post(store, 2)
    first, second = store.claim(2, 60, now=NOW)
    store.note_attempt(first, "250 ok", is_delivered=True, now=NOW)
    store.note_attempt(second, "550 no", is_delivered=False, now=NOW)
    store.hold_all([receipt], "anna")
    assert not store.resend(first.number, "anna")
    assert not store.resend(second.number, "anna")
    assert store.next_due() is None
    store.release_all([receipt], "anna")
    assert store.resend(second.number, "anna")


def test_what_is_sent_again_is_written_down_with_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = post(store)
    (message,) = store.claim(1, 60, now=NOW)
    store.note_attempt(message, "550 no", is_delivered=False, now=NOW)
    with monkeypatch.context() as broken:
        broken.setattr("declweb.storage.outbox.note", Mock(side_effect=RuntimeError("no audit")))
        with pytest.raises(RuntimeError, match="no audit"):
            store.resend(message.number, "anna")
    assert ([each.state for each in store.messages()], store.audits()) == (["failed"], [])
    assert store.resend(message.number, "anna")
    (audit,) = store.audits()
    assert (audit.by, audit.action, audit.receipts, audit.count) == ("anna", "resend", (receipt,), 1)


def test_what_is_on_its_way_is_not_sent_a_second_time_when_it_is_to_be_sent_again(store: Store) -> None:
    post(store)
    (message,) = store.claim(1, 60, now=NOW)
    assert store.resend(message.number, "anna", NOW)
    assert store.claim(1, 60, now=NOW) == []
    store.note_attempt(message, "451 later", is_delivered=False, again=NOW, now=NOW)
    assert len(store.claim(1, 60, now=NOW)) == 1


def test_all_that_failed_is_sent_again_but_what_is_held_or_of_no_entry(store: Store) -> None:
    held = post(store)
    post(store, 2)
    for message in store.claim(9, 60, now=NOW):
        store.note_attempt(message, "550 no", is_delivered=False, now=NOW)
    store.hold_all([held], "anna")
    assert store.tell_failed(lambda _: [Message(MessageKind.EMAIL, "owner@example.com", {"what": "notice"})], NOW)
    (notice,) = store.claim(1, 60, now=NOW)
    store.note_attempt(notice, "550 no", is_delivered=False, now=NOW)
    assert store.resend_failed(NOW) == 2
    assert [each.state for each in store.messages()] == ["failed", "waiting", "waiting", "failed"]
    assert [each.attempts for each in store.messages()] == [1, 0, 0, 1]


def test_a_clock_that_was_ahead_holds_nothing_up(store: Store) -> None:
    ahead = NOW + timedelta(days=400)
    post(store)
    assert len(store.claim(1, 60, now=ahead)) == 1
    store.add(entering(created=ahead, messages=[mail("someone@example.com")]))
    assert store.claim_address("ann", 1, 3600, ahead) is None
    assert store.claim(9, 60, now=NOW) == []
    store.housekeeping(NOW)
    assert len(store.claim(9, 60, now=NOW)) == 2
    assert store.claim_address("ann", 2, 3600, NOW) is None


def test_whoever_comes_too_late_changes_nothing_but_a_delivery_counts(store: Store) -> None:
    post(store, 2)
    slow = store.claim(2, 60, now=NOW)
    quick = store.claim(2, 60, now=NOW + timedelta(minutes=2))
    store.note_attempt(quick[0], "250 ok", is_delivered=True, now=NOW)
    assert not store.note_attempt(slow[0], "550 no", is_delivered=False, now=NOW)
    assert store.note_attempt(slow[1], "250 ok", is_delivered=True, now=NOW)
    assert not store.note_attempt(quick[1], "550 no", is_delivered=False, now=NOW)
    assert [each.state for each in store.messages()] == ["delivered", "delivered"]


def test_attempts_go_with_their_entry(store: Store) -> None:
    receipt = post(store)
    (message,) = store.claim(1, 60, now=NOW)
    store.note_attempt(message, "550\0 " + "no " * 999, is_delivered=False, now=NOW)
    (attempt,) = store.attempts(receipt)
    assert (attempt.message, attempt.is_delivered, attempt.moment) == (message.number, False, NOW)
    assert attempt.words.startswith("550 no no")
    assert store.failed_messages() == 1
    assert store.delete(receipt)
    assert store.attempts(receipt) == []
    assert not store.note_attempt(message, "250", is_delivered=True)


def test_a_bell_rings_when_there_is_something_to_deliver(store: Store) -> None:
    rung: list[int] = []
    store.bells.append(lambda: rung.append(1))
    store.add(entering())
    assert not rung
    receipt = post(store, status="held")
    store.release_all([receipt], "anna")
    assert len(rung) >= 1


def test_failures_are_told_once_and_not_more_often_than_every_hour(store: Store) -> None:
    def fail() -> None:
        post(store)
        (message,) = store.claim(1, 60, now=NOW)
        store.note_attempt(message, "550 no", is_delivered=False, now=NOW)

    def write(failed: list[Outgoing]) -> list[Message]:
        return [
            Message(
                MessageKind.EMAIL, "owner@example.com", {"what": "notice", "about": [each.receipt for each in failed]}
            )
        ]

    assert store.tell_failed(write, NOW) == 0  # type: ignore[arg-type] # any sequence
    fail()
    fail()
    assert store.tell_failed(lambda _failed: [], NOW) == 0
    assert store.tell_failed(write, NOW) == 2  # type: ignore[arg-type] # as above
    assert store.tell_failed(write, NOW) == 0  # type: ignore[arg-type] # as above
    fail()
    later = NOW + timedelta(hours=2)
    assert store.tell_failed(write, later) == 0, "the first one still waits"  # type: ignore[arg-type] # as above
    (notice,) = store.claim(9, 60, now=later)
    store.note_attempt(notice, "250", is_delivered=True, now=later)
    assert store.tell_failed(write, later) == 1  # type: ignore[arg-type] # as above
    assert store.housekeeping(NOW + timedelta(days=40)) >= 0
    assert [each.receipt for each in store.messages() if not each.receipt and each.state == "delivered"] == []


def test_a_digest_is_written_once_and_shows_held_entries_when_it_arrives(settings: StoreSettings) -> None:
    stores = [Store(settings) for _ in range(3)]
    store = stores[0]
    seen: list[News] = []

    def write(news: News) -> list[Message]:
        seen.append(news)
        shows = [entry.receipt for entry in news.held]
        return [Message(MessageKind.EMAIL, "owner@example.com", {"what": "digest", "shows": shows})]

    day = timedelta(days=1)
    assert not store.tell_news(NOW - day, write, NOW), "the first one comes when its day does"
    post(store)
    held = post(store, status="held")
    store.add(entering(created=NOW + timedelta(minutes=1)))
    threads = [threading.Thread(target=one.tell_news, args=(NOW + day, write, NOW + day)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (news,) = seen
    assert news.counts == {"contact": 1}
    assert [entry.receipt for entry in news.held] == [held]
    assert news.held_count == 1
    long_after = NOW + timedelta(days=400)
    store.housekeeping(long_after)
    assert store.entry(held), "the digest never arrived"
    digest = next(each for each in store.claim(9, 60, now=NOW + day) if not each.receipt)
    store.note_attempt(digest, "250 ok", is_delivered=True, now=long_after)
    store.housekeeping(long_after + timedelta(days=29))
    assert store.entry(held)
    store.housekeeping(long_after + timedelta(days=31))
    assert store.entry(held) is None
    for each in stores:
        each.stop()


def test_an_entry_that_is_stored_while_a_digest_is_written_is_in_the_next(store: Store) -> None:
    counts: list[int] = []

    def write(news: News) -> list[Message]:
        counts.append(sum(news.counts.values()))
        return []

    for day in range(4):
        moment = NOW + timedelta(days=day)
        store.add(entering(created=moment - timedelta(hours=1)))
        store.tell_news(moment, write, moment)
        store.add(entering(created=moment - timedelta(seconds=1)))
    assert counts == [2, 2, 2]
