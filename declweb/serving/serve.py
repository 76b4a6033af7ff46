"""`declweb serve`: from a site file to processes that answer.

Owns the order in which that happens: what can be wrong is found out before anything is said or started.
"""

import gc
import logging.config
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any

from declweb.model.limits import Limits
from declweb.model.logging import Logging
from declweb.model.server import Server
from declweb.serving import CannotStart
from declweb.serving.addresses import listen
from declweb.serving.announcement import announcement
from declweb.serving.keeping import let_go, opening
from declweb.serving.logs import AccessLog, configuration, make_room
from declweb.serving.reload import Live
from declweb.serving.settings import HEAD_SIZE, Certificate, Settings, allow_connections
from declweb.serving.source import Source
from declweb.serving.supervisor import Supervisor

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SERVERS = {"granian": "declweb.serving.on_granian", "gunicorn": "declweb.serving.on_gunicorn"}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks for; the site file settles the rest."""

    host: str | None = None
    port: int | None = None
    workers: int | None = None
    server: str = "granian"


def serve(source: Source, wishes: Wishes, say: Callable[[str, str], None]) -> int:
    """Serve a site until a signal stops it, and return the exit code.

    `say` gets the lines to show at the start, each with its role. Raises SiteError when the site is broken,
    CannotStart when something else is in the way.
    """
    gc.freeze()  # what is imported is there to stay: neither collections nor workers need to look at it
    live = Live(source, shows_problems=source.is_development)
    site = live.version.site
    server, limits, log = (site.server, site.limits, site.logging) if site else (Server(), Limits(), Logging())
    settings = Settings(
        threads=server.threads,
        grace=server.grace.total_seconds(),
        head_size=HEAD_SIZE + limits.url,
        connections=allow_connections(),
        certificate=_certificate(server, source.folder),
    )
    host = wishes.host or server.host
    listeners = listen(host, server.port if wishes.port is None else wishes.port, _workers(source, wishes, server))
    make_room(log, source.folder)
    logs = configuration(log, source.folder)
    answer = _prepared(wishes.server, settings, logs)
    stored = list(opening(live.version.app))
    application: WSGIApplication = AccessLog(live) if log.access else live

    def work(listener: socket) -> None:
        live.watch(speaks=False, tends=True)
        try:
            answer(listener, application)
        finally:
            let_go()

    logging.config.dictConfig(logs)
    port = listeners[0].getsockname()[1]
    *lines, last = announcement(live, host, port, is_secure=settings.certificate is not None)
    for line, role in (*lines, *stored, last):
        say(line, role)
    supervisor = Supervisor(listeners, work, settings.grace)
    supervisor.start()
    live.watch()
    return supervisor.run()


def _workers(source: Source, wishes: Wishes, server: Server) -> int:
    if source.is_development:
        return 1
    return wishes.workers or server.workers or _cores()


def _cores() -> int:
    """Return how many cores this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _prepared(server: str, settings: Settings, logs: dict[str, Any]) -> "Callable[[socket, WSGIApplication], None]":
    try:
        module = import_module(SERVERS[server])
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != server:
            raise
        raise CannotStart(f"{server} is not installed; add it: pip install {server}") from error
    answer: Callable[[socket, WSGIApplication], None] = module.prepare(settings, logs)
    return answer


def _certificate(server: Server, folder: Path) -> Certificate | None:
    """Return the certificate that [server] names; raises CannotStart when it cannot be used."""
    if server.tls_certificate is None or server.tls_key is None:
        return None
    certificate = Certificate(folder / server.tls_certificate, folder / server.tls_key)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate.chain, certificate.key, lambda: "")
    except (OSError, ValueError) as error:
        files = f"`{server.tls_certificate}` and `{server.tls_key}`"
        raise CannotStart(f"[server] {files} are no certificate and its key (PEM, without a password)") from error
    return certificate
