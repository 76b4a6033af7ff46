"""How a server is to be run, whichever it is.

Owns the numbers that a site file does not set. Knows no server.
"""

import resource
from dataclasses import dataclass
from pathlib import Path

HEADER_TIMEOUT = 20
"""Seconds for the head of a request to arrive, and for a connection to be kept without one."""
HEAD_SIZE = 16 * 1024
"""Bytes in the head of a request, beside its address, from which on a server may refuse it."""
SPARE_FILES = 256
"""Open files that are not connections."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What serving https takes: files in PEM."""

    chain: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server is to be run."""

    threads: int
    grace: float
    head_size: int
    connections: int
    """Most connections at a time in each process."""
    certificate: Certificate | None = None


def allow_connections(wanted: int = 16_384) -> int:
    """Raise the number of files that may be open, as far as needed and allowed; return how many may be connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(SPARE_FILES, min(wanted, soft - SPARE_FILES))
