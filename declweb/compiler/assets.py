"""`|asset` in templates: the address of a file that says which content it means.

Owns the hash in such addresses. What is answered there is the business of `static`, which knows the hash too.
"""

from declweb.compiler.page_notes import note
from declweb.compiler.templates import where
from declweb.context import current
from declweb.http.library import Library, OnDisk
from declweb.http.media_types import content_type
from declweb.http.paths import escaped
from declweb.rules.files import PublicFile, PublicFiles

NOTED = "asset"
"""How it is noted that a page asked for the address of a file."""


class Assets:
    """What templates know as `|asset`."""

    def __init__(self, files: PublicFiles) -> None:
        self._files = files
        self._library = Library(budget=0)

    def __call__(self, word: object) -> str:
        """Return the address of a file with its present hash; what is not there prints empty and is logged."""
        context = current.get()
        note(NOTED, str(word))
        address = self.address(str(word))
        if address is None:
            context.cannot_build(f"there is no file `{word}` to give the address of", *where(), "missing-file")
            return ""
        return context.prefix + address

    def address(self, word: str) -> str | None:
        """Return the address of a file without the site's prefix; None where there is no such file."""
        file = self._files.asset(word)
        version = self._version(file) if file else None
        return f"{escaped(file.path)}?v={version}" if file and version else None

    def _version(self, file: PublicFile) -> str | None:
        looked_up = file.folder.look_up(file.name)
        if looked_up is None:
            return None
        try:
            found = OnDisk(*looked_up, lambda: file.folder.open(file.name))
            return self._library.version(found, content_type(file.name))
        except OSError:
            return None
