"""Folders that outlive a power cut.

Owns when a new name is durable: once the folder that holds it is synced.
"""

import os
from pathlib import Path

PRIVATE = 0o700
"""What visitors sent is nobody else's business on the machine."""


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, durably; nothing happens where it is there."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(PRIVATE, exist_ok=True)
    sync_folder(folder.parent)


def nearest(folder: Path) -> Path:
    """Return a folder, or the nearest above it that is there; what may not be looked into is taken for not there."""
    return next(each for each in (folder, *folder.parents) if os.path.exists(each))  # noqa: PTH110 # Path's raises there


def sync_folder(folder: Path) -> None:
    """Return once the names in a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
