"""An inbox, and Anna, who may use it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from inboxes import loaded, signed_in, small, store_of
from werkzeug.test import Client

from declweb.app import App
from declweb.storage import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small(tmp_path)


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    store = store_of(folder)
    yield store
    store.stop()


@pytest.fixture
def app(folder: Path, store: Store) -> App:
    store.prepare()
    return loaded(folder)


@pytest.fixture
def anna(app: App) -> Client:
    return signed_in(app)
