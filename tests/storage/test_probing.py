"""A database is tried out and left as it was, whether there are tables or not."""

from pathlib import Path

import pytest
from sqlalchemy import inspect

from declweb.storage import Store, StoreDown, StoreSettings
from declweb.storage.database import database_of
from declweb.storage.probing import probe


def tables(settings: StoreSettings) -> set[str]:
    database = database_of(settings)
    try:
        if not database.exists:
            return set()
        with database.as_it_is() as (connection, _):
            return set(inspect(connection).get_table_names())
    finally:
        database.close()


def test_a_new_database_is_made_by_nobody(settings: StoreSettings) -> None:
    assert probe(settings)
    assert tables(settings) == set()
    assert not settings.folder.exists()


def test_tables_stay_as_they_are(settings: StoreSettings) -> None:
    store = Store(settings)
    store.prepare()
    store.stop()
    before = tables(settings)
    assert "entries" in before
    assert probe(settings).endswith("takes what is written")
    assert tables(settings) == before


def test_a_database_that_may_only_be_read(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_store.prepare()
    sqlite_store.stop()
    database = sqlite_store.settings.folder / "site.db"
    monkeypatch.setattr("declweb.storage.database._make_durable", lambda each: each.execute("PRAGMA query_only = 1"))
    with pytest.raises(StoreDown, match="readonly"):
        probe(sqlite_store.settings)
    assert database.exists()


def test_a_server_that_does_not_know_the_user(server: str, tmp_path: Path) -> None:
    url = server.replace("://", "://nobody:geheim@", 1) if "@" not in server else server
    wrong = url.rpartition("/")[0] + "/no_such_database"
    with pytest.raises(StoreDown) as caught:
        probe(StoreSettings(tmp_path / "storage", wrong))
    assert "geheim" not in str(caught.value)
