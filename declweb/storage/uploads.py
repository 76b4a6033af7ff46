"""The folder of uploads: files on their way in, files that belong to entries, files laid aside for an hour.

Owns names, durability and the sweeping of files that belong to nothing. Knows neither entries nor what is in a file.

    uploads/ID           belongs to an entry, or to a submission that is being stored
    uploads/incoming/ID  is being received, or waits for its form to be checked
    uploads/held/ID      laid aside under a ticket, for an hour
    uploads/owners/TOKEN locked by the process whose ids begin with TOKEN, for as long as it lives

An id begins with the token of the process that received the file. So a sweep, in whatever process, can tell the files
of a running submission from those that a killed one left: a lock ends with its process, whatever ended it.
"""

import contextlib
import errno
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Self

from declweb.storage.folders import make_folder, sync_folder
from declweb.storage.portions import portions
from declweb.storage.refusals import StoreDown

LIFE = 3600
"""Seconds that a file laid aside lives, and that a submission can possibly take."""

_ID = re.compile(r"([0-9a-f]{12})-[0-9a-f]{32}")
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""What linking says where files can have one name only."""


class Incoming:
    """A file that is being received; whoever began it closes it, then keeps, holds or discards it by its id."""

    __slots__ = ("_descriptor", "id", "path", "size")

    def __init__(self, path: Path) -> None:
        self.id = path.name
        self.path = path
        self.size = 0
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes; raises StoreDown where the disk does not take them."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            raise StoreDown(f"an upload cannot be written: {error}") from error
        self.size += len(data)

    def close(self) -> None:
        """Let go of the file; it stays."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            try:
                os.close(descriptor)
            except OSError as error:
                raise StoreDown(f"an upload cannot be written: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class UploadFolder:
    """The files of one site. Its methods raise StoreDown where the disk fails."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / "incoming"
        self._held = root / "held"
        self._owners = root / "owners"
        self._owner: tuple[int, str, int] | None = None
        self._lock = Lock()

    def begin(self) -> Incoming:
        """Return a new empty file to receive into."""
        with _told("an upload cannot be received"):
            return Incoming(self._incoming / self._new_id())

    def keep(self, name: str) -> None:
        """Make a received file durable under its id; returns once file and name are on disk.

        Doing it twice is doing it once.
        """
        final = self.root / _proper(name)
        with _told("an upload cannot be kept"):
            path = self._find(name)
            if path is None:
                raise FileNotFoundError(errno.ENOENT, "an upload is gone", name)
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if path != final:
                path.rename(final)
            sync_folder(self.root)

    def release(self, name: str) -> None:
        """Take a kept file back to the received ones: the store refused its entry for certain."""
        with _told("an upload cannot be released"), contextlib.suppress(FileNotFoundError):
            (self.root / _proper(name)).rename(self._incoming / name)

    def hold(self, name: str) -> str:
        """Lay a received file aside for an hour, for a ticket; return the id for `reuse`.

        A kept file stays where it is besides: its entry may have been stored though the store said it was down.
        """
        with _told("an upload cannot be laid aside"):
            path = self._find(name)
            if path is None:
                raise FileNotFoundError(errno.ENOENT, "an upload is gone", name)
            held = self._held / name
            if path.parent == self.root:
                held = self._held / self._new_id()
                _link(path, held)
            elif path != held:
                path.rename(held)
            os.utime(held)
            return held.name

    def reuse(self, name: str) -> str | None:
        """Return the id, as of a received file, of what was laid aside; None once its hour is over.

        What was laid aside stays so: its ticket may be shown again.
        """
        held = self._held / _proper(name)
        with _told("an upload cannot be taken up again"):
            try:
                if held.stat().st_mtime < time.time() - LIFE:
                    return None
                again = self._incoming / self._new_id()
                _link(held, again)
            except FileNotFoundError:
                return None
            return again.name

    def path(self, name: str) -> Path:
        """Return where the file with this id lies now; of none, where it would be kept."""
        return self._find(name) or self.root / name

    def discard(self, name: str) -> None:
        """Delete a file that was received and is not needed; one that was kept stays until it is swept or deleted."""
        with _told("an upload cannot be discarded"):
            (self._incoming / _proper(name)).unlink(missing_ok=True)

    def delete(self, names: Collection[str]) -> None:
        """Delete kept files, once nothing refers to them any more."""
        with _told("an upload cannot be deleted"):
            for name in names:
                (self.root / _proper(name)).unlink(missing_ok=True)

    def sweep(self, known: Callable[[Collection[str]], Collection[str]], grace: float = 0) -> int:
        """Delete the files that belong to nothing; return how many.

        `known` tells which of some ids belong to entries. It is asked after it was seen that their process is gone, so
        that nothing it still stored is missed; `grace` is how many seconds a database may take to do what a process
        asked of it before it went. Files are listed before processes: whoever made one of them was there by then, and
        who comes later has made none of them.
        """
        with _told("uploads cannot be swept"):
            if not self.root.is_dir():
                return 0
            now = time.time()
            incoming, held, kept = _files(self._incoming), _files(self._held), _files(self.root)
            dead, living = self._processes()
            try:
                lost = [path for path in incoming if _owner_of(path) not in living or _age(path, now) > LIFE]
                lost += [path for path in held if _age(path, now, by_content=True) > LIFE]
                lost += self._orphans(kept, known, living, grace, now)
                for path in lost:
                    path.unlink(missing_ok=True)
            finally:
                self._forget(dead)
            return len(lost)

    @staticmethod
    def _orphans(
        kept: Sequence[Path],
        known: Callable[[Collection[str]], Collection[str]],
        living: Collection[str],
        grace: float,
        now: float,
    ) -> Iterator[Path]:
        candidates = [
            path
            for path in kept
            if _age(path, now) > (LIFE if _owner_of(path) in living else grace) and _ID.fullmatch(path.name)
        ]
        for some in portions(candidates):
            stay = set(known([path.name for path in some]))
            yield from (path for path in some if path.name not in stay)

    def _find(self, name: str) -> Path | None:
        _proper(name)
        return next(
            (path for folder in (self.root, self._incoming, self._held) if (path := folder / name).is_file()), None
        )

    # --- owners -------------------------------------------------------------------------------------------------------

    def _new_id(self) -> str:
        return f"{self._token()}-{secrets.token_hex(16)}"

    def _token(self) -> str:
        owner = self._owner
        if owner is None or not self._is_registered(owner):
            with self._lock:
                owner = self._owner
                if owner is None or not self._is_registered(owner):
                    self._owner = owner = self._register()
        return owner[1]

    def _is_registered(self, owner: tuple[int, str, int]) -> bool:
        """Tell whether this process is known as an owner: a child is not, nor anybody once the folder was deleted."""
        return owner[0] == os.getpid() and (self._owners / owner[1]).exists()

    def _register(self) -> tuple[int, str, int]:
        for folder in (self._incoming, self._held, self._owners):
            make_folder(folder)
        while True:
            token = secrets.token_hex(6)
            path = self._owners / token
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if path.exists():  # else a sweep came between the two steps, and took the token for a dead one's
                    return os.getpid(), token, descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def _processes(self) -> tuple[dict[str, int], set[str]]:
        """Return the tokens of dead processes with their descriptors, locked from now on, and those of living ones."""
        dead: dict[str, int] = {}
        living: set[str] = set()
        for path in _files(self._owners):
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:  # locked by a living one; where locks do not work, nobody is taken for dead
                os.close(descriptor)
                living.add(path.name)
            else:
                dead[path.name] = descriptor
        return dead, living

    def _forget(self, dead: dict[str, int]) -> None:
        for token, descriptor in dead.items():
            (self._owners / token).unlink(missing_ok=True)
            os.close(descriptor)

    def after_fork(self) -> None:
        """Begin anew in a child: the parent's token is the parent's."""
        self._lock = Lock()
        self.close()

    def close(self) -> None:
        """Be the owner of nothing any more; receiving begins anew."""
        owner, self._owner = self._owner, None
        if owner is not None:
            os.close(owner[2])


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreDown(f"{what}: {error}") from error


def _proper(name: str) -> str:
    if not _ID.fullmatch(name):
        raise ValueError(f"{name!r} is not the id of an upload")
    return name


def _owner_of(path: Path) -> str:
    return path.name.partition("-")[0]


def _files(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(entry.path) for entry in entries if entry.is_file(follow_symlinks=False)]
    except FileNotFoundError:
        return []


def _age(path: Path, now: float, *, by_content: bool = False) -> float:
    """Return the seconds since a file got its name; a file that is gone has just come."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0.0
    return now - (status.st_mtime if by_content else status.st_ctime)


def _link(path: Path, other: Path) -> None:
    try:
        os.link(path, other)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(path, other)
