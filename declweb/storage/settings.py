"""Where a site's entries lie.

Owns the defaults. Knows nothing else of a site.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from declweb.model.storage import KEY, Storage

UPLOADS = "uploads"


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Which database, and which folders: one store for equal settings."""

    folder: Path
    """Where declweb keeps what it must remember; absolute."""
    database: str | None = None
    """`postgresql://…` or `sqlite:///…`; None is SQLite in the folder."""
    uploads: Path | None = None
    """None is `uploads` in the folder."""

    @property
    def uploads_folder(self) -> Path:
        """Where uploads lie."""
        return self.uploads or self.folder / UPLOADS

    @property
    def key_file(self) -> Path:
        """Where the key of visitors' hashes, and of sessions without another one, lies."""
        return self.folder / KEY

    @classmethod
    def of(cls, declared: Storage, site: Path) -> Self:
        """Return where a site in a folder keeps its entries, as its file says."""
        site = site.absolute()
        uploads = site / declared.uploads if declared.uploads is not None else None
        return cls(site / declared.folder, declared.database, uploads)
