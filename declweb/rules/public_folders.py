"""What lies in folders that anybody may read: secrets, and pages that are taken for each other.

Owns what a secret looks like. Every file of such a folder is looked at, so only `check` asks for this; what a file
holds is looked at where its name leaves it open.
"""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from declweb.files import Folder
from declweb.model.static import Static
from declweb.problems import Also, Place, Problem
from declweb.routing.files import Naming, is_hidden
from declweb.rules.addresses import addresses
from declweb.rules.base import Subject
from declweb.sitefile import KeyPath

MOST_FILES = 200_000
"""Files and folders of one [[static]] folder that are looked at."""
MOST_TOLD = 25
"""Secrets of one folder that are told one by one; those that anybody can read come before those that nobody is sent."""
MOST_OPENED = 1000
"""Files of one folder whose content is looked at,"""
HEAD = 4096
"""and how many bytes of each."""

_ARCHIVE = r"\.(?:zip|7z|rar|tar|tgz|txz|tbz2?|tar\.(?:gz|bz2|xz|zst|br))"
_PACKED = r"(?:\.(?:gz|bz2|xz|zst|zip|7z))?"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of files that are not meant for everybody."""

    names: re.Pattern[str]
    """What they are called, in small letters."""
    words: str


def _kind(names: str, words: str) -> Kind:
    return Kind(re.compile(names), words)


KINDS = (
    _kind(r"\.env(?!\.(?:example|sample|template|dist)$)(?:\..+)?|env\.local", "looks like a list of passwords"),
    _kind(r"\.(?:git|svn|hg|bzr)", "holds the whole history of the site"),
    _kind(r"\.(?:htpasswd|netrc|pgpass|npmrc|pypirc|aws|ssh|gnupg)", "looks like a list of passwords"),
    _kind(r"(?:credentials|service[-_]account.*|client_secret.*)\.json|secrets?\.(?:toml|ya?ml|json|ini|txt|key)|passwords?\.\w+",
          "looks like a list of passwords"),
    _kind(r"id_(?:rsa|dsa|ecdsa|ed25519)|.+\.(?:ppk|p12|pfx|jks|keystore|kdbx)", "looks like a private key"),
    _kind(rf".+\.(?:sql|dump){_PACKED}", "looks like a dump of a database"),
    _kind(rf"(?!(?:eh)?thumbs\.db$).+\.(?:sqlite3?|db3?|mdb)(?:-wal|-shm|-journal)?{_PACKED}", "looks like a database"),
    _kind(r".+~|#.+#|.+\.(?:bak|old|orig|save|backup|sw[op])", "looks like a copy that was left behind"),
    _kind(r"hooks\.py", "looks like the site's own program"),
    _kind(rf"(?:backup|dump|export|htdocs|html|public(?:_html)?|site|source|src|static|web(?:site|root)?|www).*{_ARCHIVE}",
          "looks like an archive of the site"),
)  # fmt: skip
"""What may never be public, by name."""

_OPEN = re.compile(r"(?:[^.]+|.+\.(?:key|pem|txt|asc|crt|cer|conf|cfg|ini|json|toml|ya?ml))")
"""Names that say nothing of what is in it, so that it is looked at."""
_PRIVATE = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-")

OWN = {
    (): "this is the site folder itself: anybody could read the site file, its data and what the site stores",
    ("storage",): "this is where the site stores what visitors sent, and its keys: anybody could read it",
    ("data",): "this is where the site has its data: anybody could read all of it, not only what pages show",
    ("templates",): "this is where the site has its templates: anybody could read them as they are written",
}
"""Folders of a site that are not public, by the way there."""


def public_folders(subject: Subject, files: Collection[Path]) -> Iterator[Problem]:
    """A folder that anybody may read holds what nobody should, or two pages that are taken for each other."""
    for mount, key in addresses(subject).mounts:
        folder = Folder(subject.folder.root / mount.folder)
        if mount.off or not folder.root.is_dir() or not folder.root.is_relative_to(subject.folder.root):
            continue
        found = _Public(subject, mount, key, folder)
        private = OWN.get(folder.root.relative_to(subject.folder.root).parts[:1])
        if private is not None:
            yield found.as_a_whole(private)
        else:
            code = subject.modules.files if subject.modules else ()
            own = dict.fromkeys((file.resolve() for file in code), "is the site's own program")
            yield from found.problems(
                own | dict.fromkeys((file.resolve() for file in files), "is a part of the site file")
            )


@dataclass(frozen=True, slots=True)
class _Public:
    """One folder that anybody may read."""

    subject: Subject
    mount: Static
    key: KeyPath | None
    folder: Folder

    def as_a_whole(self, words: str) -> Problem:
        return Problem(
            "secret-in-public",
            words,
            self.subject.place((*(self.key or ("static",))[:-1], "folder")),
            help="move what is public into a folder of its own, such as public/",
        )

    def problems(self, own: Mapping[Path, str]) -> Iterator[Problem]:
        names = dict(_walk(self.folder.root))
        found = sorted(self._secrets(names, own), key=lambda secret: is_hidden(secret[0]))
        yield from (self._secret(name, words) for name, words in found[:MOST_TOLD])
        if len(found) > MOST_TOLD:
            yield self._others(found[MOST_TOLD:])
        yield from islice(self._twins(names), max(0, MOST_TOLD - len(found)))

    def _others(self, found: list[tuple[str, str]]) -> Problem:
        """Return the problem that stands for all that are not told one by one."""
        count, readable = len(found), sum(not is_hidden(name) for name, _ in found)
        if count == 1:
            who = "anybody" if readable else "nobody"
            message = f"1 more file here looks as if nobody should read it, and {who} can"
        else:
            how_many = {0: "none", count: "all"}.get(readable, str(readable))
            message = f"{count} more files here look as if nobody should read them, and {how_many} of them can be read"
            message += " by anybody"
        return Problem(
            "secret-in-public",
            message,
            Place(self.subject.shown(self.mount.folder.strip("/"))),
            also=self._also(),
            help="move them out of the folder, or keep in it only what is public",
        )

    def _secrets(self, names: dict[str, bool], own: Mapping[Path, str]) -> Iterator[tuple[str, str]]:
        """Yield the names of secrets, and what is said of each."""
        opened = 0
        for name, is_folder in names.items():
            last = name.rpartition("/")[2].lower()
            words = next((kind.words for kind in KINDS if kind.names.fullmatch(last)), None)
            words = words or own.get(self.folder.root / name)
            if words is None and not is_folder and opened < MOST_OPENED and _OPEN.fullmatch(last):
                opened += 1
                words = "holds a private key" if self._holds_key(name) else None
            if words is not None:
                yield name, words

    def _holds_key(self, name: str) -> bool:
        try:
            with self.folder.open(name) as file:
                return _PRIVATE.search(file.read(HEAD)) is not None
        except OSError:
            return False

    def _secret(self, name: str, words: str) -> Problem:
        path = self.mount.below + name
        shown = "is not sent to anybody here, but another server would" if is_hidden(name) else "can be read by anybody"
        return Problem(
            "secret-in-public",
            f"`{name.rpartition('/')[2]}` {words}, and {shown}, at {path}",
            self._place(name),
            also=self._also(),
            help="move it out of the folder, and if it ever was public, change what it protects",
        )

    def _twins(self, names: dict[str, bool]) -> Iterator[Problem]:
        naming = Naming.of(self.mount)
        for name, is_folder in names.items():
            twins = None if is_folder else naming.twins(name)
            if twins is not None and twins[0] in names and not is_hidden(name):
                yield Problem(
                    "slash-twins",
                    f"{twins[0]} and {twins[1]} are both there, and visitors mix their addresses up",
                    self._place(name),
                    also=(Also(self._place(twins[0])), *self._also()),
                    help="keep one of them",
                )

    def _place(self, name: str) -> Place:
        return Place(self.subject.shown(f"{self.mount.folder.strip('/')}/{name}"))

    def _also(self) -> tuple[Also, ...]:
        return (Also(self.subject.place(self.key), "in [[static]]"),) if self.key else ()


def _walk(root: Path) -> Iterator[tuple[str, bool]]:
    """Yield the names of files and folders, and which is which; no link is followed, and no history looked through."""
    todo, count = [""], 0
    while todo:
        folder = todo.pop()
        try:
            entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            count += 1
            if count > MOST_FILES:
                return
            name = folder + entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            yield name, is_folder
            if is_folder and not entry.name.startswith("."):
                todo.append(f"{name}/")
