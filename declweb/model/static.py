"""`[[static]]`: folders whose files are served as they are."""

from typing import Annotated

from pydantic import Field

from declweb.model.base import FileName, Name, OneOfMany
from declweb.model.urls import FixedPath
from declweb.model.words import CacheTime


class Static(OneOfMany):
    """A folder whose files are served as they are."""

    path: Annotated[FixedPath, Field(examples=["/downloads"])]
    """The address below which the files are found."""
    folder: Annotated[FileName, Field(examples=["downloads"])]
    """The folder with the files, seen from the site folder."""
    name: Annotated[Name | None, Field(examples=["downloads"])] = None
    """The name for `url_for`; the last part of `path` where nothing is said."""
    cache: Annotated[CacheTime | None, Field(examples=["1 day"])] = None
    """How long browsers and caches may keep a file without asking; they ask each time where nothing is said."""
    off: bool = False
    """Switches the folder off without deleting it: its files answer 404."""

    @property
    def endpoint(self) -> str:
        """The name for `url_for`."""
        return self.name or self.path.rstrip("/").rpartition("/")[2].replace("-", "_") or "files"
