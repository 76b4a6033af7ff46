"""Who sent a form."""

import pytest

from declweb.http.origins import is_cross_site

OWN = ("https://blackbird.example", "http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("fetch_site", "origin", "is_cross"),
    [
        (None, None, False),
        ("same-origin", None, False),
        ("none", None, False),
        ("same-origin", "https://evil.example", False),
        ("same-site", "https://blackbird.example", True),
        ("cross-site", "https://blackbird.example", True),
        ("anything", None, True),
        (None, "https://blackbird.example", False),
        (None, "https://BLACKBIRD.example:443", False),
        (None, "http://127.0.0.1:8000", False),
        (None, "http://blackbird.example", True),
        (None, "https://blackbird.example:8443", True),
        (None, "https://blackbird.example.evil.example", True),
        (None, "null", True),
        (None, "https://[", True),
        (None, "https://blackbird.example:99999999", True),
    ],
)
def test_who_sent_it(fetch_site: str | None, origin: str | None, is_cross: bool) -> None:
    assert is_cross_site(fetch_site, origin, OWN) is is_cross


@pytest.mark.parametrize(
    ("origin", "host", "is_cross"),
    [
        ("http://shop.example", "shop.example", False),
        ("https://shop.example", "shop.example", False),
        ("https://shop.example", "SHOP.example:443", False),
        ("http://shop.example:8000", "shop.example:8000", False),
        ("http://shop.example:8000", "shop.example", True),
        ("https://shop.example", "shop.example:8000", True),
        ("https://evil.example", "shop.example", True),
        ("https://evil.example", "shop.example@evil.example", True),
        ("https://evil.example", "", True),
        ("null", "null", True),
    ],
)
def test_the_host_that_was_asked_is_the_site_too(origin: str, host: str, is_cross: bool) -> None:
    assert is_cross_site(None, origin, (), host) is is_cross
