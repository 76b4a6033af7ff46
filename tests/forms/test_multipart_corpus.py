"""Multipart bodies in the shapes that browsers and libraries have sent over the years, and 10,000 damaged ones.

The shapes are those of Werkzeug's own test data, written down anew; the pictures in them are made here.
"""

import random
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bodies import FILES, arriving, compound, files_left, received

from declweb.forms.parse import Intake, Received, parse
from declweb.forms.reading import Bounds, Readers, Refused
from declweb.forms.uploads import FileRule
from declweb.storage.uploads import UploadFolder

PNG = FILES["image/png"]()
GIF = FILES["image/gif"]()


@dataclass(frozen=True)
class Shape:
    """A body, and what it says."""

    boundary: str
    body: bytes
    values: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)
    is_readable: bool = True

    @property
    def content_type(self) -> str:
        return f'multipart/form-data; boundary="{self.boundary}"'


def browser(boundary: str, names: tuple[str, str], media_type: str, text: str) -> Shape:
    """Return what a browser sends for two pictures and a text."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="file{number}"; filename="{name}"\r\n'
        f"Content-Type: {media_type}\r\n\r\n".encode()
        + data
        + b"\r\n"
        for number, name, data in ((1, names[0], PNG), (2, names[1], GIF))
    ]
    last = f'--{boundary}\r\nContent-Disposition: form-data; name="text"\r\n\r\n{text}\r\n--{boundary}--\r\n'
    files = {"file1": [(names[0], PNG)], "file2": [(names[1], GIF)]}
    return Shape(boundary, b"".join(parts) + last.encode(), {"text": [text]}, files)


def lines(boundary: str, *parts: str, ending: str = "\r\n", **values: str) -> Shape:
    """Return a body that is given line by line."""
    return Shape(boundary, ending.join(parts).encode(), {name: [value] for name, value in values.items()})


_FILE = b'Content-Disposition: form-data; name="file1"; filename="a.txt"\r\n'
_NAME = "Content-Disposition: form-data; name=a"

SHAPES = {
    "Firefox 3": browser("-" * 27 + "186454651713519", ("anchor.png", "edit.gif"), "image/png", "example text"),
    "Firefox 3, text like boundaries": browser(
        "-" * 27 + "14904044739787",
        ("accept.png", "add.gif"),
        "image/png",
        "--long text\r\n--with boundary\r\n--like--",
    ),
    "Opera 8": browser("----------zEO9jQKmLc2C", ("branch.png", "star.gif"), "image/png", "blafasel öäü"),
    "WebKit 3": browser("----WebKitFormBoundaryjdSFh", ("apply.png", "no.gif"), "image/png", "another with ümläüts"),
    "Internet Explorer 6": browser("-" * 27 + "7d91b03a20128", ("file1.png", "file2.gif"), "image/x-png", "old :-/"),
    "Internet Explorer 7, a full path": Shape(
        "-" * 27 + "7da36d1b4a0164",
        b"-" * 29
        + b'7da36d1b4a0164\r\nContent-Disposition: form-data; name="title"\r\n\r\n2010\r\n'
        + b"-" * 29
        + b'7da36d1b4a0164\r\nContent-Disposition: form-data; name="file1"; '
        b'filename="C:\\\\Minutes\\\\Town Council 02-22.doc"\r\nContent-Type: application/msword\r\n\r\n'
        + compound("WordDocument")
        + b"\r\n"
        + b"-" * 29
        + b"7da36d1b4a0164--\r\n",
        {"title": ["2010"]},
        {"file1": [("Town Council 02-22.doc", compound("WordDocument"))]},
    ),
    "a boundary with a sign, words in Unicode, blanks after the end": lines(
        "---97043$",
        "",
        "-----97043$",
        'Content-Disposition: form-data; name="a"',
        "",
        "ß∑œß∂ƒå∂",
        "-----97043$--",
        "  ",
        a="ß∑œß∂ƒå∂",
    ),
    "an empty field": lines(
        "foo",
        "--foo",
        'Content-Disposition: form-data; name="a"',
        'Content-Type: text/plain; charset="UTF-8"',
        "",
        "",
        "--foo--",
        "    ",
        a="",
    ),
    "empty lines first": lines("foo", "", "", "--foo", _NAME, "", "a string", "--foo--", a="a string"),
    "nothing": Shape("boundary", b"--boundary--"),
    "no type of a file": Shape(
        "foo", b"--foo\r\n" + _FILE + b"\r\nfile contents\r\n--foo--", {}, {"file1": [("a.txt", b"file contents")]}
    ),
    "more fields in a head": Shape(
        "foo",
        b"--foo\r\n"
        + _FILE
        + b"X-Custom-Header: blah\r\nContent-Type: text/plain; charset=utf-8\r\n\r\njust\r\n--foo--",
        {},
        {"file1": [("a.txt", b"just")]},
    ),
    "a name in pieces (RFC 2231)": Shape(
        "foo",
        b"--foo\r\nContent-Disposition: form-data; name=file1;\r\n\tfilename*0*=ascii''a%20b%20;\r\n"
        b'\tfilename*1*=c%20d%20;\r\n\tfilename*2="e f.txt"\r\n\r\nfile contents\r\n--foo--',
        {},
        {"file1": [("a b c d e f.txt", b"file contents")]},
    ),
    **{
        f"lines that end with {ending!r}": lines(
            "foo",
            "--foo",
            _NAME,
            "",
            "just bar",
            "--foo",
            _NAME.replace("=a", "=b"),
            "",
            "x",
            "--foo--",
            ending=ending,
            a="just bar",
            b="x",
        )
        for ending in ("\n", "\r", "\r\n")
    },
    **{
        f"data that begins with {start!r}": Shape(
            "foo",
            b"\r\n--foo\r\n" + _FILE + b"\r\n" + start + b"\r\nBCDE\r\n--foo--",
            {},
            {"file1": [("a.txt", start + b"\r\nBCDE")]},
        )
        for start in (b"A", b"\n", b"\r", b"\r\n", b"\n\r", b"A\n", b"A\r", b"A\r\n", b"A\n\r")
    },
    **{
        f"data that ends with {count} carriage returns": Shape(
            "foo",
            b"--foo\r\n" + _FILE + b"\r\n" + b"\1" * 65535 + b"\r" * count + b"\r\n--foo--",
            {},
            {"file1": [("a.txt", b"\1" * 65535 + b"\r" * count)]},
        )
        for count in (1, 2)
    },
    "no end": Shape("foo", b"--foo\r\n" + _FILE + b"\r\nfile contents and no end", is_readable=False),
    "no disposition": Shape("foo", b"--foo\r\n\r\nHello World\r\n--foo--", is_readable=False),
    "no end of a field": Shape("foo", b"--foo\r\n" + _NAME.encode() + b"\r\n\r\nHello World\r\n", is_readable=False),
}

INTAKE = Intake({name: FileRule(("any",), 100_000, 2) for name in ("file1", "file2")}, text=5_000, entry=200_000)


@pytest.fixture
def uploads(tmp_path: Path) -> UploadFolder:
    return UploadFolder(tmp_path)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_says_what_it_means(shape: str, uploads: UploadFolder) -> None:
    expected = SHAPES[shape]
    if not expected.is_readable:
        with pytest.raises(Refused) as caught:
            received(expected.body, expected.content_type, intake=INTAKE, uploads=uploads)
        assert caught.value.status == 400
        assert not files_left(uploads.root)
        return
    found = received(expected.body, expected.content_type, intake=INTAKE, uploads=uploads)
    assert found.values == expected.values
    files = {
        name: [(each.name, uploads.path(each.id).read_bytes()) for each in files] for name, files in found.files.items()
    }
    assert files == expected.files


# --- damage -----------------------------------------------------------------------------------------------------------

WORDS = (
    b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"--", b"\0", b"\xff", b"\xc3", b'"', b"'", b";", b"=", b"\\", b"%00", b"*0*=",
    b"filename=", b"name=", b"Content-Disposition: form-data; ", b"Content-Type: multipart/mixed; boundary=y\r\n",
    b"Content-Transfer-Encoding: base64\r\n", b"charset=utf-16", b"\xed\xa0\x80", b"\t ", b" " * 300, b"a" * 3000,
    b"\r\n" * 200, b"--" * 300,
)  # fmt: skip


def _place(chance: random.Random, data: bytearray) -> int:
    return chance.randrange(len(data) + 1)


def _cut(chance: random.Random, data: bytearray, _: Shape) -> None:
    del data[_place(chance, data) :]


def _flip(chance: random.Random, data: bytearray, _: Shape) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def _drop(chance: random.Random, data: bytearray, _: Shape) -> None:
    start = _place(chance, data)
    del data[start : start + chance.choice((1, 2, 5, 50))]


def _insert(chance: random.Random, data: bytearray, shape: Shape) -> None:
    start = _place(chance, data)
    data[start:start] = chance.choice((*WORDS, b"--" + shape.boundary.encode()))


def _repeat(chance: random.Random, data: bytearray, _: Shape) -> None:
    start = _place(chance, data)
    part = data[start : start + chance.choice((10, 100, 1000))]
    data[start:start] = part * chance.choice((1, 2, 30))


def _break_lines(chance: random.Random, data: bytearray, _: Shape) -> None:
    data[:] = bytes(data).replace(b"\r\n", chance.choice((b"\n", b"\r", b"\n\r")), chance.choice((1, 3, -1)))


DAMAGES: tuple[Callable[[random.Random, bytearray, Shape], None], ...] = (
    _cut, _flip, _flip, _drop, _insert, _insert, _insert, _repeat, _break_lines,
)  # fmt: skip


def _damaged(chance: random.Random) -> tuple[bytes, str]:
    shape = chance.choice(list(SHAPES.values()))
    data = bytearray(shape.body)
    for _ in range(chance.randint(1, 4)):
        chance.choice(DAMAGES)(chance, data, shape)
    return bytes(data[:150_000]), shape.content_type


@pytest.mark.parametrize("part", range(4))
def test_damaged_bodies_are_read_or_refused(part: int, uploads: UploadFolder) -> None:
    """2,500 in each part: read, or refused with 400 or 413; at once, and nothing is left behind."""
    chance = random.Random(part)
    outcomes = {200: 0, 400: 0, 408: 0, 413: 0}  # where the machine itself is slow, a broken body seems to be slow
    slowest = 0.0
    for _ in range(2500):
        body, content_type = _damaged(chance)
        length = chance.choice((-1, -1, None, len(body) + 1))
        began = time.thread_time()
        try:
            found = received(body, content_type, intake=INTAKE, uploads=uploads, length=length)
        except Refused as error:
            outcomes[error.status] += 1
            assert not files_left(uploads.root)  # of many, any may be refused
        else:
            outcomes[200] += 1
            _check(found, uploads)
        slowest = max(slowest, time.thread_time() - began)
        for path in files_left(uploads.root):
            path.unlink()
    assert min(outcomes[200], outcomes[400]) > 100, outcomes
    assert slowest < 20, slowest


def _check(found: Received, uploads: UploadFolder) -> None:
    for name, values in found.values.items():
        assert name
        assert "\0" not in "".join((name, *values))
        "".join((name, *values)).encode()
    for files in found.files.values():
        for each in files:
            assert uploads.path(each.id).stat().st_size == each.size <= 100_000
            assert not set(each.name) & set("/\\\0\r\n")
    stored = sum(map(len, found.files.values()))
    assert stored == len(files_left(uploads.root)) <= 3


# --- memory -----------------------------------------------------------------------------------------------------------


class Endless:
    """A body that is made while it is read."""

    def __init__(self, start: bytes, block: bytes, size: int) -> None:
        self._data = start
        self._block = block
        self._rest = size

    def read(self, size: int) -> bytes:
        while len(self._data) < size and self._rest > 0:
            self._data += self._block
            self._rest -= len(self._block)
        data, self._data = self._data[:size], self._data[size:]
        return data


@pytest.mark.parametrize(
    ("start", "block"),
    [
        (b"", b"a" * 1000),
        (b"", b"\r\n" * 500),
        (b"", b"--foo" * 200),
        (b"--foo", b" " * 1000),
        (b"--foo\r\n", b"A: b\r\n" * 100),
        (b"--foo\r\n", b"a" * 1000),
        (b"--foo\r\n" + _FILE + b"\r\n", b"a" * 1000),
        (b"--foo\r\n" + _FILE + b"\r\n", b"\r\n" * 500),
        (b"--foo\r\n" + _FILE + b"\r\n", b"\r" * 1000),
        (b"--foo\r\n" + _FILE + b"\r\n", b"\r\n--fo" * 100),
        (b"--foo\r\n" + _FILE + b"\r\n\r\n--foo", b" " * 1000),
        (b"--foo\r\n" + _NAME.encode() + b"\r\n\r\n", b"a" * 1000),
        (b"--foo\r\n", _FILE + b"\r\n\r\n--foo\r\n"),
        (b"--foo\r\n", _NAME.encode() + b"\r\n\r\n\r\n--foo\r\n"),
        (b"--foo--\r\n", b"a" * 1000),
    ],
)
def test_memory_and_time_are_bound(start: bytes, block: bytes, uploads: UploadFolder) -> None:
    """25 MB of whatever it is take 2 MB of memory and a few seconds."""
    intake = Intake({"file1": FileRule(("any",), 100_000, 1)}, text=256_000, entry=25_000_000)
    body = Endless(start, block, 25_000_000)
    tracemalloc.start()
    began = time.thread_time()
    try:
        with Readers().reading("192.0.2.1", arriving(b"", None, body.read), Bounds(intake.longest)) as reading:
            parse(reading, "multipart/form-data; boundary=foo", intake, uploads)
    except Refused:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 2_500_000
    assert time.thread_time() - began < 30
    assert not files_left(uploads.root)
