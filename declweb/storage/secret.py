"""The site's own key: random bytes that sign its cookies and hide its visitors' addresses.

Owns how the key is made, once, by whichever process needs it first. Knows nothing of what it is used for.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from declweb.storage.folders import make_folder, sync_folder

_BYTES = 32
_HEX = 2 * _BYTES


def site_key(path: Path) -> str:
    """Return the key in this file; the first caller of all makes it, readable by nobody else.

    Raises OSError where it can be neither read nor made, and ValueError where the file holds something else.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        return _make(path)


def derived(key: str, purpose: str) -> bytes:
    """Return a key for one purpose, from which no other one can be told."""
    return hmac.digest(key.encode(), purpose.encode(), hashlib.sha256)


def _read(path: Path) -> str:
    key = path.read_text(encoding="ascii").strip()
    if len(key) < _HEX:
        raise ValueError(f"{path} should hold {_HEX} hexadecimal digits or more; delete it to have a new one made")
    return key


def _make(path: Path) -> str:
    """Write the key under another name and link it: nobody ever reads half of it, and only one of many is kept."""
    make_folder(path.parent)
    other = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(other, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(_BYTES)}\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(other, path)
        except FileExistsError:
            return _read(path)
        sync_folder(path.parent)
    finally:
        other.unlink()
    return _read(path)
