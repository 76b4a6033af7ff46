"""Whether an answer is what a test expects.

Owns how each expectation is compared, and how a miss is told. Asks no site.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from html import unescape
from urllib.parse import urljoin, urlsplit

from declweb.model import Trial
from declweb.sitefile import KeyPath

SHORT = 200
"""Characters of an answer that are shown."""
TELLING = 4
"""Letters of a word that tells where one is in a text."""
MANY = 5_000
"""Words of an answer that are looked at for one that is nearly right."""
MISSING = object()


REFUSED = frozenset({400, 409, 422})
"""How a form answers values that are wrong."""


def _bare(html: str) -> str:
    """Return what is read of HTML."""
    bare = re.sub(r"(?s)<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", " ", html)
    return " ".join(unescape(bare).split())


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    base: str
    """The origin that was asked."""
    sent: int = 0
    """How many messages it put into the outbox."""

    def values(self, name: str) -> list[str]:
        """Return the values of a header field."""
        return [value.strip() for key, value in self.headers if key.lower() == name.lower()]

    @property
    def kind(self) -> str:
        """The media type; empty where none is said."""
        return next(iter(self.values("Content-Type")), "")

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def is_html(self) -> bool:
        """Tell whether it is a page."""
        return self.kind.startswith("text/html")

    @property
    def words(self) -> str:
        """The body as it is read: of a page, what stands between its tags."""
        if not self.is_html:
            return self.text
        return _bare(self.text)

    @property
    def title(self) -> str:
        """What a page calls itself; empty where it says nothing."""
        found = re.search(r"(?is)<(title|h1)\b[^>]*>(.*?)</\1\s*>", self.text) if self.is_html else None
        return _bare(found[2]) if found else ""

    @property
    def refusals(self) -> list[str]:
        """What a form says of what is wrong with the values that were sent."""
        if self.status not in REFUSED:
            return []
        if self.is_html:
            _, _, summary = self.text.partition('class="dw-summary"')
            return [_bare(each) for each in re.findall(r"(?s)<li>(.*?)</li>", summary.partition("</ul>")[0])]
        try:
            errors = json.loads(self.body)["errors"]
            return [str(each["message"]) for each in errors]
        except (ValueError, TypeError, KeyError):
            return []

    @property
    def told(self) -> str:
        """The answer in a line: its status, where it leads to or what is wrong, and what the page calls itself."""
        where = "".join(f", to {each}" for each in self.values("Location"))
        what = "; ".join(self.refusals) or (f'"{self.title}"' if self.title else "")
        mails = f" ({self.sent} message{'s' * (self.sent > 1)} sent)" if self.sent else ""
        return f"{self.status}{where}{f', {what}' if what else ''}{mails}"


@dataclass(frozen=True, slots=True)
class Miss:
    """Something that is not as it was expected."""

    path: KeyPath
    """The key that expects it, within the test."""
    expected: str
    came: str


def misses(trial: Trial, answered: Answered) -> Iterator[Miss]:
    """Yield what of an answer is not as a test expects it."""
    if trial.status is not None and answered.status != trial.status:
        yield Miss(("status",), str(trial.status), answered.told)
    if trial.sends is not None and answered.sent != trial.sends:
        yield Miss(("sends",), _counted(trial.sends), _counted(answered.sent))
    if trial.location is not None:
        came = next(iter(answered.values("Location")), None)
        if came is None or _whole(came, answered) != _whole(trial.location, answered):
            yield Miss(("location",), trial.location, came or f"no Location, but {answered.told}")
    yield from _texts(trial, answered)
    yield from _headers(trial, answered)
    if trial.json_:
        yield from _values(trial, answered)


def _whole(location: str, answered: Answered) -> str:
    url = urljoin(answered.base + "/", location)
    return url if urlsplit(url).path else f"{url}/"


def _texts(trial: Trial, answered: Answered) -> Iterator[Miss]:
    places = (answered.text, answered.words, unescape(answered.text)) if answered.is_html else (answered.text,)
    for key, wanted in (("contains", trial.contains), ("lacks", trial.lacks)):
        for number, text in enumerate(wanted):
            if any(text in place for place in places) == (key == "contains"):
                continue
            word = "" if key == "contains" else "not "
            near = text if key == "lacks" else _nearest(text, answered.words)
            excerpt = _excerpt(answered.words, near)
            came = f"{answered.told}: {excerpt}" if excerpt else f"{answered.told}, and nothing in it"
            yield Miss((key, number), f'{word}"{text}"', came)


def _counted(number: int) -> str:
    return f"{number} message{'s' * (number != 1)}"


def _nearest(wanted: str, text: str) -> str:
    """Return the most words in a row of what is wanted that are in a text, or a word that is nearly one of them."""
    words, folded = wanted.split(), text.casefold()
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            part = " ".join(words[start : start + length]).casefold()
            at = folded.find(part) if len(part) >= TELLING else -1
            if at >= 0 and len(folded) == len(text):
                return text[at : at + len(part)]
    known = {word: None for word in text.split()[:MANY] if len(word) >= TELLING}
    for word in sorted(words, key=len, reverse=True):
        if close := get_close_matches(word, known, 1, 0.75):
            return close[0]
    return ""


def _excerpt(text: str, near: str) -> str:
    """Return the beginning of a text, or what stands around a word."""
    text = " ".join(text.split())
    start = max(0, text.find(near) - SHORT // 2) if near else 0
    cut = text[start : start + SHORT]
    return f"{'…' if start else ''}{cut}{'…' if start + SHORT < len(text) else ''}"


def _headers(trial: Trial, answered: Answered) -> Iterator[Miss]:
    for name, wanted in trial.header.items():
        came = answered.values(name)
        expected = (
            [] if wanted is False else [each.strip() for each in (wanted if isinstance(wanted, list) else [wanted])]
        )
        if came != expected:
            yield Miss(("header", name), ", ".join(expected) or f"no {name}", ", ".join(came) or f"no {name}")


def _values(trial: Trial, answered: Answered) -> Iterator[Miss]:
    try:
        document = json.loads(answered.body)
    except ValueError:
        excerpt = _excerpt(answered.words, "") or "nothing"
        yield Miss(("json",), "JSON", f"{answered.told}: {excerpt}")
        return
    for path, wanted in trial.json_.items():
        came = _at(document, path)
        if came is MISSING or not _same(came, wanted):
            yield Miss(("json", path), _shown(wanted), _absent(document, path) if came is MISSING else _shown(came))


def _at(document: object, path: str) -> object:
    """Return what a path leads to: names, and numbers from 0."""
    return _led(document, path.split("."))


def _led(document: object, parts: Sequence[str]) -> object:
    for part in parts:
        match document:
            case dict() if part in document:
                document = document[part]
            case list() if part.isascii() and part.isdigit() and int(part) < len(document):
                document = document[int(part)]
            case _:
                return MISSING
    return document


def _absent(document: object, path: str) -> str:
    """Say how far a path leads, and what could be named there."""
    parts = path.split(".")
    reached = max(number for number in range(len(parts)) if _led(document, parts[:number]) is not MISSING)
    there = _led(document, parts[:reached])
    where = f"`{'.'.join(parts[:reached])}`" if reached else "the answer"
    match there:
        case dict() if there:
            return f"nothing there: {where} has {_excerpt(', '.join(there), '')}"
        case list() if there:
            return f"nothing there: {where} has 0 to {len(there) - 1}"
        case dict() | list():
            return f"nothing there: {where} is empty"
        case _:
            return f"nothing there: {where} is {_shown(there)}"


def _same(came: object, wanted: object) -> bool:
    """Tell whether a value is the one that is wanted: `1` and `1.0` are one number, `true` is none."""
    if isinstance(came, bool) or isinstance(wanted, bool):
        return came is wanted
    match came, wanted:
        case dict(), dict():
            return came.keys() == wanted.keys() and all(_same(came[key], wanted[key]) for key in came)
        case list(), list():
            return len(came) == len(wanted) and all(map(_same, came, wanted))
    isoformat = getattr(wanted, "isoformat", None)
    return came == (isoformat() if isoformat else wanted)


def _shown(value: object) -> str:
    return _excerpt(json.dumps(value, ensure_ascii=False, default=str), "")
