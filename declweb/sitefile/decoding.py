"""Bytes to text.

Owns what a site file's bytes may be: UTF-8, with or without a byte-order mark, with the line endings of Unix or
Windows. Of anything else the text is guessed, so that its other mistakes can still be found. Must not know TOML.
"""

import codecs
import re
from contextlib import suppress
from typing import NamedTuple

from declweb.problems import Place, Problem


class Decoded(NamedTuple):
    r"""A text whose lines end with "\n", and what was wrong with its bytes."""

    text: str
    problems: tuple[Problem, ...] = ()


_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""What a file begins with that is in another encoding; the longer marks first."""

_HELP = "save it as UTF-8: most editors ask for the encoding under “Save as”"


def decode(file: str, content: bytes) -> Decoded:
    """Return the text of a file."""
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    if encoding:
        text = _lines(content.decode(encoding, "replace"))
        place = Place.of(file, text, 0, 0)
        return Decoded(text, (Problem("bad-encoding", f"this file is in {encoding}", place, help=_HELP),))
    content = content.removeprefix(codecs.BOM_UTF8)
    with suppress(UnicodeDecodeError):
        return Decoded(_lines(content.decode()))
    text = _lines(content.decode(errors="surrogateescape"))
    odd = _NOT_UTF_8.search(text)
    assert odd is not None
    text = _NOT_UTF_8.sub(_guessed, text)
    message = f"`{text[odd.start()]}` is not in UTF-8, but in an older encoding"
    place = Place.of(file, text, *odd.span())
    return Decoded(text, (Problem("bad-encoding", message, place, help=_HELP),))


_NOT_UTF_8 = re.compile("[\udc80-\udcff]")


def _guessed(byte: re.Match[str]) -> str:
    """Return the character that a byte stands for in the encoding of old Windows programs."""
    return bytes([ord(byte[0]) - 0xDC00]).decode("cp1252", "replace")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")
