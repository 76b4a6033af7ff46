import errno
import io
import os
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from declweb.http.answer import Refused
from declweb.http.conditional import Fields
from declweb.http.representation import Representation, describe
from declweb.http.stream import BLOCK, Blocks, Stream, Stretch

CONTENT = bytes(range(256)) * 2048
TAG = '"abc"'


def stream(file: io.BytesIO) -> Stream:
    headers = describe([("Content-Type", "video/mp4")], len(CONTENT), TAG, None, in_parts=True)
    return Stream(file, Representation(headers, len(CONTENT), TAG, in_parts=True))


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (None, CONTENT),
        ("bytes=0-0", CONTENT[:1]),
        ("bytes=65535-65536", CONTENT[65535:65537]),
        ("bytes=100-200000", CONTENT[100:200001]),
        ("bytes=-70000", CONTENT[-70000:]),
    ],
)
def test_bodies_are_read_in_blocks(value: str | None, part: bytes) -> None:
    file = io.BytesIO(CONTENT)
    status, headers, body = stream(file).answer(Fields(range=value))
    assert isinstance(body, Blocks)
    blocks = list(body)
    assert status == ("206 Partial Content" if value else "200 OK")
    assert b"".join(blocks) == part
    assert max(map(len, blocks)) <= BLOCK
    assert dict(headers)["Content-Length"] == str(len(part))
    assert not file.closed
    body.close()
    assert file.closed


def test_several_parts() -> None:
    _, headers, body = stream(io.BytesIO(CONTENT)).answer(Fields(range="bytes=10-19,0-4"))
    content = b"".join(body)
    assert dict(headers)["Content-Length"] == str(len(content))
    assert CONTENT[10:20] in content
    assert content.index(CONTENT[10:20]) < content.index(CONTENT[:5])


@pytest.mark.parametrize(("fields", "head"), [(Fields(if_none_match=TAG), False), (Fields(), True)])
def test_without_a_body_the_file_is_closed_at_once(fields: Fields, *, head: bool) -> None:
    file = io.BytesIO(CONTENT)
    status, _, body = stream(file).answer(fields, head=head)
    assert status == ("200 OK" if head else "304 Not Modified")
    assert list(body) == []
    assert file.closed


@pytest.mark.parametrize("fields", [Fields(if_match='"x"'), Fields(range="bytes=999999999-")])
def test_a_refusal_closes_the_file(fields: Fields) -> None:
    file = io.BytesIO(CONTENT)
    with pytest.raises(Refused):
        stream(file).answer(fields)
    assert file.closed


def test_the_short_way_is_the_same() -> None:
    assert stream(io.BytesIO()).choose("br", TAG)[0] == "304 Not Modified"
    assert stream(io.BytesIO()).choose(head=True)[0] == "200 OK"


@pytest.mark.parametrize("left", [0, 10, 65536, 100_000])
def test_a_file_that_got_shorter_ends_early(left: int) -> None:
    file = io.BytesIO(CONTENT)
    _, _, body = stream(file).answer(Fields())
    file.truncate(left)
    assert b"".join(body) == CONTENT[:left]


def test_a_file_that_got_longer_is_sent_as_long_as_promised() -> None:
    file = io.BytesIO(CONTENT + b"more")
    _, _, body = stream(file).answer(Fields())
    assert b"".join(body) == CONTENT


def test_closing_what_was_not_read() -> None:
    file = io.BytesIO(CONTENT)
    stream(file).close()
    assert file.closed


# --- servers that send files themselves -------------------------------------------------------------------------------


def wrapped(tmp_path: Path, value: str | None = None) -> tuple[BinaryIO, Stretch, int]:
    """Return the file, what the server is given to send of it, and how much it is told to send."""
    path = tmp_path / "a.mp4"
    path.write_bytes(CONTENT)
    file = cast("BinaryIO", path.open("r+b", buffering=0))
    headers = describe([("Content-Type", "video/mp4")], len(CONTENT), TAG, None, in_parts=True)
    _, said, body = Stream(file, Representation(headers, len(CONTENT), TAG, in_parts=True)).answer(Fields(range=value))
    assert isinstance(body, Blocks)
    given: list[Stretch] = []

    def send(stretch: Stretch, _size: int) -> list[bytes]:
        given.append(stretch)
        return []

    body.sent_by(send)
    return file, given[0], int(dict(said)["Content-Length"])


@pytest.mark.parametrize(("value", "start"), [(None, 0), ("bytes=100-299999", 100), ("bytes=-5", len(CONTENT) - 5)])
def test_a_server_may_send_the_file_itself(tmp_path: Path, value: str | None, start: int) -> None:
    file, stretch, length = wrapped(tmp_path, value)
    assert os.lseek(stretch.fileno(), 0, os.SEEK_CUR) == start
    assert b"".join(iter(lambda: stretch.read(9000), b"")) == CONTENT[start : start + length]
    stretch.close()
    assert file.closed


@pytest.mark.parametrize("left", [0, 10, 65536])
def test_a_server_is_told_when_the_file_got_shorter(tmp_path: Path, left: int) -> None:
    file, stretch, _ = wrapped(tmp_path)
    file.truncate(left)
    sent = stretch.read(left) if left else b""
    assert sent == CONTENT[:left]
    with pytest.raises(BrokenPipeError):
        stretch.read(1)
    with pytest.raises(BrokenPipeError):
        stretch.close()
    assert file.closed


def test_several_parts_are_read_for_the_server() -> None:
    file = io.BytesIO(CONTENT)
    _, _, body = stream(file).answer(Fields(range="bytes=10-19,0-4"))
    assert isinstance(body, Blocks)
    assert body.sent_by(lambda *_: []) is body
    file.truncate(0)
    with pytest.raises(BrokenPipeError):
        list(body)


class Failing(io.BytesIO):
    """A file on a disk that fails."""

    def read(self, size: int | None = -1) -> bytes:
        raise OSError(errno.EIO, "Input/output error")


def test_a_disk_that_fails_ends_the_body_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    _, _, body = stream(Failing()).answer(Fields())
    assert list(body) == []
    assert "Input/output error" in caplog.text
