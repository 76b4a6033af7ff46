"""Answering requests on Granian.

Owns how one process of Granian is set up. Processes and sockets are not its business: it is given both.
"""

from collections.abc import Callable
from socket import socket
from typing import TYPE_CHECKING, Any

from granian.constants import HTTPModes, Interfaces, RuntimeModes, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder  # type: ignore[attr-defined] # it is not in granian's stubs
from granian.server.mp import MPServer

from declweb.serving.addresses import BACKLOG
from declweb.serving.settings import HEADER_TIMEOUT, Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Worker(MPServer):
    """One process of Granian's, without its parent: declweb's own keeps a site alive when workers die in a row."""

    def answer(self, listener: socket, site: "WSGIApplication") -> None:
        """Answer requests until SIGTERM comes and what is under way is done."""
        self._ssp, self._shd, self._sso = None, _held(listener), None
        self._spawn_worker(0, self._spawn_wsgi_worker, lambda: site).inner.run()


def _held(listener: socket) -> Any:
    is_unix = False
    return SocketHolder(listener.detach(), is_unix, BACKLOG)  # type: ignore[call-arg] # granian's stubs are older


def prepare(settings: Settings, log: dict[str, Any]) -> Callable[[socket, "WSGIApplication"], None]:
    """Return what answers at a socket, in a process of its own."""
    certificate = settings.certificate
    return _Worker(
        "declweb",
        interface=Interfaces.WSGI,
        runtime_mode=RuntimeModes.mt,
        blocking_threads=settings.threads,
        backlog=BACKLOG,
        backpressure=settings.connections,
        http=HTTPModes.auto if certificate else HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_TIMEOUT * 1000,
            max_buffer_size=settings.head_size,
        ),
        websockets=False,
        log_dictconfig=log,
        log_level=LogLevels.error,
        ssl_cert=certificate.chain if certificate else None,
        ssl_key=certificate.key if certificate else None,
        ssl_protocol_min=SSLProtocols.tls12,
    ).answer
