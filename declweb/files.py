"""The one door to the disk: finding, opening and listing the regular files inside a folder.

Owns the promise that nothing outside the folder is ever read, whatever a name says and however the folder is changed
meanwhile; and what tells that a file has changed. Knows nothing of sites, templates or the web.
"""

import errno
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import BinaryIO, cast

_PROPER = re.compile(r"(?:(?!\.\.?(?:/|\Z))[^/\\\0\ud800-\udfff]+(?:/(?!\Z)|\Z))+")

SETTLED = 100_000_000
"""Nanoseconds after a change within which another one may leave a file's times as they are."""

Signature = tuple[int, int, int, int, int]

_CLOSED_DOOR = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}
"""What opening says when a name leads elsewhere than a moment ago."""


def real_path(path: Path) -> Path:
    """Return where links lead; one that leads back to itself is where it is, and is then found to be no file."""
    return Path(os.path.realpath(path))


class Folder:
    """A folder whose files may be read, and nothing else.

    Names are relative, with slashes, in their one spelling: a name with an empty, `.` or `..` segment, a backslash, a
    NUL or a lone surrogate is the name of no file. Symbolic links are followed as long as they stay inside.

    A folder `within` another one stays there: when a link takes its place later on, nothing is opened any more.
    """

    __slots__ = ("_outer", "_prefix", "_way", "root")

    def __init__(self, root: Path, within: "Folder | None" = None) -> None:
        self.root = real_path(root)
        is_within = within is not None and self.root.is_relative_to(within.root)
        self._outer = within.root if within is not None and is_within else self.root
        self._way = self.root.relative_to(self._outer).parts
        self._prefix = os.path.join(self.root, "")  # noqa: PTH118 # a string with its slash, also for the root of all

    def find(self, name: str) -> Path | None:
        """Return the real path of the regular file with this name."""
        found = self.look_up(name)
        return Path(found[0]) if found else None

    def stat(self, name: str) -> os.stat_result | None:
        """Return size, times and identity of the regular file with this name."""
        found = self.look_up(name)
        return found[1] if found else None

    def look_up(self, name: str) -> tuple[str, os.stat_result] | None:
        """Return the real path of the regular file with this name, and what `stat` says of it."""
        if not _PROPER.fullmatch(name):
            return None
        path = self._prefix + name
        try:
            status = os.lstat(path)
            if S_ISLNK(status.st_mode) or self._leads_through_link(name):
                path = os.path.realpath(path, strict=True)
                status = os.lstat(path)
        except OSError:
            return None
        return (path, status) if S_ISREG(status.st_mode) and path.startswith(self._prefix) else None

    def open(self, name: str) -> BinaryIO:
        """Open the regular file with this name, unbuffered; raises FileNotFoundError when there is none.

        Every step down is taken without following links, so a file or folder that is swapped for a link after it was
        looked up is not found; what was opened is a regular file, and opening never waits.
        """
        found = self.look_up(name)
        try:
            descriptor = self._descend(found[0]) if found else None
        except OSError as error:
            if error.errno not in _CLOSED_DOOR:
                raise
            descriptor = None
        if descriptor is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        return cast("BinaryIO", os.fdopen(descriptor, "rb", buffering=0))

    def read_bytes(self, name: str) -> bytes:
        """Return the content of the file with this name; raises as `open` does."""
        with self.open(name) as file:
            return file.read()

    def read_text(self, name: str) -> str:
        """Return the file's text without a byte-order mark; raises UnicodeDecodeError when it is not UTF-8."""
        return self.read_bytes(name).decode("utf-8-sig")

    def is_folder(self, name: str) -> bool:
        """Tell whether there is a folder with this name; the empty name is this folder's own."""
        if not name:
            return self.root.is_dir()
        try:
            is_plain = _PROPER.fullmatch(name) is not None and not self._leads_through_link(f"{name}/")
            return is_plain and S_ISDIR(os.lstat(self._prefix + name).st_mode)
        except OSError:
            return False

    def entries(self, name: str = "") -> dict[str, os.stat_result]:
        """Return what lies directly in the folder with this name: regular files, also by links, and folders."""
        found: dict[str, os.stat_result] = {}
        if not self.is_folder(name):
            return found
        below = f"{name}/" if name else ""
        try:
            here = self._enter(name.split("/") if name else [])
        except OSError:
            return found
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    status = self._status(entry, below + entry.name)
                    if status is not None:
                        found[entry.name] = status
        finally:
            os.close(here)
        return found

    def _status(self, entry: os.DirEntry[str], name: str) -> os.stat_result | None:
        try:
            if entry.is_dir(follow_symlinks=False):
                return entry.stat(follow_symlinks=False) if _PROPER.fullmatch(name) else None
        except OSError:
            return None
        return self.stat(name)

    def names(self, pattern: str = "**/*", *, most: int | None = None) -> list[str]:
        """Return the sorted names of all regular files that match; `**` stands for any number of folders.

        Links to files inside are listed, links to folders are not entered. With `most` only so many files are looked
        at, whichever come first.
        """
        wanted = pattern.split("/")
        return sorted(name for name in islice(self._walk(""), most) if _matches(name.split("/"), wanted))

    def _leads_through_link(self, name: str) -> bool:
        end = name.find("/")
        while end > 0:
            if S_ISLNK(os.lstat(self._prefix + name[:end]).st_mode):
                return True
            end = name.find("/", end + 1)
        return False

    def _descend(self, path: str) -> int | None:
        *folders, last = path.removeprefix(self._prefix).split("/")
        here = self._enter(folders)
        try:
            descriptor = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
        finally:
            os.close(here)
        if S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        return None

    def _enter(self, folders: Sequence[str]) -> int:
        """Open a folder, step by step and without following links."""
        here = os.open(self._outer, os.O_RDONLY | os.O_DIRECTORY)
        for folder in (*self._way, *folders):
            above = here
            try:
                here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
            finally:
                os.close(above)
        return here

    def _walk(self, folder: str) -> Iterator[str]:
        try:
            entries = list(os.scandir(self._prefix + folder))
        except OSError:
            return
        for entry in entries:
            name = folder + entry.name
            if not _PROPER.fullmatch(name):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(name + "/")
            elif entry.is_file(follow_symlinks=False) or self.look_up(name):
                yield name


def signature(status: os.stat_result) -> Signature:
    """Return what changes with every change of a file, once it has settled."""
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def is_settled(status: os.stat_result) -> bool:
    """Tell whether another change of the file would change its signature."""
    return not 0 <= time.time_ns() - status.st_ctime_ns < SETTLED


def _matches(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    """Match segment by segment; a failure goes back to the last `**` only, so hostile patterns stay cheap."""
    part = pattern = 0
    retry: tuple[int, int] | None = None
    while part < len(parts) or pattern < len(wanted):
        if pattern < len(wanted) and wanted[pattern] == "**":
            retry = (part, pattern)
            pattern += 1
        elif part < len(parts) and pattern < len(wanted) and fnmatchcase(parts[part], wanted[pattern]):
            part, pattern = part + 1, pattern + 1
        elif retry is not None and retry[0] < len(parts):
            part, pattern = retry[0] + 1, retry[1] + 1
            retry = (part, retry[1])
        else:
            return False
    return True


# --- secrets ----------------------------------------------------------------------------------------------------------


def read_secret(path: Path) -> str | None:
    """Return the secret that a file keeps; None where there is no such file. Raises OSError."""
    try:
        return path.read_text(encoding="ascii", errors="strict").strip() or None
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise OSError(errno.EINVAL, "it holds no secret") from None


def made_secret(path: Path) -> str:
    """Return the secret that a file keeps, for its owner's eyes only; the first to ask makes it. Raises OSError.

    Whoever asks at the same moment gets the same one, and it is on disk before anyone gets it.
    """
    if found := read_secret(path):
        return found
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            os.write(descriptor, f"{secrets.token_hex(32)}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    made = read_secret(path)
    if made is None:
        raise OSError(errno.EIO, "it is empty")
    return made
