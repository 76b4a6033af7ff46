"""A site on uWSGI, which calls a WSGI application otherwise than other servers do.

Owns what is put right in each request there, and what must be set for a site to live. The module `uwsgi` is there in
uWSGI's own processes alone.
"""

import logging
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger("declweb.serving")

NO_THREADS = (
    "uWSGI runs without threads: no change to the site will be seen, and nothing that its forms send is delivered; "
    "set `enable-threads = true`"
)


def fitted(application: "WSGIApplication") -> "WSGIApplication":
    """Return an application as this process needs it."""
    return OnUwsgi(application) if "uwsgi" in sys.modules else application


def is_copied_unseen() -> bool:
    """Tell whether this process will be copied without Python being told: uWSGI loads first and then copies itself."""
    uwsgi = sys.modules.get("uwsgi")
    if uwsgi is None:
        return False
    if not uwsgi.has_threads:
        logger.warning(NO_THREADS)
    return bool(uwsgi.worker_id() == 0)


class OnUwsgi:
    """A WSGI application that is called as PEP 3333 says."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self._inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request.

        The scheme would be what any visitor says in X-Forwarded-Proto or X-Forwarded-SSL. The file wrapper would send
        the whole of a file where a part is asked for. A body in chunks would be none.
        """
        is_secure = environ.get("HTTPS", "").lower() in {"on", "1"} or environ.get("UWSGI_SCHEME") == "https"
        environ["wsgi.url_scheme"] = "https" if is_secure else "http"
        environ.pop("wsgi.file_wrapper", None)
        if "HTTP_TRANSFER_ENCODING" in environ and not environ.get("CONTENT_LENGTH"):
            environ["wsgi.input"] = _Chunks(sys.modules["uwsgi"])
        return self._inner(environ, start_response)


class _Chunks:
    """`wsgi.input` of a body that comes in chunks; read in blocks alone, as declweb does."""

    def __init__(self, uwsgi: Any) -> None:
        self._read = uwsgi.chunked_read
        self._kept = b""
        self._has_more = True

    def read(self, size: int) -> bytes:
        """Return so many bytes, fewer at the end; raises OSError when the client has gone."""
        parts, found = [self._kept], len(self._kept)
        while self._has_more and found < size:
            chunk = self._read()
            self._has_more = bool(chunk)
            parts.append(chunk)
            found += len(chunk)
        data = b"".join(parts)
        self._kept = data[size:]
        return data[:size]
