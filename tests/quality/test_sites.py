"""What judges of web pages say of the sites: html-validate, axe-core in Chromium, and Lighthouse.

The judges are npm packages; package-lock.json beside this file says which, and the tests install them.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cases import running
from crawling import pages_of
from judges import complaints, violations
from outside import QUIET, browser, chromium, node_modules
from playwright.sync_api import Browser
from servers import Running, serve

from declweb.app import App
from declweb.compiler.default_errors import STATUSES, Error, Host, page
from declweb.compiler.folder_listing import Item, for_people
from declweb.context import constant_context
from declweb.translations import LANGUAGES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SITES = [*sorted(file.parent for file in (ROOT / "sites").glob("*/site.toml")), ROOT / "examples" / "pages"]
TRIES = 6
"""How often Lighthouse may look: how fast a page is depends on what else the machine does. The best one counts."""

HOST = Host("Blackbird Bakery", "pl")
REFERENCE = "8c1fb8c4a3e0d512"


@pytest.fixture(scope="module")
def judges() -> Path:
    return node_modules(HERE)


@pytest.fixture(scope="module", params=SITES, ids=lambda site: site.name)
def site(request: pytest.FixtureRequest) -> Iterator[Running]:
    with serve(request.param) as server:
        yield server


@pytest.fixture(scope="module")
def app(site: Running) -> App:
    return running(Path(site.command[2]))


@pytest.fixture(scope="module")
def pages(site: Running, app: App) -> dict[str, str]:
    """Every page of a site, by address."""
    return pages_of(site, {listed.url for listed in app.overview if "<" not in listed.url and "GET" in listed.methods})


def error_pages(app: App) -> dict[str, str]:
    """Return what a site answers to each error."""
    answers = {status: app.errors(status, constant_context("/", app.prefix)) for status in STATUSES}
    return {str(status): b"".join(body).decode() for status, (_, _, body) in answers.items()}


def default_pages() -> dict[str, str]:
    errors = {
        f"{status}-{language}": page(Error.of(status, language, reference=REFERENCE), language, HOST, "/").decode()
        for status in STATUSES
        for language in LANGUAGES
    }
    items = [Item("Old", "/files/Old/", None, 1e9), Item("a & b.txt", "/files/a%20&%20b.txt", 1500, 1e9)]
    listings = {
        f"listing-{language}-{len(shown)}": for_people("/files/", shown, "/", language, "Europe/Berlin").decode()
        for language in LANGUAGES
        for shown in (items, [])
    }
    return errors | listings


# --- valid HTML -------------------------------------------------------------------------------------------------------


def test_html_is_valid(judges: Path, pages: dict[str, str], app: App, tmp_path: Path) -> None:
    assert len(pages) > 1
    assert not complaints(judges, tmp_path, {**pages, **error_pages(app)})


def test_html_of_default_error_pages_is_valid(judges: Path, tmp_path: Path) -> None:
    assert not complaints(judges, tmp_path, default_pages())


def test_the_judge_of_html_is_awake(judges: Path, tmp_path: Path) -> None:
    html = "<!doctype html><html lang=en><title>x</title><p><div></div></p></html>"
    assert any("p" in said and said.startswith("/:1:") for said in complaints(judges, tmp_path, {"/": html}))


# --- accessible -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as running_browser:
        yield running_browser


def test_pages_are_accessible(chrome: Browser, judges: Path, site: Running, pages: dict[str, str]) -> None:
    assert not violations(chrome, judges, pages, site.url.rstrip("/"))


def test_default_error_pages_are_accessible(chrome: Browser, judges: Path) -> None:
    assert not violations(chrome, judges, {name: html for name, html in default_pages().items() if "404" in name})


def test_the_judge_of_accessibility_is_awake(chrome: Browser, judges: Path) -> None:
    said = violations(chrome, judges, {"/": "<!doctype html><html lang=en><title>x</title><img src=data:,></html>"})
    assert any("image-alt" in each for each in said)


# --- Lighthouse -------------------------------------------------------------------------------------------------------


MAIN_PAGES = {
    "bakery": ["/", "/menu/", "/news/plums", "/order"],
    "school": ["/kurse/"],
}
"""What Lighthouse looks at, by site."""


@pytest.fixture(scope="module")
def whole_sites() -> Iterator[dict[str, str]]:
    """Where each of them is served."""
    with ExitStack() as servers:
        yield {name: servers.enter_context(serve(ROOT / "sites" / name)).url.rstrip("/") for name in MAIN_PAGES}


def scores(judges: Path, url: str) -> dict[str, int]:
    """Return what Lighthouse gives a page on a phone, out of 100; nothing where it gave up."""
    flags = f"--chrome-flags={' '.join(('--headless', *QUIET))}"
    lighthouse = str(judges / "lighthouse" / "cli" / "index.js")
    command = ["node", lighthouse, url, "--quiet", "--output=json", "--no-enable-error-reporting", flags]
    environment = {**os.environ, "CHROME_PATH": chromium()}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
    if done.returncode:
        print(done.stderr[-2000:])  # noqa: T201 # shown where the test fails
        return {}
    return {name: round(category["score"] * 100) for name, category in json.loads(done.stdout)["categories"].items()}


@pytest.mark.alone
@pytest.mark.parametrize(("name", "address"), [(name, each) for name, pages in MAIN_PAGES.items() for each in pages])
def test_lighthouse_gives_all_points(judges: Path, whole_sites: dict[str, str], name: str, address: str) -> None:
    best = dict.fromkeys(("performance", "accessibility", "best-practices", "seo"), 0)
    for _ in range(TRIES):
        seen = scores(judges, whole_sites[name] + address)
        best = {name: max(score, seen.get(name, 0)) for name, score in best.items()}
        if min(best.values()) == 100:
            break
    assert set(best.values()) == {100}, best


def test_lighthouse_looks_at_every_whole_site() -> None:
    assert set(MAIN_PAGES) == {site.name for site in SITES if site.parent.name == "sites"}


# --- what the judges are ----------------------------------------------------------------------------------------------


def test_the_lock_file_holds_names_versions_and_hashes_only() -> None:
    text = (HERE / "package-lock.json").read_text("utf-8")
    assert "://" not in text
    assert '"resolved"' not in text
    packages = {name: package for name, package in json.loads(text)["packages"].items() if name}
    assert all(re.fullmatch(r"sha512-[\w+/]+=*", package["integrity"]) for package in packages.values())
