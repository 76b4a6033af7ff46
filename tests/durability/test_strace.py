"""What the parser makes of strace's lines, and what it says would be lost; the lines are strace 6.1's own."""

import os
import tempfile
import threading
from pathlib import Path

import pytest
from durability.ondisk import Unsynced
from durability.order import story, thanks
from durability.strace import ORDER, Call, attached, calls, injection

LINES = """\
101 openat(AT_FDCWD</site>, "/s/uploads/incoming/a", O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0600) = 9</s/uploads/incoming/a>
101 write(9</s/uploads/incoming/a>, "paper \\"x\\", (1) = 2\\n", 5) = 5
101 fsync(9</s/uploads/incoming/a> <unfinished ...>
102 write(3<TCP:[127.0.0.1:80->127.0.0.1:5]>, "HTTP/1.1 200 OK\\r\\n", 17) = 17
101 <... fsync resumed>)              = 0
101 rename("/s/uploads/incoming/a", "/s/uploads/a") = 0
101 openat(AT_FDCWD</site>, "/s/uploads", O_RDONLY|O_CLOEXEC|O_DIRECTORY) = 9</s/uploads>
101 fsync(9</s/uploads>)              = 0
101 pwrite64(8</s/site.db-wal>, "x"..., 24, 0) = 24
101 fdatasync(8</s/site.db-wal>)      = 0
102 writev(3<TCP:[127.0.0.1:80->127.0.0.1:5]>, [{iov_base="HTTP/1.1 303 See Other\\r\\n"..., iov_len=90}], 1) = 90
""".splitlines()
KNOWN = ["/s", "/s/uploads", "/s/site.db-wal"]


def without(*parts: str) -> list[Call]:
    return calls(line for line in LINES if not any(part in line for part in parts))


def test_halves_of_a_line_are_put_together() -> None:
    fsync = next(call for call in calls(LINES) if call.name == "fsync")
    assert (fsync.thread, fsync.result, fsync.begun, fsync.ended) == (101, 0, 2, 4)
    assert fsync.paths == ("/s/uploads/incoming/a",)


def test_a_call_without_an_end_may_have_happened() -> None:
    (call,) = calls(["101 fsync(9</s/a> <unfinished ...>"])
    assert call.result is None
    assert call.paths == ("/s/a",)


@pytest.mark.parametrize(
    "line", ["101 +++ exited with 0 +++", "101 --- SIGTERM {si_signo=SIGTERM} ---", "", "nonsense"]
)
def test_lines_that_are_no_calls(line: str) -> None:
    assert calls([line]) == []


def test_errors_and_what_was_injected() -> None:
    (call,) = calls(["7 fsync(4</s/a>)  = -1 EIO (Input/output error) (INJECTED)"])
    assert (call.result, call.error, call.is_injected) == (-1, "EIO", True)


def test_arguments() -> None:
    opened, written, *_, answer = calls(LINES)
    assert opened.opened == "/s/uploads/incoming/a"
    assert written.strings == (r"paper \"x\", (1) = 2\n",)
    assert answer.strings[0].startswith("HTTP/1.1 303")
    assert thanks(calls(LINES)) == [answer]


def test_everything_was_synced() -> None:
    told = story(calls(LINES), "/s", KNOWN)
    assert told.unsynced == {}
    assert told.written == ["/s/uploads/incoming/a", "/s/site.db-wal"]
    assert told.synced == ["/s/uploads/incoming/a", "/s/uploads", "/s/site.db-wal"]


@pytest.mark.parametrize(
    ("missing", "lost"),
    [
        (["fsync(9</s/uploads/incoming/a>", "fsync resumed"], {"/s/uploads/a"}),
        (["fsync(9</s/uploads>"], {"/s/uploads/a"}),
        (["fdatasync"], {"/s/site.db-wal"}),
        (["fsync(9</s/uploads>", "fdatasync"], {"/s/uploads/a", "/s/site.db-wal"}),
    ],
)
def test_what_was_not_synced(missing: list[str], lost: set[str]) -> None:
    assert set(story(without(*missing), "/s", KNOWN).unsynced) == lost


def test_a_sync_that_failed_or_came_too_early_or_too_late() -> None:
    for change in (
        lambda line: line.replace(
            "fdatasync(8</s/site.db-wal>)      = 0", "fdatasync(8</s/site.db-wal>) = -1 EIO (Input)"
        ),
        lambda line: line.replace(
            "fdatasync(8</s/site.db-wal>)      = 0", "fdatasync(8</s/site.db-wal> <unfinished ...>"
        ),
    ):
        assert set(story(calls(map(change, LINES)), "/s", KNOWN).unsynced) == {"/s/site.db-wal"}
    early = [*LINES[:8], LINES[9], LINES[8], LINES[10]]
    assert set(story(calls(early), "/s", KNOWN).unsynced) == {"/s/site.db-wal"}


def test_folders_that_were_made_and_files_that_are_gone() -> None:
    state = Unsynced("/s")
    for call in calls(
        [
            '1 mkdir("/s", 0700) = 0',
            '1 mkdir("/elsewhere", 0700) = 0',
            '1 openat(AT_FDCWD</>, "/s/x", O_CREAT) = 3</s/x>',
            '1 write(3</s/x>, "x", 1) = 1',
            '1 unlink("/s/x") = 0',
        ]
    ):
        state.see(call)
    assert set(state.names) == {"/s"}
    assert state.data == {}


def test_nobody_was_thanked() -> None:
    with pytest.raises(AssertionError, match="nobody was thanked"):
        story(calls(LINES[:-1]), "/s")


def test_a_running_process_is_traced_and_deceived(tmp_path: Path) -> None:
    path = tmp_path / "file"
    go, gone = threading.Event(), threading.Event()
    found: list[int] = []
    thread_id: list[int] = []

    def work() -> None:
        thread_id.append(threading.get_native_id())
        gone.set()
        go.wait()
        with path.open("wb") as file:
            for _ in range(3):
                try:
                    os.fsync(file.fileno())
                    found.append(0)
                except OSError as error:
                    found.append(error.errno or -1)

    thread = threading.Thread(target=work)
    thread.start()
    gone.wait()
    with attached(thread_id, *injection("fsync", "EIO", 2)) as trace:
        go.set()
        thread.join()
    assert [call.is_injected for call in trace.calls] == [False, True, False]
    assert found == [0, 5, 0]


def test_a_process_that_is_not_there() -> None:
    with tempfile.TemporaryDirectory(), pytest.raises(RuntimeError, match="strace could not"), attached([2**22 - 7]):
        pass


def test_all_calls_that_matter_are_known_to_strace(tmp_path: Path) -> None:
    with attached([os.getpid()], "-e", f"trace={ORDER}"):
        (tmp_path / "x").write_bytes(b"x")
