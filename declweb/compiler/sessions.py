"""`[session]`: the cookie that keeps what a visitor's session holds.

Owns where its keys come from. Knows nothing of what is kept in a session, nor of answers.
"""

import logging
import secrets
from collections.abc import Sequence
from pathlib import Path

from declweb.files import made_secret, read_secret
from declweb.http.sessions import Sessions
from declweb.model import Site

STORAGE = "storage"
"""The folder in which a site keeps what it is sent."""

KEY = "secret.key"
"""The file in the storage folder that keeps the key, where the site file has none."""

logger = logging.getLogger("declweb.sessions")


def cookie_name(_site: Site) -> str:
    """Return the name of the session cookie."""
    return "session"


def sessions(_site: Site, folder: Path, prefix: str) -> Sessions:
    """Return the cookie of a site's sessions; `folder` is where the site stores things."""
    return Sessions(KeyFile(folder / KEY), path=f"{prefix}/")


class KeyFile:
    """A key that is made once and kept in a file; not before there is something to sign."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[str, ...] = ()
        self._makeshift: tuple[str, ...] = ()

    def __call__(self, *, make: bool) -> Sequence[str]:
        """Return the key; where it can neither be read nor made, one that holds for this process alone."""
        if self._known:
            return self._known
        try:
            found = made_secret(self._path) if make else read_secret(self._path)
        except OSError as error:
            if not self._makeshift:
                logger.warning("%s cannot be used: %s; sessions end with this process", self._path, error.strerror)
                self._makeshift = (secrets.token_hex(32),)
            return self._makeshift
        if found:
            self._known = (found,)
        return self._known or self._makeshift
