"""Pictures: whether they are whole, and what they tell of where they were taken.

Owns the walk through the parts of JPEG, PNG, GIF, WebP and AVIF files. No picture is decoded: one that unpacks to more
pixels than a screen can show is refused by what its header says. What cameras add (position, serial number, preview) is
taken out by copying the other parts as they are: no pixel changes, and it costs as much as reading the file.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import IO

MOST_PIXELS = 89_000_000
"""Pixels of the largest picture; Pillow warns from about there on."""

_DEEPEST = 6
_MOST_PARTS = 20_000
"""Parts of a picture; a file made of nothing but tiny parts is no picture."""


def _is_sane(width: int, height: int) -> bool:
    return width > 0 and height > 0 and width * height <= MOST_PIXELS


def _pillow_reads(file: IO[bytes], name: str) -> bool:
    """Tell whether Pillow finds the picture sound, as far as it looks without decoding it.

    It is given the picture alone: of what a camera says it would complain in warnings.
    """
    from PIL import Image, UnidentifiedImageError, features  # noqa: PLC0415 # not before a picture comes

    if name == "AVIF" and not features.check("avif"):
        return True
    try:
        with Image.open(file, formats=(name,)) as image:
            if not _is_sane(*image.size):
                return False
            image.verify()
    except (UnidentifiedImageError, SyntaxError, RuntimeError, Image.DecompressionBombError):
        return False
    return True


# --- JPEG -------------------------------------------------------------------------------------------------------------

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers that begin a frame (ITU-T T.81, table B.1)."""
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of each part of a JPEG file until its end; raise ValueError if it has none."""
    at = 2
    for _ in range(_MOST_PARTS):
        if data[at] != 0xFF:
            raise ValueError("a marker begins with FF")
        while data[at + 1] == 0xFF:
            at += 1
        marker = data[at + 1]
        if marker == 0xD9:
            yield marker, at, at + 2
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if end < at + 4 or end > len(data):
            raise ValueError("a part is longer than the file")
        if marker == 0xDA:
            found = _AFTER_SCAN.search(data, end)
            if found is None:
                raise ValueError("the file ends before the picture")
            end = found.start()
        yield marker, at, end
        at = end
    raise ValueError("there are too many parts")


def is_jpeg(file: IO[bytes], _size: int) -> bool:
    """Tell whether a file is a JPEG picture from its first marker to its last."""
    data = file.read()
    has_frame = has_scan = False
    for marker, start, _ in _segments(data):
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, start + 5)
            has_frame = _is_sane(width, height)
            if not has_frame:
                return False
        has_scan = has_scan or marker == 0xDA
    return has_frame and has_scan and _pillow_reads(BytesIO(b"".join(_bare_jpeg(data))), "JPEG")


def _bare_jpeg(data: bytes) -> Iterator[bytes]:
    """Yield the parts of a JPEG file that make the picture; of what a camera says only which side is up."""
    yield data[:2]
    is_first = True
    for marker, start, end in _segments(data):
        part = data[start:end]
        if is_first and marker != 0xE0:
            yield _turned(data)
            is_first = False
        if marker in {0xE1, 0xED, 0xFE} or (marker == 0xE2 and part[4:8] == b"MPF\0"):
            continue
        yield part
        if is_first:
            yield _turned(data)
            is_first = False


def _turned(data: bytes) -> bytes:
    """Return an Exif segment that only says which side is up; nothing if the picture stands as it is."""
    orientation = next((_orientation(data[start + 10 : end]) for start, end in _exif_segments(data)), 1)
    if not 2 <= orientation <= 8:
        return b""
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HHI", orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif


def _exif_segments(data: bytes) -> Iterator[tuple[int, int]]:
    for marker, start, end in _segments(data):
        if marker == 0xE1 and data[start + 4 : start + 10] == b"Exif\0\0":
            yield start, end


def _orientation(exif: bytes) -> int:
    """Return the orientation of Exif data; 1 if it says nothing that can be read."""
    try:
        order = {b"II": "<", b"MM": ">"}[exif[:2]]
        (at,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, at)
        for entry in range(min(count, 1000)):
            tag, _, _, value = struct.unpack_from(order + "HHIH", exif, at + 2 + entry * 12)
            if tag == 0x0112:
                return int(value)
    except (KeyError, struct.error):
        pass
    return 1


# --- PNG --------------------------------------------------------------------------------------------------------------

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_WORDS = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks of a PNG file with their type, checked; raise ValueError if it ends too early."""
    file.seek(8)
    for _ in range(_MOST_PARTS):
        head = file.read(8)
        length, name = struct.unpack(">I4s", head)
        if length > 2**31 - 1:
            raise ValueError("a chunk is too long")
        rest = file.read(length + 4)
        if len(rest) != length + 4 or zlib.crc32(rest[:length], zlib.crc32(name)) != int.from_bytes(rest[length:]):
            raise ValueError("a chunk is damaged")
        yield name, head + rest
        if name == b"IEND":
            return
    raise ValueError("there are too many parts")


def is_png(file: IO[bytes], _size: int) -> bool:
    """Tell whether a file is a PNG picture whose parts are undamaged."""
    names: list[bytes] = []
    for name, chunk in _chunks(file):
        if not names:
            width, height = struct.unpack_from(">II", chunk, 8)
            if name != b"IHDR" or not _is_sane(width, height):
                return False
        names.append(name)
    return b"IDAT" in names and _pillow_reads(BytesIO(_bare_png(file)), "PNG")


def _bare_png(file: IO[bytes]) -> bytes:
    return _PNG + b"".join(chunk for name, chunk in _chunks(file) if name not in _PNG_WORDS)


# --- GIF --------------------------------------------------------------------------------------------------------------


def is_gif(file: IO[bytes], size: int) -> bool:
    """Tell whether a file is a GIF picture from its first block to its last."""
    width, height, flags = struct.unpack_from("<HHB", head := file.read(13), 6)
    if len(head) != 13 or not _is_sane(width, height):
        return False
    _skip_colours(file, flags)
    has_picture = False
    left = _MOST_PARTS + size // 100
    while (block := file.read(1)) != b";":
        if block == b"!":
            file.read(1)
        elif block == b",":
            _skip_colours(file, file.read(9)[8])
            file.read(1)
            has_picture = True
        else:
            return False
        while length := file.read(1)[0]:
            file.seek(length, 1)
            left -= 1
            if left < 0:
                return False
    file.seek(0)
    return has_picture and _pillow_reads(file, "GIF")


def _skip_colours(file: IO[bytes], flags: int) -> None:
    if flags & 0x80:
        file.seek(3 << ((flags & 7) + 1), 1)


# --- WebP -------------------------------------------------------------------------------------------------------------


def _riff_chunks(file: IO[bytes], size: int) -> Iterator[tuple[bytes, bytes]]:
    file.seek(12)
    for _ in range(_MOST_PARTS):
        if file.tell() >= size:
            return
        head = file.read(8)
        name, length = struct.unpack("<4sI", head)
        if file.tell() + length > size:
            raise ValueError("a chunk is longer than the file")
        yield name, head + file.read(length + (length & 1))
    raise ValueError("there are too many parts")


def is_webp(file: IO[bytes], size: int) -> bool:
    """Tell whether a file is a WebP picture whose parts fill it."""
    (length,) = struct.unpack_from("<I", file.read(12), 4)
    if length + 8 not in {size, size - 1, size + 1}:
        return False
    names = {name for name, _ in _riff_chunks(file, size)}
    return bool(names & {b"VP8 ", b"VP8L", b"ANMF"}) and _pillow_reads(BytesIO(_bare_webp(file, size)), "WEBP")


def _bare_webp(file: IO[bytes], size: int) -> bytes:
    parts = []
    for name, chunk in _riff_chunks(file, size):
        if name in {b"EXIF", b"XMP "}:
            continue
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~0x0C]) + chunk[9:]  # noqa: PLW2901 # neither Exif nor XMP any more
        parts.append(chunk)
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


# --- AVIF -------------------------------------------------------------------------------------------------------------

_CONTAINERS = {b"meta": 4, b"iprp": 0, b"ipco": 0}
"""Boxes with boxes in them, and how many bytes come before these."""


def _walk_boxes(data: bytes, start: int, end: int, depth: int = 0) -> Iterator[tuple[bytes, int, int]]:
    """Yield type, start and end of the content of the boxes of an ISO base media file, inner ones too."""
    for _ in range(_MOST_PARTS):
        if start >= end:
            return
        length, name = struct.unpack_from(">I4s", data, start)
        inner = start + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, inner)
            inner += 8
        elif length == 0:
            length = end - start
        if length < inner - start or start + length > end:
            raise ValueError("a box is larger than what is around it")
        yield name, inner, start + length
        if name in _CONTAINERS and depth < _DEEPEST:
            yield from _walk_boxes(data, inner + _CONTAINERS[name], start + length, depth + 1)
        start += length
    raise ValueError("there are too many parts")


def is_avif(file: IO[bytes], size: int) -> bool:
    """Tell whether a file is an AVIF picture whose boxes fill it."""
    data = file.read()
    names = set()
    for name, start, _ in _walk_boxes(data, 0, size):
        names.add(name)
        if name == b"ispe" and not _is_sane(*struct.unpack_from(">II", data, start + 4)):
            return False
    return {b"ftyp", b"meta", b"ispe", b"mdat"} <= names and _pillow_reads(BytesIO(data), "AVIF")


def _blank_avif(data: bytearray) -> None:
    """Overwrite what an AVIF file says of the camera, where it lies."""
    for found in re.finditer(rb"(?:II\*\0|MM\0\*)", bytes(data)):
        _blank_position(data, found.start())
    for found in re.finditer(rb"<x:xmpmeta.*?</x:xmpmeta>", bytes(data), re.DOTALL):
        data[found.start() : found.end()] = b" " * (found.end() - found.start())


def _blank_position(data: bytearray, start: int) -> None:
    """Empty the position in Exif data that begins there, if it is such."""
    order = "<" if data[start : start + 2] == b"II" else ">"
    try:
        (at,) = struct.unpack_from(order + "I", data, start + 4)
        (count,) = struct.unpack_from(order + "H", data, start + at)
        for entry in range(min(count, 1000)):
            tag, _, _, pointer = struct.unpack_from(order + "HHII", data, start + at + 2 + entry * 12)
            if tag == 0x8825:
                (length,) = struct.unpack_from(order + "H", data, start + pointer)
                _blank_values(data, start, pointer, length, order)
    except struct.error:
        return


_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}
"""Bytes of a value of each type of Exif."""


def _blank_values(data: bytearray, start: int, at: int, count: int, order: str) -> None:
    for entry in range(min(count, 1000)):
        place = start + at + 2 + entry * 12
        _, kind, number, pointer = struct.unpack_from(order + "HHII", data, place)
        length = _SIZES.get(kind, 1) * number
        if length > 4 and start + pointer + length <= len(data):
            data[start + pointer : start + pointer + length] = bytes(length)
        data[place : place + 12] = bytes(12)


# --- position ---------------------------------------------------------------------------------------------------------


def without_position(file: IO[bytes], size: int, media_type: str) -> bytes | None:
    """Return a picture without what tells where and with what it was taken; None if there is nothing to take out.

    Only for what is whole.
    """
    file.seek(0)
    data = file.read()
    if media_type == "image/jpeg":
        bare = b"".join(_bare_jpeg(data))
    elif media_type == "image/png":
        bare = _bare_png(file)
    elif media_type == "image/webp":
        bare = _bare_webp(file, size)
    elif media_type == "image/avif":
        blanked = bytearray(data)
        _blank_avif(blanked)
        bare = bytes(blanked)
    else:
        return None
    return None if bare == data else bare
