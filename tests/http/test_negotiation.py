import pytest

from declweb.http.negotiation import best_language, best_type

TYPES = ("text/html", "application/problem+json", "application/json", "text/plain")
LANGUAGES = ("en", "de", "es", "fr", "pt-BR")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "text/html"),
        ("", "text/html"),
        ("*/*", "text/html"),
        ("image/avif,image/webp,*/*;q=0.8", "text/html"),
        ("image/*", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/json", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/*", "application/problem+json"),
        ("text/html;q=0.2, application/json;q=0.3", "application/json"),
        ("text/html;q=0, text/*", "text/plain"),
        ("APPLICATION/JSON", "application/json"),
        ("nonsense;;;q=", "text/html"),
        ("text/html;q=0," + "x/y," * 500 + "text/plain", "text/plain"),
    ],
)
def test_types(accept: str | None, expected: str) -> None:
    assert best_type(accept, TYPES) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, None),
        ("", None),
        ("*", None),
        ("it", None),
        ("de", "de"),
        ("DE-at", "de"),
        ("de-AT, en;q=0.9", "de"),
        ("zh-Hant-TW, de-Latn-AT-1901;q=0.5", "de"),
        ("en;q=0.3, fr;q=0.7", "fr"),
        ("en;q=0", None),
        ("it, es;q=0.1, *;q=0.9", "es"),
        ("pt-br", "pt-BR"),
        ("pt", "pt-BR"),
        ("pt-PT, en;q=0.9", "pt-BR"),
        ("pt;q=0, en", "en"),
        ("en-", "en"),
        ("x" * 400 + ",es", "es"),
    ],
)
def test_languages(accept: str | None, expected: str | None) -> None:
    assert best_language(accept, LANGUAGES) == expected
