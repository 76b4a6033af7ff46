"""Files that are zip archives: office documents, and archives themselves.

Owns what such a file must have in it. Nothing is unpacked but one small list of contents, within a bound.
"""

import struct
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from zipfile import ZipFile

OPEN_DOCUMENTS = {
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".odg": "application/vnd.oasis.opendocument.graphics",
}
"""Documents as ISO 26300 has them."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
OFFICE_DOCUMENTS = {
    ".docx": (_OFFICE + "wordprocessingml.document", "word/document.xml"),
    ".xlsx": (_OFFICE + "spreadsheetml.sheet", "xl/workbook.xml"),
    ".pptx": (_OFFICE + "presentationml.presentation", "ppt/presentation.xml"),
}
"""Documents as ISO 29500 has them, each with its main part."""

_DIRECTORY = 1_000_000
"""Bytes of the longest list of members that is read: some 10,000 members."""
_CONTENTS = 200_000
"""Bytes of the longest member that is unpacked."""
_END = struct.Struct("<4sHHHHIIH")
_LONGEST_END = _END.size + 65_535


def _opened(file: IO[bytes], size: int) -> "ZipFile":
    """Return a zip archive whose list of members is not too long to be read."""
    from zipfile import BadZipFile, ZipFile  # noqa: PLC0415 # not before a file comes

    start = max(0, size - _LONGEST_END)
    file.seek(start)
    tail = file.read(_LONGEST_END)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise ValueError("a zip archive has an end")
    _, disk, _, _, _, length, _, _ = _END.unpack_from(tail, at)
    if disk or length > _DIRECTORY or tail.rfind(b"PK\x06\x06") >= 0:
        raise ValueError("the list of members is too long")
    file.seek(0)
    try:
        return ZipFile(file)
    except (BadZipFile, NotImplementedError) as error:
        raise ValueError(str(error)) from error


def _member(archive: "ZipFile", name: str) -> bytes:
    """Return a small member; only that much of it is unpacked, whatever is said of its size."""
    from zipfile import BadZipFile  # noqa: PLC0415 # as above

    try:
        with archive.open(name) as member:
            return member.read(_CONTENTS)
    except (BadZipFile, NotImplementedError, RuntimeError) as error:
        raise ValueError(str(error)) from error


def is_zip(file: IO[bytes], size: int) -> bool:
    """Tell whether a file is a zip archive with a list of members that all lie in it."""
    with _opened(file, size) as archive:
        return all(0 <= each.header_offset < size and each.compress_size <= size for each in archive.infolist())


def is_open_document(media_type: str) -> Callable[[IO[bytes], int], bool]:
    """Return what tells whether a file is an OpenDocument of this type: it says so itself, in its first member."""

    def is_whole(file: IO[bytes], size: int) -> bool:
        with _opened(file, size) as archive:
            names = set(archive.namelist())
            return {"mimetype", "content.xml", "META-INF/manifest.xml"} <= names and (
                _member(archive, "mimetype").strip() == media_type.encode()
            )

    return is_whole


def is_office_document(part: str) -> Callable[[IO[bytes], int], bool]:
    """Return what tells whether a file is an Office Open XML document with this main part, and without macros."""

    def is_whole(file: IO[bytes], size: int) -> bool:
        with _opened(file, size) as archive:
            names = set(archive.namelist())
            if not {"[Content_Types].xml", part} <= names or any(name.endswith("vbaProject.bin") for name in names):
                return False
            return b"macroEnabled" not in _member(archive, "[Content_Types].xml")

    return is_whole
