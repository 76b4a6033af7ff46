"""`[[static]]`: folders whose files are served as they are.

Owns which file a path means. What is sent of it is `http`'s business, what may be opened that of `files`.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from declweb.app import Finisher
from declweb.context import Context
from declweb.files import Folder
from declweb.http.answer import Answer, Finish, Headers
from declweb.http.library import Library
from declweb.http.media_types import content_type

logger = logging.getLogger("declweb.static")

METHODS = frozenset({"GET", "HEAD"})
REVALIDATE = "no-cache"
"""Copies may be kept, and are asked about each time."""


def cache_control(cache: timedelta | None) -> str:
    """Return the Cache-Control of a `cache` key."""
    if cache is None:
        return REVALIDATE
    seconds = int(cache.total_seconds())
    return f"public, max-age={seconds}" if seconds else "no-store"


@dataclass(frozen=True, slots=True)
class Mount:
    """One folder and the path below which its files are found."""

    path: str
    """With a slash at its end."""
    folder: Folder
    library: Library
    cache: timedelta | None
    finisher: Finisher

    def serve(self, context: Context) -> Answer | None:
        """Answer with the file that a path means, if there is one."""
        if not context.path.startswith(self.path):
            return None
        name = context.path[len(self.path) :]
        return None if is_hidden(name) else self._send(name, context)

    def _send(self, name: str, context: Context) -> Answer | None:
        try:
            status = self.folder.stat(name)
            if status is None:
                return None
            if context.method not in METHODS:
                context.allowed |= METHODS
                return None
            found = self.library.get(
                context.path, status, lambda: self.folder.open(name), lambda: self._described(name, context.path)
            )
        except (FileNotFoundError, PermissionError) as error:
            logger.warning("%s cannot be read: %s", context.path, error.strerror)
            return None
        return found.answer(context.fields, secure=context.is_secure, head=context.method == "HEAD")

    def _described(self, name: str, path: str) -> tuple[Headers, Finish]:
        headers = [("Content-Type", content_type(name)), ("Cache-Control", cache_control(self.cache))]
        return headers, self.finisher(path)


def is_hidden(name: str) -> bool:
    """Tell whether a file is none of the visitors' business: its name, or a folder's on the way, begins with a dot."""
    return any(part.startswith(".") and part != ".well-known" for part in name.split("/"))
