"""Content Security Policies: what they fall back on, what they let through."""

import pytest

from declweb.http.policy import STRICT, declared, effective, extended, lets_inline, lets_through, parse, written

ORIGIN = "https://a.example"


def test_a_policy_is_read_and_written() -> None:
    text = "default-src 'self'; img-src 'self' data:; upgrade-insecure-requests"
    assert written(parse(text)) == text
    assert parse("  DEFAULT-src 'none' ;; default-src *; ") == {"default-src": ("'none'",)}
    assert parse("") == {}


@pytest.mark.parametrize(
    ("policy", "directive", "expected"),
    [
        ("default-src 'self'", "script-src-elem", ("'self'",)),
        ("default-src 'self'; script-src a.example", "script-src-elem", ("a.example",)),
        ("default-src 'self'; child-src a.example", "frame-src", ("a.example",)),
        ("default-src 'self'", "form-action", None),
        ("img-src 'self'", "script-src", None),
        ("img-src", "img-src", ()),
    ],
)
def test_directives_fall_back(policy: str, directive: str, expected: tuple[str, ...] | None) -> None:
    assert effective(parse(policy), directive) == expected


@pytest.mark.parametrize(
    ("sources", "url", "expected"),
    [
        ("'self'", "https://a.example/x", True),
        ("'self'", "https://a.example:443/x", True),
        ("'self'", "https://b.example/x", False),
        ("'self'", "http://a.example/x", False),
        ("'none'", "https://a.example/x", False),
        ("*", "https://b.example/x", True),
        ("*", "data:,x", False),
        ("data:", "data:,x", True),
        ("https:", "https://b.example/x", True),
        ("http:", "https://b.example/x", True),
        ("https:", "http://b.example/x", False),
        ("b.example", "https://b.example/x", True),
        ("b.example", "http://b.example/x", False),
        ("https://b.example", "https://B.example/x", True),
        ("http://b.example", "https://b.example/x", True),
        ("https://b.example:8443", "https://b.example/x", False),
        ("https://b.example:8443", "https://b.example:8443/x", True),
        ("https://b.example:*", "https://b.example:8443/x", True),
        ("*.b.example", "https://c.b.example/x", True),
        ("*.b.example", "https://b.example/x", False),
        ("https://b.example/lib/", "https://b.example/lib/x.js", True),
        ("https://b.example/lib", "https://b.example/lib/x.js", False),
        ("https://b.example/lib/x.js", "https://b.example/lib/x.js", True),
        ("'unsafe-inline'", "https://b.example/x", False),
    ],
)
def test_addresses(sources: str, url: str, expected: bool) -> None:  # a table's column
    assert lets_through(parse(f"img-src {sources}"), "img-src", url, ORIGIN) is expected


def test_without_a_directive_everything_is_let_through() -> None:
    assert lets_through({}, "img-src", "https://b.example/", ORIGIN)
    assert lets_inline({}, "script-src")
    assert not lets_through({"img-src": ("'self'",)}, "img-src", "https://b.example/", None)


@pytest.mark.parametrize(
    ("sources", "digest", "expected"),
    [
        ("'self'", None, False),
        ("'self'", "sha256-x=", False),
        ("'sha256-x='", "sha256-x=", True),
        ("'unsafe-inline'", None, True),
        ("'unsafe-inline' 'sha256-x='", None, False),
        ("'unsafe-inline' 'nonce-x'", "sha256-y=", False),
        ("'unsafe-inline' 'strict-dynamic'", None, False),
    ],
)
def test_what_stands_in_the_page(sources: str, digest: str | None, expected: bool) -> None:  # a table's column
    assert lets_inline(parse(f"script-src {sources}"), "script-src-elem", digest) is expected


def test_sources_are_added_to_what_counted() -> None:
    policy = extended(
        STRICT,
        {
            "script-src": ("https://c.example", "'self'"),
            "frame-ancestors": ("https://p.example",),
            "object-src": None,
            "img-src": ("'none'",),
            "sandbox": ("allow-forms",),
            "upgrade-insecure-requests": (),
            "child-src": (),
        },
    )
    assert policy == {
        "default-src": ("'self'",),
        "base-uri": ("'self'",),
        "form-action": ("'self'",),
        "frame-ancestors": ("https://p.example",),
        "img-src": ("'none'",),
        "script-src": ("'self'", "https://c.example"),
        "sandbox": ("allow-forms",),
        "upgrade-insecure-requests": (),
        "child-src": ("'self'",),
    }
    assert extended({}, {"media-src": ()}) == {"media-src": ("'none'",)}


def test_policies_as_they_are_declared() -> None:
    assert declared(True, strict=True) == STRICT  # as it is written
    assert declared(True, strict=False) == declared(False, strict=True) == {}
    assert declared({"img-src": ["data:"], "media-src": False}, strict=False) == {"img-src": ("data:",)}
