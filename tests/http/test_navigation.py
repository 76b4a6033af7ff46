"""Navigations told from requests for a page's parts."""

import pytest

from declweb.http.navigation import is_navigation

PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("path", "mode", "destination", "accept", "expected"),
    [
        ("/a", "navigate", "document", PAGE, True),
        ("/a.js", "navigate", None, None, True),
        ("/a", "navigate", "iframe", PAGE, True),
        ("/a", None, "document", None, True),
        ("/a", "no-cors", "script", PAGE, False),
        ("/a", "cors", "empty", "text/html", False),
        ("/a", None, None, PAGE, True),
        ("/a/", None, None, PAGE, True),
        ("/a.js", None, None, PAGE, False),
        ("/a.b/c", None, None, PAGE, True),
        ("/v1.2", None, None, PAGE, True),
        ("/a", None, None, None, False),
        ("/a", None, None, "*/*", False),
        ("/a", None, None, "TEXT/HTML", True),
        ("/a", None, None, "text/html;q=0", False),
        ("/a", None, None, "text/html;q=0.5, application/json", False),
        ("/a", None, None, "text/html" + ", text/x" * 100, True),
    ],
)
def test_navigations(
    path: str, mode: str | None, destination: str | None, accept: str | None, expected: bool
) -> None:  # a table's column
    assert is_navigation(path, mode, destination, accept) is expected
