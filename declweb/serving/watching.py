"""Noticing that files have changed.

Owns what counts as a change: other content, other names; not the temporary files of editors, nor what a site writes
itself. Knows nothing of sites but that theirs is `storage/`.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

OWN_FOLDERS = frozenset({"storage"})
"""What declweb itself writes to, at the top of a site folder."""
IGNORED = frozenset({"__pycache__", "node_modules", "4913"})
"""Names that never belong to a site; 4913 is what vim creates to see whether it may."""

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


def state(roots: Iterable[Path]) -> int:
    """Return a number that changes when a file below these folders, or one of these files, does."""
    total = 0
    for root in roots:
        for path, *stamp in _stamps(str(root), OWN_FOLDERS):
            total = (total + hash((path, *stamp))) & 0xFFFF_FFFF_FFFF_FFFF
    return total


Stamp = tuple[str, int, int, int]


def _stamps(path: str, ignored: Collection[str] = ()) -> Iterator[Stamp]:
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name not in ignored and is_part(entry.name):
                    yield from _stamps_of(entry)
    except NotADirectoryError:
        yield _stamp(path)
    except OSError:
        yield path, 0, 0, 0


def _stamps_of(entry: os.DirEntry[str]) -> Iterator[Stamp]:
    if entry.is_dir(follow_symlinks=False):
        yield entry.path, 1, 1, 1
        yield from _stamps(entry.path)
    else:
        yield _stamp(entry.path)


def _stamp(path: str) -> Stamp:
    try:
        status = os.stat(path)  # noqa: PTH116 # called for every file of a site
    except OSError:
        return path, 0, 0, 0
    return path, status.st_mtime_ns, status.st_size, status.st_ino


def is_part(name: str) -> bool:
    """Tell whether a file or folder of this name can belong to a site."""
    if name.startswith((".", "#")):
        return name == ".well-known"
    return not name.endswith("~") and name not in IGNORED


class Watch:
    """A watch over folders and files, for as long as they are the same ones."""

    def __init__(self, roots: Collection[Path]) -> None:
        self._roots = roots
        self._identity = self._look()
        self._notify: RustNotify | None = None
        folders = [str(root) for root in roots if root.is_dir()]
        try:
            self._notify = RustNotify(folders, False, False, 0, True, True) if folders else None  # noqa: FBT003
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
        return self._identity == self._look()

    def wait(self, patience: float, stop: Event) -> bool:
        """Wait until something may have changed, for so many seconds; tell whether it may have."""
        if self._notify is None:
            return not stop.wait(POLL)
        return isinstance(self._notify.watch(DEBOUNCE, STEP, round(patience * 1000), stop), set)

    def _look(self) -> tuple[object, ...]:
        return tuple(_identity(root) for root in self._roots)


def _identity(root: Path) -> object:
    try:
        status = root.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if root.is_dir() else (status.st_ino, status.st_mtime_ns, status.st_size)
