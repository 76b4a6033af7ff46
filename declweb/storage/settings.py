"""Where a site's entries lie.

Owns the defaults. Knows nothing of the site file.
"""

from dataclasses import dataclass
from pathlib import Path

FOLDER = "storage"
DATABASE = "site.db"
UPLOADS = "uploads"
KEY = "secret.key"


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
