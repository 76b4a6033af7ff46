"""Feeds, sitemaps and the library behind Markdown, in whole sites."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cases import running, strict_client, write
from werkzeug.test import Client

from declweb.loading import check_site
from declweb.pages import sitemap

SITE = '[site]\nname = "Many"\nurl = "https://many.example"\n[[pages]]\nfeeds = { "/feed.xml" = "*" }\n'


def got(client: Client, url: str) -> bytes:
    with client.get(url) as response:
        return bytes(response.data)


def test_a_long_sitemap_is_an_index_of_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"site.toml": SITE, **{f"pages/{name}.md": f"# {name}" for name in "abcdefg"}})
    monkeypatch.setattr(sitemap, "MOST", 3)
    app = running(tmp_path)
    client = strict_client(app)
    index = ElementTree.fromstring(got(client, "/sitemap.xml"))
    parts = [node[0].text or "" for node in index]
    assert parts == [f"https://many.example/sitemap-{number}.xml" for number in (1, 2, 3)]
    found = [ElementTree.fromstring(got(client, part.removeprefix("https://many.example"))) for part in parts]
    assert [node[0].text for part in found for node in part] == [f"https://many.example/{name}" for name in "abcdefg"]
    listed = {listed.url: listed.answer for listed in app.overview}
    assert listed["/sitemap.xml"] == "sitemap index"
    assert listed["/sitemap-2.xml"] == "sitemap"


def test_a_feed_of_drafts_alone_is_no_mistake(tmp_path: Path) -> None:
    write(tmp_path, {"site.toml": SITE, "pages/a.md": "+++\ndate = 2026-01-01\ndraft = true\n+++\n# A"})
    assert check_site(tmp_path, {}) == ()
    assert b"<entry" not in got(strict_client(running(tmp_path)), "/feed.xml")


def test_feeds_and_links_to_them_change_with_their_pages(tmp_path: Path) -> None:
    languages = SITE.replace('"Many"', '"Many"\nlanguages = ["en", "de"]')
    write(tmp_path, {"site.toml": languages, "pages/a.md": "+++\ndate = 2026-01-01\n+++\n# A", "pages/b.de.md": "# B"})
    before = strict_client(running(tmp_path))
    assert b"404" in got(before, "/de/feed.xml")
    assert b"feed.xml" not in got(before, "/de/b")
    write(tmp_path, {"pages/a.de.md": "+++\ndate = 2026-01-01\n+++\n# A de"})
    after = strict_client(running(tmp_path))
    assert b"A de" in got(after, "/de/feed.xml")
    assert b'href="/de/feed.xml"' in got(after, "/de/b")


def test_a_site_without_pages_does_not_import_markdown() -> None:
    example = Path(__file__).parents[2] / "examples" / "hello"
    code = (
        "import sys, pathlib; from declweb.loading import load_site; "
        f"assert load_site(pathlib.Path({str(example)!r}), None, {{}}).app; print('markdown_it' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout == b"False\n"
