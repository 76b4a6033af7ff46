"""What the Host field of a request may be."""

import pytest

from declweb.http.hosts import is_host


@pytest.mark.parametrize(
    "host",
    [
        "",
        "a",
        "blackbird.example",
        "a:8000",
        "a:",
        "[::1]",
        "[::1]:80",
        "127.0.0.1:65535",
        "xn--bcker-gra.example",
        "a_b",
    ],
)
def test_hosts(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize(
    "host", ["a b", "a/b", "user@a", "a,b", "a:b", "a:65536", "a:123456", "ä", "a\x7f", "<a>", "[::1", "[a.b]x", "a\n"]
)
def test_no_hosts(host: str) -> None:
    assert not is_host(host)
