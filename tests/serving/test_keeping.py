"""The store of a site's forms when the site is served."""

import sqlite3
from pathlib import Path

import pytest
from cases import running, strict_client, write
from mailing import CONTACT

from declweb.app import App
from declweb.serving import CannotStart
from declweb.serving.keeping import opening, tend
from declweb.serving.reload import load

SITE = f"""
[site]
name = "Bakery"
{CONTACT}"""


@pytest.fixture
def app(tmp_path: Path) -> App:
    return running(write(tmp_path, {"site.toml": SITE}))


def post(app: App, name: str) -> int:
    return strict_client(app).post("/contact", data={"name": name}, buffered=True).status_code


def lines(app: App) -> list[str]:
    return [line.strip() for line, _ in opening(app)]


def test_nothing_is_said_of_an_empty_outbox(app: App, tmp_path: Path) -> None:
    assert lines(app) == []
    assert (tmp_path / "storage" / "site.db").exists()


def test_it_is_said_how_many_messages_wait(app: App) -> None:
    assert post(app, "Ann") == 303
    assert lines(app) == ["1 message waits in the outbox: there is no `[mail] server` to send mails with"]
    assert post(app, "Ben") == 303
    assert lines(app) == ["2 messages wait in the outbox: there is no `[mail] server` to send mails with"]


def test_a_site_without_forms_is_left_alone(tmp_path: Path) -> None:
    app = running(write(tmp_path, {"site.toml": '[site]\nname = "Bakery"\n'}))
    assert lines(app) == []
    tend(app)
    assert not (tmp_path / "storage").exists()


def test_a_store_that_cannot_be_reached_keeps_no_page_from_being_served(app: App, tmp_path: Path) -> None:
    (tmp_path / "storage").write_text("a file")
    first, second = lines(app)
    assert first.startswith("entries cannot be stored now: ")
    assert "pages are served" in second
    assert strict_client(app).get("/contact", buffered=True).status_code == 200
    response = strict_client(app).post("/contact", data={"name": "Ann"}, buffered=True)
    assert response.status_code == 503
    assert 'value="Ann"' in response.text
    (tmp_path / "storage").unlink()
    assert post(app, "Ann") == 303


def test_a_store_of_a_newer_declweb_is_refused(app: App, tmp_path: Path) -> None:
    assert post(app, "Ann") == 303
    assert app.store is not None
    app.store.stop()
    database = sqlite3.connect(tmp_path / "storage" / "site.db")
    version = database.execute("PRAGMA user_version").fetchone()[0]
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    if version:
        database.execute("PRAGMA user_version = 9999")
    else:
        table = next(name for name in tables if "migration" in name or "version" in name or "schema" in name)
        column = database.execute(f"PRAGMA table_info({table})").fetchone()[1]
        database.execute(
            f"INSERT INTO {table} ({column}, applied) VALUES (9999, '2026-01-01T00:00:00Z')"
        )  # its own table
    database.commit()
    database.close()
    with pytest.raises(CannotStart, match="newer"):
        lines(app)


def test_load_says_what_waits(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, {"site.toml": SITE})
    live = load(tmp_path, reload=False)
    assert post(live.app, "Ann") == 303
    load(tmp_path, reload=False)
    assert "1 message waits in the outbox" in caplog.text
    assert live.app.store is not None
    live.app.store.stop()
