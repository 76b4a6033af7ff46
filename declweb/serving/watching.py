"""Noticing that files have changed.

Owns what counts as a change: other content, other names; not the temporary files of editors, nor what a site writes
itself. Knows nothing of sites but that theirs is `storage/`.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from stat import S_ISREG
from threading import Event
from types import TracebackType
from typing import NamedTuple, Self

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

OWN_FOLDERS = frozenset({"storage"})
"""What declweb itself writes to, at the top of a site folder."""
IGNORED = frozenset({"__pycache__", "node_modules", "4913", "nohup.out"})
"""Names that never belong to a site; 4913 is what vim creates to see whether it may."""
_LOG = re.compile(r".*\.log(\.\d+)?(\.gz)?")
"""Names of logs: each line in one would be a change, and each change a line."""

DEBOUNCE = 250
"""Milliseconds for which changes that go on are waited for."""
STEP = 50
"""Milliseconds of quiet after which changes are over."""
POLL = 0.4
"""Seconds between looks where the system does not tell of changes."""


def outermost(paths: Iterable[Path]) -> frozenset[Path]:
    """Return those paths that are not below another one."""
    absolute = {Path(os.path.abspath(path)) for path in paths}  # noqa: PTH100 # links are not followed
    return frozenset(path for path in absolute if absolute.isdisjoint(path.parents))


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at: folders with all that is below them and single files, but not what is in some folders."""

    roots: frozenset[Path]
    apart: frozenset[Path] = frozenset()
    files: frozenset[Path] = frozenset()
    """Single files, in such folders or anywhere."""
    written: frozenset[Path] = frozenset()
    """Those of the folders apart that come while the site runs: that they do is no change."""


class State(NamedTuple):
    """What files are like at one moment."""

    number: int
    """Changes when one of them does."""
    newest: int
    """When the last one changed, as far as can be told, in nanoseconds since 1970."""


def state(scope: Scope) -> State:
    """Return what the files are like now."""
    total = newest = 0
    own = _own_output()
    apart = frozenset(map(str, scope.apart))
    made = _made(scope)
    roots = ((str(root), OWN_FOLDERS) for root in scope.roots)
    singles = ((str(file), ()) for file in scope.files if not file.is_dir())
    for root, ignored in chain[tuple[str, Collection[str]]](roots, singles):
        for path, changed, *stamp in _stamps(root, ignored, apart):
            if stamp[-1] in own or path in made:
                continue
            total = (total + hash((path, *stamp))) & 0xFFFF_FFFF_FFFF_FFFF
            newest = max(newest, changed)
    return State(total, newest)


def _made(scope: Scope) -> frozenset[str]:
    """Return the folders that are made while the site runs, with those on the way to them."""
    written = (Path(os.path.abspath(path)) for path in scope.written)  # noqa: PTH100 # links are not followed
    return frozenset(str(folder) for path in written for folder in (path, *path.parents))


Stamp = tuple[str, int, int, int, int]
"""A path, when it was last changed in any way, and what tells that it was: time, size and identity."""


def _stamps(path: str, ignored: Collection[str], apart: Collection[str]) -> Iterator[Stamp]:
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name not in ignored and is_part(entry.name):
                    yield from _stamps_of(entry, apart)
    except NotADirectoryError:
        yield _stamp(path)
    except OSError:
        yield path, 0, 0, 0, 0


def _stamps_of(entry: os.DirEntry[str], apart: Collection[str]) -> Iterator[Stamp]:
    if not entry.is_dir(follow_symlinks=False):
        if entry.path not in apart:
            yield _stamp(entry.path)
    elif entry.path in apart:
        yield entry.path, 0, 1, 1, 1
    else:
        yield entry.path, _stamp(entry.path)[1], 1, 1, 1
        yield from _stamps(entry.path, (), apart)


def _stamp(path: str) -> Stamp:
    try:
        status = os.stat(path)  # noqa: PTH116 # called for every file of a site
    except OSError:
        return path, 0, 0, 0, 0
    return path, status.st_ctime_ns, status.st_mtime_ns, status.st_size, status.st_ino


def is_part(name: str) -> bool:
    """Tell whether a file or folder of this name can belong to a site."""
    if name.startswith((".", "#")):
        return name == ".well-known"
    return not name.endswith("~") and name not in IGNORED and not _LOG.fullmatch(name)


def _own_output() -> frozenset[int]:
    """Return the identities of the files that this process writes its log into, whatever they are called."""
    found = set()
    for descriptor in (1, 2):
        with suppress(OSError):
            status = os.fstat(descriptor)
            if S_ISREG(status.st_mode):
                found.add(status.st_ino)
    return frozenset(found)


def folders(scope: Scope) -> frozenset[str]:
    """Return the folders in which something can come, go or change that is looked at."""
    apart = frozenset(map(str, scope.apart))
    found = {str(file.parent) for file in scope.files if file.parent.is_dir()}
    for root in scope.roots:
        if root.is_dir():
            found.update(_folders(str(root), OWN_FOLDERS, apart))
    return frozenset(found)


def _folders(path: str, ignored: Collection[str], apart: Collection[str]) -> Iterator[str]:
    yield path
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                is_ours = entry.name not in ignored and is_part(entry.name) and entry.path not in apart
                if is_ours and entry.is_dir(follow_symlinks=False):
                    yield from _folders(entry.path, (), apart)
    except OSError:
        return


class Watch:
    """A watch over folders and files, for as long as they are the same ones."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._identity = self._look()
        self._folders = folders(scope)
        self._has_changed = False
        self._notify: RustNotify | None = None
        try:
            watched = sorted(self._folders)
            self._notify = RustNotify(watched, False, False, 0, False, True) if watched else None  # noqa: FBT003 # watchfiles' own parameters
        except (OSError, WatchfilesRustInternalError):
            self._notify = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._notify is not None:
            self._notify.close()

    def is_sound(self) -> bool:
        """Tell whether the watched folders are still those that the watch began with."""
        if self._has_changed:
            self._has_changed = False
            if folders(self._scope) != self._folders:
                return False
        return self._identity == self._look()

    def wait(self, patience: float, stop: Event) -> bool:
        """Wait until something may have changed, for so many seconds; tell whether it may have."""
        if self._notify is None:
            return not stop.wait(POLL)
        found = self._notify.watch(DEBOUNCE, STEP, round(patience * 1000), stop)
        self._has_changed = self._has_changed or isinstance(found, set)
        return isinstance(found, set)

    def _look(self) -> tuple[object, ...]:
        return tuple(_identity(root) for root in self._scope.roots)


def _identity(root: Path) -> object:
    try:
        status = root.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if root.is_dir() else (status.st_ino, status.st_mtime_ns, status.st_size)
