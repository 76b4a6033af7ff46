"""Feeds, sitemaps and robots.txt hold what their specifications require, whatever is written in pages."""

import datetime
import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from declweb.pages import sitemap
from declweb.pages.atom import MOST, Entry, Feed, absolute, atom
from declweb.pages.robots import robots
from declweb.pages.sitemap import Location, index, sitemaps
from declweb.pages.xml import element, moment

HOME = "https://blackbird.example"
BERLIN = ZoneInfo("Europe/Berlin")
FEED = Feed(f"{HOME}/news/feed.xml", f"{HOME}/news/", "News & more", "Blackbird Bakery", "en", "All of it")
ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def entry(day: int, html: str = "<p>a</p>", title: str = "A <title>") -> Entry:
    updated = datetime.datetime(2026, 1, 1, tzinfo=BERLIN) + datetime.timedelta(days=day)
    return Entry(f"{HOME}/news/{day}", title, updated, html, "In short", "de", ("bread", "cake"))


def text_of(node: ElementTree.Element, name: str) -> str:
    found = node.findall(f"{ATOM}{name}")
    assert len(found) == 1, name
    return found[0].text or ""


def check_feed(document: bytes) -> ElementTree.Element:
    """Require what RFC 4287 requires of a feed (section 4.1.1) and of its entries (4.1.2)."""
    feed = ElementTree.fromstring(document)
    assert feed.tag == f"{ATOM}feed"
    seen: set[str] = set()
    for node in (feed, *feed.iter(f"{ATOM}entry")):
        name = text_of(node, "id")
        assert urlsplit(name).scheme
        assert name not in seen
        seen.add(name)
        text_of(node, "title")
        assert datetime.datetime.fromisoformat(text_of(node, "updated")).tzinfo is not None
        for link in node.findall(f"{ATOM}link"):
            assert urlsplit(link.attrib["href"]).scheme == "https"
    assert text_of(feed.findall(f"{ATOM}author")[0], "name")
    assert [link.attrib["rel"] for link in feed.findall(f"{ATOM}link")] == ["self", "alternate"]
    return feed


# --- feeds ------------------------------------------------------------------------------------------------------------


def test_a_feed_says_what_it_must_with_the_newest_first() -> None:
    feed = check_feed(atom(FEED, [entry(1), entry(200), entry(3)]))
    assert [text_of(node, "id") for node in feed.iter(f"{ATOM}entry")] == [f"{HOME}/news/{day}" for day in (200, 3, 1)]
    assert text_of(feed, "updated") == "2026-07-20T00:00:00+02:00"
    first = feed.findall(f"{ATOM}entry")[0]
    assert text_of(first, "title") == "A <title>"
    assert text_of(first, "content") == "<p>a</p>"
    assert first.findall(f"{ATOM}content")[0].attrib == {"type": "html"}
    assert [node.attrib["term"] for node in first.findall(f"{ATOM}category")] == ["bread", "cake"]
    assert first.attrib == {"{http://www.w3.org/XML/1998/namespace}lang": "de"}


def test_a_feed_without_entries_is_one() -> None:
    assert text_of(check_feed(atom(Feed("https://a/f", "https://a/", "t", "n"), [])), "updated").startswith("1970")


def test_a_feed_has_the_newest_entries_only() -> None:
    assert len(list(check_feed(atom(FEED, [entry(day) for day in range(100)])).iter(f"{ATOM}entry"))) == MOST


@given(some.text(), some.text())
def test_whatever_stands_in_a_page_a_feed_is_wellformed(title: str, html: str) -> None:
    check_feed(atom(FEED, [entry(1, html, title)]))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="/b?c&amp;d">', f'<a href="{HOME}/b?c&amp;d">'),
        ("<a class=x href=b>", f'<a class=x href="{HOME}/news/b">'),
        ("<a HREF = '#c'>", f"<a HREF = '{HOME}/news/a#c'>"),
        ('<a href="mailto:a@b">', '<a href="mailto:a@b">'),
        ('<a href="https://x.example/">', '<a href="https://x.example/">'),
        ('<a href="//[">', '<a href="//[">'),
        ('<img srcset="a 1x, /b 2x">', f'<img srcset="{HOME}/news/a 1x, {HOME}/b 2x">'),
        ('<img alt=" src=x " src="x">', f'<img alt=" src=x " src="{HOME}/news/x">'),
        ('<!-- <a href="x"> --><script>"<a href=x>"</script>', '<!-- <a href="x"> --><script>"<a href=x>"</script>'),
        ("href=x a < b", "href=x a < b"),
    ],
)
def test_addresses_in_entries_are_absolute(html: str, expected: str) -> None:
    assert absolute(html, f"{HOME}/news/a") == expected


# --- sitemaps ---------------------------------------------------------------------------------------------------------


def test_a_sitemap_names_addresses_days_and_languages() -> None:
    alternates = {"en": f"{HOME}/a&b", "de": f"{HOME}/de/a&b"}
    (document,) = sitemaps([Location(f"{HOME}/"), Location(f"{HOME}/a&b", datetime.date(2026, 1, 2), alternates)])
    root = ElementTree.fromstring(document)
    assert root.tag == f"{SITEMAP}urlset"
    first, second = root
    assert [(node.tag, node.text) for node in first] == [(f"{SITEMAP}loc", f"{HOME}/")]
    loc, lastmod, *links = second
    assert (loc.text, lastmod.text) == (f"{HOME}/a&b", "2026-01-02")
    assert [link.attrib for link in links] == [
        {"rel": "alternate", "hreflang": language, "href": url} for language, url in alternates.items()
    ]


def test_a_sitemap_of_nothing_is_one() -> None:
    (document,) = sitemaps([])
    assert len(ElementTree.fromstring(document)) == 0


def test_a_full_sitemap_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def many(count: int) -> Iterator[Location]:
        return (Location(f"{HOME}/{number}") for number in range(count))

    monkeypatch.setattr(sitemap, "MOST", 3)
    assert [len(ElementTree.fromstring(document)) for document in sitemaps(many(7))] == [3, 3, 1]
    monkeypatch.setattr(sitemap, "LARGEST", 300)
    parts = list(sitemaps(many(7)))
    assert sum(len(ElementTree.fromstring(document)) for document in parts) == 7
    assert len(parts) > 3
    assert max(map(len, parts)) <= 300


def test_an_index_names_sitemaps() -> None:
    root = ElementTree.fromstring(index([f"{HOME}/sitemap-1.xml", f"{HOME}/sitemap-2.xml"]))
    assert root.tag == f"{SITEMAP}sitemapindex"
    assert [node[0].text for node in root] == [f"{HOME}/sitemap-1.xml", f"{HOME}/sitemap-2.xml"]


# --- robots.txt -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_public", [True, False])
def test_robots_are_let_in_or_kept_out(is_public: bool) -> None:
    parser = RobotFileParser()
    parser.parse(robots(f"{HOME}/sitemap.xml", is_public=is_public).decode().splitlines())
    assert parser.can_fetch("any", "/news/") is is_public
    assert parser.site_maps() == ([f"{HOME}/sitemap.xml"] if is_public else None)


def test_robots_without_a_sitemap() -> None:
    assert robots(None, is_public=True) == b"User-agent: *\nDisallow:\n"


# --- XML --------------------------------------------------------------------------------------------------------------


@given(some.text())
def test_a_text_comes_back_but_for_what_xml_cannot_say(text: str) -> None:
    written = element("a", text, {"b": "x\r\"'<", "c": None})
    node = ElementTree.fromstring(written)
    assert node.attrib == {"b": "x\r\"'<"}
    kept = re.sub(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    assert (node.text or "") == kept


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime.datetime(1850, 1, 1, tzinfo=BERLIN), "1849-12-31T23:06:32+00:00"),
        (datetime.datetime(1, 1, 1, tzinfo=BERLIN), "0001-01-01T00:00:00+00:00"),
        (datetime.datetime(2026, 1, 1, tzinfo=BERLIN), "2026-01-01T00:00:00+01:00"),
        (datetime.date(2026, 1, 1), "2026-01-01"),
    ],
)
def test_moments_have_offsets_of_whole_minutes(value: datetime.date, written: str) -> None:
    assert moment(value) == written


def test_commas_in_addresses_of_pictures() -> None:
    html = '<img srcset="a.png 1x, data:image/png;base64,AA 2x,b.png 3x, c.png">'
    assert absolute(html, "https://x.example/y/") == (
        '<img srcset="https://x.example/y/a.png 1x, data:image/png;base64,AA 2x, https://x.example/y/b.png 3x, '
        'https://x.example/y/c.png">'
    )
