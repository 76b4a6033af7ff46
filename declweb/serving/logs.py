"""The log of a running site.

Owns how a line looks, for people or for programs, and which lines are written. Knows of requests what WSGI says.
"""

import json
import logging.config
import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from declweb.context import current
from declweb.http.headers import find
from declweb.http.paths import as_word
from declweb.http.request_ids import request_id
from declweb.model.logging import Logging
from declweb.serving import CannotStart

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

access_logger = logging.getLogger("declweb.access")


COMMANDS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Characters that terminals obey instead of showing them."""
DRAWN = frozenset({"declweb.reload"})
"""Loggers that draw problems, of which visitors know nothing."""


class TextFormatter(logging.Formatter):
    """A line for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(word)s%(message)s", "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text; what is usual is not named.

        A visitor may have a word in it. So no line but the first begins as a record does, and no terminal obeys.
        """
        record.word = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        text = COMMANDS.sub(lambda found: f"\\x{ord(found[0]):02x}", super().format(record))
        return text if record.name in DRAWN else text.replace("\n", "\n  ")


class JsonFormatter(logging.Formatter):
    """A line for programs: one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{key: value for key in _TOLD if (value := getattr(record, key, None))},
            **getattr(record, "request", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return "".join(
            character if character.isprintable() else _as_json(character)
            for character in json.dumps(line, ensure_ascii=False)
        )


class CombinedFormatter(logging.Formatter):
    """A line for programs that read the logs of Apache and nginx."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the request of a record in the combined format (Apache HTTP Server, mod_log_config)."""
        told: dict[str, object] = getattr(record, "request", {})
        said = {key: _quoted(str(value)) for key, value in told.items()}
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%d/%b/%Y:%H:%M:%S %z")
        path = said["path"].replace(" ", "%20")  # else a path could pass for another request
        target = f"{path}?{said['query']}" if said["query"] else path
        asked = f"{said['method']} {target} {said['protocol']}"
        size = told["size"] if told["size"] is not None else "-"
        ends = f'"{said["referrer"] or "-"}" "{said["agent"] or "-"}"'
        return f'{said["address"] or "-"} - - [{moment}] "{asked}" {said["status"]} {size} {ends}'


class InRequest(logging.Filter):
    """Tells of each record in which request it was written."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        context = current.get(None)
        if context is not None and not hasattr(record, "request_id"):
            record.request_id = context.request_id
        return True


FORMATTERS = {"text": TextFormatter, "json": JsonFormatter, "combined": CombinedFormatter}
_TOLD = ("place", "request_id")
"""What a line for programs says besides, where it is known."""


def configuration(settings: Logging, folder: Path) -> dict[str, Any]:
    """Return what `logging.config.dictConfig` takes: the log of a site in a folder; servers stay quiet."""
    access_file = settings.access_file or settings.file
    access = {"level": "INFO", "handlers": ["access"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": InRequest}},
        "formatters": {name: {"()": formatter} for name, formatter in FORMATTERS.items()},
        "handlers": {
            "log": _handler(settings.file, settings.format, folder),
            "access": _handler(access_file, settings.access_format or settings.format, folder),
        },
        "root": {"handlers": ["log"], "level": settings.level.upper()},
        "loggers": {"declweb.access": access, "_granian": {"level": "ERROR"}, "watchfiles": {"level": "ERROR"}},
    }


def take_over(settings: Logging, folder: Path) -> None:
    """Let the site's own log be what its [logging] says, in a program of somebody else's.

    Where it says nothing, that program settles what becomes of it. Raises CannotStart as make_room does.
    """
    says_how = bool(settings.model_fields_set - {"access"})
    if says_how or settings.access:
        make_room(settings, folder)
        whole = configuration(settings, folder)
        own = {"handlers": ["log"], "level": settings.level.upper(), "propagate": False}
        loggers = {"declweb.access": whole["loggers"]["declweb.access"], **({"declweb": own} if says_how else {})}
        del whole["root"]
        logging.config.dictConfig({**whole, "loggers": loggers})


def _handler(file: str | None, line: str, folder: Path) -> dict[str, Any]:
    """Return what writes lines: to standard error, or to a file that is opened anew once it was renamed."""
    usual = {"formatter": line, "filters": ["request"]}
    if file is None:
        return {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", **usual}
    return {
        "class": "declweb.serving.log_files.LogFile", "filename": str(folder / file), "encoding": "utf-8", **usual,
    }  # fmt: skip


def make_room(settings: Logging, folder: Path) -> None:
    """Make the folders of log files, and see to it that they can be written; raises CannotStart."""
    for key in ("file", "access_file"):
        name = getattr(settings, key)
        if name is not None:
            try:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                with (folder / name).open("a", encoding="utf-8"):
                    pass
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise CannotStart(f"[logging] {key}: `{name}` cannot be written: {reason}") from error


class AccessLog:
    """A WSGI application that writes a line for every request of another one."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self._inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request, and log it."""
        began = time.perf_counter()
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        statuses, sizes = ["500"], list[str | None]([None])

        def noting(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            statuses[0] = status
            sizes[0] = find(headers, "Content-Length")
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        try:
            return self._inner(environ, noting)
        finally:
            told = int(statuses[0][:3]), sizes[0]
            _log_request(environ, path, told, (time.perf_counter() - began) * 1000)


def _log_request(environ: "WSGIEnvironment", path: str, told: tuple[int, str | None], milliseconds: float) -> None:
    query = environ.get("QUERY_STRING", "")
    status, size = told
    request = {
        "address": environ.get("REMOTE_ADDR", ""),
        "method": environ["REQUEST_METHOD"],
        "path": path.encode("latin-1", "replace").decode("utf-8", "replace"),
        "query": query,
        "protocol": environ.get("SERVER_PROTOCOL", ""),
        "status": status,
        "size": int(size) if size is not None and environ["REQUEST_METHOD"] != "HEAD" else None,
        "milliseconds": round(milliseconds, 2),
        "referrer": environ.get("HTTP_REFERER", ""),
        "agent": environ.get("HTTP_USER_AGENT", ""),
        "request_id": request_id(environ),
    }
    target = as_word(f"{request['path']}?{query}" if query else str(request["path"]))
    line = f"{request['address']} {as_word(str(request['method']))} {target} {status} {milliseconds:.2f} ms"
    access_logger.info("%s", line, extra={"request": request})


def _as_json(character: str) -> str:
    """Return a character as JSON spells it where it must not be itself: terminals obey some that JSON lets stand."""
    return json.dumps(character)[1:-1]


def _quoted(text: str) -> str:
    """Return a text that can stand between quotes."""
    return "".join(
        character if character.isprintable() and character not in '"\\' else f"\\x{ord(character):02x}"
        for character in text
    )
