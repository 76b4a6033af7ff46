"""Sessions: what Flask wrote is read here, and the other way round."""

import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import flask
import pytest
from markupsafe import Markup
from viewing import hooked
from werkzeug.test import Client, TestResponse

SECRET = "what nobody knows"
VALUES: dict[str, Any] = {
    "text": "Zoë 🎂", "number": -1.5, "nothing": None, "yes": True, "list": [1, ["a"]], "tuple": (1, (2, "x")),
    "bytes": b"\x00\xff", "markup": Markup("<b>x</b>"), "uuid": UUID(int=7),
    "moment": datetime(2026, 11, 22, 12, 30, tzinfo=UTC), "table": {"a": {"b": (1,)}}, "tagged": {" t": 1},
    "long": "abc" * 500,
}  # fmt: skip
VIEWS = """
from {} import flash, get_flashed_messages, request, session
import values
def write():
    session.permanent = "permanent" in request.args
    session.update(values.VALUES)
    flash("one"); flash("two", "warning")
    return ""
def read():
    values.SEEN.append((dict(session), session.permanent, get_flashed_messages(with_categories=True)))
    return ""
"""
TOML = """
[routes.write]
path = "/write"
handler = "write"
[routes.read]
path = "/read"
handler = "read"
"""


@pytest.mark.parametrize("query", ["", "?permanent=1"])
def test_either_reads_what_the_other_wrote(query: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import ModuleType  # noqa: PLC0415 # stands for a module that both import

    shared = ModuleType("values")
    shared.__dict__.update(VALUES=VALUES, SEEN=[])
    monkeypatch.setitem(__import__("sys").modules, "values", shared)
    ours = hooked(tmp_path, textwrap.dedent(VIEWS.format("declweb")), TOML)
    theirs = flask.Flask("beside")
    theirs.secret_key = SECRET
    names: dict[str, Any] = {}
    exec(VIEWS.format("flask"), names)
    theirs.add_url_rule("/write", view_func=names["write"])
    theirs.add_url_rule("/read", view_func=names["read"])
    for writer, reader in ((ours, theirs), (theirs, ours), (ours, ours)):
        written: TestResponse = Client(writer, use_cookies=False).get(f"/write{query}")
        name, _, value = written.headers["Set-Cookie"].partition(";")[0].partition("=")
        assert (name, "Expires" in written.headers["Set-Cookie"]) == ("session", bool(query))
        assert Client(reader, use_cookies=False).get("/read", headers={"Cookie": f"{name}={value}"}).status_code == 200
        kept, permanent, flashes = shared.SEEN.pop()
        assert {name: kept[name] for name in VALUES} == VALUES
        assert permanent == bool(query)
        assert flashes == [("message", "one"), ("warning", "two")]
        vary = Client(reader, use_cookies=False).get("/read", headers={"Cookie": f"{name}={value}"}).headers["Vary"]
        assert "Cookie" in vary
        shared.SEEN.clear()
