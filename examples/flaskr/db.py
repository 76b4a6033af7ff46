"""The blog's database: one connection for each request."""

import sqlite3
from datetime import datetime
from pathlib import Path

import click

from declweb import current_app, g


def get_db():
    """Return the connection of this request."""
    if "db" not in g:
        Path(current_app.instance_path).mkdir(parents=True, exist_ok=True)
        g.db = sqlite3.connect(
            Path(current_app.instance_path, current_app.config["BLOG_FILE"]), detect_types=sqlite3.PARSE_DECLTYPES
        )
        g.db.row_factory = sqlite3.Row
    return g.db


def close_db(error=None):
    """Close the connection, where this request has opened one."""
    db = g.pop("db", None)
    if db is not None:
        db.close()


def init_db():
    """Make the tables anew; what was in them is gone."""
    db = get_db()
    with current_app.open_resource("schema.sql") as file:
        db.executescript(file.read().decode())


@click.command("init-db")
def init_db_command():
    """Make the tables anew; what was in them is gone."""
    init_db()
    click.echo("The database is ready.")


def _as_moment(value):
    return datetime.fromisoformat(value.decode())


sqlite3.register_converter("timestamp", _as_moment)
