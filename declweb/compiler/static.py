"""`[[static]]`: folders whose files are served as they are.

Owns which file a path means, and at which address it is. What is sent of it is `http`'s business, what may be opened
that of `files`, what counts as a spelling of what that of `routing.files`.
"""

import errno
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from stat import S_ISDIR

from werkzeug.exceptions import ServiceUnavailable

from declweb.app import Finisher, Listed
from declweb.compiler.building import Building
from declweb.compiler.folder_listing import POLICY, Item, for_people, for_programs
from declweb.compiler.redirects import moved, relocated
from declweb.context import Context
from declweb.files import Folder
from declweb.http.answer import READING, Answer
from declweb.http.encodings import ENDINGS
from declweb.http.library import Beside, Description, Library, OnDisk
from declweb.http.media_types import content_type
from declweb.http.negotiation import best_type
from declweb.http.paths import as_path_info, escaped
from declweb.http.prepared import Prepared
from declweb.model import Static
from declweb.routing.escapes import is_misspelt
from declweb.routing.files import Naming, deepest_first, is_hidden

logger = logging.getLogger("declweb.static")

REVALIDATE = "no-cache"
"""Copies may be kept, and are asked about each time."""

EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.EAGAIN})
"""What opening says when the file is there, but not to be had at the moment."""


def cache_control(cache: timedelta | None) -> str:
    """Return the Cache-Control of a `cache` key."""
    if cache is None:
        return REVALIDATE
    seconds = int(cache.total_seconds())
    return f"public, max-age={seconds}" if seconds else "no-store"


def mounts(
    building: Building, is_claimed: Callable[[str], bool], is_closed: Callable[[str], bool]
) -> tuple["Mount", ...]:
    """Return the folders of files: one within another one's address comes before it."""
    return tuple(
        _mount(mount, building, is_claimed, is_closed) for mount in deepest_first(m for m, _ in building.parts.mounts)
    )


def _mount(
    mount: Static, building: Building, is_claimed: Callable[[str], bool], is_closed: Callable[[str], bool]
) -> "Mount":
    belows = {other.below for other, _ in building.parts.mounts} - {mount.below}
    return Mount(
        folder=mount_folder(mount, building),
        library=building.library,
        naming=Naming.of(mount),
        cache=mount.cache,
        precompressed=mount.precompressed,
        finisher=building.finisher,
        is_claimed=is_claimed,
        is_closed=is_closed,
        within=tuple(below for below in belows if below.startswith(mount.below)),
        endpoint=mount.endpoint,
        listed_in=building.site.site.timezone if mount.listing else None,
    )


def mount_folder(mount: Static, building: Building) -> Folder:
    """Return the folder that is served."""
    site = building.parts.folder
    return Folder(site.root / mount.folder, within=site)


def list_mounts(building: Building) -> None:
    """List the folders of files."""
    for mount, place in building.parts.mounts:
        url, answer = f"{mount.below}<path:filename>", f"files of {mount.folder}/"
        building.overview.append(Listed(url, ("GET",), mount.endpoint, answer, place, ("is read from disk",)))


@dataclass(frozen=True, slots=True)
class Mount:
    """One folder and the path below which its files are found."""

    folder: Folder
    library: Library
    naming: Naming
    cache: timedelta | None
    precompressed: bool
    finisher: Finisher
    is_claimed: Callable[[str], bool]
    """Tells whether something that comes before files may answer a path, to some visitors at least."""
    is_closed: Callable[[str], bool]
    """Tells whether only some users may see what is at a path."""
    within: tuple[str, ...] = ()
    """The paths below which another folder is asked first."""
    endpoint: str = ""
    """The name that url_for knows it by."""
    listed_in: str | None = None
    """The time zone of listings, where there are any."""

    def serve(self, context: Context) -> Answer | None:
        """Answer with the file whose address a path is, or with what lies in the folder."""
        found = self.naming.at(context.path, self.folder.look_up)
        listed = self._listed(context.path) if found is None else None
        if found is None and listed is None:
            return None
        if context.method not in READING:
            context.allowed |= READING
            return None
        if context.is_bare or is_misspelt(context.target, context.prefix, context.path):
            return moved(context, 308, relocated(escaped(context.path), context), self.finisher)
        try:
            return self._send(*found, context) if found else self._list(listed or "", context)
        except OSError as error:
            if error.errno not in EXHAUSTED:
                logger.warning("%s cannot be read: %s", context.path_in_log, error.strerror)
                return None
            logger.error("%s cannot be read at the moment: %s", context.path_in_log, error.strerror)  # noqa: TRY400 # the machine is at its limit: where in the code says nothing
            raise ServiceUnavailable from None

    def named(self, path: str) -> tuple[str, str] | None:
        """Return the endpoint and the name of the file whose address a path is; None where there is none."""
        found = self.naming.at(path, self.folder.look_up)
        return (self.endpoint, found[0]) if found is not None else None

    def spelling(self, path: str) -> str | None:
        """Return the one path of the file or listing that a path means, in whatever spelling."""
        file = self.naming.meant(path, self.folder.look_up)
        if file is not None:
            return self.naming.path(file, self.folder.look_up)
        folder = path if path.endswith("/") else f"{path}/"
        return folder if self._listed(folder) is not None else None

    def _listed(self, path: str) -> str | None:
        """Return the folder that is listed at a path; the empty name is this one's own."""
        name = self.naming.name(path) if self.listed_in is not None and path.endswith("/") else None
        if name is None or is_hidden(name) or self.naming.meant(path, self.folder.look_up) is not None:
            return None
        folder = name.removesuffix("/")
        return folder if self.folder.is_folder(folder) else None

    def _list(self, folder: str, context: Context) -> Answer:
        context.vary.add("Accept")
        items = sorted(self._items(folder, context.prefix), key=lambda item: item.order)
        form = best_type(context.environ.get("HTTP_ACCEPT"), ("text/html", "application/json"))
        if form == "application/json":
            headers, body = [("Content-Type", form)], for_programs(items)
        else:
            headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", POLICY)]
            above = f"{folder}/".rpartition("/")[0].rpartition("/")[0]
            way = self._address(f"{above}/" if above else "", context.prefix) if folder else None
            body = for_people(context.path, items, way, context.language, self.listed_in or "UTC")
        headers.append(("Cache-Control", REVALIDATE))
        prepared = Prepared(body, headers, finish=self.finisher(context.path), lazy=True)
        return prepared.answer(context.fields, secure=context.is_secure, head=context.method == "HEAD")

    def _items(self, folder: str, prefix: str) -> Iterator[Item]:
        below = f"{folder}/" if folder else ""
        is_open = not self.is_closed(self.naming.below + below)
        for name, status in self.folder.entries(folder).items():
            if name.startswith(".") or (is_open and self.is_closed(f"{self.naming.below}{below}{name}")):
                continue
            if S_ISDIR(status.st_mode):
                yield Item(name, self._address(f"{below}{name}/", prefix), None, status.st_mtime)
            else:
                path = self.naming.path(below + name, self.folder.look_up)
                yield Item(name, prefix + escaped(path), status.st_size, status.st_mtime)

    def _address(self, name: str, prefix: str) -> str:
        """Return the address of a folder."""
        return prefix + escaped(self.naming.below + name)

    def _send(self, name: str, looked_up: tuple[str, os.stat_result], context: Context) -> Answer:
        key = as_path_info(context.path)
        rivals = self._rivals(name, looked_up[0], context.path)
        found = self.library.get(
            key,
            self._on_disk(name, *looked_up),
            lambda: self._described(name, context.path),
            query=context.environ.get("QUERY_STRING", ""),
            accept_encoding=context.fields.accept_encoding,
            beside=self._beside(name) if self.precompressed else (),
            rivals=rivals or (),
            is_public=rivals is not None,
        )
        return found.answer(context.fields, secure=context.is_secure, head=context.method == "HEAD")

    def _rivals(self, name: str, place: str, path: str) -> list[str] | None:
        """Return the places where a file would take this path from the one that is at `place`.

        None where more may change whose path it is: another folder is asked first, something else claims the path, or a
        link led to the file, whose change a look at the file would not see.
        """
        root = str(self.folder.root).rstrip("/")
        rivals = self.naming.rivals(path, name)
        is_shared = "%" in path or path.startswith(self.within) or self.is_claimed(path)
        if rivals is None or is_shared or place != f"{root}/{name}":
            return None
        return [f"{root}/{rival}" for rival in rivals]

    def _on_disk(self, name: str, path: str, status: os.stat_result) -> OnDisk:
        return OnDisk(path, status, lambda: self.folder.open(name))

    def _beside(self, name: str) -> Iterator[Beside]:
        """Yield the places where a file's content may lie compressed."""
        for coding, ending in ENDINGS.items():
            found = self.folder.look_up(name + ending)
            place = f"{str(self.folder.root).rstrip('/')}/{name}{ending}"
            yield Beside(coding, place, self._on_disk(name + ending, *found) if found else None)

    def _described(self, name: str, path: str) -> Description:
        headers = [("Content-Type", content_type(name)), ("Cache-Control", cache_control(self.cache))]
        return Description(headers, self.finisher(path))
