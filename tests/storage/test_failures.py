"""What goes wrong: who is told what, and that the next one is served."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from entering import entering, mail, received
from postgresql import fresh_database
from servers import DEADLINE, eventually
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import OperationalError

from declweb.storage import Added, Store, StoreDown, StoreSettings, StoreTooNew, database, migrations, opened, writer
from declweb.storage.database import Database
from declweb.storage.tables import METADATA


def full(*_: object) -> None:
    raise OperationalError("INSERT secret", {"name": "Ann"}, sqlite3.OperationalError("database or disk is full"))


def test_a_commit_that_fails_fails_everybody_and_the_next_one_works(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(entering())
    kind = type(store._process().database)
    with monkeypatch.context() as patch:
        patch.setattr(kind, "commit", full)
        reasons: list[str] = []

        def add() -> None:
            with pytest.raises(StoreDown) as refusal:
                store.add(entering())
            reasons.append(str(refusal.value))

        threads = [Thread(target=add) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert reasons == ["database or disk is full"] * 8
    store.add(entering())
    assert store.count("contact") == 2


def test_an_entry_stored_by_a_commit_that_failed_is_a_repeat(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.prepare()
    upload = received(store)
    first = entering(key="k", digest="d", uploads=[upload])
    kind = type(store._process().database)
    commit = kind.commit

    def stored_and_failed(self: Database, connection: Connection) -> None:
        commit(self, connection)
        full()

    with monkeypatch.context() as patch:
        patch.setattr(kind, "commit", stored_and_failed)
        with pytest.raises(StoreDown):
            store.add(first)
    assert store.uploads.hold(upload.id) != upload.id
    again = received(store)
    assert store.add(entering(key="k", digest="d", uploads=[again])) == Added(first.receipt, is_repeat=True)
    assert store.sweep() == 0
    assert store.uploads.path(upload.id).read_bytes() == b"a picture"
    assert store.count("contact") == 1


def test_one_bad_entry_does_not_spoil_its_group(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others wait while the first group is held up, and are one group then."""
    first = entering()
    store.add(first)
    begun, gate = threading.Event(), threading.Event()
    kind = type(store._process().database)
    begin = kind.begin

    def slow(self: Database, connection: Connection, names: Iterable[str], deadline: float | None = None) -> None:
        begun.set()
        gate.wait(DEADLINE)
        begin(self, connection, names, deadline)

    monkeypatch.setattr(kind, "begin", slow)
    bad = entering(receipt=first.receipt)
    found: list[Added | StoreDown] = []

    def add(one: object) -> None:
        try:
            found.append(store.add(one))  # type: ignore[arg-type] # an Entering
        except StoreDown as down:
            found.append(down)

    threads = [
        Thread(target=add, args=(one,)) for one in (entering(), *(entering() for _ in range(5)), bad, entering())
    ]
    threads[0].start()
    assert begun.wait(DEADLINE)
    for thread in threads[1:]:
        thread.start()
    eventually(lambda: len(store._process().writer._waiting) == 7)
    gate.set()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, StoreDown) for one in found) == 1
    assert store.count("contact") == 8
    assert store._process().writer.groups == 3


def test_a_broken_connection_is_replaced(server: str, tmp_path: Path) -> None:
    url = fresh_database(server, "broken")
    store = Store(StoreSettings(tmp_path, url))
    store.add(entering())
    assert store.count("contact") == 1
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'declweb'")
    with pytest.raises(StoreDown):
        store.add(entering())
    store.add(entering())
    assert store.count("contact") == 2
    store.stop()


def test_a_server_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    store = Store(StoreSettings(tmp_path, "postgresql://site:geheim@127.0.0.1:1/site"))
    with pytest.raises(StoreDown) as refusal:
        store.add(entering())
    assert "refused" in str(refusal.value)
    assert "geheim" not in str(refusal.value)
    with pytest.raises(StoreDown):
        store.count("contact")
    store.stop()


@pytest.mark.parametrize(
    ("url", "said"),
    [("mysql://x/y", "not `mysql`"), ("postgresql://x:y:z/", "cannot be read"), ("::", "cannot be read")],
)
def test_what_is_no_database_is_told(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(StoreDown, match=said):
        Store(StoreSettings(tmp_path, url)).count("contact")


def test_a_url_names_an_sqlite_file_from_the_site_folder(tmp_path: Path) -> None:
    store = Store(StoreSettings(tmp_path / "storage", "sqlite:///data/entries.db"))
    seen = [store.exists]
    store.add(entering())
    assert (tmp_path / "data" / "entries.db").exists()
    assert [*seen, store.exists] == [False, True]
    store.stop()


def test_a_locked_database_is_waited_for(sqlite_store: Store) -> None:
    sqlite_store.add(entering())
    with closing(sqlite3.connect(sqlite_store.settings.folder / "site.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        found: list[Added] = []
        thread = Thread(target=lambda: found.append(sqlite_store.add(entering())))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        assert sqlite_store.count("contact") == 1
        other.execute("COMMIT")
        thread.join()
    assert found
    assert sqlite_store.count("contact") == 2


def test_a_database_that_stays_locked_is_down_and_then_up_again(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "PATIENCE", 0.2)
    monkeypatch.setattr(writer, "LEAST", 0.1)
    sqlite_store.add(entering())
    with closing(sqlite3.connect(sqlite_store.settings.folder / "site.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreDown, match="locked"):
            sqlite_store.add(entering())
        other.execute("COMMIT")
    sqlite_store.add(entering())
    assert sqlite_store.count("contact") == 2


def test_a_restored_database_is_found(sqlite_store: Store) -> None:
    path = sqlite_store.settings.folder / "site.db"
    first, second = entering(), entering()
    sqlite_store.add(first)
    sqlite_store.backup(path.parent / "copy")
    sqlite_store.add(second)
    for name in ("site.db", "site.db-wal", "site.db-shm"):
        (path.parent / name).unlink(missing_ok=True)
    (path.parent / "copy" / "site.db").rename(path)
    third = entering()
    sqlite_store.add(third)
    assert [entry.receipt for entry in sqlite_store.entries("contact")] == [first.receipt, third.receipt]


def test_a_folder_that_was_deleted_is_made_again(sqlite_store: Store) -> None:
    sqlite_store.add(entering())
    for path in sqlite_store.settings.folder.glob("site.db*"):
        path.unlink()
    sqlite_store.add(entering())
    assert sqlite_store.count("contact") == 1


def test_what_is_read_first_from_a_new_database_hides_no_old_one(sqlite_store: Store) -> None:
    sqlite_store.add(entering())
    for path in sqlite_store.settings.folder.glob("site.db*"):
        path.unlink()
    assert sqlite_store.count("contact") == 0
    sqlite_store.add(entering())
    assert sqlite_store.count("contact") == 1


def test_a_newer_database_is_left_alone(store: Store) -> None:
    store.prepare()
    with store._process().database.connect() as connection:
        connection.exec_driver_sql("INSERT INTO migrations VALUES (99, '2030-01-01T00:00:00.000000Z')")
    again = Store(store.settings)
    for action in (again.prepare, lambda: again.add(entering()), lambda: again.count("contact")):
        with pytest.raises(StoreTooNew, match="of version 99, made by a newer declweb"):
            action()
    again.stop()


def test_half_a_migration_is_none(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", (*migrations.STEPS[:1], ("CREATE TABLE more (x TEXT)", "NONSENSE")))
        patch.setattr(database, "STEPS", migrations.STEPS)
        with pytest.raises(StoreDown, match="syntax error"):
            sqlite_store.prepare()
    with closing(sqlite3.connect(sqlite_store.settings.folder / "site.db")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    sqlite_store.add(entering())


def test_two_processes_migrate_once(settings: StoreSettings) -> None:
    stores = [Store(settings) for _ in range(4)]
    errors: list[BaseException] = []

    def add(store: Store) -> None:
        try:
            store.add(entering())
        except BaseException as error:  # noqa: BLE001 # whatever it is, it is looked at below
            errors.append(error)

    threads = [Thread(target=add, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert stores[0].count("contact") == 4
    for store in stores:
        store.stop()


def test_the_program_knows_the_columns_that_migrations_make(store: Store) -> None:
    store.prepare()
    with store._process().database.reading() as connection:
        found = inspect(connection)
        indexes = {"trigrams", "trigrams_config", "trigrams_data", "trigrams_idx"}  # SQLite's own
        assert set(found.get_table_names()) - indexes == set(METADATA.tables)
        for name, table in METADATA.tables.items():
            assert {column["name"] for column in found.get_columns(name)} == set(table.c.keys())


def test_a_key_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "storage").write_text("a file")
    store = Store(StoreSettings(tmp_path / "storage"))
    for action in (lambda: store.visitor("192.0.2.1"), lambda: store.add(entering())):
        with pytest.raises(StoreDown):
            action()


def test_an_interrupted_writer_leaves_the_next_one_its_turn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add(entering())

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writer.Writer, "_commit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.add(entering())
    store.add(entering())
    assert store.count("contact") == 2


FORKED = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from entering import entering
from declweb.storage import StoreSettings, opened
store = opened(StoreSettings(Path(sys.argv[2]), sys.argv[3] or None))
for _ in range(3):
    store.add(entering())
    store.count("contact")
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        for _ in range(20):
            store.add(entering())
        assert store.count("contact") >= 20
        os._exit(0)
    children.append(child)
for _ in range(20):
    store.add(entering())
for child in children:
    assert os.waitpid(child, 0)[1] == 0
store.add(entering())
print(store.count("contact"))
store.stop()
"""


def test_children_have_connections_of_their_own(settings: StoreSettings) -> None:
    support = Path(__file__).parent.parent / "support"
    command = [sys.executable, "-c", FORKED, str(support), str(settings.folder), settings.database or ""]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout == "84\n"
    if settings.database is None:
        with closing(sqlite3.connect(settings.folder / "site.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_equal_settings_are_one_store(tmp_path: Path) -> None:
    assert opened(StoreSettings(tmp_path)) is opened(StoreSettings(tmp_path))
    assert opened(StoreSettings(tmp_path)) is not opened(StoreSettings(tmp_path / "other"))


def test_importing_the_store_does_not_import_sqlalchemy() -> None:
    code = "import sys, declweb.storage; print('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_messages_wait_with_their_entry(store: Store) -> None:
    store.add(entering(messages=[mail()], status="held"))
    assert [message.state for message in store.messages()] == ["held"]
