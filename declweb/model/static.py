"""`[[static]]`: folders whose files are served as they are."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from declweb.model.base import Choice, FileName, Name, OneOfMany, Spelling
from declweb.model.urls import FixedPath
from declweb.model.words import CacheTime

Style = Literal["auto", "slash", "no-slash", "as-is"]
"""How the pages among files are addressed."""
STYLES: tuple[Style, ...] = get_args(Style)


class Static(OneOfMany):
    """A folder whose files are served as they are."""

    path: Annotated[FixedPath, Field(examples=["/downloads"])]
    """The address below which the files are found."""
    folder: Annotated[FileName, Field(examples=["downloads"])]
    """The folder with the files, seen from the site folder."""
    name: Annotated[Name | None, Field(examples=["downloads"])] = None
    """The name for `url_for`; the last part of `path` where nothing is said."""
    index: Annotated[FileName, Spelling(r"[^/\\.][^/\\]*", "it is the name of a file, without a folder")] = "index.html"
    """The file that a folder's own address shows."""
    urls: Annotated[Style, Choice(*STYLES)] = "auto"
    """How pages are addressed. `auto`: `about.html` is /about, and `about/index.html` is /about/. `slash`: both are
    /about/. `no-slash`: both are /about. `as-is`: `about.html` is /about.html, and `about/index.html` is /about/.
    Every other spelling leads there by one redirect; files that are no pages have their own name in any case."""
    listing: bool = False
    """Shows what lies in a folder that has no index: a page for people, JSON for programs that ask for it. Files whose
    names begin with a dot are left out."""
    precompressed: bool = False
    """Sends `style.css.br`, `.zst` or `.gz` for `style.css` where such a file lies beside it and is not older. Text is
    compressed in any case, when it is first asked for; this saves the work, and may pack it smaller."""
    cache: Annotated[CacheTime | None, Field(examples=["1 day"])] = None
    """How long browsers and caches may keep a file without asking; they ask each time where nothing is said."""
    off: bool = False
    """Switches the folder off without deleting it: its files answer 404."""

    @property
    def endpoint(self) -> str:
        """The name for `url_for`."""
        return self.name or self.path.rstrip("/").rpartition("/")[2].replace("-", "_") or "files"

    @property
    def below(self) -> str:
        """What the addresses of its files begin with: `path` with a slash at its end."""
        return f"{self.path.rstrip('/')}/"
