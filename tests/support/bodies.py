"""Bodies for tests: read in process as a server would hand them over, and files of every kind, made when needed."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from declweb.forms.parse import Intake, Received, parse
from declweb.forms.reading import Bounds, Readers
from declweb.forms.uploads import FileRule
from declweb.http.incoming import Incoming
from declweb.storage.uploads import UploadFolder

PICTURES = {"photo": FileRule(("images",), 1_000_000)}
READERS = Readers()
"""Those of all bodies, as in a server: each one made anew keeps a thread of its own for seconds."""


def arriving(data: bytes, length: int | None = -1, read: Callable[[int], bytes] | None = None) -> Incoming:
    """Return a body as servers hand it over; `length` None is chunked, and may be a lie."""
    source = io.BytesIO(data)
    return Incoming(
        read=read or source.read,
        length=len(data) if length == -1 else length,
        cut=lambda _waited: None,
        abandon=lambda: None,
    )


def received(
    data: bytes,
    content_type: str,
    *,
    intake: Intake | None = None,
    uploads: UploadFolder | None = None,
    length: int | None = -1,
) -> Received:
    """Return what a body says."""
    intake = intake or Intake()
    with READERS.reading(
        "192.0.2.1", arriving(data, length), Bounds(intake.longest, looked_at=intake.looked_at)
    ) as body:
        return parse(body, content_type, intake, uploads)


def part(value: bytes, *fields: bytes) -> bytes:
    """Return a part of a multipart body with the boundary `x`."""
    return b"--x\r\n" + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + value + b"\r\n"


def named(name: bytes, value: bytes = b"", file: bytes | None = None) -> bytes:
    """Return a part for a field, or for a file of it."""
    disposition = b'Content-Disposition: form-data; name="%s"' % name
    if file is None:
        return part(value, disposition)
    return part(value, disposition + b'; filename="%s"' % file, b"Content-Type: application/octet-stream")


END = b"--x--\r\n"
MULTIPART = "multipart/form-data; boundary=x"
URLENCODED = "application/x-www-form-urlencoded"
JSON = "application/json"


def files_left(folder: Path) -> list[Path]:
    """Return the files in a folder of uploads."""
    return [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "owners"]


# --- files ------------------------------------------------------------------------------------------------------------


def picture(kind: str, **options: object) -> bytes:
    """Return a picture of 24 by 16 pixels."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((24, 16)).convert("RGB").save(file, kind, **options)
    return file.getvalue()


def zipped(members: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def box(name: bytes, content: bytes = b"") -> bytes:
    """Return a box of an ISO base media file."""
    return struct.pack(">I4s", 8 + len(content), name) + content


def riff(form: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Return a RIFF file."""
    body = form + b"".join(
        struct.pack("<4sI", name, len(data)) + data + b"\0" * (len(data) & 1) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def ogg(packet: bytes) -> bytes:
    """Return the first page of an Ogg stream."""
    return b"OggS\0\x02" + bytes(20) + bytes([1, len(packet)]) + packet


def seven_zip() -> bytes:
    """Return an empty 7z archive."""
    start = struct.pack("<QQI", 0, 0, 0)
    return b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<I", zlib.crc32(start)) + start


def tar() -> bytes:
    """Return a tar archive with one empty file."""
    import tarfile  # noqa: PLC0415 # for this alone

    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return file.getvalue()


def compound(name: str) -> bytes:
    """Return one of Microsoft's old files: a header, and a directory."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HH", header, 28, 0xFFFE, 9)
    return bytes(header) + name.encode("utf-16-le").ljust(128, b"\0")


_MP3 = b"\xff\xfb\x90\x00".ljust(417, b"\0")


def _document(kind: str) -> bytes:
    return zipped(
        {"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": "", "META-INF/manifest.xml": ""}
    )


def office(*parts: str, types: str = "<Types/>") -> bytes:
    """Return an Office Open XML document."""
    return zipped({"[Content_Types].xml": types, **dict.fromkeys(parts, "<x/>")})


_OFFICE = "application/vnd.openxmlformats-officedocument."

FILES: dict[str, Callable[[], bytes]] = {
    "image/jpeg": lambda: picture("JPEG"),
    "image/png": lambda: picture("PNG"),
    "image/gif": lambda: picture("GIF"),
    "image/webp": lambda: picture("WEBP"),
    "image/avif": lambda: picture("AVIF"),
    "application/pdf": lambda: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n",
    "application/vnd.oasis.opendocument.text": lambda: _document("text"),
    "application/vnd.oasis.opendocument.spreadsheet": lambda: _document("spreadsheet"),
    "application/vnd.oasis.opendocument.presentation": lambda: _document("presentation"),
    "application/vnd.oasis.opendocument.graphics": lambda: _document("graphics"),
    f"{_OFFICE}wordprocessingml.document": lambda: office("word/document.xml"),
    f"{_OFFICE}spreadsheetml.sheet": lambda: office("xl/workbook.xml"),
    f"{_OFFICE}presentationml.presentation": lambda: office("ppt/presentation.xml"),
    "application/rtf": lambda: b"{\\rtf1 Hello}\n",
    "application/x-ole-storage": lambda: compound("WordDocument"),
    "audio/flac": lambda: b"fLaC\x80\0\0\x22" + bytes(34),
    "audio/wav": lambda: riff(b"WAVE", (b"fmt ", bytes(16)), (b"data", bytes(8))),
    "audio/ogg": lambda: ogg(b"\x01vorbis" + bytes(23)),
    "audio/mp4": lambda: box(b"ftyp", b"M4A \0\0\0\0") + box(b"moov") + box(b"mdat"),
    "audio/mpeg": lambda: b"ID3\x04\0\0\0\0\0\x05" + bytes(5) + _MP3 * 3,
    "video/ogg": lambda: ogg(b"\x80theora" + bytes(35)),
    "video/mp4": lambda: box(b"ftyp", b"isom\0\0\0\0") + box(b"moov") + box(b"mdat", b"abc"),
    "video/quicktime": lambda: box(b"ftyp", b"qt  \0\0\0\0") + box(b"moov") + box(b"mdat"),
    "video/webm": lambda: b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + bytes(20),
    "application/zip": lambda: zipped({"a": "b"}),
    "application/gzip": lambda: zlib.compress(b"hello", wbits=31),
    "application/x-7z-compressed": seven_zip,
    "application/x-tar": tar,
    "text/plain": "Grüße\n".encode,
}
"""A file of each type that is known."""
