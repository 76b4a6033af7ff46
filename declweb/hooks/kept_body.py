"""The body of a form that a function reads before the form does: it is kept, and read by both.

Owns how a body is read once and given twice. Knows neither forms nor functions.
"""

from io import BytesIO, RawIOBase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from _typeshed.wsgi import WSGIEnvironment


class KeptBody(RawIOBase):
    """Reads a body as a whole when it is first asked for any of it; no more of it than `most` bytes."""

    def __init__(self, environ: "WSGIEnvironment", most: int) -> None:
        super().__init__()
        self._environ = environ
        self._source: Any = environ["wsgi.input"]
        self._most = most
        self._data: BytesIO | None = None

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read the next bytes."""
        if self._data is None:
            length = self._environ.get("CONTENT_LENGTH")
            most = min(int(length), self._most) if length else self._most if self._has_end() else 0
            self._data = BytesIO(self._source.read(most))
        view = memoryview(buffer).cast("B")
        return self._data.readinto(view)

    def _has_end(self) -> bool:
        return bool(self._environ.get("wsgi.input_terminated")) or "HTTP_TRANSFER_ENCODING" in self._environ

    def give_back(self) -> None:
        """Let the body be read from its beginning by whoever comes next."""
        self._environ["wsgi.input"] = self._source if self._data is None else BytesIO(self._data.getvalue())


def keep(environ: "WSGIEnvironment", most: int) -> None:
    """Let a body be read and given back."""
    environ["wsgi.input"] = KeptBody(environ, most)
