"""What declweb is measured beside: a bare WSGI application, and Flask with the same templates.

`granian benchmarks.peers:bare` and `gunicorn benchmarks.peers:flask` serve them.
"""

import json
import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.sites import PAGE, SITE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask

BODY = "BENCHMARK_BODY"
"""The environment variable that names the file with what the bare application answers."""
FIELDS = "BENCHMARK_FIELDS"
"""The one with the header fields that it sends, as JSON; without it, the two that an answer needs."""


def bare_app(body: bytes, fields: Iterable[tuple[str, str]] = ()) -> "WSGIApplication":
    """Return the least that a WSGI application can be: every request gets the same bytes."""
    headers = list(fields) or [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]

    def application(_environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response("200 OK", headers)
        return [body]

    return application


def flask_app() -> "Flask":
    """Return what a Flask site of the same templates looks like."""
    from flask import Flask, render_template  # noqa: PLC0415 - `bare` is served without it

    declared: dict[str, Any] = tomllib.loads((SITE / "site.toml").read_text(encoding="utf-8"))
    routes = declared["routes"]
    application = Flask("benchmarks.peers", root_path=str(SITE))
    application.config.update(declared["config"])

    @application.get("/")
    def home() -> str:
        return render_template("home.html")

    @application.get(PAGE)
    def page() -> str:
        return render_template("page.html")

    @application.get("/products/<slug>")
    def product(slug: str) -> str:
        return render_template("product.html", slug=slug, **routes["product"]["values"])

    @application.get("/prices/<kind>")
    def prices(kind: str) -> str:
        return render_template("prices.html", kind=kind)

    @application.get("/one/<name>")
    def one(name: str) -> str:
        return render_template("one.html", name=name)

    return application


def page() -> bytes:
    """Return the page of 1 KB."""
    body: bytes = flask_app().test_client().get(PAGE).data
    return body


def __getattr__(name: str) -> "WSGIApplication":
    """Make an application when a server asks for it."""
    if name == "bare":
        fields = json.loads(os.environ.get(FIELDS, "[]"))
        return bare_app(Path(os.environ[BODY]).read_bytes(), ((name, value) for name, value in fields))
    if name == "flask":
        return flask_app()
    raise AttributeError(name)
