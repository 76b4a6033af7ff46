"""What of a site's pages is read, converted and rendered again when something has changed."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cases import Exchange, ask, running, strict_client, write

from declweb import files
from declweb.compiler import rendered_pages as compiled
from declweb.compiler.page_views import PageOfList, PageView
from declweb.loading import load_site
from declweb.pages import folder
from declweb.rules.templates import FIELDS_OF_LISTING, FIELDS_OF_PAGE

SITE = """
[site]
name = "Again"
[[pages]]
folder = "pages"
template = "page.html"
"""
TEMPLATE = """
{% for each in navigation %}{{ each.title }} {% endfor %}
{{ page.title }}: {{ page.html }}{% if page.next %}{{ page.next.title }}{% endif %}
{% for each in pages.tagged("listed") %}{{ each.title }}{% endfor %}
"""
FILES = {
    "site.toml": SITE,
    "templates/page.html": TEMPLATE,
    "pages/a.md": '+++\ntitle = "A"\ndate = 2026-01-01\n+++\nOne\n',
    "pages/b.md": '+++\ntitle = "B"\ndate = 2026-01-02\n+++\nTwo\n',
    "pages/c.md": '+++\ntitle = "C"\ndate = 2026-01-03\n+++\nThree\n',
    "pages/d.md": '+++\ntitle = "D"\n+++\nFour [c](c.md)\n',
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return long_ago(write(tmp_path, FILES))


def long_ago(site: Path) -> Path:
    """Let all files look as if they had not been touched for a while; their change times cannot be set."""
    for path in site.rglob("*.*"):
        os.utime(path, (10**9, 10**9))
    return site


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SETTLED", 0)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    addresses: list[str] = []
    keep: Callable[..., None] = compiled.RenderedPages.keep

    def keep_and_tell(self: compiled.RenderedPages, address: str, *rest: object) -> None:
        addresses.append(address)
        keep(self, address, *rest)

    monkeypatch.setattr(compiled.RenderedPages, "keep", keep_and_tell)
    return iter([addresses])


def loaded(site: Path, rendered: list[str]) -> list[str]:
    rendered.clear()
    running(site)
    return sorted(rendered)


def body(site: Path, path: str) -> str:
    return ask(strict_client(running(site)), Exchange("GET", path)).get_data(as_text=True)


def edit(site: Path, name: str, old: str, new: str) -> None:
    path = site / name
    path.write_text(path.read_text().replace(old, new))


ALL = ["/", "/a", "/b", "/c", "/d"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("pages/a.md", "One", "Other"), ["/a"]),
        (("pages/b.md", '"B"', '"Bee"'), ["/a", "/b"]),
        (("pages/d.md", '"D"', '"Dee"'), ALL),
        (("pages/c.md", "+++\nT", 'tags = ["listed"]\n+++\nT'), ALL),
        (("pages/c.md", "2026-01-03", "2026-01-04"), ["/b", "/c"]),
        (("pages/c.md", "2026-01-03", "2025-01-04"), ["/a", "/b", "/c"]),
        (("templates/page.html", "title", "title "), ALL),
        (("site.toml", "Again", "Anew"), ALL),
        (("pages/a.md", "", ""), []),
    ],
)
def test_only_what_has_changed_is_rendered_again(
    site: Path, rendered: Iterator[list[str]], change: tuple[str, str, str], expected: list[str]
) -> None:
    addresses = next(rendered)
    assert loaded(site, addresses) == ALL
    assert loaded(site, addresses) == []
    edit(site, *change)
    again = loaded(site, addresses)
    assert again == expected
    shown = body(site, "/a")
    compiled._remembered.clear()
    folder._remembered.clear()
    assert body(site, "/a") == shown


def test_a_page_that_moves_takes_its_links_along(site: Path, rendered: Iterator[list[str]]) -> None:
    addresses = next(rendered)
    loaded(site, addresses)
    edit(site, "pages/d.md", "c.md", "new/c.md")
    (site / "pages" / "new").mkdir()
    (site / "pages" / "c.md").rename(site / "pages" / "new" / "c.md")
    assert '<a href="/new/c">' in body(site, "/d")
    assert "404" in body(site, "/c")


def test_files_that_changed_just_now_are_not_believed_to_be_the_same(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SETTLED", 10**12)
    running(site)
    status = (site / "pages" / "a.md").stat()
    edit(site, "pages/a.md", "One", "Two")
    os.utime(site / "pages" / "a.md", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "Two" in body(site, "/a")


def test_few_folders_and_sites_are_remembered(tmp_path: Path) -> None:
    for number in range(folder.MOST_FOLDERS + 2):
        running(write(tmp_path / str(number), FILES))
    assert len(folder._remembered) == folder.MOST_FOLDERS
    assert len(compiled._remembered) == compiled.MOST_SITES


def test_a_broken_version_is_not_remembered(site: Path) -> None:
    running(site)
    edit(site, "templates/page.html", "page.title", "page.date.yaer")
    assert load_site(site, None, {}).app is not None
    edit(site, "templates/page.html", "page.date.yaer", "config.nothing")
    assert load_site(site, None, {}).app is None
    assert load_site(site, None, {}).app is None


def test_a_site_says_when_the_next_page_is_due(site: Path) -> None:
    later = (datetime.now(UTC) + timedelta(days=2)).date()
    edit(site, "pages/a.md", "2026-01-01", str(later))
    found = load_site(site, None, {})
    assert found.until == datetime(later.year, later.month, later.day, tzinfo=UTC)
    assert found.app is not None
    assert "/a" not in found.app.prepared
    shown = load_site(site, None, {}, is_development=True)
    assert shown.until is None
    assert shown.app is not None
    assert "/a" in shown.app.prepared


def test_templates_may_ask_what_the_rules_know() -> None:
    fields = {name for name, value in vars(PageView).items() if isinstance(value, property) and name[0] != "_"}
    assert set(FIELDS_OF_PAGE) == fields
    listing = {name for name, value in vars(PageOfList).items() if isinstance(value, property)}
    assert set(FIELDS_OF_LISTING) == listing
