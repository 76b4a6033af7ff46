"""Where the owner reads what came, as messages say it."""

from pathlib import Path

import pytest

from declweb.delivery.settings import Settings
from declweb.model import Site
from declweb.storage import UploadFolder

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
