"""A copy of everything of one address, for the person who asks for it: JSON that people can read, and their files.

Owns what is in it and how it is laid out, as one ZIP archive or as a folder:

    entries.json         every entry, as exports have them, with the names that its files have here
    messages.json        every message that went or was to go to the address
    files/RECEIPT/NAME   what was uploaded
"""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from declweb.storage.entry import Entry, Json, Outgoing
from declweb.storage.exports import as_json
from declweb.storage.naming import free_name

ENTRIES = "entries.json"
MESSAGES = "messages.json"
FILES = "files"

_SHOWN = ("subject", "text", "html")
"""What of a mail's content its reader saw."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy holds."""

    texts: dict[str, str]
    """By name."""
    files: dict[str, Path]


def copied(entries: Sequence[Entry], messages: Iterable[Outgoing], path: Callable[[str], Path]) -> Copied:
    """Return what a copy holds; `path` tells where an upload lies."""
    files: dict[str, Path] = {}
    listed = []
    for entry in entries:
        names = dict(_named(entry))
        listed.append(as_json(entry, names))
        files.update({names[upload.id]: path(upload.id) for upload in entry.uploads})
    sent = [_told(message) for message in messages]
    return Copied({ENTRIES: _written(listed), MESSAGES: _written(sent)}, files)


def _named(entry: Entry) -> Iterator[tuple[str, str]]:
    taken: set[str] = set()
    for upload in entry.uploads:
        yield upload.id, f"{FILES}/{entry.receipt}/{free_name(upload.name, upload.id, taken)}"


def _told(message: Outgoing) -> dict[str, Json]:
    return {
        "receipt": message.receipt,
        "form": message.form,
        "to": message.target,
        "created": message.created.isoformat(),
        "state": message.state,
        **{name: message.content[name] for name in _SHOWN if message.content.get(name)},
    }


def _written(value: object) -> str:
    return f"{json.dumps(value, ensure_ascii=False, indent=2)}\n"


def write_archive(copy: Copied, to: IO[bytes]) -> None:
    """Write a copy as a ZIP archive; raises OSError where a file cannot be read."""
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in copy.texts.items():
            archive.writestr(name, text)
        for name, path in copy.files.items():
            with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as into:
                shutil.copyfileobj(source, into)


def write_folder(copy: Copied, folder: Path) -> None:
    """Write a copy into a new or empty folder, for its owner alone; raises FileExistsError where there is something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is there already")
    folder.mkdir(0o700, parents=True, exist_ok=True)
    for name, text in copy.texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, path in copy.files.items():
        (folder / name).parent.mkdir(0o700, parents=True, exist_ok=True)
        shutil.copyfile(path, folder / name)
