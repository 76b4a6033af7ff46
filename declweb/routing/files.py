"""From an address to the file it means, and from a file to its one address.

Owns what `urls` and `index` of a [[static]] folder mean. Knows no disk: whoever asks brings a way to look a file up.
Names and addresses are both seen from the folder, without a slash at their start: `guide/` is the address of
`guide/index.html`, and nothing at all that of `index.html`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from declweb.model.static import Static, Style

Found = TypeVar("Found")
Find = Callable[[str], Found | None]
"""Looks up the regular file with this name."""

PAGE = ".html"
"""The ending that an address leaves out."""


@dataclass(frozen=True, slots=True)
class Naming:
    """How the files of one folder are addressed: each of them in exactly one way."""

    below: str = "/"
    """The path below which they are found, with a slash at its end."""
    style: Style = "auto"
    index: str = "index.html"

    @classmethod
    def of(cls, mount: Static) -> "Naming":
        """Return what a table declares."""
        return cls(mount.below, mount.urls, mount.index)

    def at(self, path: str, find: Find[Found]) -> tuple[str, Found] | None:
        """Return the file whose path this is."""
        is_root = path == self.below
        if self.style == "no-slash" and len(self.below) > 1 and (is_root or f"{path}/" == self.below):
            return None if is_root else self._at("", find)
        return self._at(path[len(self.below) :], find) if path.startswith(self.below) else None

    def meant(self, path: str, find: Find[Found]) -> str | None:
        """Return the file that is meant by a path, in whatever style it is."""
        address = self.name(path)
        if address is None or is_hidden(address):
            return None
        return next((file for file in self._guesses(address) if find(file) is not None), None)

    def path(self, file: str, find: Find[Found]) -> str:
        """Return the path of a file: its own name where another file has the shorter one."""
        address = file if self._is_displaced(file, find) else self._short(file)
        return self.below + address if address or self.style != "no-slash" else self.below.rstrip("/") or "/"

    def rivals(self, path: str, file: str) -> list[str] | None:
        """Return the files that would take this path from the file that has it, if they were there.

        None where it depends on another file that it has this path at all.
        """
        address = self.name(path)
        if address is None or self._short(file) != address:
            return None
        claimants = list(self._claimants(address))
        return claimants[: claimants.index(file)] if file in claimants else None

    def name(self, path: str) -> str | None:
        """Return what stands behind the folder's own path; None for a path that is none of this folder's."""
        if f"{path}/" == self.below:
            return ""
        return path[len(self.below) :] if path.startswith(self.below) else None

    def twins(self, file: str) -> tuple[str, str] | None:
        """Return the two files that visitors mix up when both are there, for the file that is its folder's index."""
        folder, _, name = file.rpartition("/")
        return (folder + PAGE, file) if folder and name == self.index and self.style != "as-is" else None

    def _at(self, address: str, find: Find[Found]) -> tuple[str, Found] | None:
        for file in () if is_hidden(address) else self._claimants(address):
            found = find(file)
            if found is not None and (
                self._short(file) == address or (file == address and self._is_displaced(file, find))
            ):
                return file, found
        return None

    def _claimants(self, address: str) -> Iterator[str]:
        """Yield the files that may have this address; the first one that is there has it."""
        is_folder = not address or address.endswith("/")
        if is_folder:
            if self.style == "slash" and address:
                yield address[:-1] + PAGE
            if self.style != "no-slash" or not address:
                yield address + self.index
            return
        yield address
        if self.style in {"auto", "no-slash"}:
            yield address + PAGE
        if self.style == "no-slash":
            yield f"{address}/{self.index}"

    def _guesses(self, address: str) -> Iterator[str]:
        bare = address.rstrip("/")
        if bare == address:
            yield address
        yield from self._pages(bare)
        if self.style != "as-is":
            stem = bare.removesuffix(f"/{self.index}") if bare.endswith(f"/{self.index}") else bare.removesuffix(PAGE)
            yield from self._pages(stem) if stem != bare else ()

    def _pages(self, stem: str) -> Iterator[str]:
        """Yield the pages that may be called so."""
        if stem and self.style != "as-is":
            yield stem + PAGE
        yield f"{stem}/{self.index}" if stem else self.index

    def _is_displaced(self, file: str, find: Find[Found]) -> bool:
        """Tell whether another file has the address that this page would have."""
        short = self._short(file)
        first = self._at(short, find) if short != file else None
        return first is not None and first[0] != file

    def _short(self, file: str) -> str:
        folder, slash, name = file.rpartition("/")
        if name == self.index:
            return folder if self.style == "no-slash" else folder + slash
        if self.style == "as-is" or not file.endswith(PAGE):
            return file
        stem = file.removesuffix(PAGE)
        return f"{stem}/" if self.style == "slash" else stem


def deepest_first(mounts: Iterable[Static]) -> list[Static]:
    """Return folders so that one within another one's address comes before it."""
    return sorted(mounts, key=lambda mount: -len(mount.below))


def is_hidden(name: str) -> bool:
    """Tell whether a file is none of the visitors' business: its name, or a folder's on the way, begins with a dot."""
    return "." in name and any(part.startswith(".") and part != ".well-known" for part in name.split("/"))
