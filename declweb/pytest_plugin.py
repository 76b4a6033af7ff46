"""pytest's fixtures for the tests of a site: `site` and `client`.

Owns which site is meant and what is different while it is tested: it stores what it must in a folder of the test's own,
and an exception of a view reaches the test. Imports nothing of declweb before a test asks for a site.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from declweb.app import App
    from declweb.hooks.testing import SiteClient
    from declweb.model import Site

SITE = "site.toml"
TESTING = "testing"
"""The environment in which a site is tested, where it declares one."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting that names the site."""
    parser.addini(
        "declweb_site", "The site file that `site` loads; the nearest site.toml above a test where not given."
    )


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> App:
    """Return the site that is tested: in its environment `testing`, where it has one, and storing nothing of its own.

    What it must store lies in a folder that is the test's.
    """
    from declweb.loading import environments, load_site  # noqa: PLC0415 # see above
    from declweb.problems import draw_text  # noqa: PLC0415 # see above

    file = _file(request)
    environment = TESTING if TESTING in environments(file) else None

    def elsewhere(declared: Site) -> Site:
        storage = declared.storage.model_copy(update={"folder": str(tmp_path / "storage")})
        return declared.model_copy(update={"storage": storage})

    loaded = load_site(file, environment, dict(os.environ), change=elsewhere)
    if loaded.app is None:
        pytest.fail(draw_text(loaded.problems), pytrace=False)
    if loaded.app.code is not None:
        loaded.app.code.testing = True
    return loaded.app


@pytest.fixture
def client(site: App) -> SiteClient:
    """Return what asks the site as a browser would; `with client:` keeps `session` and `g` of the last request."""
    return site.test_client()


def _file(request: pytest.FixtureRequest) -> Path:
    named = request.config.getini("declweb_site")
    if named:
        return request.config.rootpath / str(named)
    for folder in request.path.parents:
        if (folder / SITE).is_file():
            return folder / SITE
    pytest.fail(
        f"there is no {SITE} above {request.path.name}: name it with `declweb_site` in pytest's settings", pytrace=False
    )
