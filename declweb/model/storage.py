"""`[storage]`: where entries and uploads are kept.

Owns how a database is named. Knows neither database nor disk.
"""

from typing import Annotated

from pydantic import Field

from declweb.model.base import FileName, Table


class Storage(Table):
    """Where entries and uploads are kept; a folder beside the site file where nothing is said."""

    folder: FileName = "storage"
    """The folder for the database, uploads and the secret key, seen from the site folder."""
    database: Annotated[str | None, Field(min_length=1, examples=["postgresql://user:password@db.example/site"])] = None
    """The database as a URL; an SQLite file in the folder where nothing is said."""
    uploads: Annotated[FileName | None, Field(examples=["/srv/uploads"])] = None
    """The folder for uploads; `uploads` in the folder where nothing is said."""
