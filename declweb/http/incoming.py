"""A request body on its way in.

Owns what the environ tells of a body, and how a read that blocks is ended from outside: every WSGI server reads bodies
in a thread of its own. Knows neither forms nor limits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


@dataclass(frozen=True, slots=True)
class Incoming:
    """A body that has not been read."""

    read: Callable[[int], bytes]
    """Returns up to that many bytes; fewer only at the end."""
    length: int | None
    """What Content-Length says; None where the body is sent in chunks."""
    cut: Callable[[float], None]
    """Ends a read that blocks, for a request that began this many seconds ago: the read returns what there is."""


def incoming(environ: "WSGIEnvironment") -> Incoming:
    """Return the body of a request; App has seen to it that Content-Length is a number."""
    raise NotImplementedError


def refuse(environ: "WSGIEnvironment") -> None:
    """See to it that a body which nobody will read keeps no thread: what is still to come is not waited for.

    To be called before answering without having read the body.
    """
