"""What speaks for an entry having been sent by a machine.

Owns the signs, what each of them weighs, and from which weight on an entry is held for the owner to look at. An entry
is never dropped: a sign can be wrong. Knows neither a store nor a request.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HOLD = 10
"""Points from which on an entry is held."""

FASTEST = 2.0
"""Seconds; whoever fills a form in faster than that hardly read it."""

_LINK = re.compile(r"(?i)\b(?:https?|ftp)://|\bwww\.\w|\[url[=\]]|<a\s+href")
_IN_LINKS = ("://", "www.", "[url", "<a")
"""Of these, each link has one in it."""
_FREE_LINKS = 2
_POINTS_OF_A_LINK = 2
_POINTS_OF_LINKS = 8
_SHORT = frozenset({"text", "tel"})
"""Kinds of fields in which hardly anybody writes a link."""

_HONEYPOT = 10
_TOO_FAST = 5
_LINK_IN_A_NAME = 5
_SAME_TWICE = 3


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in one field of free text."""

    name: str
    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What speaks against an entry."""

    points: int
    reasons: tuple[str, ...]
    """Each as a word with what it is about: `honeypot`, `fast 0.8`, `links 4`, `link-in name`, `same name message`."""

    @property
    def holds(self) -> bool:
        """Whether the owner should look at the entry before anything else happens with it."""
        return self.points >= HOLD


NOTHING = Verdict(0, ())


def judge(honeypot: Iterable[str], seconds: float | None, texts: Sequence[Written]) -> Verdict:
    """Return what speaks against an entry.

    `honeypot` is what stood in the field that people do not see. `seconds` is how long the form took to fill in, where
    a script measured it: without one there are no points for it.
    """
    found: list[tuple[int, str]] = []
    if any(value.strip() for value in honeypot):
        found.append((_HONEYPOT, "honeypot"))
    if seconds is not None and seconds < FASTEST:
        found.append((_TOO_FAST, f"fast {max(seconds, 0):.1f}"))
    links = 0
    for each in texts:
        count = _links(each.text)
        if count and each.type in _SHORT:
            found.append((_LINK_IN_A_NAME, f"link-in {each.name}"))
        links += count
    if links > _FREE_LINKS:
        found.append((min((links - _FREE_LINKS) * _POINTS_OF_A_LINK, _POINTS_OF_LINKS), f"links {links}"))
    found += [(_SAME_TWICE, f"same {first.name} {second.name}") for first, second in _repeated(texts)]
    return Verdict(sum(points for points, _ in found), tuple(reason for _, reason in found))


def _links(text: str) -> int:
    """Return how many links a text has; that most have none is seen without going through them letter by letter."""
    small = text.lower()
    return len(_LINK.findall(text)) if any(sign in small for sign in _IN_LINKS) else 0


def _repeated(texts: Sequence[Written]) -> Iterable[tuple[Written, Written]]:
    """Yield fields that hold the same words as one before: programs fill every field with the same."""
    seen: dict[str, Written] = {}
    for each in texts:
        text = " ".join(each.text.split()).casefold()
        if len(text) < 10:
            continue
        if text in seen:
            yield seen[text], each
        seen.setdefault(text, each)


def fill_time(values: Sequence[str]) -> float | None:
    """Return the seconds that a script measured; None where none did, or where they are none."""
    try:
        seconds = float(values[0])
    except (IndexError, ValueError):
        return None
    return seconds if 0 <= seconds < 1e7 else None
