"""The files of a log, which others rename, move away and fill up while a site runs.

Owns that a line which cannot be written keeps nobody from an answer. Knows nothing of what lines say.
"""

import logging
import sys
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler
from pathlib import Path


class LogFile(WatchedFileHandler):
    """A file that is opened anew once it was renamed; what cannot be written to it goes to standard error."""

    _is_failing = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, whatever has become of the file."""
        try:
            self.reopenIfNeeded()
            if self.stream is None:
                self.stream = self._open()
                self._statstream()
            self.stream.write(self.format(record) + self.terminator)
            self.stream.flush()
        except OSError as error:
            self._let_go()
            self._write_elsewhere(record, error)
        except Exception:  # noqa: BLE001 # as every handler of Python's does
            self.handleError(record)
        else:
            self._is_failing = False

    def _open(self) -> TextIOWrapper:
        """Open the file; its folder is made again where it was moved away."""
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def _let_go(self) -> None:
        """Close the file, with what could not be written to it."""
        stream, self.stream = self.stream, None
        if stream is not None:
            with suppress(OSError):
                stream.close()

    def _write_elsewhere(self, record: logging.LogRecord, error: OSError) -> None:
        with suppress(OSError, ValueError):
            if not self._is_failing:
                reason = (error.strerror or str(error)).lower()
                sys.stderr.write(f"{self.baseFilename} cannot be written: {reason}; its lines now stand here\n")
            self._is_failing = True
            sys.stderr.write(self.format(record) + self.terminator)
            sys.stderr.flush()
