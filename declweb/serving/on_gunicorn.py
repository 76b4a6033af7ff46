"""Answering requests on gunicorn's threaded worker.

Owns how one process of gunicorn is set up. Processes and sockets are not its business: it is given both.
"""

import logging
import os
from collections.abc import Callable
from socket import socket
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped] # it has no types
from gunicorn.config import Config  # type: ignore[import-untyped] # it has no types
from gunicorn.glogging import Logger  # type: ignore[import-untyped] # it has no types
from gunicorn.workers import gthread  # type: ignore[import-untyped] # it has no types

from declweb.serving.settings import HEADER_TIMEOUT, Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LONGEST_LINE = 8190
"""Bytes in the first line of a request: the most that gunicorn bounds."""
LINGER = 0.4
"""Seconds that a stopping worker waits for requests on connections that are kept."""


class _Application(BaseApplication):  # type: ignore[misc] # its base has no types
    """gunicorn's view of a site."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Take the settings over."""
        settings, certificate = self._settings, self._settings.certificate
        chosen = {
            "threads": settings.threads,
            "worker_connections": settings.connections,
            "keepalive": HEADER_TIMEOUT,
            "graceful_timeout": round(settings.grace) + 1,
            "limit_request_line": LONGEST_LINE,
            "forwarded_allow_ips": "",  # [proxy] says who is believed
            "logger_class": _Log,
            "certfile": str(certificate.chain) if certificate else None,
            "keyfile": str(certificate.key) if certificate else None,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)


class _Log(Logger):  # type: ignore[misc] # its base has no types
    """gunicorn's log, as a part of ours."""

    def setup(self, cfg: Config) -> None:
        """Keep quiet about everything but errors."""
        self.cfg = cfg
        self.error_log.propagate = True
        self.error_log.setLevel(logging.ERROR)
        self._access_log_enabled = False


class _Worker(gthread.ThreadWorker):  # type: ignore[misc] # its base has no types
    """A worker that stops within a second when it is idle."""

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 # gunicorn's signature
        """Accept connections, or not; while stopping, have them refused instead of waiting."""
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def murder_pending(self) -> None:
        """Close silent connections; while stopping, all of them."""
        if not self.alive:
            for connection in self.pending_conns:
                connection.timeout = 0.0
        super().murder_pending()


def prepare(settings: Settings, _log: dict[str, Any]) -> Callable[[socket, "WSGIApplication"], None]:
    """Return what answers at a socket, in a process of its own."""
    gthread.STOP_KEEPALIVE_LINGER = gthread.DEFAULT_WORKER_DATA_TIMEOUT = LINGER
    application = _Application(settings)
    log = _Log(application.cfg)

    def answer(listener: socket, site: "WSGIApplication") -> None:
        application.callable = site
        worker = _Worker(0, os.getppid(), [listener], application, settings.grace, application.cfg, log)
        worker.pid = os.getpid()
        worker.init_process()

    return answer
