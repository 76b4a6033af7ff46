"""Paths in addresses, and other ways to write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.http.paths import escaped
from declweb.routing.escapes import is_malformed, is_misspelt


@pytest.mark.parametrize(
    ("target", "misspelt"),
    [
        (None, False),
        ("", False),
        ("/a%20b/%C3%BC", False),
        ("/a%20b/%C3%BC?%61", False),
        ("/shop/a%20b/%C3%BC", False),
        ("https://blackbird.example/a%20b/%C3%BC", False),
        ("/a%20b/%c3%bc", True),
        ("/%61%20b/%C3%BC?x", True),
        ("/a b/%C3%BC", False),
        ("/a%20b/\xc3\xbc", False),
        ("/%61 b/\xc3\xbc", True),
        ("/a%20b//%C3%BC", True),
        ("/a%20b%2F%C3%BC", True),
        ("/shop/a%20b/%c3%bc", True),
        ("/other", False),
        ("/%ff", False),
        ("/\u20ac", False),
    ],
)
def test_targets(target: str | None, misspelt: bool) -> None:  # a table's column
    assert is_misspelt(target, "/shop", "/a b/ü") is misspelt


@pytest.mark.parametrize("target", ["/a,b[1]", "/a%2Cb%5B1%5D"])
def test_what_proxies_write_in_either_way_is_right(target: str) -> None:
    assert not is_misspelt(target, "", "/a,b[1]")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_the_right_spelling_is_right(path: str) -> None:
    assert not is_misspelt(escaped(f"/{path}"), "", f"/{path}")
    assert not is_malformed(escaped(f"/{path}"))


@pytest.mark.parametrize(("target", "malformed"), [("/%zz", True), ("/%", True), ("/a?%", False), ("/%20", False)])
def test_escapes_of_nothing(target: str, malformed: bool) -> None:  # a table's column
    assert is_malformed(target) is malformed
