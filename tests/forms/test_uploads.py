import hashlib
import os
from io import BufferedReader
from pathlib import Path

import pytest
from bodies import FILES, files_left, picture
from hypothesis import given
from hypothesis import strategies as st

from declweb.forms.uploads import LONGEST_NAME, Arriving, FileRule, ReceivedFile, Receiver, _Source, clean_name
from declweb.storage import StoreDown
from declweb.storage.uploads import UploadFolder


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("履歴書.pdf", "履歴書.pdf"),
        ("Übersicht für Ärzte.odt", "Übersicht für Ärzte.odt"),
        ("صورة.jpg", "صورة.jpg"),
        ("👩‍🍳.png", "👩‍🍳.png"),
        ("C:\\fakepath\\photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("a/", ""),
        ("..", ""),
        ("a\0b\r\nc\x1b.txt", "abc.txt"),
        ("say %22hello%22%0D%0A.txt", 'say "hello".txt'),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("  a b  ", "a b"),
        (".htaccess", ".htaccess"),
        ("CON", "CON"),
        ("a" * 300 + ".jpeg", "a" * 250 + ".jpeg"),
        ("a" * 300, "a" * 255),
    ],
)
def test_names_are_kept_as_people_say_them(sent: str, name: str) -> None:
    assert clean_name(sent) == name


@given(st.text())
def test_no_name_is_a_path(name: str) -> None:
    found = clean_name(name)
    assert not set(found) & set("/\\\0\r\n")
    assert found not in {".", ".."}
    assert len(found) <= LONGEST_NAME
    assert clean_name(found.replace("%", "")) == found.replace("%", "").strip() or "%" in found
    found.encode()


@pytest.fixture
def folder(tmp_path: Path) -> UploadFolder:
    return UploadFolder(tmp_path)


def receive(folder: UploadFolder, data: bytes, rule: FileRule) -> ReceivedFile | str:
    with Receiver({"photo": rule}, folder, 3) as receiver:
        write = receiver.begin("photo", "photo.jpg")
        for start in range(0, len(data), 1000):
            write(data[start : start + 1000])
        receiver.finish()
    return receiver.files["photo"][0] if receiver.files["photo"] else receiver.refusals["photo"].told(str)


@pytest.mark.parametrize("media_type", FILES)
def test_what_is_stored_is_what_came(folder: UploadFolder, media_type: str) -> None:
    data = FILES[media_type]()
    file = receive(folder, data, FileRule())
    assert isinstance(file, ReceivedFile)
    assert folder.path(file.id).read_bytes() == data
    assert (file.size, file.digest, file.media_type) == (len(data), hashlib.sha256(data).hexdigest(), media_type)


def test_unknown_files_are_taken_where_any_are(folder: UploadFolder) -> None:
    file = receive(folder, b"\x7fELF", FileRule(("any",)))
    assert isinstance(file, ReceivedFile)
    assert file.media_type == "application/octet-stream"


def test_pictures_are_stored_without_their_position(folder: UploadFolder) -> None:
    data = picture("JPEG", comment=b"52.52N")
    file = receive(folder, data, FileRule(("images",)))
    assert isinstance(file, ReceivedFile)
    stored = folder.path(file.id).read_bytes()
    assert b"52.52N" not in stored
    assert (file.size, file.digest) == (len(stored), hashlib.sha256(stored).hexdigest())
    assert len(files_left(folder.root)) == 1
    file = receive(folder, data, FileRule(("images",), strip_position=False))
    assert isinstance(file, ReceivedFile)
    assert folder.path(file.id).read_bytes() == data


def test_what_is_too_large_is_not_stored_to_its_end(folder: UploadFolder) -> None:
    told = receive(folder, bytes(50_000), FileRule(max_size=10_000))
    assert "larger than 10 KB" in str(told)
    assert not files_left(folder.root)


def test_nothing_is_left_when_the_disk_fails(folder: UploadFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = folder.begin

    def failing() -> Arriving:
        arriving = begin()
        arriving.write(b"x")
        arriving.close()
        return Full(arriving)

    class Full:
        def __init__(self, inner: Arriving) -> None:
            self.id, self.path, self.close = inner.id, inner.path, inner.close

        def write(self, data: bytes) -> None:
            raise StoreDown("an upload cannot be written: no space left on device")

    monkeypatch.setattr(folder, "begin", failing)
    with Receiver({"photo": FileRule()}, folder, 3) as receiver:
        receiver.begin("photo", "photo.jpg")(b"hello")
        receiver.finish()
    assert isinstance(receiver.failure, StoreDown)
    assert not receiver.files
    assert not files_left(folder.root)


@pytest.mark.parametrize("size", [10, -1])
def test_reading_says_that_it_failed(size: int) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)  # so that a read says EAGAIN, of which Python makes None
    try:
        with pytest.raises(BlockingIOError), BufferedReader(_Source(reading)) as source:
            source.read(size)
    finally:
        os.close(writing)


def test_reading_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"hello")
    with BufferedReader(_Source(path)) as source:
        assert (source.read(1), source.read()) == (b"h", b"ello")


def test_nothing_is_left_when_looking_fails(folder: UploadFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise MemoryError

    for name in ("found_type", "without_position"):
        monkeypatch.setattr(f"declweb.forms.uploads.{name}", failing)
        with pytest.raises(MemoryError):
            receive(folder, picture("JPEG"), FileRule(("images",)))
        assert not files_left(folder.root)
        monkeypatch.undo()


def test_nothing_is_left_when_a_body_breaks_off(folder: UploadFolder) -> None:
    with pytest.raises(KeyError), Receiver({"photo": FileRule()}, folder, 3) as receiver:  # noqa: PT012 # in the middle
        receiver.begin("photo", "a.png")(b"abc")
        raise KeyError
    assert not files_left(folder.root)
