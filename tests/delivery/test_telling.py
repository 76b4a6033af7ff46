"""What declweb writes to the owner of its own accord."""

from datetime import UTC, datetime

import pytest
from entering import entering
from mailing import MailServer, Office

from declweb.delivery.telling import digest_due

MONDAY = datetime(2026, 11, 23, 6, 1, tzinfo=UTC)  # a minute past seven in Berlin


@pytest.mark.parametrize(
    ("wanted", "now", "due"),
    [
        ("daily", datetime(2026, 11, 23, 5, 59, tzinfo=UTC), datetime(2026, 11, 22, 6, tzinfo=UTC)),
        ("daily", datetime(2026, 11, 23, 6, 0, tzinfo=UTC), datetime(2026, 11, 23, 6, tzinfo=UTC)),
        ("weekly", datetime(2026, 11, 23, 5, 59, tzinfo=UTC), datetime(2026, 11, 16, 6, tzinfo=UTC)),
        ("weekly", datetime(2026, 11, 23, 6, 0, tzinfo=UTC), datetime(2026, 11, 23, 6, tzinfo=UTC)),
        ("weekly", datetime(2026, 11, 29, 22, 0, tzinfo=UTC), datetime(2026, 11, 23, 6, tzinfo=UTC)),
        (None, datetime(2026, 11, 23, 6, 0, tzinfo=UTC), None),
    ],
)
def test_when_a_digest_is_due(office: Office, wanted: str | None, now: datetime, due: datetime | None) -> None:
    assert digest_due(office.settings(digest=wanted), now) == due


def test_the_digest(office: Office, server: MailServer) -> None:
    office.now = MONDAY
    office.deliver(server.port, digest="weekly")
    office.later(seconds=1)
    hostile = "Ann\nhttps://evil.example <script>"
    office.store.add(entering(created=office.now, values={"name": hostile, "message": "Two loaves " * 50}))
    held = entering(created=office.now, status="held", reasons=["three links"], points=9)
    office.store.add(held)
    server.to_recipient = "550 no such user"
    office.post("gone@blackbird.example")
    office.later(minutes=2)
    office.deliver(server.port, digest="weekly")
    server.to_recipient = "250 OK"
    office.later(seconds=10)
    assert not [each for each in server.mails if "what came" in each["Subject"]]
    office.later(days=7)
    office.deliver(server.port, digest="weekly")
    (digest,) = [each for each in server.mails if "what came" in each["Subject"]]
    assert digest["Subject"] == "Blackbird Bakery: what came since 2026-11-23"
    text = digest.get_content()
    for words in (
        "New entries: 3",
        "Ann https://evil.example <script>",
        held.receipt,
        "three links",
        "550 no such user",
    ):
        assert words in text
    assert "Two loaves" in text
    assert max(map(len, text.splitlines())) < 350
    entry = office.store.entry(held.receipt)
    assert entry
    office.later(days=31)
    office.store.housekeeping(office.now)
    assert office.store.entry(held.receipt) is None, "it was shown"


def test_without_anything_to_tell_there_is_no_digest(office: Office, server: MailServer) -> None:
    for _ in range(10):
        office.deliver(server.port, digest="daily")
        office.later(days=1)
    assert not server.mails


def test_without_a_server_no_digests_pile_up(office: Office) -> None:
    office.post()
    for _ in range(10):
        office.deliver("", digest="daily")
        office.later(days=1)
    assert len(office.messages) == 1
