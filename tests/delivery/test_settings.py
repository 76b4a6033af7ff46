"""Where the owner reads what came, as messages say it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from declweb.delivery.settings import Settings
from declweb.model import Send, Site
from declweb.storage import Json, MessageKind, MessageState, Outgoing, UploadFolder

INBOX = {"path": "/inbox/", "allow": "staff"}


@pytest.mark.parametrize(
    ("tables", "address"),
    [
        ({"site": {"name": "x", "url": "https://x.example/shop"}, "inbox": INBOX}, "https://x.example/shop/inbox"),
        ({"site": {"name": "x", "url": "https://x.example/"}, "inbox": INBOX}, "https://x.example/inbox"),
        ({"site": {"name": "x"}, "inbox": INBOX}, None),
        ({"site": {"name": "x", "url": "https://x.example/"}}, None),
        ({"site": {"name": "x", "url": "https://x.example/"}, "inbox": {**INBOX, "off": True}}, None),
    ],
)
def test_the_address_of_the_inbox(tables: dict[str, object], address: str | None, tmp_path: Path) -> None:
    assert Settings.of(Site.model_validate(tables), UploadFolder(tmp_path)).inbox == address


@pytest.mark.parametrize(
    ("now", "target"),
    [
        ([["anna@x.example", "ben@x.example"], ["cleo@x.example"]], "anna@x.example"),
        ([["Anne <anne@x.example>", "ben@x.example"], ["cleo@x.example"]], "anne@x.example"),
        ([["ben@x.example", "anne@x.example"], ["cleo@x.example"]], "anna@x.example"),
        ([["anne@x.example"], ["cleo@x.example"]], "anna@x.example"),
        ([["cleo@x.example"]], "anna@x.example"),
        ([["cleo@x.example", "ben@x.example"]], "anna@x.example"),
        ([["new@x.example", "ben@x.example"], ["anna@x.example"]], "anna@x.example"),
        ([["{{ entry.email }}", "ben@x.example"]], "anna@x.example"),
        ([], "anna@x.example"),
    ],
)
def test_a_mail_goes_where_its_address_was_mended_and_to_nobody_else(
    now: Sequence[Sequence[str]], target: str, tmp_path: Path
) -> None:
    noon = datetime(2026, 12, 24, 12, tzinfo=UTC)
    named: Json = {"0": ["anna@x.example", "ben@x.example"], "1": ["cleo@x.example"]}
    message = Outgoing(
        number=1, receipt="K7QF2-M9XA3", form="order", kind=MessageKind.EMAIL, target="anna@x.example",
        content={"named": named}, send=0, state=MessageState.WAITING, created=noon, due=noon, attempts=0, last_words="",
    )  # fmt: skip
    sends = tuple(Send.model_validate({"email": list(each)}) for each in now)
    assert Settings("x", UploadFolder(tmp_path), sends={"order": sends}).target_of(message) == target
