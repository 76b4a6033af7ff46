"""Answers that are read from an open file while they are sent.

Owns the open file from its start to its close. Knows nothing of where the file is and of what its answers say.
"""

import errno
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from declweb.http.answer import Answer, Refused, status_line
from declweb.http.conditional import Fields
from declweb.http.ranges import Piece, Span
from declweb.http.representation import Representation, respond

logger = logging.getLogger("declweb.static")

BLOCK = 256 * 1024
"""Bytes that are read at once: fewer cost speed, more only memory, once for each visitor."""


class Stream:
    """A file as it can be sent once; its first answer closes it, or the body of that answer does."""

    __slots__ = ("_file", "_shown")

    def __init__(self, file: BinaryIO, shown: Representation) -> None:
        self._file = file
        self._shown = shown

    def choose(
        self,
        accept_encoding: str | None = None,
        if_none_match: str | None = None,
        if_modified_since: str | None = None,
        secure: bool = False,  # noqa: FBT001, FBT002 # as that of Prepared
        head: bool = False,  # noqa: FBT001, FBT002 # as that of Prepared
    ) -> Answer:
        """Answer a GET or HEAD that has no other condition and no range."""
        return self.answer(Fields(accept_encoding, if_none_match, if_modified_since), secure=secure, head=head)

    def answer(self, fields: Fields, *, secure: bool = False, head: bool = False) -> Answer:
        """Answer a GET or HEAD with any conditions and ranges."""
        try:
            outcome = respond(self._shown, fields, secure=secure, head=head)
        except Refused:
            self.close()
            raise
        if outcome.pieces:
            return status_line(outcome.status), outcome.headers, Blocks(self._file, outcome.pieces)
        self.close()
        return status_line(outcome.status), outcome.headers, []

    def close(self) -> None:
        """Close the file of a stream that nobody asks for an answer."""
        self._file.close()


class Blocks:
    """A body read block by block; ends early where the file has become shorter or cannot be read any further.

    A server that counts ends the connection then. One that does not would let the next answer pass for the rest of
    this one: `breaks` tells it by a BrokenPipeError, the error it knows from clients that have gone.
    """

    __slots__ = ("_blocks", "breaks", "file", "pieces")

    def __init__(self, file: BinaryIO, pieces: tuple[Piece, ...]) -> None:
        self.file = file
        self.pieces = pieces
        self.breaks = False
        self._blocks = self._read()

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks

    def close(self) -> None:
        """Close the file, whether or not all of it was read."""
        self.file.close()

    def sent_by(self, file_wrapper: Callable[["Stretch", int], Iterable[bytes]]) -> Iterable[bytes]:
        """Return the body for a server that has a `wsgi.file_wrapper`, and may send a file without reading it."""
        if len(self.pieces) == 1 and isinstance(self.pieces[0], Span):
            return file_wrapper(Stretch(self.file, self.pieces[0]), BLOCK)
        self.breaks = True
        return self

    def _read(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            self.file.seek(piece.start)
            left = piece.stop - piece.start
            while left:
                block = _block(self.file, min(BLOCK, left))
                if not block:
                    if self.breaks:
                        raise _shortened()
                    return
                left -= len(block)
                yield block


class Stretch:
    """A stretch of an open file, as `wsgi.file_wrapper` takes it (PEP 3333)."""

    __slots__ = ("_file", "_left", "_stop", "fileno")

    def __init__(self, file: BinaryIO, span: Span) -> None:
        self._file = file
        self._left, self._stop = span.stop - span.start, span.stop
        self.fileno = file.fileno
        os.lseek(file.fileno(), span.start, os.SEEK_SET)

    def read(self, size: int = BLOCK) -> bytes:
        """Return the next bytes, none at the end; raises BrokenPipeError where the file has become shorter."""
        if self._left == 0:
            return b""
        block = _block(self._file, min(size, self._left))
        if not block:
            raise _shortened()
        self._left -= len(block)
        return block

    def close(self) -> None:
        """Close the file; raises BrokenPipeError where it has become shorter, so not all of it can have been sent."""
        is_short = os.fstat(self.fileno()).st_size < self._stop
        self._file.close()
        if is_short:
            raise _shortened()


def _block(file: BinaryIO, size: int) -> bytes:
    """Return the next bytes; none at the end, and where the disk fails."""
    try:
        return file.read(size)
    except OSError as error:
        logger.error("a file cannot be read any further: %s", error.strerror)  # noqa: TRY400 # its words say it all
        return b""


def _shortened() -> BrokenPipeError:
    return BrokenPipeError(errno.EPIPE, "the file became shorter while it was sent")
