"""Stores to test with: on SQLite, and on a PostgreSQL of the tests' own."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql import fresh_database, postgresql

from declweb.storage import Store, StoreSettings

_numbers = itertools.count()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a database on a PostgreSQL server."""
    with postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> StoreSettings:
    """Settings of a new, empty store."""
    if request.param == "sqlite":
        return StoreSettings(tmp_path / "storage")
    url = fresh_database(request.getfixturevalue("server"), f"site{next(_numbers)}")
    return StoreSettings(tmp_path / "storage", url)


@pytest.fixture
def store(settings: StoreSettings) -> Iterator[Store]:
    """A new, empty store on either database."""
    made = Store(settings)
    yield made
    made.stop()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """A new, empty store on SQLite."""
    made = Store(StoreSettings(tmp_path / "storage"))
    yield made
    made.stop()
