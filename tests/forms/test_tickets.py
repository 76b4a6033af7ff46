import time

import pytest

from declweb.forms.tickets import LIFETIME, Tickets
from declweb.forms.uploads import ReceivedFile

FILE = ReceivedFile("0123456789ab-" + "0" * 32, "履歴書.pdf", 1200, "f" * 64, "application/pdf")
KEY, OLD = b"k" * 32, b"o" * 32


def test_a_ticket_gives_the_file_back() -> None:
    ticket = Tickets(KEY).issue(FILE, "order", "photo")
    assert Tickets(KEY).redeem(ticket, "order", "photo") == FILE
    assert Tickets(KEY).redeem(ticket, "contact", "photo") is None
    assert Tickets(KEY).redeem(ticket, "order", "other") is None
    assert Tickets(OLD).redeem(ticket, "order", "photo") is None
    assert ticket.isascii()
    assert "履" not in ticket


def test_keys_rotate() -> None:
    ticket = Tickets(OLD).issue(FILE, "order", "photo")
    assert Tickets(KEY, OLD).redeem(ticket, "order", "photo") == FILE
    assert Tickets(OLD).redeem(Tickets(KEY, OLD).issue(FILE, "order", "photo"), "order", "photo") is None


def test_a_ticket_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = Tickets(KEY)
    ticket = tickets.issue(FILE, "order", "photo")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME.total_seconds() - 5)
    assert tickets.redeem(ticket, "order", "photo") == FILE
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME.total_seconds() + 5)
    assert tickets.redeem(ticket, "order", "photo") is None


@pytest.mark.parametrize("ticket", ["", "x", "a.b.c", "é", "\0", "x" * 100_000])
def test_what_is_no_ticket(ticket: str) -> None:
    assert Tickets(KEY).redeem(ticket, "order", "photo") is None


def test_a_ticket_that_was_changed() -> None:
    ticket = Tickets(KEY).issue(FILE, "order", "photo")
    for place in range(0, len(ticket), 7):
        changed = ticket[:place] + ("A" if ticket[place] != "A" else "B") + ticket[place + 1 :]
        assert Tickets(KEY).redeem(changed, "order", "photo") in {None, FILE}  # the last character has spare bits
