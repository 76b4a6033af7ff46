"""Files that come with a form: stored while they arrive, then looked at.

Owns the way of one file from the body into the folder of uploads, or to the refusal that its field gets. What happens
to it after that is not its business.
"""

import errno
import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader, FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from declweb.forms.kinds import found_type, spoken_kinds, takes
from declweb.forms.messages import TOO_MANY_FILES
from declweb.forms.pictures import without_position
from declweb.model.words import spoken_size
from declweb.storage.refusals import StoreDown
from declweb.translations import Say, mark

if TYPE_CHECKING:
    from types import TracebackType

OTHER_KIND = mark("choose another file: {name} is not {kinds}, or is damaged")
FILE_TOO_LARGE = mark("choose a smaller file: {name} is larger than {most}")
FILE_EMPTY = mark("choose another file: {name} is empty")

LONGEST_NAME = 255
"""Characters of a file's name; the rest is cut out before its extension."""

_PLAIN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that came, and was stored for the time being."""

    id: str
    """In the folder of uploads, where it is temporary until it is kept."""
    name: str
    """As the client calls it, in any script, without folders; data, never a path."""
    size: int
    digest: str
    """SHA-256, in hexadecimal."""
    media_type: str
    """What it was found to be, not what the client says."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why what came in one field is not taken; a field error, beside those that checking finds."""

    text: str
    """In the form of declweb.forms.messages: after the field's label, with `{holes}`."""
    values: Mapping[str, object] = field(default_factory=dict)
    """What goes into the holes; what has to be said in a language is a function of `say`."""

    def filled(self, say: Say) -> dict[str, object]:
        """Return what goes into the holes, in the visitor's language."""
        return {name: value(say) if callable(value) else value for name, value in self.values.items()}

    def told(self, say: Say) -> str:
        """Return it in the visitor's language."""
        return say(self.text).format(**self.filled(say))


@dataclass(frozen=True, slots=True)
class FileRule:
    """What one file field takes."""

    accept: tuple[str, ...] = ("any",)
    max_size: int = 10_000_000
    most: int = 1
    strip_position: bool = True
    """Whether pictures are stored without what tells where they were taken."""


class Arriving(Protocol):
    """A file that is being written, as `declweb.storage.uploads.Incoming`."""

    id: str
    path: Path

    def write(self, data: bytes) -> None:
        """Append bytes."""
        ...

    def close(self) -> None:
        """Let go of the file; it stays."""
        ...


class Uploads(Protocol):
    """Where files are stored, as `declweb.storage.UploadFolder`."""

    def begin(self) -> Arriving:
        """Return a new empty file to receive into."""
        ...

    def discard(self, name: str) -> None:
        """Delete a file that was received and is not needed."""
        ...


class Receiver:
    """Receives the files of one submission, one after the other; discards them all if it is left by an error."""

    def __init__(self, rules: Mapping[str, FileRule], uploads: Uploads | None, most: int) -> None:
        self._rules = rules
        self._uploads = uploads
        self._most = most
        self._arriving: _File | None = None
        self.files: dict[str, list[ReceivedFile]] = {}
        self.refusals: dict[str, Refusal] = {}
        self.failure: Exception | None = None
        """What the disk said when a file could not be stored; what was written in other fields is read all the same."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        if self._arriving is not None:
            self._arriving.discard()
        if error is not None:
            self.discard()

    def discard(self) -> None:
        """Delete what has come."""
        for files in self.files.values():
            for each in files:
                self._discarded(each)
        self.files.clear()

    def begin(self, name: str, file_name: str) -> Callable[[bytes], None]:
        """Begin a file of a field; return what takes its bytes."""
        rule = self._rules.get(name)
        if rule is None or self._uploads is None or self.failure is not None:
            return _ignore
        self._arriving = _File(self._uploads, rule, name, clean_name(file_name))
        return self._write

    def _write(self, data: bytes) -> None:
        if self._arriving is not None:
            try:
                self._arriving.write(data)
            except (StoreDown, OSError) as error:
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Note that nothing can be stored, and give up all files."""
        self.failure = error
        arriving, self._arriving = self._arriving, None
        with suppress(StoreDown, OSError):
            if arriving is not None:
                arriving.discard()
        with suppress(StoreDown, OSError):
            self.discard()
        self.files.clear()

    def finish(self) -> None:
        """End the file that was begun: look at it, and take or refuse it."""
        arriving, self._arriving = self._arriving, None
        if arriving is None:
            return
        if not arriving.size and not arriving.name:  # what browsers send for a field in which no file was chosen
            arriving.discard()
            return
        files = self.files.setdefault(arriving.field, [])
        if len(files) >= arriving.rule.most or sum(map(len, self.files.values())) >= self._most:
            arriving.discard()
            most = arriving.rule.most if len(files) >= arriving.rule.most else self._most
            self.refusals.setdefault(arriving.field, Refusal(TOO_MANY_FILES, {"most": most}))
            return
        try:
            found = arriving.finished()
        except (StoreDown, OSError) as error:
            self._fail(error)
            return
        if isinstance(found, Refusal):
            self.refusals.setdefault(arriving.field, found)
        else:
            files.append(found)

    def _discarded(self, file: ReceivedFile) -> None:
        assert self._uploads is not None
        self._uploads.discard(file.id)


class _File:
    """One file on its way in."""

    def __init__(self, uploads: Uploads, rule: FileRule, field: str, name: str) -> None:
        self.rule = rule
        self.field = field
        self.name = name
        self.size = 0
        self._uploads = uploads
        self._arriving: Arriving | None = None
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Take bytes; what is beyond the largest size is only counted."""
        self.size += len(data)
        if self.size > self.rule.max_size:
            self.discard()
        elif data:
            if self._arriving is None:
                self._arriving = self._uploads.begin()
            self._arriving.write(data)
            self._digest.update(data)

    def discard(self) -> None:
        """Delete what has come so far."""
        arriving, self._arriving = self._arriving, None
        if arriving is not None:
            try:
                arriving.close()
            finally:
                self._uploads.discard(arriving.id)

    def finished(self) -> ReceivedFile | Refusal:
        """Return the file, or why it is not taken."""
        name = self.name or "?"
        if self.size > self.rule.max_size:
            return Refusal(FILE_TOO_LARGE, {"name": name, "most": spoken_size(self.rule.max_size)})
        if self._arriving is None:
            return Refusal(FILE_EMPTY, {"name": name})
        try:
            with BufferedReader(_Source(self._arriving.path)) as file:
                found = found_type(file, self.size)
                is_taken = takes(self.rule.accept, found)
                media_type = found.media_type if found else _PLAIN
                bare = without_position(file, self.size, media_type) if is_taken and self.rule.strip_position else None
        except BaseException:
            self.discard()
            raise
        if not is_taken:
            self.discard()
            return Refusal(OTHER_KIND, {"name": name, "kinds": lambda say: spoken_kinds(self.rule.accept, say)})
        return self._replaced(bare, name, media_type) if bare is not None else self._received(name, media_type)

    def _received(self, name: str, media_type: str) -> ReceivedFile:
        arriving, self._arriving = self._arriving, None
        assert arriving is not None
        arriving.close()
        return ReceivedFile(arriving.id, name, self.size, self._digest.hexdigest(), media_type)

    def _replaced(self, data: bytes, name: str, media_type: str) -> ReceivedFile:
        """Store other bytes in the place of those that came."""
        self.discard()
        self.size, self._digest = 0, hashlib.sha256()
        try:
            self.write(data)
        except BaseException:
            self.discard()
            raise
        return self._received(name, media_type)


class _Source(FileIO):
    """A file whose every read brings bytes, its end, or an error: Python's own has None for an error of its own."""

    def readinto(self, buffer: Any, /) -> int:
        """Read into a buffer; return how many bytes."""
        count = super().readinto(buffer)
        if count is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return count

    def readall(self) -> bytes:
        """Return what is left."""
        blocks = iter(lambda: self.read(1_000_000), b"")
        return b"".join(map(_sure, blocks))


def _sure(data: bytes | None) -> bytes:
    if data is None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return data


def _ignore(_data: bytes) -> None:
    """Take bytes of a file that nobody asked for."""


_ESCAPED = {"%22": '"', "%0D": "", "%0A": ""}
"""What browsers make of characters that a header cannot have (HTML, section 4.10.21.8)."""
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of characters that control something, or are none: none of them is in a name that a person gave."""
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that make `photo\\u202egnp.exe` look like a picture."""


def clean_name(name: str) -> str:
    """Return the name of a file as a person would say it: in any script, without folders and control characters."""
    for escaped, character in _ESCAPED.items():
        name = name.replace(escaped, character)
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(character for character in name if unicodedata.category(character) not in _UNSEEN)
    name = _DIRECTIONS.sub("", name).strip()
    if len(name) > LONGEST_NAME:
        stem, dot, extension = name.rpartition(".")
        tail = dot + extension if stem and len(extension) <= 10 else ""
        name = name[: LONGEST_NAME - len(tail)] + tail
    return "" if name in {".", ".."} else name
