"""Disks that are full, folders that nobody may write to, and databases that somebody else has locked.

Owns how these come about on a machine where mounting is allowed, and on one where it is not. What is mounted is
unmounted again.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

MORE = 65_536
"""Bytes that a disk is filled with at a time."""


def _mount(*arguments: str | Path) -> bool:
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False)
    return done.returncode == 0


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


class SmallDisk:
    """A disk of its own that can be filled."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self, leaving: int = 0) -> None:
        """Fill it up, but for so many bytes."""
        self.empty()
        with self._filler.open("wb", buffering=0) as file:
            size = 0
            try:
                while written := file.write(bytes(MORE)):
                    size += written
            except OSError:
                pass
            file.truncate(max(0, size - leaving))

    def empty(self) -> None:
        """Make room again."""
        self._filler.unlink(missing_ok=True)


class Quota:
    """Where nothing may be mounted: processes may make no file longer than this, as if the disk had no more."""

    def __init__(self, processes: Callable[[], Sequence[int]]) -> None:
        self._processes = processes

    def fill(self, leaving: int = 0) -> None:
        """Let nothing grow beyond so many bytes."""
        for pid in self._processes():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (leaving, resource.RLIM_INFINITY))

    def empty(self) -> None:
        """Let everything grow again."""
        for pid in self._processes():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[SmallDisk | None]:
    """Mount a small disk in a folder; None where that is not allowed."""
    folder.mkdir()
    if not _mount("-t", "tmpfs", "-o", f"size={size},mode=700", "none", folder):
        yield None
        return
    try:
        yield SmallDisk(folder)
    finally:
        _unmount(folder)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody make, change or delete anything in a folder; for root as well where mounting is allowed."""
    if not _mount_read_only(folder):
        with _without_right_to_write(folder):
            yield
        return
    try:
        yield
    finally:
        _unmount(folder)


def _mount_read_only(folder: Path) -> bool:
    """Tell whether a folder could be mounted over itself, read-only from the first moment.

    What is mounted turns read-only elsewhere: a file that somebody opens meanwhile would keep it from that.
    """
    with tempfile.TemporaryDirectory() as elsewhere:
        if not _mount("--bind", folder, elsewhere):
            return False
        try:
            assert _mount("-o", "remount,bind,ro", elsewhere)
            assert _mount("--bind", elsewhere, folder)
        finally:
            _unmount(Path(elsewhere))
    return True


@contextmanager
def _without_right_to_write(folder: Path) -> Iterator[None]:
    paths = [folder, *folder.rglob("*")]
    modes = [(path, path.stat().st_mode) for path in paths]
    for path, mode in modes:
        path.chmod(mode & ~0o222)
    try:
        assert not os.access(folder, os.W_OK), "this needs the right to mount, or a user who is not root"
        yield
    finally:
        for path, mode in modes:
            path.chmod(mode)


LOCKING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Let another process hold the lock for writing."""
    command = [sys.executable, "-c", LOCKING, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "locked\n"
        yield
