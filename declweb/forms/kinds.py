"""What a file is, judged by what is in it.

Owns the closed table of kinds and types of file, and for each a look at its first bytes and one at its structure. Names
and what a client says of a file count for nothing. Nothing is unpacked, and no picture is decoded.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from declweb.forms import packages, pictures
from declweb.translations import Say, mark

UNKNOWN = "application/octet-stream"
"""What is said of a file that is none of these."""

_HEAD = 4096
"""Bytes in which the first look is taken."""
_TEXT_BLOCK = 65_536
_MOST_BOXES = 20_000


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file."""

    media_type: str
    kind: str
    extensions: tuple[str, ...]
    begins: Callable[[bytes], bool]
    """Whether the first bytes are those of such a file."""
    is_whole: Callable[[IO[bytes], int], bool]
    """Whether the structure is that of such a file; gets the file and its size."""


def found_type(file: IO[bytes], size: int) -> FileType | None:
    """Return the type of a file: the first of the table that begins like it and is whole; None if there is none."""
    if not size:
        return None
    file.seek(0)
    head = file.read(_HEAD)
    for each in TYPES:
        if each.begins(head):
            file.seek(0)
            try:
                if each.is_whole(file, size):
                    return each
            except (ValueError, LookupError, EOFError, OSError, struct.error, zlib.error):
                continue
    return None


def takes(accept: tuple[str, ...], found: FileType | None) -> bool:
    """Tell whether a field that accepts these kinds takes a file of this type."""
    return "any" in accept or (found is not None and found.kind in accept)


_BY_MEDIA_TYPE = frozenset({"images", "audio", "video"})
"""Kinds that browsers know: phones offer the camera, and convert pictures that are not listed."""


def accept_attribute(accept: Sequence[str]) -> str | None:
    """Return which files a browser offers, as its `accept` says (HTML, section 4.10.5.1.17); None for all.

    What is taken is judged by what is in the file.
    """
    if not accept or "any" in accept:
        return None
    chosen = [each for each in TYPES if each.kind in accept]
    return ",".join(
        dict.fromkeys(
            word for each in chosen for word in ((each.media_type,) if each.kind in _BY_MEDIA_TYPE else each.extensions)
        )
    )


NAMES = {
    "images": mark("a picture"),
    "documents": mark("a document"),
    "audio": mark("a sound file"),
    "video": mark("a video"),
    "archives": mark("an archive"),
}
"""How visitors are told what is taken."""


def spoken_kinds(accept: tuple[str, ...], say: Say) -> str:
    """Return what is taken, with the names of the formats: a picture (JPG, PNG)."""
    return "; ".join(f"{say(NAMES[kind])} ({', '.join(_formats(kind))})" for kind in accept if kind in NAMES)


def _formats(kind: str) -> Iterator[str]:
    return (each.extensions[0][1:].upper() for each in TYPES if each.kind == kind)


def _starts(*signatures: bytes, at: int = 0) -> Callable[[bytes], bool]:
    return lambda head: any(head.startswith(signature, at) for signature in signatures)


def _matches(pattern: bytes) -> Callable[[bytes], bool]:
    return lambda head: re.match(pattern, head, re.DOTALL) is not None


# --- documents --------------------------------------------------------------------------------------------------------


def _is_pdf(file: IO[bytes], size: int) -> bool:
    file.seek(max(0, size - 2048))
    return b"%%EOF" in file.read(2048)


def _is_rtf(file: IO[bytes], size: int) -> bool:
    file.seek(max(0, size - 64))
    return file.read(64).rstrip(b"\0\r\n\t ").endswith(b"}")


def _is_compound(file: IO[bytes], _size: int) -> bool:
    """Tell whether a file is one of Microsoft's old ones, with a directory that names a text, a table or slides."""
    header = file.read(512)
    order, sector = struct.unpack_from("<HH", header, 28)
    (first,) = struct.unpack_from("<I", header, 48)
    if order != 0xFFFE or sector not in {9, 12}:
        return False
    file.seek((first + 1) << sector)
    names = file.read(4096)
    return len(header) == 512 and any(
        name.encode("utf-16-le") in names for name in ("WordDocument", "Workbook", "PowerPoint Document")
    )


_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def _is_text(file: IO[bytes], _size: int) -> bool:
    import codecs  # noqa: PLC0415 # seldom needed

    decoder = codecs.getincrementaldecoder("utf-8")()
    while block := file.read(_TEXT_BLOCK):
        if _CONTROL.search(block):
            return False
        decoder.decode(block)
    decoder.decode(b"", final=True)
    return True


_NO_TEXT = (b"<", b"#!", b"%PDF-", b"{\\rtf")
"""How files begin that are written in letters and are no plain text, be they whole or cut off."""


def _seems_text(head: bytes) -> bool:
    return not _CONTROL.search(head) and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_NO_TEXT)


# --- sound and film ---------------------------------------------------------------------------------------------------

_BITRATES = (
    (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
"""Kilobits per second of MPEG 1 layers I to III, then of MPEG 2 layer I, and of its layers II and III."""
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _mpeg_frame(header: bytes) -> int:
    """Return the length of an MPEG audio frame; 0 if this is no header of one (ISO 11172-3, section 2.4.1.3)."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer == 4 or bitrate in {0, 15} or rate == 3:
        return 0
    table = layer - 1 if version == 3 else 3 if layer == 1 else 4
    bits = _BITRATES[table][bitrate] * 1000
    hertz = _RATES[version][rate]
    if layer == 1:
        return (12 * bits // hertz + padding) * 4
    return (72 if layer == 3 and version != 3 else 144) * bits // hertz + padding


def _is_mp3(file: IO[bytes], size: int) -> bool:
    """Tell whether two frames follow each other, behind a tag if there is one."""
    head = file.read(10)
    start = 0
    if head.startswith(b"ID3"):
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    file.seek(start)
    block = file.read(8192)
    padding = len(block) - len(block.lstrip(b"\0"))
    length = _mpeg_frame(block[padding : padding + 4])
    if not length:
        return False
    file.seek(start + padding + length)
    return start + padding + length >= size or _mpeg_frame(file.read(4)) > 0


def _is_ogg(*codecs: bytes) -> Callable[[IO[bytes], int], bool]:
    def is_whole(file: IO[bytes], _size: int) -> bool:
        page = file.read(27)
        segments = file.read(page[26])
        first = file.read(sum(segments))
        return page[4] == 0 and page[5] & 2 != 0 and len(first) == sum(segments) and first.startswith(codecs)

    return is_whole


def _is_riff(form: bytes, chunk: bytes) -> Callable[[IO[bytes], int], bool]:
    def is_whole(file: IO[bytes], size: int) -> bool:
        _, length, found = struct.unpack("<4sI4s", file.read(12))
        if found != form or length + 8 > size + 1:
            return False
        for _ in range(64):
            name, length = struct.unpack("<4sI", file.read(8))
            if name == chunk:
                return True
            file.seek(length + (length & 1), 1)
        return False

    return is_whole


def _is_flac(file: IO[bytes], _size: int) -> bool:
    head = file.read(42)
    return head[4] & 0x7F == 0 and int.from_bytes(head[5:8]) == 34 and len(head) == 42


def _boxes(file: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield the types of the boxes of an ISO base media file (ISO 14496-12, section 4.2); they must fill it."""
    at = 0
    for _ in range(_MOST_BOXES):
        if at >= size:
            return
        file.seek(at)
        length, name = struct.unpack(">I4s", file.read(8))
        if length == 1:
            (length,) = struct.unpack(">Q", file.read(8))
        elif length == 0:
            length = size - at
        if length < 8 or at + length > size:
            raise ValueError("a box is larger than what is around it")
        yield name
        at += length
    raise ValueError("there are too many boxes")


def _is_film(file: IO[bytes], size: int) -> bool:
    names = set(_boxes(file, size))
    return b"moov" in names and bool(names & {b"mdat", b"moof"})


def _is_matroska(file: IO[bytes], _size: int) -> bool:
    return re.search(rb"\x42\x82.webm", file.read(64), re.DOTALL) is not None


# --- archives ---------------------------------------------------------------------------------------------------------


def _is_gzip(file: IO[bytes], size: int) -> bool:
    head = file.read(10)
    decoder = zlib.decompressobj(31)
    file.seek(0)
    decoder.decompress(file.read(4096), 65_536)
    return size >= 18 and head[3] & 0xE0 == 0


def _is_seven_zip(file: IO[bytes], size: int) -> bool:
    head = file.read(32)
    (crc,) = struct.unpack_from("<I", head, 8)
    offset, length = struct.unpack_from("<QQ", head, 12)
    return bool(zlib.crc32(head[12:32]) == crc and 32 + offset + length <= size)


def _is_tar(file: IO[bytes], _size: int) -> bool:
    head = file.read(512)
    said: int = int(head[148:156].strip(b"\0 ") or b"0", 8)
    return len(head) == 512 and said == sum(head[:148]) + 8 * 32 + sum(head[156:])


_ZIP = _starts(b"PK\x03\x04")

TYPES = (
    FileType("image/jpeg", "images", (".jpg", ".jpeg"), _starts(b"\xff\xd8\xff"), pictures.is_jpeg),
    FileType("image/png", "images", (".png",), _starts(b"\x89PNG\r\n\x1a\n"), pictures.is_png),
    FileType("image/gif", "images", (".gif",), _starts(b"GIF87a", b"GIF89a"), pictures.is_gif),
    FileType("image/webp", "images", (".webp",), _matches(rb"RIFF....WEBP"), pictures.is_webp),
    FileType("image/avif", "images", (".avif",), _matches(rb"....ftypavi[fs]"), pictures.is_avif),
    FileType("application/pdf", "documents", (".pdf",), _starts(b"%PDF-1.", b"%PDF-2."), _is_pdf),
    *(
        FileType(media_type, "documents", (extension,), _ZIP, packages.is_open_document(media_type))
        for extension, media_type in packages.OPEN_DOCUMENTS.items()
    ),
    *(
        FileType(media_type, "documents", (extension,), _ZIP, packages.is_office_document(part))
        for extension, (media_type, part) in packages.OFFICE_DOCUMENTS.items()
    ),
    FileType("application/rtf", "documents", (".rtf",), _starts(b"{\\rtf1"), _is_rtf),
    FileType(
        "application/x-ole-storage",
        "documents",
        (".doc", ".xls", ".ppt"),
        _starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        _is_compound,
    ),
    FileType("audio/flac", "audio", (".flac",), _starts(b"fLaC"), _is_flac),
    FileType("audio/wav", "audio", (".wav",), _matches(rb"RIFF....WAVE"), _is_riff(b"WAVE", b"data")),
    FileType(
        "audio/ogg",
        "audio",
        (".ogg", ".opus"),
        _starts(b"OggS"),
        _is_ogg(b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex"),
    ),
    FileType("audio/mp4", "audio", (".m4a",), _matches(rb"....ftypM4[AB] "), _is_film),
    FileType("audio/mpeg", "audio", (".mp3",), _matches(rb"ID3[\x02-\x04]|\xff[\xe2-\xff]"), _is_mp3),
    FileType("video/ogg", "video", (".ogv",), _starts(b"OggS"), _is_ogg(b"\x80theora", b"fishead\0")),
    FileType(
        "video/mp4",
        "video",
        (".mp4", ".m4v"),
        _matches(rb"....ftyp(iso[2-9m]|mp4[12]|avc1|M4V |dash|MSNV|3gp[4-9])"),
        _is_film,
    ),
    FileType("video/quicktime", "video", (".mov",), _matches(rb"....ftypqt  "), _is_film),
    FileType("video/webm", "video", (".webm",), _starts(b"\x1a\x45\xdf\xa3"), _is_matroska),
    FileType("application/zip", "archives", (".zip",), _matches(rb"PK\x03\x04|PK\x05\x06"), packages.is_zip),
    FileType("application/gzip", "archives", (".gz", ".tgz"), _starts(b"\x1f\x8b\x08"), _is_gzip),
    FileType("application/x-7z-compressed", "archives", (".7z",), _starts(b"7z\xbc\xaf\x27\x1c"), _is_seven_zip),
    FileType("application/x-tar", "archives", (".tar",), _starts(b"ustar", at=257), _is_tar),
    FileType("text/plain", "documents", (".txt", ".csv", ".md"), _seems_text, _is_text),
)
"""Every type that is known, in the order in which they are tried."""
