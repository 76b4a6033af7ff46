"""A bakery with the site file of a module, and what it has stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from declweb.storage import Store, StoreSettings


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "bakery"
    folder.mkdir()
    (folder / "site.toml").write_text(request.module.SITE)
    return folder


@pytest.fixture
def store(site: Path) -> Iterator[Store]:
    made = Store(StoreSettings(site / "storage"))
    yield made
    made.stop()
