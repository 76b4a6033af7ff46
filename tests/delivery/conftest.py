"""A post office with a store of its own, and a mail server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mailing import MailServer, Office, mail_server

from declweb.storage import Store, StoreSettings


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An empty outbox, and a clock that tests move."""
    store = Store(StoreSettings(tmp_path / "storage"))
    yield Office(store)
    store.stop()


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that takes everything."""
    with mail_server() as running:
        yield running
