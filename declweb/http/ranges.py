"""Range requests (RFC 9110 §14).

Owns reading the Range field, and laying out a partial answer in one part or many. Knows nothing of conditions or of
where the bytes come from.
"""

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from declweb.http.answer import Header

_BYTES = re.compile(r"[ \t]*bytes=(.*)", re.IGNORECASE | re.DOTALL)
_SPECIFIER = re.compile(r"([0-9]*) *- *([0-9]*)")
"""With the spaces that nginx takes too."""
_MOST = 20
"""How many ranges one request may ask for; one that asks for more gets the whole."""


class Span(NamedTuple):
    """A stretch of bytes, without the one at `stop`."""

    start: int
    stop: int


Piece = bytes | Span
"""A piece of a body: bytes as they are, or a stretch of the representation."""


class Layout(NamedTuple):
    """A partial answer: the fields that describe it, and its body piece by piece."""

    headers: tuple[Header, ...]
    pieces: tuple[Piece, ...]


def parse(value: str, size: int) -> tuple[Span, ...] | None:
    """Return the stretches that a Range field asks for, in its order, of a representation of `size` bytes.

    None when the field is to be ignored: another unit, too many ranges, ranges that together are longer than the
    whole, or an empty whole. Nothing when it asks only for what is not there, or is malformed: RFC 9110 §14.2 leaves
    it open to ignore or to reject that, and nginx rejects it.
    """
    found = _BYTES.match(value)
    listed = [item for part in found[1].split(",") if (item := part.strip(" \t"))] if found else []
    if not 1 <= len(listed) <= _MOST or size == 0:
        return None
    spans = [span for item in listed if (span := _span(item, size))]
    if len(spans) < len(listed):
        return ()
    kept = tuple(span for span in spans if span.start < span.stop)
    return kept if sum(span.stop - span.start for span in kept) <= size else None


def content_range(span: Span | None, size: int) -> str:
    """Return the Content-Range of a stretch; without one, of the answer that there is none."""
    return f"bytes {span.start}-{span.stop - 1}/{size}" if span else f"bytes */{size}"


def lay_out(spans: Sequence[Span], size: int, content_type: str | None, boundary: str | None = None) -> Layout:
    """Lay out the answer for one stretch or, as multipart/byteranges (RFC 9110 §14.6), for several."""
    if len(spans) == 1:
        return _layout(("Content-Range", content_range(spans[0], size)), spans[0])
    boundary = boundary or os.urandom(16).hex()
    described = f"Content-Type: {content_type}\r\n" if content_type else ""
    pieces: list[Piece] = []
    for span in spans:
        head = f"\r\n--{boundary}\r\n{described}Content-Range: {content_range(span, size)}\r\n\r\n"
        pieces += [head.encode("latin-1"), span]
    pieces.append(f"\r\n--{boundary}--\r\n".encode())
    return _layout(("Content-Type", f"multipart/byteranges; boundary={boundary}"), *pieces)


def _layout(header: Header, *pieces: Piece) -> Layout:
    length = sum(len(piece) if isinstance(piece, bytes) else piece.stop - piece.start for piece in pieces)
    return Layout((header, ("Content-Length", str(length))), pieces)


def _span(specifier: str, size: int) -> Span | None:
    """Return the stretch, an empty one when there are no such bytes; None when the specifier is malformed.

    One that ends before it begins stands for no bytes, as in nginx: what else is asked for is sent.
    """
    found = _SPECIFIER.fullmatch(specifier)
    if found is None or specifier == "-":
        return None
    first, last = found.groups()
    if not first:
        return Span(max(0, size - _number(last)), size)
    start, stop = _number(first), _number(last) + 1 if last else size
    return Span(start, min(stop, size)) if start < min(stop, size) else Span(size, size)


def _number(digits: str) -> int:
    """Return the number, or one beyond the size of any file where the digits go on and on."""
    return int(digits.lstrip("0")[:19] or "0")
