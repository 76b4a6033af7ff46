"""`[session]`: the cookie that keeps what a visitor's session holds.

Owns where its keys come from: the site file, or a file that is made once. Knows nothing of what is kept in a session,
nor of answers.
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, cast

from declweb.compiler.cookies import whole_host
from declweb.http.sessions import Keys, Sessions
from declweb.model import Site
from declweb.model.storage import KEY

logger = logging.getLogger("declweb.sessions")


def sessions(site: Site, root: Path, prefix: str) -> Sessions:
    """Return the cookie of a site's sessions; `root` is the site folder."""
    said = site.session
    return Sessions(
        keys(site, root),
        said.cookie,
        said.lifetime,
        said.path or whole_host(said.cookie) or f"{prefix}/",
        said.domain,
        cast("Literal['Lax', 'Strict', 'None']", said.samesite),
        said.secure,
    )


def keys(site: Site, root: Path) -> Keys:
    """Return what gives the keys of a site."""
    said = tuple(each for each in site.session.secret or () if each)
    return Declared(said) if said else KeyFile(root / site.storage.folder / KEY)


def key_bytes(site: Site, root: Path) -> Callable[[], list[bytes]]:
    """Return what gives the keys of a site for other things that are signed; makes one where there is none."""
    given = keys(site, root)
    return lambda: [each.encode() for each in given(make=True)]


class Declared:
    """Keys that the site file gives."""

    def __init__(self, said: Sequence[str]) -> None:
        self._said = tuple(said)

    def __call__(self, *, make: bool) -> Sequence[str]:  # noqa: ARG002 # the shape of Keys
        """Return the keys."""
        return self._said


class KeyFile:
    """A key that is made once and kept in a file; not before there is something to sign."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[str, ...] = ()
        self._makeshift: tuple[str, ...] = ()

    def __call__(self, *, make: bool) -> Sequence[str]:
        """Return the key; where it can neither be read nor made, one that holds for this process alone."""
        if self._known or not (make or self._path.exists()):
            return self._known
        from declweb.storage.secret import site_key  # noqa: PLC0415 # few sites have something to sign

        try:
            self._known = (site_key(self._path),)
        except (OSError, ValueError) as error:
            if not self._makeshift:
                logger.warning("there is no key that lasts: %s; sessions end with this process", error)
                self._makeshift = (secrets.token_hex(32),)
            return self._makeshift
        return self._known
