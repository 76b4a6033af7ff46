"""`[storage]`: where entries and uploads are kept.

Owns how a database is named. Knows neither database nor disk.
"""

import re
from typing import Annotated, Self

from pydantic import Field, model_validator

from declweb.model.base import FileName, Table, wrong

DATABASE = re.compile(r"postgres(ql)?(\+psycopg)?://\S+|sqlite:///\S+", re.ASCII)
"""How the URL of a database that can be used begins."""
DATABASE_FILE = "site.db"
"""The file in the storage folder that is the database where no other is named."""
KEY = "secret.key"
"""The file in the storage folder that keeps the site's key."""


class Storage(Table):
    """Where entries and uploads are kept; a folder beside the site file where nothing is said."""

    folder: FileName = "storage"
    """The folder for the database, uploads and the secret key, seen from the site folder."""
    database: Annotated[str | None, Field(min_length=1, examples=["postgresql://user:password@db.example/site"])] = None
    """The database as a URL; an SQLite file in the folder where nothing is said."""
    uploads: Annotated[FileName | None, Field(examples=["/srv/uploads"])] = None
    """The folder for uploads; `uploads` in the folder where nothing is said."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.database is not None and not DATABASE.match(self.database):
            raise wrong(
                "bad-url",
                "this is no address of a database that can be used",
                help="such as `postgresql://user:password@db.example/site`, or leave it out for an SQLite file",
                key="database",
            )
        if self.uploads is not None and "://" in self.uploads:
            raise wrong(
                "bad-url", "uploads are kept in a folder", help="name a folder that all machines share", key="uploads"
            )
        return self
