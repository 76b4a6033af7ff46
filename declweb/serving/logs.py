"""The log of a running site.

Owns how a line looks, for people or for programs, and which lines are written. Knows of requests what WSGI says.
"""

import json
import logging
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from declweb.model.logging import Logging

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

access_logger = logging.getLogger("declweb.access")


class TextFormatter(logging.Formatter):
    """A line for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(word)s%(message)s", "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text; what is usual is not named."""
        record.word = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        return super().format(record)


class JsonFormatter(logging.Formatter):
    """A line for programs: one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "request", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configuration(settings: Logging) -> dict[str, Any]:
    """Return what `logging.config.dictConfig` takes: one log, on standard error; servers stay quiet."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": JsonFormatter if settings.format == "json" else TextFormatter}},
        "handlers": {"log": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["log"], "level": settings.level.upper()},
        "loggers": {
            "declweb.access": {"level": "INFO"},
            "_granian": {"level": "ERROR"},
            "watchfiles": {"level": "ERROR"},
        },
    }


class AccessLog:
    """A WSGI application that writes a line for every request of another one."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self._inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request, and log it."""
        began = time.perf_counter()
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        statuses = ["500"]

        def noting(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            statuses[0] = status
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        try:
            return self._inner(environ, noting)
        finally:
            _log_request(environ, path, int(statuses[0][:3]), (time.perf_counter() - began) * 1000)


def _log_request(environ: "WSGIEnvironment", path: str, status: int, milliseconds: float) -> None:
    query = environ.get("QUERY_STRING", "")
    request = {
        "address": environ.get("REMOTE_ADDR", ""),
        "method": environ["REQUEST_METHOD"],
        "path": path.encode("latin-1", "replace").decode("utf-8", "replace"),
        "query": query,
        "status": status,
        "milliseconds": round(milliseconds, 2),
        "referrer": environ.get("HTTP_REFERER", ""),
        "agent": environ.get("HTTP_USER_AGENT", ""),
    }
    target = _printable(f"{request['path']}?{query}" if query else str(request["path"]))
    line = f"{request['address']} {_printable(str(request['method']))} {target} {status} {milliseconds:.2f} ms"
    access_logger.info("%s", line, extra={"request": request})


def _printable(text: str) -> str:
    """Return a text that is sure to be one word of one line."""
    return "".join(
        character if character.isprintable() and character != " " else f"\\x{ord(character):02x}" for character in text
    )
