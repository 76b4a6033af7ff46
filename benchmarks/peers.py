"""What declweb is measured beside: a bare WSGI application, and Flask with the same templates.

`granian benchmarks.peers:bare` and `gunicorn benchmarks.peers:flask` serve them.
"""

import json
import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.sites import PAGE, SITE, VIEWS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask

BODY = "BENCHMARK_BODY"
"""The environment variable that names the file with what the bare application answers."""
FIELDS = "BENCHMARK_FIELDS"
"""The one with the header fields that it sends, as JSON; without it, the two that an answer needs."""

DATABASE = "BENCHMARK_DATABASE"
"""The one that names the database of the form in Flask."""


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


def flask_views_app() -> "Flask":
    """Return the views of `benchmarks/views` as Flask's, with no more than their import line changed."""
    from flask import Flask  # noqa: PLC0415 # `bare` is served without it

    text = (VIEWS / "views.py").read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": "views"}
    exec(text.replace("from declweb import", "from flask import"), names)
    application = Flask("benchmarks.peers", root_path=str(VIEWS))
    application.secret_key = "only a benchmark signs with this"
    for view in names["VIEWS"]:
        application.add_url_rule(f"/{view.__name__}/<name>", view_func=view)
    return application


def flask_form_app(database: str) -> "Flask":
    """Return the contact form of `benchmarks/forms.py` as one writes it with Flask-WTF and Flask-SQLAlchemy."""
    from flask import Flask, redirect, render_template_string  # noqa: PLC0415 - `bare` is served without it
    from flask_sqlalchemy import SQLAlchemy  # noqa: PLC0415 # as above
    from flask_wtf import FlaskForm  # type: ignore[import-untyped] # noqa: PLC0415 # as above, without types
    from sqlalchemy import event, func  # noqa: PLC0415 # as above
    from werkzeug import Response  # noqa: PLC0415 # as above
    from wtforms import EmailField, SelectField, StringField, TextAreaField  # type: ignore[import-untyped] # noqa: PLC0415 # as above, without types
    from wtforms.validators import DataRequired, Email, Length  # type: ignore[import-untyped] # noqa: PLC0415 # as above, without types

    application = Flask("benchmarks.peers")
    application.config.update(
        SECRET_KEY="benchmark", SQLALCHEMY_DATABASE_URI=f"sqlite:///{database}", WTF_CSRF_ENABLED=False
    )
    store = SQLAlchemy(application)

    class Entry(store.Model):  # type: ignore[name-defined,misc] # Flask-SQLAlchemy's bases are made at run time
        id = store.Column(store.Integer, primary_key=True)
        created = store.Column(store.DateTime, server_default=func.now())
        name = store.Column(store.String(80), nullable=False)
        email = store.Column(store.String(254), nullable=False)
        topic = store.Column(store.String(40), nullable=False)
        message = store.Column(store.Text, nullable=False)

    class Contact(FlaskForm):  # type: ignore[misc] # its base has no types
        name = StringField("Your name", [DataRequired(), Length(max=80)])
        email = EmailField("Your e-mail address", [DataRequired(), Email()])
        topic = SelectField("What is it about?", choices=[("question", "A question"), ("praise", "Praise")])
        message = TextAreaField("Your message", [DataRequired(), Length(10, 5000)])

    def durable(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout = 30000")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    with application.app_context():
        event.listen(store.engine, "connect", durable)
        store.create_all()

    @application.route("/contact", methods=["GET", "POST"])
    def contact() -> str | Response:
        form = Contact()
        if form.validate_on_submit():
            entry = Entry()
            form.populate_obj(entry)
            store.session.add(entry)
            store.session.commit()
            return redirect("/thanks", 303)
        return render_template_string("{% for field in form %}{{ field.label }}{{ field }}{% endfor %}", form=form)

    return application


def flask_rows_app(database: str) -> "Flask":
    """Return the rows of `benchmarks/data.py` as one offers them with Flask and SQLAlchemy."""
    from flask import Flask, Response, abort, jsonify, request  # noqa: PLC0415 # `bare` is served without it
    from flask_sqlalchemy import SQLAlchemy  # noqa: PLC0415 # as above

    application = Flask("benchmarks.peers")
    application.config.update(SQLALCHEMY_DATABASE_URI=f"sqlite:///{database}")
    store = SQLAlchemy(application)

    class Item(store.Model):  # type: ignore[name-defined,misc] # Flask-SQLAlchemy's bases are made at run time
        __tablename__ = "items"
        slug = store.Column(store.String, primary_key=True)
        name = store.Column(store.String)
        category = store.Column(store.String)
        price = store.Column(store.Float)
        vegan = store.Column(store.Integer)
        baked = store.Column(store.String)

    sorts = {"price": Item.price, "name": Item.name}

    @application.get("/api/items")
    def items() -> Response:
        wanted = store.select(Item)
        if (category := request.args.get("category")) is not None:
            wanted = wanted.where(Item.category == category)
        if (least := request.args.get("price__gte", type=float)) is not None:
            wanted = wanted.where(Item.price >= least)
        if (sort := request.args.get("sort")) is not None:
            column = sorts.get(sort.removeprefix("-"))
            if column is None:
                abort(400)
            wanted = wanted.order_by(column.desc() if sort.startswith("-") else column, Item.slug)
        size = min(request.args.get("page_size", 50, type=int), 1000)
        found = store.session.scalars(wanted.limit(size))
        names = ("slug", "name", "category", "price", "vegan", "baked")
        return jsonify(items=[{name: getattr(row, name) for name in names} for row in found])

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
    if name == "flask_form":
        return flask_form_app(os.environ[DATABASE])
    if name == "flask_rows":
        return flask_rows_app(os.environ[DATABASE])
    if name == "flask_views":
        return flask_views_app()
    if name == "flask":
        return flask_app()
    raise AttributeError(name)
