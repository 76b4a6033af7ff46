"""Representations of regular files: small ones kept in memory, large ones sent as they are read; and pages beside them.

Owns the memory they may take, and the proof that what is kept is still what is on disk. Knows nothing of folders or
names: whoever asks brings where the file really is, its status, and a way to open it.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from os import lstat
from threading import Lock
from time import monotonic
from typing import Any, BinaryIO, NamedTuple, Protocol

from declweb.files import Signature, is_settled, signature
from declweb.http.answer import Finish, Headers, as_it_is
from declweb.http.encodings import Coding, is_compressible, preference
from declweb.http.headers import find, merge
from declweb.http.prepared import Prepared
from declweb.http.representation import Representation, describe, entity_tag
from declweb.http.stream import Stream

BUDGET = 32 * 1024 * 1024
"""The bytes that files and pages in memory may take; what can be compressed counts twice, with its codings."""

OVERHEAD = 8 * 1024
"""What a file in memory takes besides its content, in bytes: header fields, mostly."""

SMALL = 256 * 1024
"""Files up to this size are answered from memory."""

SMALL_WHEN_COMPRESSED = 4 * 1024 * 1024
"""So are those up to this size that can be compressed."""

TAGGED_BY_CONTENT = 16 * 1024 * 1024
"""Files up to this size have the entity tag of their content, larger ones that of their size and time."""

FOR_A_YEAR = ("Cache-Control", "public, max-age=31536000, immutable")
"""Said at an address that carries the file's present hash."""

LOOK_HOLDS = 0.001
"""Seconds for which one look at a file holds while it is asked for all the time."""
CROWD = 16
"""Requests within that time after which this is so,"""
QUIET = 0.01
"""and the seconds without one after which it is not any more."""

_MOST_TAGS = 4096


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A regular file as it was looked up."""

    path: str
    """Where it really is, no link in it."""
    status: os.stat_result
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Beside:
    """A place beside a file where its content may lie compressed."""

    coding: Coding
    path: str
    """As it is called: a link may stand there."""
    file: OnDisk | None
    """What is there, if anything."""

    def is_fresh(self, plain: os.stat_result) -> bool:
        """Tell whether there is something, no older than the file itself."""
        return self.file is not None and self.file.status.st_mtime_ns >= plain.st_mtime_ns

    def looks(self) -> list[tuple[str, Signature | None]]:
        """Return the places to look at for a change, and what is there now: a link, and what it leads to."""
        if self.file is None:
            return [(self.path, None)]
        real = (self.file.path, signature(self.file.status))
        return [real] if self.file.path == self.path else [(self.path, _at(self.path)), real]


class Description(NamedTuple):
    """What an answer says besides what follows from the file itself."""

    headers: Headers
    finish: Finish = as_it_is

    @property
    def content_type(self) -> str:
        """The media type."""
        return find(self.headers, "Content-Type") or ""

    @property
    def is_packable(self) -> bool:
        """Whether it gets notably smaller when it is compressed."""
        return is_compressible(self.content_type)

    @property
    def most(self) -> int:
        """The size up to which it is answered from memory."""
        return SMALL_WHEN_COMPRESSED if self.is_packable else SMALL

    @property
    def pinned(self) -> Headers:
        """What else is said at an address with the file's hash; what is never to be kept is not kept there either."""
        return [] if find(self.headers, "Cache-Control") == "no-store" else [FOR_A_YEAR]


@dataclass(slots=True)
class Kept:
    """A file in memory.

    Each request looks whether it is still the file on disk. Only while a file is asked for all the time, one look holds
    for all requests within a millisecond: each look lets go of the interpreter, which costs a busy server a third.
    """

    path: str
    signature: Signature
    prepared: Prepared
    pinned: Prepared
    """The same for an address with the file's hash."""
    query: str
    """The query of that address."""
    cost: int
    beside: tuple[tuple[str, Signature | None], ...] = ()
    """The other places that matter, and what was there: its content compressed, files that would come before it."""
    _looked: float = 0.0
    """When it was looked at, on a clock of its own."""
    _crowd: int = 0
    """How many requests came within a millisecond after a look, one such look after the other."""

    def now(self, query: str, _environ: Mapping[str, Any]) -> Prepared | None:
        """Return its answers at an address with this query, if the file is still the one that was read."""
        now = monotonic()
        since = now - self._looked
        if since < LOOK_HOLDS:
            if self._crowd < CROWD:
                self._crowd += 1
                is_same = self.is_same()
            else:
                is_same = True
        else:
            if since > QUIET:
                self._crowd = 0
            self._looked = now
            is_same = self.is_same()
        if not is_same:
            return None
        return self.prepared if not query or query != self.query else self.pinned

    def is_same(self) -> bool:
        """Look whether the file on disk is the one that was read."""
        try:
            status = lstat(self.path)
        except OSError:
            return False
        return (
            status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        ) == self.signature and (not self.beside or all(_stands(*place) for place in self.beside))  # fmt: skip


class Remembered(Protocol):
    """An answer in memory: a file, or a page."""

    @property
    def cost(self) -> int:
        """The bytes that it takes."""

    def now(self, query: str, environ: Mapping[str, Any]) -> Prepared | None:
        """Return what is answered at an address with this query; None where that is not known any more."""


class Library:
    """The files of a site as they can be sent, and the pages that were made of its data."""

    __slots__ = ("_budget", "_kept", "_lock", "_tags", "_taken", "public")

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._taken = 0
        self._kept: dict[str, Remembered] = {}
        self._tags: dict[str, tuple[Signature, str]] = {}
        self._lock = Lock()
        self.public: dict[str, Remembered] = {}
        """Those that anybody gets who asks at the address."""

    def get(  # noqa: PLR0913 # the file, what is said of it, and what of the request matters
        self,
        key: str,
        found: OnDisk,
        describe_file: Callable[[], Description],
        *,
        query: str = "",
        accept_encoding: str | None = None,
        beside: Iterable[Beside] = (),
        rivals: Iterable[str] = (),
        is_public: bool = False,
    ) -> Prepared | Stream:
        """Return the representation of a file as it is now.

        `key` stands for the file and for how it is described, such as the URL's path. `rivals` are the places of files
        that would be meant instead, were they there. The file is opened only where
        it is not in memory as it is now; what opening raises passes. A Stream is to be asked for one answer, and
        closed when it is not.
        """
        kept = self._kept.get(key)
        if isinstance(kept, Kept) and kept.path == found.path and kept.is_same():
            return kept.pinned if query == kept.query else kept.prepared
        described = describe_file()
        beside = tuple(beside) if described.is_packable else ()
        read = _read(found, described, beside)
        if read is None:
            packed = _chosen(beside, found, accept_encoding)
            return self._stream(found, described, query, packed, has_codings=bool(beside))
        kept, is_whole = read
        if is_whole:
            kept.beside += tuple((place, None) for place in rivals)
            self._keep(key, kept, is_public=is_public)
        return kept.pinned if query == kept.query else kept.prepared

    def remember(self, key: str, page: Remembered, *, is_public: bool) -> None:
        """Keep a page in memory, under the path that it is asked for at."""
        self._keep(key, page, is_public=is_public)

    def find(self, key: str) -> Remembered | None:
        """Return the page in memory under a path."""
        return self._kept.get(key)

    def forget(self) -> None:
        """Let go of all files in memory: each is looked up and opened when it is asked for again."""
        with self._lock:
            for key in list(self._kept):
                self._drop(key)

    def version(self, found: OnDisk, content_type: str) -> str:
        """Return what tells this content of a file from all others: its hash, as the entity tag has it."""
        known = self._tags.get(found.path)
        if known is not None and known[0] == signature(found.status):
            return known[1].strip('"')
        with found.open() as file:
            return self._tag(found.path, file, content_type).strip('"')

    def _stream(
        self, found: OnDisk, described: Description, query: str, packed: Beside | None, *, has_codings: bool
    ) -> Stream:
        headers = described.headers
        if query.startswith("v=") and query == f"v={self.version(found, described.content_type)}":
            headers = merge(headers, described.pinned)
        if has_codings:
            headers = merge(headers, [("Vary", "Accept-Encoding")])
        if packed is not None and packed.file is not None:
            found, headers = packed.file, merge(headers, [("Content-Encoding", packed.coding)])
        file = found.open()
        try:
            status = os.fstat(file.fileno())
            tag = self._tag(found.path, file, described.content_type)
        except BaseException:
            file.close()
            raise
        modified = when_modified(status)
        headers = describe(headers, status.st_size, tag, modified, in_parts=True)
        return Stream(file, Representation(headers, status.st_size, tag, modified, True, described.finish))  # noqa: FBT003 # whether it takes ranges

    def _keep(self, key: str, kept: Remembered, *, is_public: bool) -> None:
        """Keep it at the expense of those that have been kept the longest."""
        if kept.cost > self._budget:
            return
        with self._lock:
            self._drop(key)
            while self._taken + kept.cost > self._budget:
                self._drop(next(iter(self._kept)))
            self._kept[key] = kept
            if is_public:
                self.public[key] = kept
            self._taken += kept.cost

    def _drop(self, key: str) -> None:
        self.public.pop(key, None)
        if dropped := self._kept.pop(key, None):
            self._taken -= dropped.cost

    def _tag(self, path: str, file: BinaryIO, content_type: str) -> str:
        status = os.fstat(file.fileno())
        if status.st_size > TAGGED_BY_CONTENT:
            return f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
        known = self._tags.get(path)
        if known is not None and known[0] == signature(status):
            return known[1]
        tag = entity_tag(file, content_type)
        if is_settled(status):
            if len(self._tags) >= _MOST_TAGS:
                self._tags.clear()
            self._tags[path] = (signature(status), tag)
        return tag


def _read(found: OnDisk, described: Description, beside: Iterable[Beside]) -> tuple[Kept, bool] | None:
    """Return a small file, and whether all of it was read while nobody was at it; None for a large one."""
    if found.status.st_size > described.most:
        return None
    with found.open() as file:
        status = os.fstat(file.fileno())
        if status.st_size > described.most:
            return None
        body = file.read(status.st_size)
    places = {place: _content(place, status) for place in beside}
    prepared = Prepared(
        body,
        described.headers,
        modified=when_modified(status),
        in_parts=True,
        finish=described.finish,
        lazy=True,
        beside={place.coding: content for place, content in places.items() if content is not None},
    )
    kept = Kept(
        found.path,
        signature(status),
        prepared,
        prepared.saying(described.pinned),
        f"v={entity_tag(body, described.content_type)}".replace('"', ""),
        len(body) * (1 + described.is_packable) + OVERHEAD,
        tuple(look for place in places for look in place.looks()),
    )
    return kept, len(body) == status.st_size and is_settled(status)


def _content(place: Beside, plain: os.stat_result) -> bytes | None:
    """Return compressed content that is no older than the plain one."""
    if not place.is_fresh(plain) or place.file is None or place.file.status.st_size >= plain.st_size:
        return None
    try:
        with place.file.open() as file:
            return file.read()
    except OSError:
        return None


def _chosen(beside: Iterable[Beside], found: OnDisk, accept_encoding: str | None) -> Beside | None:
    """Return the compressed file that a client likes best; None for the plain one."""
    fresh = {place.coding: place for place in beside if place.is_fresh(found.status)}
    coding = next(coding for coding in preference(accept_encoding) if coding in {*fresh, "identity"})
    return fresh.get(coding)


def _stands(path: str, expected: Signature | None) -> bool:
    """Tell whether a place is as it was: the same file is there, or none."""
    return _at(path) == expected


def _at(path: str) -> Signature | None:
    """Return what is at a place now."""
    try:
        return signature(lstat(path))
    except OSError:
        return None


def when_modified(status: os.stat_result) -> int | None:
    """Return when the file was modified; None for times that tools make up, and for those that are yet to come."""
    seconds = int(status.st_mtime)
    return seconds if 1 < seconds <= time.time() else None
