"""The database: made by a command, closed after each request."""

import sqlite3

import pytest

from declweb import g


def test_hello(client):
    assert client.get("/hello").get_data(as_text=True) == "Hello, World!"


def test_connection_is_closed_after_the_request(client, database):
    with client:
        client.get("/")
        db = g.db
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        db.execute("SELECT 1")


def test_init_db_command(site):
    result = site.test_cli_runner().invoke(args=["init-db"])
    assert "ready" in result.output


def test_init_db_starts_anew(site, database):
    site.test_cli_runner().invoke(args=["init-db"])
    assert database.execute("SELECT COUNT(id) FROM user").fetchone() == (0,)
