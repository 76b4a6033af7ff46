"""A small shop in an SQLite file, and what asks it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from declweb.data.asking import CannotAsk
from declweb.data.sqlite import SqliteSource

CAKES = [("Sacher", 4.2, "cake", "2026-01-02"), ("Linzer", 3, "tart", None), ("Esterházy", 5.5, "cake", "2026-02-01")]
ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n) "

Source = Callable[..., SqliteSource]


def open_shop(path: Path) -> Path:
    """Make the file."""
    with sqlite3.connect(path) as connection:
        connection.execute("create table cakes (name text, price real, kind text, baked text)")
        connection.executemany("insert into cakes values (?, ?, ?, ?)", CAKES)
    connection.close()
    return path


def failure_of(call: Callable[[], object]) -> CannotAsk:
    """Return why a query cannot be asked."""
    with pytest.raises(CannotAsk) as caught:
        call()
    return caught.value
