"""The network addresses a site is served at.

Owns listening, and saying in a sentence why that is not possible. Knows no server: it is given the sockets.
"""

import errno
import socket
from contextlib import ExitStack
from ipaddress import ip_address

from declweb.serving import CannotStart

BACKLOG = 1024
"""Connections that may wait for each process."""


def listen(host: str, port: int, count: int) -> list[socket.socket]:
    """Return sockets that listen at an address, one for each process; port 0 is any free port.

    Each process has its own queue of connections, which the kernel fills evenly (SO_REUSEPORT), and which outlives it.
    Raises CannotStart.
    """
    family, address = _resolved(host, port)
    try:
        _refuse_taken(family, address)
        with ExitStack() as stack:
            sockets: list[socket.socket] = []
            for _ in range(count):
                sockets.append(stack.enter_context(_listening(family, address)))
                address = sockets[0].getsockname()
            stack.pop_all()
            return sockets
    except OSError as error:
        raise CannotStart(_reason(error, host, port, family)) from error


Address = tuple[str, int] | tuple[str, int, int, int]


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise CannotStart(f"there is no host `{host}`; {_HOSTS}") from None
    family, *_, address = found[0]
    return family, address  # type: ignore[return-value] # the kinds of address that AF_INET and AF_INET6 have


def _refuse_taken(family: socket.AddressFamily, address: Address) -> None:
    """Raise OSError where another program listens, one that shares its port too."""
    if address[1]:
        _bound(family, address, is_shared=False).close()


def _listening(family: socket.AddressFamily, address: Address) -> socket.socket:
    found = _bound(family, address, is_shared=True)
    found.listen(BACKLOG)
    found.settimeout(0)
    return found


def _bound(family: socket.AddressFamily, address: Address, *, is_shared: bool) -> socket.socket:
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        found.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )  # every connection has it then; parts are sent at once
        if family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        found.bind(address)
    except BaseException:
        found.close()
        raise
    return found


_HOSTS = "--host 127.0.0.1 is this machine alone, --host 0.0.0.0 all its addresses"


def _reason(error: OSError, host: str, port: int, family: socket.AddressFamily) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"port {port} is taken by another program; choose another one: --port {_free_port(family, host, port)}"
            )
        case errno.EACCES | errno.EPERM:
            return f"port {port} needs rights that you do not have; choose one from 1024 on: --port 8000"
        case errno.EADDRNOTAVAIL:
            return f"`{host}` is no address of this machine; {_HOSTS}"
    return f"it cannot listen at {host}, port {port}: {error.strerror}"


def _free_port(family: socket.AddressFamily, host: str, port: int) -> int:
    for candidate in range(port + 1, min(port + 50, 65536)):
        try:
            _bound(family, (host, candidate), is_shared=False).close()
        except OSError:
            continue
        return candidate
    return 0


def url(host: str, port: int, *, is_secure: bool, prefix: str = "") -> str:
    """Return the address to type into a browser on this machine."""
    scheme, usual = ("https", 443) if is_secure else ("http", 80)
    if is_wildcard(host):
        host = "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}{'' if port == usual else f':{port}'}{prefix}/"


def is_wildcard(host: str) -> bool:
    """Tell whether a host stands for all addresses of the machine."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False
