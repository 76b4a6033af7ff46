import re

import pytest

from declweb.http.media_types import _TYPES, content_type, with_charset


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("a/b.c/STYLE.CSS", "text/css; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("app.mjs", "text/javascript; charset=utf-8"),
        ("notes.txt", "text/plain; charset=utf-8"),
        ("data.json", "application/json"),
        ("feed.xml", "application/xml"),
        ("logo.svg", "image/svg+xml"),
        ("photo.jpeg", "image/jpeg"),
        ("font.woff2", "font/woff2"),
        ("site.webmanifest", "application/manifest+json"),
        ("backup.tar.gz", "application/gzip"),
        ("README", "application/octet-stream"),
        ("a.html/README", "application/octet-stream"),
        (".html", "application/octet-stream"),
        ("a.unknown", "application/octet-stream"),
        ("a.", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_types_by_name(name: str, expected: str) -> None:
    assert content_type(name) == expected


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/plain; charset=iso-8859-1", "text/plain; charset=iso-8859-1"),
        ("application/json", "application/json"),
        ("image/png", "image/png"),
    ],
)
def test_charsets(media_type: str, expected: str) -> None:
    assert with_charset(media_type) == expected


def test_the_table_is_sorted_and_well_formed() -> None:
    assert list(_TYPES) == sorted(_TYPES)
    assert all(re.fullmatch(r"[a-z0-9]+", extension) for extension in _TYPES)
    assert all(re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", media_type) for media_type in _TYPES.values())
