"""What would be on disk if the power failed: which data and which names are not synced, as a trace tells.

Owns what syncs what. Knows nothing of forms or servers.
"""

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from durability.strace import Call

WRITES = {"write", "writev", "pwrite64", "pwritev", "pwritev2", "ftruncate", "fallocate"}
SYNCS = {"fsync", "fdatasync"}


class Unsynced:
    """The files and folders below one folder whose newest state the disk may not have yet.

    `known` says of a path whether it was there, synced, before the trace began.
    """

    def __init__(self, folder: str, known: Iterable[str] = ()) -> None:
        self._folder = folder
        self._known = set(known)
        self.data: dict[str, Call] = {}
        """Files by path, each with the last call that wrote to it."""
        self.names: dict[str, Call] = {}
        """Paths whose entry in their folder is not synced, each with the call that made it."""

    def see(self, call: Call) -> None:
        """Take note of a call; one that failed changes nothing, one whose end was not seen may have happened."""
        if call.result is not None and call.result < 0:
            return
        for names, step in STEPS:
            if call.name in names:
                step(self, call)

    def _opened(self, call: Call) -> None:
        path = call.opened
        if not self._is_ours(path):
            return
        if "O_CREAT" in call.arguments and path not in self._known:
            self._named(path, call)
        if "O_TRUNC" in call.arguments and path in self._known:
            self.data[path] = call

    def _made_folder(self, call: Call) -> None:
        path = _path(call, 0)
        if self._is_ours(path) and path not in self._known:
            self._named(path, call)

    def _wrote(self, call: Call) -> None:
        path = call.paths[0] if call.paths else ""
        if self._is_ours(path):
            self.data[path] = call

    def _copied(self, call: Call) -> None:
        path = call.paths[-1] if call.paths else ""
        if self._is_ours(path):
            self.data[path] = call

    def _synced(self, call: Call) -> None:
        path = call.paths[0] if call.paths else ""
        if (written := self.data.get(path)) and written.ended < call.begun:
            del self.data[path]
        for name, made in list(self.names.items()):
            if _folder(name) == path and made.ended < call.begun:
                del self.names[name]

    def _renamed(self, call: Call) -> None:
        old, new = _path(call, 0), _path(call, 1)
        if written := self.data.pop(old, None):
            self.data[new] = written
        self.names.pop(old, None)
        if self._is_ours(new):
            self._named(new, call)

    def _linked(self, call: Call) -> None:
        old, new = _path(call, 0), _path(call, 1)
        if written := self.data.get(old):
            self.data[new] = written
        if self._is_ours(new):
            self._named(new, call)

    def _removed(self, call: Call) -> None:
        path = _path(call, 0)
        self._known.discard(path)
        self.data.pop(path, None)
        self.names.pop(path, None)

    def _named(self, path: str, call: Call) -> None:
        self.names[path] = call
        self._known.add(path)

    def _is_ours(self, path: str) -> bool:
        return path == self._folder or path.startswith(f"{self._folder}/")


STEPS: tuple[tuple[set[str], Callable[[Unsynced, Call], None]], ...] = (
    ({"openat", "open", "creat"}, Unsynced._opened),
    ({"mkdir", "mkdirat"}, Unsynced._made_folder),
    (WRITES, Unsynced._wrote),
    ({"copy_file_range", "sendfile", "splice"}, Unsynced._copied),
    (SYNCS, Unsynced._synced),
    ({"rename", "renameat", "renameat2"}, Unsynced._renamed),
    ({"link", "linkat"}, Unsynced._linked),
    ({"unlink", "unlinkat", "rmdir"}, Unsynced._removed),
)


def _path(call: Call, place: int) -> str:
    """Return the path that a call names, whole."""
    name = call.strings[place] if place < len(call.strings) else ""
    if name.startswith("/"):
        return name
    folders = call.paths
    return f"{folders[min(place, len(folders) - 1)]}/{name}" if folders else name


def _folder(path: str) -> str:
    return str(PurePosixPath(path).parent)
