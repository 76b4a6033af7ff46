"""Which folders need not be watched: their files are looked at when somebody asks for them.

Owns what a site is made of among its [[static]] files. Watches nothing.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from declweb.model import Logging
from declweb.routing.files import Naming
from declweb.rules.addresses import addresses, public_files
from declweb.rules.base import Subject
from declweb.rules.feeds import generated
from declweb.rules.storage import SQLITE

FOUND_BY_THEMSELVES = ("pages", "templates")
"""Folders that a site is made of without their being named."""
WRITTEN_TO = frozenset({"storage"})
"""Folders at the top that no site is made of, whatever it says."""
APART = frozenset({"static", "redirects", "config"})
"""Tables whose texts name no files that a site is made of."""


class Apart(NamedTuple):
    """Folders that may change without the site becoming another one, but for some files in them."""

    folders: frozenset[Path]
    """And single files that are as little a part of the site."""
    files: frozenset[Path]
    written: frozenset[Path]
    """Those of the folders that are made while the site runs: it does not matter whether they are there."""


NOTHING_APART = Apart(frozenset(), frozenset(), frozenset())


def apart(subject: Subject) -> Apart:
    """Return the folders that nothing else is made of, and the files in them that pages are made of.

    These are [[static]] folders, those where the site keeps what visitors wrote, and databases: whoever asks one sees
    what is in it at the moment.
    """
    root = subject.document.folder
    mounts = [mount for mount, _ in addresses(subject).mounts]
    heads = {_head(mount.folder) for mount in mounts}
    texts = (text for text in _texts(subject.site.model_dump(exclude=set(APART))) if _head(text) in heads)
    named = {root / name for name in (*FOUND_BY_THEMSELVES, *texts)}
    databases = {
        file for data in subject.site.data.values() for file in _database(data.database or "", root, plain=True)
    }
    single = {path for path in named if path.is_file()} - databases
    whole = {path for path in named - single if path.is_dir()} | {root}
    storage = subject.site.storage
    written = (name for name in (storage.folder, storage.uploads) if name and not name.startswith("/"))
    folders = {root / name.strip("/") for name in written if _head(name) not in WRITTEN_TO}
    folders |= set(_logs(subject.site.logging, root))
    folders |= {*_database(subject.site.storage.database or "", root), *databases}
    made = frozenset(folders)
    files = set(public_files(subject).asked) | single | (subject.modules.files if subject.modules else frozenset())
    for mount in mounts:
        folder = root / mount.folder.strip("/")
        if not any(path == folder or folder in path.parents for path in whole):
            folders.add(folder)
            below = ((Naming.of(mount).name(address), folder) for address in generated(subject))
            files |= {where / name for name, where in below if name}
    return Apart(frozenset(folders), frozenset(files), made)


def _logs(logging: Logging, root: Path) -> Iterator[Path]:
    """Yield the folders of log files, or the files where they lie in the site folder itself."""
    for name in (logging.file, logging.access_file):
        if name is not None and not name.startswith("/"):
            file = root / name
            yield file.parent if file.parent != root else file


def _database(url: str, root: Path, *, plain: bool = False) -> Iterator[Path]:
    """Yield the files of an SQLite database that lies in the site folder; a plain name may be that of one."""
    is_file = url.startswith(SQLITE) or (plain and url != "" and "://" not in url)
    name = posixpath.normpath(url.removeprefix(SQLITE).partition("?")[0]) if is_file else "/"
    if not name.startswith("/") and _head(name) not in WRITTEN_TO:
        yield from (root / f"{name}{ending}" for ending in ("", "-wal", "-shm", "-journal"))


def _head(name: str) -> str:
    """Return the first folder on the way to a file."""
    return posixpath.normpath(name).partition("/")[0]


def _texts(value: object) -> Iterator[str]:
    """Yield the texts in a value that may be names of files."""
    if isinstance(value, str):
        if value and len(value) < 1000 and "\n" not in value and "\0" not in value and not value.startswith("/"):
            yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, Iterable) and not isinstance(value, bytes):
        for one in value:
            yield from _texts(one)
