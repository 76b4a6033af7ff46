"""The site with a page for its staff, anew or one for several tests."""

from pathlib import Path

import pytest
from staff import site

from declweb.app import App


@pytest.fixture
def app(tmp_path: Path) -> App:
    return site(tmp_path)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> App:
    """The same for tests that do nothing to it which others would notice."""
    return site(tmp_path_factory.mktemp("site"))
