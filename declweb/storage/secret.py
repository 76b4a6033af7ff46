"""The site's own key: random bytes that sign its cookies and hide its visitors' addresses.

Owns what is derived from it. How it is kept stands in `files`.
"""

import errno
import hashlib
import hmac
from pathlib import Path

from declweb.files import made_secret
from declweb.model.session import SHORTEST_SECRET
from declweb.storage.folders import make_folder


def site_key(path: Path) -> str:
    """Return the key in this file; the first caller of all makes it, readable by nobody else. Raises OSError."""
    make_folder(path.parent)
    key = made_secret(path)
    if len(key) < SHORTEST_SECRET:
        raise OSError(errno.EINVAL, f"it has fewer than {SHORTEST_SECRET} characters, so it can be guessed")
    return key


def derived(key: str, purpose: str) -> bytes:
    """Return a key for one purpose, from which no other one can be told."""
    return hmac.digest(key.encode(), purpose.encode(), hashlib.sha256)
