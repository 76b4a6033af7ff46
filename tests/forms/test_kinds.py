import io
import struct
import zipfile
import zlib

import pytest
from bodies import FILES, box, compound, office, picture, riff, seven_zip, tar, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from declweb.forms.kinds import TYPES, accept_attribute, found_type, spoken_kinds, takes
from declweb.forms.pictures import MOST_PIXELS
from declweb.model.fields import FILE_KINDS
from declweb.translations import translated


def kind(data: bytes) -> str | None:
    found = found_type(io.BytesIO(data), len(data))
    return found.media_type if found else None


@pytest.mark.parametrize("media_type", FILES)
def test_a_file_of_each_type_is_found(media_type: str) -> None:
    assert kind(FILES[media_type]()) == media_type


def test_every_type_has_a_file_here() -> None:
    assert FILES.keys() == {each.media_type for each in TYPES}
    assert {each.kind for each in TYPES} | {"any"} == set(FILE_KINDS)


def whole_ones() -> list[str]:
    """Types in whose files nothing can be missing at the end."""
    ends = {"application/x-tar", "text/plain", "video/webm", "audio/flac", "audio/mpeg", "application/gzip"}
    return [media_type for media_type in FILES if media_type not in ends]


@pytest.mark.parametrize("media_type", whole_ones())
def test_half_a_file_is_none(media_type: str) -> None:
    data = FILES[media_type]()
    assert kind(data[: len(data) // 2]) != media_type
    assert kind(data[:12]) != media_type


@pytest.mark.parametrize("media_type", FILES)
@settings(max_examples=30)
@given(data=st.data())
def test_damaged_files_are_judged_without_an_error(media_type: str, data: st.DataObject) -> None:
    damaged = bytearray(FILES[media_type]())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    kind(bytes(damaged))
    kind(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))


@given(st.binary(max_size=200))
def test_any_bytes_are_judged(data: bytes) -> None:
    for each in TYPES:
        assert kind(data) in {None, *FILES}
        start = FILES[each.media_type]()[:16]
        assert kind(start + data) in {None, *FILES}


REFUSED = {
    "nothing": b"",
    "a program": b"MZ\x90\0\x03\0\0\0",
    "a program for Linux": b"\x7fELF\x02\x01\x01",
    "a script": b"#!/bin/sh\nrm -rf /\n",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing that can have scripts": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "a drawing behind a mark": b"\xef\xbb\xbf <svg/>",
    "text in Latin-1": "Grüße".encode("latin-1"),
    "a PDF that is cut off": b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "a letter that is cut off": rb"{\rtf1\ansi Dear bakers,",
    "text with a NUL": b"hello\0",
    "text with a NUL further on": b"hello " * 30_000 + b"\0",
    "text cut off in a letter": "ü".encode()[:1],
    "a picture with too many pixels": b"",
    "a document with macros": office("word/document.xml", "word/vbaProject.bin"),
    "an old file of something else": compound("Something"),
    "an archive with an endless list": b"",
    "an empty box": box(b"ftyp", b"isom") + struct.pack(">I4s", 4, b"moov"),
    "a film without pictures": box(b"ftyp", b"isom\0\0\0\0") + box(b"moov"),
    "a sound without sound": riff(b"WAVE", (b"fmt ", bytes(16))),
    "a sound that is silent about itself": b"ID3\x04\0\0\0\0\0\x05" + bytes(5) + b"hello" * 100,
    "a stream of something else": b"OggS\0\x02" + bytes(20) + b"\x01\x08somethin",
    "a damaged archive": seven_zip()[:12] + b"\1" + seven_zip()[13:],
    "a damaged list of files": tar()[:148] + b"0000001\0" + tar()[156:],
}


def _png(width: int, height: int) -> bytes:
    data = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    image = picture("PNG")
    return image[:16] + data + struct.pack(">I", zlib.crc32(b"IHDR" + data)) + image[33:]


REFUSED["a picture with too many pixels"] = _png(30_000, 30_000)
_END = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 60_000, 60_000, 50_000_000, 0, 0)
REFUSED["an archive with an endless list"] = b"PK\x03\x04" + bytes(100) + _END


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_nothing_of_all_this(case: str) -> None:
    assert kind(REFUSED[case]) not in {each.media_type for each in TYPES if each.media_type != "application/zip"}


def test_pictures_are_bound_by_what_they_unpack_to() -> None:
    assert kind(_png(24, 16)) == "image/png"
    assert kind(_png(0, 16)) is None
    assert kind(_png(MOST_PIXELS // 1000, 1001)) is None
    jpeg = bytearray(picture("JPEG"))
    place = jpeg.index(b"\xff\xc0")
    struct.pack_into(">HH", jpeg, place + 5, 60_000, 60_000)
    assert kind(bytes(jpeg)) is None


def test_zip_bombs_are_not_unpacked() -> None:
    bomb = zipped({"mimetype": "x" * 50_000_000, "content.xml": "", "META-INF/manifest.xml": ""})
    assert kind(bomb) == "application/zip"
    bomb = office("word/document.xml", types=" " * 50_000_000)
    assert kind(bomb) == "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def test_a_package_that_lies() -> None:
    assert kind(zipped({"mimetype": "application/vnd.oasis.opendocument.text"})) == "application/zip"
    assert kind(office("word/other.xml")) == "application/zip"
    assert kind(office("word/document.xml", types="application/vnd.ms-word.document.macroEnabled.main+xml")) == (
        "application/zip"
    )
    encrypted = bytearray(FILES["application/vnd.oasis.opendocument.text"]())
    with zipfile.ZipFile(io.BytesIO(encrypted)) as archive:
        assert archive.namelist()[0] == "mimetype"
    at = encrypted.index(b"PK\x01\x02")
    encrypted[at + 8] |= 1
    assert kind(bytes(encrypted)) == "application/zip"


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff\xe0\0\x02" * 500_000,
        b"GIF89a\x01\0\x01\0\0\0\0" + b"!\xfe" + b"\x01a" * 1_000_000,
        b"\x89PNG\r\n\x1a\n" + (struct.pack(">I4sI", 0, b"tEXt", zlib.crc32(b"tEXt"))) * 300_000,
        box(b"ftyp", b"isom\0\0\0\0") + box(b"free") * 300_000,
        riff(b"WEBP", *[(b"ALPH", b"")] * 100_000),
    ],
    ids=["JPEG", "GIF", "PNG", "MP4", "WebP"],
)
def test_files_of_nothing_but_small_parts_are_given_up(data: bytes) -> None:
    assert kind(data) is None


def test_what_a_field_takes() -> None:
    png = found_type(io.BytesIO(data := picture("PNG")), len(data))
    assert takes(("images",), png)
    assert takes(("documents", "images"), png)
    assert not takes(("documents",), png)
    assert not takes(("images",), None)
    assert takes(("any",), None)


def test_what_a_browser_is_told() -> None:
    assert accept_attribute(("images",)) == "image/jpeg,image/png,image/gif,image/webp,image/avif"
    assert accept_attribute(("any",)) is None
    archives = accept_attribute(("archives",)) or ""
    assert ".zip" in archives
    assert ".rar" not in archives  # is not taken


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
def test_how_kinds_are_named(language: str) -> None:
    told = spoken_kinds(("images", "audio"), translated(language))
    assert "(JPG, PNG, GIF, WEBP, AVIF); " in told
    assert (told == spoken_kinds(("images", "audio"), str)) == (language == "en")
