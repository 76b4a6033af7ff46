"""How the HTTP Observatory of Mozilla (now MDN) scores a site, worked out for answers that a test already has.

The rules are those of its scanner, as published at https://github.com/mdn/mdn-http-observatory (src/grader/charts.js
for the points, src/analyzer/tests for the tests; read at commit 94042bb of August 2026) and described at
https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring. Written anew from them; hosts in the preload
list and certificates play no part here.

A site starts at 100. What is missing costs points; extra points count only where the rest comes to 90 or more.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlsplit

GRADES = (
    (100, "A+"), (90, "A"), (85, "A-"), (80, "B+"), (70, "B"), (65, "B-"), (60, "C+"), (50, "C"), (45, "C-"),
    (40, "D+"), (30, "D"), (25, "D-"), (0, "F"),
)  # fmt: skip
EXTRA_FROM = 90
SIX_MONTHS = 15_552_000

BROAD = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
INLINE = {"'unsafe-inline'", "data:"}
PRIVATE_REFERRERS = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
LOOSE_REFERRERS = {"origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"}


@dataclass(frozen=True)
class Answer:
    """What the scanner sees of a site over https."""

    headers: tuple[tuple[str, str], ...]
    body: str = ""
    redirects: tuple[str, ...] = ()
    """Addresses from the first one over http on."""

    def all(self, name: str) -> list[str]:
        """Return every value of a header field."""
        return [value for given, value in self.headers if given.lower() == name]

    def one(self, name: str) -> str:
        """Return the first value of a header field."""
        return next(iter(self.all(name)), "")


def score(answer: Answer) -> tuple[int, str, Mapping[str, int]]:
    """Return points, grade, and the points of each test."""
    points = {name: test(answer) for name, test in TESTS.items()}
    strict = 100 + sum(given for given in points.values() if given < 0)
    total = max(100 + sum(points.values()) if strict >= EXTRA_FROM else strict, 0)
    return total, next(grade for least, grade in GRADES if total >= least), points


def _policy(values: Iterable[str]) -> dict[str, set[str]] | None:
    found: dict[str, set[str]] = {}
    for part in "; ".join(values).split(";"):
        name, *sources = part.lower().split() or [""]
        if name in found:
            return None
        if name:
            found[name] = set(sources) or ({"'none'"} if name.endswith("-src") else set())
    return found


def _content_security_policy(answer: Answer) -> int:
    values = answer.all("content-security-policy")
    policy = _policy(values)
    if not values or policy is None:
        return -25
    scripts, styles, objects = (
        policy.get(name, policy.get("default-src", {"*"})) for name in ("script-src", "style-src", "object-src")
    )
    scripts, styles = _without_ignored(scripts), _without_ignored(styles)
    passive = {"img-src", "media-src"}
    active = [source for name, sources in policy.items() if name not in passive for source in sources]
    pictures = [source for name in passive for source in policy.get(name, policy.get("default-src", set()))]
    tests = (
        (bool(scripts & (BROAD | INLINE) or objects & BROAD), -20),
        (any(source.startswith(("http:", "ftp:")) for source in active), -20),
        ("'unsafe-eval'" in scripts | styles, -10),
        (any(source.startswith(("http:", "ftp:")) for source in pictures), -10),
        (bool(styles & (BROAD | INLINE)), 0),
        (policy.get("default-src") == {"'none'"}, 10),
    )
    return next((points for holds, points in tests if holds), 5)


def _without_ignored(sources: set[str]) -> set[str]:
    is_by_hash = any(re.match("'(sha(256|384|512)|nonce)-", source) for source in sources)
    return sources - {"'unsafe-inline'"} if is_by_hash else sources


def _cookies(answer: Answer) -> int:
    cookies = answer.all("set-cookie")
    if not cookies:
        return 0
    is_secure = all(re.search(r";\s*secure", cookie, re.IGNORECASE) for cookie in cookies)
    is_hidden = all(re.search(r";\s*httponly", c, re.IGNORECASE) for c in cookies if re.match("[^=]*(sess|login)", c))
    is_same_site = all(re.search(r";\s*samesite=(lax|strict)", cookie, re.IGNORECASE) for cookie in cookies)
    if not is_hidden:
        return -30
    if not is_secure:
        return -5 if _transport_security(answer) == 0 else -20
    return 5 if is_same_site else 0


def _sharing(answer: Answer) -> int:
    origin = answer.one("access-control-allow-origin")
    is_open = answer.one("access-control-allow-credentials").lower() == "true" and origin not in {"", "*"}
    return -50 if is_open else 0


def _redirection(answer: Answer) -> int:
    if not answer.redirects:
        return 0
    route = [urlsplit(address) for address in answer.redirects]
    if len(route) == 1 or route[-1].scheme != "https":
        return -20
    if route[1].scheme == "http":
        return -10
    return -5 if route[0].hostname != route[1].hostname else 0


def _referrer_policy(answer: Answer) -> int:
    words = [word.strip().lower() for value in answer.all("referrer-policy") for word in value.split(",")]
    known = [word for word in words if word in PRIVATE_REFERRERS | LOOSE_REFERRERS]
    if not words:
        return 0
    return 5 if known and known[-1] in PRIVATE_REFERRERS else -5


def _transport_security(answer: Answer) -> int:
    value = answer.one("strict-transport-security")
    found = re.search(r"max-age=(\d+)", value)
    if not found or "," in value:
        return -20
    return 0 if int(found[1]) >= SIX_MONTHS else -10


def _integrity(answer: Answer) -> int:
    if answer.one("content-type").partition(";")[0] not in {"text/html", "application/xhtml+xml", ""}:
        return 0
    foreign = [script for script in _scripts(answer.body) if re.match(r"(https?:)?//", script["src"])]
    if any(script["src"].startswith("http:") for script in foreign):
        return -50 if any("integrity" not in script for script in foreign) else -20
    if any("integrity" not in script for script in foreign):
        return -5
    return 5 if foreign else 0


def _scripts(body: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    class Scripts(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "script" and dict(attrs).get("src"):
                found.append({name: value or "" for name, value in attrs})

    Scripts().feed(body)
    return found


def _types(answer: Answer) -> int:
    return 0 if answer.one("x-content-type-options").strip().lower() == "nosniff" else -5


def _framing(answer: Answer) -> int:
    policy = _policy(answer.all("content-security-policy")) or {}
    value = answer.one("x-frame-options").strip().lower()
    if "frame-ancestors" in policy or value in {"deny", "sameorigin"}:
        return 5
    return 0 if value.startswith("allow-from") else -20


def _one_of(name: str, good: set[str], neutral: set[str]) -> Callable[[Answer], int]:
    def test(answer: Answer) -> int:
        value = answer.one(name).strip().lower()
        return 10 if value in good else 0 if value in neutral | {""} else -5

    return test


TESTS: dict[str, Callable[[Answer], int]] = {
    "content-security-policy": _content_security_policy,
    "cookies": _cookies,
    "cross-origin-embedder-policy": _one_of(
        "cross-origin-embedder-policy", {"require-corp", "credentialless"}, {"unsafe-none"}
    ),
    "cross-origin-opener-policy": _one_of(
        "cross-origin-opener-policy",
        {"same-origin", "same-origin-allow-popups", "noopener-allow-popups"},
        {"unsafe-none"},
    ),
    "cross-origin-resource-policy": _one_of(
        "cross-origin-resource-policy", {"same-origin", "same-site"}, {"cross-origin"}
    ),
    "cross-origin-resource-sharing": _sharing,
    "redirection": _redirection,
    "referrer-policy": _referrer_policy,
    "strict-transport-security": _transport_security,
    "subresource-integrity": _integrity,
    "x-content-type-options": _types,
    "x-frame-options": _framing,
}
"""The tests and their points."""
