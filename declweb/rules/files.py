"""The files of a site that anybody may ask for, as templates and links speak of them.

Owns the way from a path, or from the word of `|asset`, to a file of a [[static]] folder. Sends nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from declweb.files import Folder
from declweb.model.static import Static
from declweb.routing.files import Naming, deepest_first, is_hidden

ASSETS = "static"
"""The name of the folder that `|asset` means where it is not told by a path."""
MANY = 2000
"""Files of a folder that are looked through for what may have been meant."""


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A file of a [[static]] folder."""

    folder: Folder
    name: str
    """Seen from the folder."""
    path: str
    """The one path at which it is."""


class PublicFiles:
    """The files of all [[static]] folders that are not switched off."""

    def __init__(self, mounts: Iterable[Static], root: Path) -> None:
        shown = deepest_first(mount for mount in mounts if not mount.off)
        self._folders = [(mount, Naming.of(mount), Folder(root / mount.folder)) for mount in shown]
        self.asked: set[Path] = set()
        """The files that were found so far: the site's pages and its checks depend on them."""

    def at(self, path: str) -> PublicFile | None:
        """Return the file that a decoded path means, in whatever spelling."""
        for _, naming, folder in self._folders:
            file = naming.meant(path, folder.find)
            if file is not None:
                return self._found(naming, folder, file)
        return None

    def lists(self, path: str) -> bool:
        """Tell whether what lies in a folder is shown at a decoded path, in whatever spelling."""
        names = ((naming.name(path), mount, folder) for mount, naming, folder in self._folders)
        return any(
            mount.listing and name is not None and not is_hidden(name) and folder.is_folder(name.rstrip("/"))
            for name, mount, folder in names
        )

    def asset(self, word: str) -> PublicFile | None:
        """Return the file that is called so in the folder `static`, or that has this path where it begins with `/`."""
        if word.startswith("/"):
            return self.at(unquote(word))
        return self.named(ASSETS, word)

    def named(self, endpoint: str, name: str) -> PublicFile | None:
        """Return the file that is called so in the folder with this name, as `url_for` knows both."""
        for mount, naming, folder in self._folders:
            if mount.endpoint == endpoint and not is_hidden(name) and folder.find(name) is not None:
                return self._found(naming, folder, name)
        return None

    def names(self, endpoint: str = ASSETS) -> list[str]:
        """Return the names of files in the folder with this name, as many as are looked through for what was meant."""
        return [
            name for mount, _, folder in self._folders if mount.endpoint == endpoint for name in folder.names(most=MANY)
        ]

    def _found(self, naming: Naming, folder: Folder, file: str) -> PublicFile:
        self.asked.add(folder.root / file)
        return PublicFile(folder, file, naming.path(file, folder.find))
