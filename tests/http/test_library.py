import gzip
import io
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from declweb import files
from declweb.http import library
from declweb.http.conditional import Fields
from declweb.http.dates import http_date
from declweb.http.library import (
    BUDGET,
    CROWD,
    LOOK_HOLDS,
    QUIET,
    SMALL,
    SMALL_WHEN_COMPRESSED,
    TAGGED_BY_CONTENT,
    Description,
    Kept,
    Library,
    OnDisk,
)
from declweb.http.media_types import content_type
from declweb.http.prepared import Prepared
from declweb.http.stream import Stream

LONG_AGO = 784111777
PLAIN = Fields()


class Shelf:
    """A folder and a library, and how often files were opened."""

    def __init__(self, folder: Path, budget: int) -> None:
        self.folder = folder
        self.library = Library(budget)
        self.opened: list[BinaryIO] = []

    def write(self, name: str, content: bytes, modified: float = LONG_AGO) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        os.utime(path, (modified, modified))
        return path

    def get(self, name: str) -> Prepared | Stream:
        return self.library.get(name, self.found(name), lambda: self.describe(name))

    def found(self, name: str) -> OnDisk:
        return OnDisk(str(self.folder / name), (self.folder / name).stat(), lambda: self.open(name))

    def answer(self, name: str, fields: Fields = PLAIN) -> tuple[int, dict[str, str], bytes]:
        status, headers, body = self.get(name).answer(fields)
        content = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        return int(status.split()[0]), dict(headers), content

    def open(self, name: str) -> BinaryIO:
        self.opened.append((self.folder / name).open("rb"))
        return self.opened[-1]

    def describe(self, name: str) -> Description:
        return Description([("Content-Type", content_type(name)), ("Cache-Control", "no-cache")])


@pytest.fixture
def budget() -> int:
    return BUDGET


@pytest.fixture
def shelf(tmp_path: Path, budget: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    monkeypatch.setattr(files, "SETTLED", 0)
    shelf = Shelf(tmp_path, budget)
    yield shelf
    assert all(file.closed for file in shelf.opened)


def sparse(shelf: Shelf, name: str, size: int) -> Path:
    path = shelf.write(name, b"")
    os.truncate(path, size)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def test_small_files_are_answered_from_memory(shelf: Shelf) -> None:
    shelf.write("a.css", b"body { color: red }")
    first, second = shelf.answer("a.css"), shelf.answer("a.css")
    assert first == second
    assert first[0] == 200
    assert first[1]["Content-Type"] == "text/css; charset=utf-8"
    assert first[1]["Last-Modified"] == http_date(LONG_AGO)
    assert first[1]["Accept-Ranges"] == "bytes"
    assert first[2] == b"body { color: red }"
    assert len(shelf.opened) == 1
    assert shelf.answer("a.css", Fields(if_none_match=first[1]["ETag"]))[0] == 304
    assert shelf.answer("a.css", Fields(range="bytes=0-3"))[2] == b"body"


def test_an_empty_file(shelf: Shelf) -> None:
    shelf.write("a.txt", b"")
    assert shelf.answer("a.txt")[2] == b""
    assert shelf.answer("a.txt", Fields(range="bytes=0-"))[0] == 200


def test_text_is_compressed_when_asked_for(shelf: Shelf) -> None:
    shelf.write("a.txt", b"hello " * 1000)
    _, headers, body = shelf.answer("a.txt", Fields("gzip"))
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(body) == b"hello " * 1000
    found = shelf.get("a.txt")
    assert isinstance(found, Prepared)
    assert found.codings == ("gzip", "identity")


def test_an_edit_shows_at_once(shelf: Shelf) -> None:
    path = shelf.write("a.txt", b"one")
    before = shelf.answer("a.txt")
    shelf.write("a.txt", b"two")
    after = shelf.answer("a.txt")
    assert (before[2], after[2]) == (b"one", b"two")
    assert before[1]["ETag"] != after[1]["ETag"]
    assert before[1]["Last-Modified"] == after[1]["Last-Modified"]
    shelf.write("b.txt", b"six").replace(path)
    assert shelf.answer("a.txt")[2] == b"six"


def test_what_was_changed_just_now_is_not_kept(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SETTLED", 10**15)
    shelf.write("a.txt", b"one")
    shelf.write("a.bin", bytes(SMALL + 1))
    for name in ("a.txt", "a.txt", "a.bin", "a.bin"):
        shelf.answer(name)
    assert len(shelf.opened) == 4
    assert not shelf.library._kept
    assert not shelf.library._tags


def test_a_clock_that_goes_wrong_keeps_nothing_from_being_kept(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SETTLED", 10**15)
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    shelf.write("a.txt", b"one")
    shelf.answer("a.txt")
    shelf.answer("a.txt")
    assert len(shelf.opened) == 1


@pytest.mark.parametrize(
    ("name", "size", "kind"),
    [
        ("a.png", SMALL, Prepared),
        ("a.png", SMALL + 1, Stream),
        ("a.js", SMALL + 1, Prepared),
        ("a.js", SMALL_WHEN_COMPRESSED, Prepared),
        ("a.js", SMALL_WHEN_COMPRESSED + 1, Stream),
    ],
)
def test_large_files_are_read_while_they_are_sent(shelf: Shelf, name: str, size: int, kind: type) -> None:
    sparse(shelf, name, size)
    found = shelf.get(name)
    assert isinstance(found, kind)
    _, headers, body = found.choose()
    assert dict(headers)["Content-Length"] == str(size)
    assert b"".join(body) == bytes(size)
    if isinstance(found, Stream):
        found.close()


def test_the_tag_of_a_large_file_is_computed_once(shelf: Shelf) -> None:
    path = shelf.write("a.mp4", bytes(SMALL + 1))
    first, again = shelf.answer("a.mp4"), shelf.answer("a.mp4")
    assert first[1]["ETag"] == again[1]["ETag"] == shelf.library._tags[str(path)][1]
    assert first[2] == bytes(SMALL + 1)
    with path.open("r+b") as file:
        file.write(b"x")
    assert shelf.answer("a.mp4")[1]["ETag"] not in {first[1]["ETag"], ""}
    assert shelf.answer("a.mp4", Fields(range="bytes=0-1"))[2] == b"x\0"


def test_memory_for_tags_is_bounded(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_MOST_TAGS", 2)
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        shelf.write(name, bytes(SMALL + 1))
        shelf.answer(name, Fields(if_none_match="*"))
    assert [Path(path).name for path in shelf.library._tags] == ["c.mp4"]


def test_the_tag_of_a_huge_file_is_of_size_and_time(shelf: Shelf) -> None:
    path = sparse(shelf, "a.mp4", TAGGED_BY_CONTENT + 1)
    tag = shelf.answer("a.mp4", Fields(if_none_match="*"))[1]["ETag"]
    os.utime(path, ns=(0, LONG_AGO * 10**9 + 1))
    other = shelf.answer("a.mp4", Fields(if_none_match="*"))[1]["ETag"]
    sparse(shelf, "a.mp4", TAGGED_BY_CONTENT + 2)
    third = shelf.answer("a.mp4", Fields(if_none_match="*"))[1]["ETag"]
    assert len({tag, other, third}) == 3
    assert not tag.startswith("W/")


@pytest.mark.parametrize("modified", [-1, 0, 1, 8_000_000_000])
@pytest.mark.parametrize("name", ["a.txt", "a.mp4"])
def test_times_that_mean_nothing_are_not_sent(shelf: Shelf, name: str, modified: float) -> None:
    shelf.write(name, bytes(SMALL + 1), modified)
    headers = shelf.answer(name)[1]
    assert "Last-Modified" not in headers
    assert shelf.answer(name, Fields(if_modified_since=http_date(2_000_000_000)))[0] == 200
    assert shelf.answer(name, Fields(if_none_match=headers["ETag"]))[0] == 304


@pytest.mark.parametrize("budget", [1000])
def test_memory_for_files_is_bounded(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "OVERHEAD", 0)
    for name, size in (("a.png", 400), ("b.png", 500), ("c.txt", 200), ("d.png", 1001), ("e.txt", 501)):
        shelf.write(name, bytes(size))
        assert shelf.answer(name)[2] == bytes(size)
    assert list(shelf.library._kept) == ["b.png", "c.txt"]
    assert shelf.library._taken == 900
    shelf.write("c.txt", bytes(10))
    shelf.answer("c.txt")
    assert shelf.library._taken == 520


class Shortened(io.FileIO):
    """A file that someone cut after its first byte between the look at its size and the reading."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(1, size or 0)) or b""


def test_a_file_that_gets_shorter_while_it_is_read_is_not_kept(shelf: Shelf) -> None:
    path = shelf.write("a.txt", b"one")
    file = cast("BinaryIO", Shortened(path))
    found = shelf.library.get("a.txt", OnDisk(str(path), path.stat(), lambda: file), lambda: shelf.describe("a.txt"))
    _, headers, body = found.choose()
    assert (dict(headers)["Content-Length"], list(body)) == ("1", [b"o"])
    assert not shelf.library._kept
    assert file.closed


def test_a_file_that_grew_after_it_was_looked_up_is_sent_as_it_is_read(shelf: Shelf) -> None:
    shelf.write("a.png", b"small")
    found = shelf.found("a.png")
    sparse(shelf, "a.png", SMALL + 1)
    grown = shelf.library.get("a.png", found, lambda: shelf.describe("a.png"))
    assert isinstance(grown, Stream)
    assert b"".join(grown.choose()[2]) == bytes(SMALL + 1)
    grown.close()


def test_what_opening_raises_passes(shelf: Shelf) -> None:
    path = shelf.write("a.txt", b"one")
    status = path.stat()
    path.unlink()
    with pytest.raises(FileNotFoundError):
        shelf.library.get("a.txt", OnDisk(str(path), status, lambda: path.open("rb")), lambda: shelf.describe("a.txt"))


def test_what_reading_raises_passes_and_closes_the_file(shelf: Shelf) -> None:
    path = shelf.write("a.txt", b"one")
    unreadable = cast("BinaryIO", path.open("ab"))
    with pytest.raises(OSError, match="read"):
        shelf.library.get("a.txt", OnDisk(str(path), path.stat(), lambda: unreadable), lambda: shelf.describe("a.txt"))
    assert unreadable.closed


# --- files that are asked for all the time ----------------------------------------------------------------------------


def kept(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Kept, list[float]]:
    """Return a file, what is kept of it, and a clock that the test moves."""
    clock = [100.0]
    monkeypatch.setattr(library, "monotonic", lambda: clock[0])
    path = shelf.write("a.txt", b"one")
    shelf.answer("a.txt")
    file = shelf.library._kept["a.txt"]
    assert isinstance(file, Kept)
    return path, file, clock


def test_every_request_looks_at_the_file(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    path, file, clock = kept(shelf, monkeypatch)
    for _ in range(100):
        clock[0] += 0.002
        assert file.now("", {})
    shelf.write("a.txt", b"two")
    clock[0] += 0.0001
    assert file.now("", {}) is None
    path.unlink()
    assert file.now("", {}) is None


def test_in_a_crowd_one_look_holds_for_a_millisecond(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    _, file, clock = kept(shelf, monkeypatch)
    for _ in range(CROWD + 1):
        clock[0] += 0.00001
        assert file.now("", {})
    shelf.write("a.txt", b"two")
    assert file.now("", {})
    clock[0] += LOOK_HOLDS
    assert file.now("", {}) is None


def test_a_crowd_that_has_gone_is_none(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    _, file, clock = kept(shelf, monkeypatch)
    for _ in range(CROWD + 1):
        assert file.now("", {})
    clock[0] += QUIET + 0.001
    assert file.now("", {})
    shelf.write("a.txt", b"two")
    assert file.now("", {}) is None
