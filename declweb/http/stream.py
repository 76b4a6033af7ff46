"""Answers that are read from an open file while they are sent.

Owns the open file from its start to its close. Knows nothing of where the file is and of what its answers say.
"""

from collections.abc import Iterator
from typing import BinaryIO

from declweb.http.answer import Answer, Refused, status_line
from declweb.http.conditional import Fields
from declweb.http.ranges import Piece
from declweb.http.representation import Representation, respond

_BLOCK = 64 * 1024


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
        secure: bool = False,  # noqa: FBT001, FBT002 # as Prepared has it
        head: bool = False,  # noqa: FBT001, FBT002
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
    """A body read block by block; ends early, without an error, where the file has become shorter."""

    __slots__ = ("_blocks", "file", "pieces")

    def __init__(self, file: BinaryIO, pieces: tuple[Piece, ...]) -> None:
        self.file = file
        self.pieces = pieces
        self._blocks = self._read()

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks

    def close(self) -> None:
        """Close the file, whether or not all of it was read."""
        self.file.close()

    def _read(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            self.file.seek(piece.start)
            left = piece.stop - piece.start
            while left:
                block = self.file.read(min(_BLOCK, left))
                if not block:
                    return
                left -= len(block)
                yield block
