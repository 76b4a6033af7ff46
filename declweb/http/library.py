"""Representations of regular files: small ones kept in memory, large ones sent as they are read.

Owns the memory they may take, and the proof that what is kept is still what is on disk. Knows nothing of folders or
names: whoever asks brings the file's status and a way to open it.
"""

import os
import time
from collections.abc import Callable
from threading import Lock
from typing import BinaryIO

from declweb.http.answer import Finish, Headers
from declweb.http.encodings import is_compressible
from declweb.http.headers import find
from declweb.http.prepared import Prepared
from declweb.http.representation import Representation, describe, entity_tag
from declweb.http.stream import Stream

BUDGET = 32 * 1024 * 1024
"""The bytes that files in memory may take; one that can be compressed counts twice, for itself and its codings."""

SMALL = 256 * 1024
"""Files up to this size are answered from memory."""

SMALL_WHEN_COMPRESSED = 4 * 1024 * 1024
"""So are those up to this size that can be compressed."""

TAGGED_BY_CONTENT = 16 * 1024 * 1024
"""Files up to this size have the entity tag of their content, larger ones that of their size and time."""

_MOST_TAGS = 4096
_SETTLED = 100_000_000
"""Nanoseconds after a change within which another one may leave a file's times as they are."""

Describe = Callable[[], tuple[Headers, Finish]]
"""What an answer says besides what follows from the file itself: its header fields, with Content-Type, and the rest."""

_Signature = tuple[int, int, int, int, int]


class Library:
    """The files of a site as they can be sent."""

    __slots__ = ("_budget", "_kept", "_lock", "_tags", "_taken")

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._taken = 0
        self._kept: dict[str, tuple[_Signature, Prepared, int]] = {}
        self._tags: dict[str, tuple[_Signature, str]] = {}
        self._lock = Lock()

    def get(
        self, key: str, status: os.stat_result, open_file: Callable[[], BinaryIO], describe_file: Describe
    ) -> Prepared | Stream:
        """Return the representation of the file that has this status now.

        `key` stands for the file and for how it is described, such as the URL's path. The file is opened only where
        it is not in memory as it is now; what opening raises passes. A Stream is to be asked for one answer, and
        closed when it is not.
        """
        kept = self._kept.get(key)
        if kept is not None and kept[0] == _signature(status):
            return kept[1]
        headers, finish = describe_file()
        file = open_file()
        try:
            return self._represent(key, file, headers, finish)
        except BaseException:
            file.close()
            raise

    def _represent(self, key: str, file: BinaryIO, headers: Headers, finish: Finish) -> Prepared | Stream:
        status = os.fstat(file.fileno())
        content_type = find(headers, "Content-Type") or ""
        compressible = is_compressible(content_type)
        modified = when_modified(status)
        if status.st_size > (SMALL_WHEN_COMPRESSED if compressible else SMALL):
            tag = self._tag(key, status, file, content_type)
            headers = describe(headers, status.st_size, tag, modified, in_parts=True)
            shown = Representation(headers, status.st_size, tag, modified, in_parts=True, finish=finish)
            return Stream(file, shown)
        with file:
            body = file.read(status.st_size)
        prepared = Prepared(body, headers, modified=modified, in_parts=True, finish=finish, lazy=True)
        if len(body) == status.st_size and _is_settled(status):
            self._keep(key, _signature(status), prepared, len(body) * (1 + compressible))
        return prepared

    def _keep(self, key: str, signature: _Signature, prepared: Prepared, cost: int) -> None:
        """Keep it at the expense of those that have been kept the longest."""
        if cost > self._budget:
            return
        with self._lock:
            self._drop(key)
            while self._taken + cost > self._budget:
                self._drop(next(iter(self._kept)))
            self._kept[key] = (signature, prepared, cost)
            self._taken += cost

    def _drop(self, key: str) -> None:
        if dropped := self._kept.pop(key, None):
            self._taken -= dropped[2]

    def _tag(self, key: str, status: os.stat_result, file: BinaryIO, content_type: str) -> str:
        if status.st_size > TAGGED_BY_CONTENT:
            return f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
        known = self._tags.get(key)
        if known is not None and known[0] == _signature(status):
            return known[1]
        tag = entity_tag(file, content_type)
        if _is_settled(status):
            if len(self._tags) >= _MOST_TAGS:
                self._tags.clear()
            self._tags[key] = (_signature(status), tag)
        return tag


def _signature(status: os.stat_result) -> _Signature:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _is_settled(status: os.stat_result) -> bool:
    return not 0 <= time.time_ns() - status.st_ctime_ns < _SETTLED


def when_modified(status: os.stat_result) -> int | None:
    """Return when the file was modified; None for times that tools make up, and for those that are yet to come."""
    seconds = int(status.st_mtime)
    return seconds if 1 < seconds <= time.time() else None
