"""Stored text as text: whatever visitors wrote is read, and does nothing.

Owns how signs that nobody sees are made visible, and that the direction of a text ends with it. Knows no entry.
"""

import re
import unicodedata
from collections.abc import Iterable

from markupsafe import Markup, escape

_CONTROLS = (
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI", "DLE",
    "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
)  # fmt: skip
"""What the control characters are called (ECMA-48)."""
_JOINERS = frozenset({"\u200c", "\u200d"})
"""Signs without which words of some languages, and some emoji, are written wrongly."""
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
"""Signs that take no room, or change how others are read."""
_WORDS = re.compile(r"\s+")
ELLIPSIS = "…"


def _sign(found: str) -> str:
    """Return what stands for a sign that nobody sees."""
    number = ord(found)
    if number < len(_CONTROLS):
        return _CONTROLS[number]
    return "DEL" if number == 0x7F else f"U+{number:04X}"


def plain(text: object) -> str:
    """Return text for titles and attributes: in one line, every sign visible."""
    return _UNSEEN.sub(lambda found: f"[{_sign(found[0])}]", _WORDS.sub(" ", str(text)).strip())


def shown(text: object) -> Markup:
    """Return text as it is shown: signs that nobody sees stand out, and its direction ends with it."""
    return Markup("<bdi>{}</bdi>").format(_signs(str(text)))  # what is put in is escaped


def in_lines(text: object) -> Markup:
    """Return text of several lines, each of which has its own direction."""
    lines = str(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Markup("\n").join(map(shown, lines))  # a line feed


def _signs(text: str) -> Markup:
    parts: list[str] = []
    last = 0
    for found in _UNSEEN.finditer(text):
        parts += [str(escape(text[last : found.start()])), _marked(found[0])]
        last = found.end()
    return Markup("".join([*parts, str(escape(text[last:]))]))  # noqa: S704 # all of it is escaped above


def _marked(sign: str) -> str:
    name = unicodedata.name(sign, "") or f"U+{ord(sign):04X}"
    return f'<span class="sign" title="{escape(name)}">{_sign(sign)}</span>'


def shortened(text: object, most: int) -> str:
    """Return the beginning of a text in one line; no letter is parted from what belongs to it."""
    line = _WORDS.sub(" ", str(text)).strip()
    if len(line) <= most:
        return line
    end = most - 1
    while end and (unicodedata.combining(line[end]) or line[end] in _JOINERS or line[end - 1] in _JOINERS):
        end -= 1
    return line[: end or most - 1].rstrip() + ELLIPSIS


def first_line(texts: Iterable[object]) -> str:
    """Return the first line of the first text that has one."""
    for text in texts:
        for line in str(text).splitlines():
            if line.strip():
                return line.strip()
    return ""
