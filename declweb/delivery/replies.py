"""Answers of a mail server, for as long as there is time and room for them.

Owns that no server can hold up a process: smtplib waits for each byte anew, and keeps every line of an answer that
never ends. Knows no mail.
"""

import io
import smtplib
import socket
import time
from typing import Any

LONGEST_REPLY = 64_000
"""Bytes of one answer (RFC 5321 section 4.5.3.1.5: a line has 512)."""


class _Replies(io.RawIOBase):
    """What comes over a connection, bounded anew for each answer."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._end: float | None = None
        self._left = LONGEST_REPLY

    def begin(self, seconds: float | None) -> None:
        """Begin an answer, for which there are so many seconds."""
        self._end = None if seconds is None else time.monotonic() + seconds
        self._left = LONGEST_REPLY

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._end is not None:
            left = self._end - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._connection.settimeout(left)
        if self._left <= 0:
            raise ConnectionAbortedError(f"its answer has more than {LONGEST_REPLY:,} bytes")
        read = self._connection.recv_into(memoryview(buffer)[: self._left])
        self._left -= read
        return read


class Patient(smtplib.SMTP):
    """An SMTP connection on which each whole answer has the time that the socket has."""

    _replies: _Replies | None = None

    def getreply(self) -> tuple[int, bytes]:
        """Return an answer; raises SMTPServerDisconnected where it takes too long or never ends."""
        connection = self.sock
        if connection is None:
            return super().getreply()
        seconds = connection.gettimeout()
        if self.file is None or self._replies is None:
            self._replies = _Replies(connection)
            self.file = io.BufferedReader(self._replies)
        self._replies.begin(seconds)
        try:
            return super().getreply()
        finally:
            if self.sock is connection:
                connection.settimeout(seconds)


class PatientWithinTls(Patient, smtplib.SMTP_SSL):
    """The same, within TLS from the beginning."""
