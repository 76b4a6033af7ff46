"""A shop, and what asks it, for the tests of SQLite files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from shops import Source, open_shop

from declweb.data.sqlite import SqliteSource
from declweb.files import Folder
from declweb.model.data import Data


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A small shop."""
    return open_shop(tmp_path / "shop.db")


@pytest.fixture
def source(file: Path) -> Iterator[Source]:
    """What makes a source of that shop."""
    made: list[SqliteSource] = []

    def make(sql: str, **said: object) -> SqliteSource:
        data = Data.model_validate({"database": file.name, "sql": sql, **said})
        made.append(SqliteSource("cakes", data, Folder(file.parent)))
        return made[-1]

    yield make
    for each in made:
        each.close()
