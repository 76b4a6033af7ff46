"""`|asset` in templates: the address of a file that says which content it means.

Owns the hash in such addresses. What is answered there is the business of `static`, which knows the hash too.
"""

from declweb.compiler.templates import where
from declweb.context import current
from declweb.http.library import Library, OnDisk
from declweb.http.media_types import content_type
from declweb.routing.escapes import escaped
from declweb.rules.files import PublicFile, PublicFiles


class Assets:
    """What templates know as `|asset`."""

    def __init__(self, files: PublicFiles) -> None:
        self._files = files
        self._library = Library(budget=0)

    def __call__(self, word: object) -> str:
        """Return the address of a file with its present hash; what is not there prints empty and is logged."""
        context = current.get()
        file = self._files.asset(str(word))
        version = self._version(file) if file else None
        if file is None or version is None:
            context.cannot_build(f"there is no file `{word}` to give the address of", *where(), "missing-file")
            return ""
        return f"{context.prefix}{escaped(file.path)}?v={version}"

    def _version(self, file: PublicFile) -> str | None:
        looked_up = file.folder.look_up(file.name)
        if looked_up is None:
            return None
        try:
            found = OnDisk(*looked_up, lambda: file.folder.open(file.name))
            return self._library.version(found, content_type(file.name))
        except OSError:
            return None
