"""Signing in, as the store counts it: on both databases, with the clock moved."""

from datetime import UTC, datetime
from threading import Thread

import pytest
from sqlalchemy import Connection, insert, select

from declweb.storage import Store, TooMany
from declweb.storage.migrations import migrate
from declweb.storage.sign_ins import PER_ACCOUNT, PER_ADDRESS, PER_CROWD, REMEMBERED
from declweb.storage.tables import ATTEMPTS, SIGN_INS

NOW = 1_800_000_000.0


def tries(store: Store, account: str, address: str | None, now: float) -> int:
    """Try a wrong password; return how long to wait, 0 where it was looked at."""
    try:
        store.begin_sign_in(account, address, now)
    except TooMany as error:
        return error.retry_after
    return 0


def test_one_address_has_so_many_tries(store: Store) -> None:
    for number in range(PER_ADDRESS.count):
        assert tries(store, f"user{number}", "192.0.2.1", NOW + number) == 0
    assert tries(store, "anna", "192.0.2.1", NOW + 60) == PER_ADDRESS.seconds - 60 + 1
    assert tries(store, "anna", "192.0.2.2", NOW + 60) == 0
    assert tries(store, "anna", None, NOW + 60) == 0
    assert tries(store, "anna", "192.0.2.1", NOW + PER_ADDRESS.seconds + 1) == 0


def test_one_account_has_so_many_tries_and_its_owner_more(store: Store) -> None:
    store.end_sign_in(store.begin_sign_in("anna", "192.0.2.1", NOW))
    for number in range(PER_ACCOUNT.count):
        assert tries(store, "anna", f"198.51.100.{number}", NOW + 1) == 0
    assert tries(store, "anna", "198.51.100.99", NOW + 2) > 0
    assert tries(store, "anna", None, NOW + 2) > 0
    assert tries(store, "ben", "198.51.100.99", NOW + 2) == 0
    assert tries(store, "anna", "192.0.2.1", NOW + 2) == 0
    assert tries(store, "anna", "198.51.100.99", NOW + 2 + PER_ACCOUNT.seconds) == 0


def test_visitors_whom_a_proxy_hides_have_so_many_tries_together(store: Store) -> None:
    for number in range(PER_CROWD.count):
        store.begin_sign_in(f"user{number}", None, NOW, crowd="192.0.2.1")
    with pytest.raises(TooMany):
        store.begin_sign_in("anna", None, NOW + 1, crowd="192.0.2.1")
    store.end_sign_in(store.begin_sign_in("anna", None, NOW + 1, crowd="192.0.2.2"))
    assert tries(store, "anna", "192.0.2.1", NOW + 1) == 0


def test_what_stood_among_the_attempts_of_forms_is_not_forgotten(store: Store) -> None:
    kinds = {"sign-in account": "account", "sign-in address": "address", "sign-in known": "known", "signed out": "over"}
    rows = [(form, form[-3:], NOW, 0, NOW + 9) for form in (*kinds, "contact")]
    named = [dict(zip(("form", "visitor", "moment", "is_accepted", "until"), row, strict=True)) for row in rows]

    def migrated(connection: Connection) -> None:
        connection.exec_driver_sql("DROP TABLE sign_ins")
        connection.exec_driver_sql("DELETE FROM migrations WHERE number >= 3")
        connection.execute(insert(ATTEMPTS), named)
        migrate(connection)

    store._write(migrated)
    with store._process().database.reading() as connection:
        moved = connection.execute(select(SIGN_INS)).all()
        left = connection.execute(select(ATTEMPTS.c.form)).scalars().all()
    assert sorted(map(tuple, moved)) == sorted((kind, form[-3:], NOW, NOW + 9) for form, kind in kinds.items())
    assert left == ["contact"]


def test_an_address_is_known_for_so_long(store: Store) -> None:
    store.end_sign_in(store.begin_sign_in("anna", "192.0.2.1", NOW))
    for days, is_known in ((REMEMBERED - 1000, True), (REMEMBERED + 1000, False)):
        for number in range(PER_ACCOUNT.count):
            assert tries(store, "anna", f"198.51.100.{number}", NOW + days) == 0
        assert (tries(store, "anna", "192.0.2.1", NOW + days + 1) == 0) == is_known


def test_a_right_password_is_no_try(store: Store) -> None:
    for number in range(PER_ADDRESS.count + 5):
        store.end_sign_in(store.begin_sign_in("anna", "192.0.2.1", NOW + number))
    assert tries(store, "anna", "192.0.2.1", NOW + 100) == 0


def test_tries_at_the_same_moment_are_counted_one_by_one(store: Store) -> None:
    store.prepare()
    looked_at: list[int] = []
    threads = [
        Thread(target=lambda: looked_at.append(tries(store, "anna", "192.0.2.1", NOW)))
        for _ in range(3 * PER_ACCOUNT.count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert looked_at.count(0) == PER_ACCOUNT.count


def test_a_visit_is_over_until_its_session_is(store: Store) -> None:
    assert not store.is_signed_out("one", NOW)
    store.sign_out("one", 3600, NOW)
    store.sign_out("one", 3600, NOW)
    assert store.is_signed_out("one", NOW + 3599)
    assert not store.is_signed_out("one", NOW + 3601)
    assert not store.is_signed_out("two", NOW)


def test_nothing_says_who_it_was(store: Store) -> None:
    store.end_sign_in(store.begin_sign_in("anna", "192.0.2.1", NOW))
    tries(store, "anna", "192.0.2.1", NOW)
    folder = store.settings.folder
    store.stop()
    for file in folder.glob("site.db*"):
        assert b"anna" not in file.read_bytes()
        assert b"192.0.2" not in file.read_bytes()


@pytest.mark.parametrize("now", [NOW, NOW + REMEMBERED * 2])
def test_housekeeping_forgets_what_is_of_no_use(store: Store, now: float) -> None:
    store.end_sign_in(store.begin_sign_in("anna", "192.0.2.1", NOW))
    store.sign_out("one", 3600, NOW)
    store.housekeeping(datetime.fromtimestamp(now, UTC))
    assert store.is_signed_out("one", NOW) == (now == NOW)
