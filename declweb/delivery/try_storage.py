"""Whether entries could be stored: folders, the room on the disk, and the database.

Owns what is tried out and how it is undone: nothing that was not there before is left behind. Knows no message.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from declweb.delivery.findings import Finding
from declweb.sitefile import KeyPath
from declweb.storage import StoreDown, StoreSettings, StoreTooNew
from declweb.storage.folders import nearest

LITTLE = 500_000_000
"""Bytes that should be free: forms come with files, and SQLite needs room to tidy up."""

CODE = "failing-storage"


def storage_findings(settings: StoreSettings, largest: int) -> Iterator[Finding]:
    """Yield what is found of a store; `largest` is how many bytes an entry may have with its files."""
    uploads: KeyPath = ("storage", "uploads" if settings.uploads is not None else "folder")
    whole = _folder("folder", settings.folder, ("storage", "folder"), largest)
    yield whole
    is_lost = whole.code == CODE  # then so is what lies in it
    if not is_lost or settings.uploads is not None:
        yield _folder("uploads", settings.uploads_folder, uploads, largest)
    if not is_lost or settings.database is not None:
        yield _database(settings)


def _folder(word: str, folder: Path, path: KeyPath, largest: int) -> Finding:
    there = nearest(folder)
    try:
        _write(there)
    except OSError as error:
        words = f"{_shown(there)} cannot be written to: {_reason(error)}"
        help_ = f"let {_user()} write there, or name another place: `{path[-1]}` in [storage]"
        return Finding(word, words, path, CODE, help_)
    free = _free(there)
    room = f"{_spoken(free)} are free"
    if free < largest:
        return Finding(word, f"the disk below {_shown(there)} is full: {room}", path, CODE, "make room on it")
    if free < LITTLE:
        words = f"the disk below {_shown(there)} is nearly full: {room}"
        return Finding(word, words, path, "little-space", "make room on it")
    can = "written to" if there == folder else "made"
    return Finding(word, f"{_shown(folder)} can be {can} by {_user()}; {room}", path)


def _write(folder: Path) -> None:
    """Write a file and delete it; raises what a form would run into."""
    if not folder.is_dir():
        raise NotADirectoryError(20, "Not a directory")
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".declweb-") as file:
        file.write(b"declweb check --deliver\n")
        file.flush()
        os.fsync(file.fileno())


def _free(folder: Path) -> int:
    status = os.statvfs(folder)
    has_names = status.f_files == 0 or status.f_favail > 0
    return shutil.disk_usage(folder).free if has_names else 0


def _database(settings: StoreSettings) -> Finding:
    from declweb.storage.probing import probe  # noqa: PLC0415 # it needs SQLAlchemy

    path: KeyPath = ("storage", "database" if settings.database is not None else "folder")
    try:
        return Finding("database", probe(settings), path)
    except StoreTooNew as error:
        return Finding("database", str(error), path, CODE, "install the newer declweb again, or restore a backup")
    except (StoreDown, OSError) as error:
        help_ = "see that the address, the user and the password are right, and that the server runs"
        own = f"see that {_user()} may write it, and that no other program keeps it locked"
        cause = error if isinstance(error, OSError) else error.__cause__
        words = f"nothing can be stored: {_reason(cause) if isinstance(cause, OSError) else error}"
        return Finding("database", words, path, CODE, help_ if _is_server(settings) else own)


def _is_server(settings: StoreSettings) -> bool:
    return (settings.database or "").startswith("postgres")


def _user() -> str:
    """Return who tries it out: the site may be run by somebody else, with other rights."""
    import pwd  # noqa: PLC0415 # for this alone

    try:
        return f"the user `{pwd.getpwuid(os.geteuid()).pw_name}`"
    except KeyError:
        return f"the user {os.geteuid()}"


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _spoken(size: int) -> str:
    unit, name = next((each for each in ((10**9, "GB"), (10**6, "MB")) if size >= each[0]), (1000, "KB"))
    return f"{size / unit:.1f} {name}"


def _shown(path: Path) -> str:
    """Return a path as it is seen from the current folder, where it is in it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
