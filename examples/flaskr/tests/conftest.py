"""A blog with two writers and a post, and somebody who can log in."""

import sqlite3
from pathlib import Path

import pytest
from werkzeug.security import generate_password_hash

PASSWORDS = {name: generate_password_hash(name, "scrypt:1024:8:1") for name in ("test", "other")}
"""The writers; hashes that are quick to check."""


@pytest.fixture
def database(site):
    """Make the tables, and put something into them."""
    assert site.test_cli_runner().invoke(args=["init-db"]).exit_code == 0
    connection = sqlite3.connect(Path(site.code.instance_path, site.code.config["BLOG_FILE"]))
    connection.executemany(
        "INSERT INTO user (username, password) VALUES (?, ?)",
        PASSWORDS.items(),
    )
    connection.execute(
        "INSERT INTO post (title, body, author_id, created) VALUES (?, ?, ?, ?)",
        ("test title", "test\nbody", 1, "2018-01-01 00:00:00"),
    )
    connection.commit()
    yield connection
    connection.close()


class Visits:
    """Logs somebody in, and out again."""

    def __init__(self, client):
        self.client = client

    def login(self, username="test", password="test"):
        return self.client.post("/auth/login", data={"username": username, "password": password})

    def logout(self):
        return self.client.get("/auth/logout")


@pytest.fixture
def auth(client, database):
    """Return what logs somebody in."""
    return Visits(client)
