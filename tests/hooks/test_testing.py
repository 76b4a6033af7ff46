"""The test client and the contexts, as Flask's tests use them."""

from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import click
import flask
import pytest
from greenlet import greenlet  # type: ignore[import-untyped] # it has no types
from viewing import hooked
from werkzeug.exceptions import BadRequest
from werkzeug.test import EnvironBuilder

import declweb
from declweb.app import App
from declweb.hooks import current_app, flash, g, get_flashed_messages, request, session, url_for
from declweb.hooks.current import has_app_context, has_request_context

CODE = """
import click
from declweb import current_app, flash, g, get_flashed_messages, jsonify, redirect, request, session, url_for

log = []

def load():
    g.user = session.get("name")

def bye(error):
    log.append((request.path if request else None, repr(error)))

def view():
    return {"user": g.user, "messages": get_flashed_messages(with_categories=True)}

def login():
    session["name"] = request.form["name"]
    flash("Welcome", "greeting")
    return redirect(url_for("view"))

def fail():
    raise KeyError("x")

def product(slug, number=1):
    return jsonify(slug=slug, number=number)

@click.command()
@click.argument("name")
def greet(name):
    click.echo(f"Hello {name} from {current_app.name}")

def count():
    "Count what there is."
    print(current_app.config["MAX_ITEMS"])
"""
TOML = """
before_request = "load"
teardown_request = "bye"
commands = { greet = "greet", count-all = "count" }
[config]
max_items = 7
[routes.view]
path = "/"
handler = "view"
[routes.login]
path = "/login"
post = "login"
[routes.fail]
path = "/fail"
handler = "fail"
[routes.product]
path = "/products/<slug>/<int:number>"
handler = "product"
[routes.text]
path = "/text"
text = "prepared"
"""


@pytest.fixture
def app(tmp_path: Path) -> App:
    return hooked(tmp_path, CODE, TOML)


def _log(app: App) -> list[Any]:
    log: list[Any] = app.cycle.at("/").teardown[0].view.function.__globals__["log"]  # type: ignore[union-attr] # it is there
    return log


def test_a_client_keeps_cookies_and_follows_redirects(app: App) -> None:
    client = app.test_client()
    answer = client.post("/login", data={"name": "Ann"}, follow_redirects=True)
    assert answer.get_json() == {"user": "Ann", "messages": [["greeting", "Welcome"]]}
    assert client.get("/").get_json() == {"user": "Ann", "messages": []}
    assert app.test_client().get("/").get_json()["user"] is None


def test_the_context_of_the_last_request_stays_within_a_client(app: App) -> None:
    with app.test_client() as client:
        client.post("/login", data={"name": "Ann"})
        assert session["name"] == "Ann"
        assert request.path == "/login"
        assert get_flashed_messages() == ["Welcome"]
        assert _log(app) == []
        client.get("/")
        assert g.user == "Ann"
        assert _log(app) == [("/login", "None")]
        client.get("/text")
        assert request.path == "/text"
        with pytest.raises(RuntimeError, match="stays within"), client:
            raise AssertionError
    assert _log(app)[1:] == [("/", "None"), ("/text", "None")]
    assert not has_app_context()


def test_a_session_is_looked_at_and_changed_between_requests(app: App) -> None:
    client = app.test_client()
    with client.session_transaction() as kept:
        kept["name"] = "Bob"
    assert client.get("/").get_json()["user"] == "Bob"
    with client.session_transaction() as kept:
        assert kept["name"] == "Bob"
        kept.clear()
    assert client.get("/").get_json()["user"] is None
    with pytest.raises(TypeError, match="use_cookies"), app.test_client(use_cookies=False).session_transaction():
        raise AssertionError


def test_a_request_context_is_a_request_that_nobody_answers(app: App) -> None:
    with app.test_request_context("/products/bread/3?x=1", method="GET", headers={"X-A": "b"}):
        assert (request.endpoint or "") == "product"
        assert request.view_args == {"slug": "bread", "number": 3}
        assert str(request.url_rule) == "/products/<slug>/<int:number>"
        assert request.args["x"] == "1"
        assert request.headers["X-A"] == "b"
        assert url_for("product", slug="cake", number=2, q="a b", _anchor="top") == "/products/cake/2?q=a+b#top"
        assert url_for("view", _external=True, _scheme="https") == "https://localhost/"
        flash("once")
        assert get_flashed_messages() == ["once"]
        g.seen = True
        with app.test_request_context("/nowhere", json={"a": 1}):
            assert not any((request.endpoint, request.view_args, request.url_rule))
            assert request.get_json() == {"a": 1}
            assert not hasattr(g, "seen")
        assert request.path == "/products/bread/3"
        assert g.seen
    assert _log(app) == [("/nowhere", "None"), ("/products/bread/3", "None")]
    assert not has_request_context()


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_json_that_is_too_deep_is_the_visitors_mistake(app: App, body: str) -> None:
    with app.test_request_context("/text", data=body, headers={"Content-Type": "application/json"}):
        assert request.get_json(silent=True) is None
        with pytest.raises(BadRequest):
            request.get_json()


def test_what_goes_wrong_within_a_context_is_told_at_its_end(app: App) -> None:
    with app.request_context(EnvironBuilder("/text").get_environ()) as within:
        assert request.endpoint == "text"
        assert within.request.path == "/text"
    _log(app).clear()
    with pytest.raises(ValueError, match="mine"), within:
        raise ValueError("mine")
    assert _log(app) == [("/text", "ValueError('mine')")]


def test_a_site_is_there_without_a_request(app: App) -> None:
    with app.app_context():
        assert current_app.name == "Hooked"
        assert current_app.config["MAX_ITEMS"] == current_app.config["max_items"] == 7
        assert current_app.config.get("NOTHING", 5) == 5
        assert has_app_context()
        assert not has_request_context()
        assert not has_request_context()
        with pytest.raises(RuntimeError, match="no `request`"):
            request.path  # noqa: B018 # to look at it is what is tried
        with pytest.raises(RuntimeError, match="no `session`"):
            session["a"] = 1
        assert url_for("view") == "http://localhost/"
        g.x = 1
        assert "x" in g
        assert [*g] == ["x"]
        assert (g.get("y"), g.setdefault("y", 2), g.pop("y"), g.pop("y", None)) == (None, 2, 2, None)
    with pytest.raises(RuntimeError, match="no `g`"):
        g.x = 1


def test_commands_run_without_a_terminal(app: App) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["greet", "Ann"]).output == "Hello Ann from Hooked\n"
    assert runner.invoke(args=["count-all"]).output == "7\n"
    assert "Count what there is." in runner.invoke(args=["--help"]).output
    own = click.Command("own", callback=lambda: click.echo(current_app.name))
    assert runner.invoke(own).output == "Hooked\n"


def test_while_it_is_tested_a_site_raises_what_goes_wrong(app: App) -> None:
    assert app.test_client().get("/fail").status_code == 500
    assert app.code is not None
    app.code.config["TESTING"] = True
    with pytest.raises(KeyError, match="x"):
        app.test_client().get("/fail")
    assert not has_app_context()


def test_a_site_that_follows_its_files_is_tested_alike(app: App, tmp_path: Path) -> None:
    live = declweb.load(tmp_path, reload=False)
    with live.test_client() as client:
        client.post("/login", data={"name": "Ann"})
        assert session["name"] == "Ann"
    with live.test_request_context("/text"):
        assert request.endpoint == "text"
    assert live.test_cli_runner().invoke(args=["count-all"]).output == "7\n"


def test_a_site_without_python_is_tested_too(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[site]\nname = "Plain"\n[routes.home]\npath = "/"\ntext = "home"\n')
    app = declweb.load(tmp_path, reload=False)
    with app.test_client() as client:
        assert client.get("/").text == "home"
        assert request.endpoint == "home"
    with app.test_request_context("/"):
        assert url_for("home") == "/"
        with pytest.raises(RuntimeError, match="current_app"):
            current_app.name  # noqa: B018 # to look at it is what is tried


def test_outside_of_everything_there_is_nothing() -> None:
    with pytest.raises(RuntimeError, match="test_request_context"):
        request.path  # noqa: B018 # to look at it is what is tried
    with pytest.raises(RuntimeError):
        flash("x")
    with pytest.raises(RuntimeError):
        declweb.after_this_request(lambda response: response)
    with pytest.raises(RuntimeError):
        declweb.stream_with_context(iter(()))
    with pytest.raises(AttributeError, match="`nothing`"):
        declweb.nothing  # noqa: B018 # to look at it is what is tried


def test_threads_do_not_see_each_others_requests(app: App) -> None:
    barrier = Barrier(8)
    seen: dict[int, set[tuple[str, str, str]]] = {}

    def ask(number: int) -> None:
        barrier.wait()
        client = app.test_client()
        for _ in range(20):
            with client:
                client.post("/login", data={"name": f"n{number}"})
                client.get(f"/products/p{number}/{number}")
                seen.setdefault(number, set()).add((request.path, session["name"], g.user))

    threads = [Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {n: {(f"/products/p{n}/{n}", f"n{n}", f"n{n}")} for n in range(8)}


def test_greenlets_do_not_see_each_others_requests(tmp_path: Path) -> None:
    code = """
        import greenlet
        from declweb import g, request, session
        seen = []
        def note():
            g.name = request.args["name"]
        def view():
            session["name"] = g.name
            for _ in range(3):
                greenlet.getcurrent().parent.switch()
                seen.append((g.name, request.args["name"], session["name"]))
            return g.name
    """
    toml = 'before_request = "note"\n[routes.view]\npath = "/"\nhandler = "view"\n'
    app = hooked(tmp_path, code, toml)
    names = ("ann", "bob", "eve")
    asking = [greenlet(lambda name=name: app.test_client().get(f"/?name={name}").text) for name in names]
    told = [each.switch() for _ in range(4) for each in asking][-3:]
    assert told == [*names]
    seen = app.cycle.at("/").before[0].view.function.__globals__["seen"]  # type: ignore[union-attr] # it is there
    assert seen == [(name, name, name) for _ in range(3) for name in names]
    assert not has_app_context()


def test_everything_that_flask_has_for_views_is_here() -> None:
    names = {
        "Markup", "Request", "Response", "abort", "after_this_request", "current_app", "escape", "flash", "g",
        "get_flashed_messages", "jsonify", "make_response", "redirect", "render_template", "render_template_string",
        "request", "secure_filename", "send_file", "send_from_directory", "session", "stream_template",
        "stream_template_string", "stream_with_context", "url_for", "copy_current_request_context", "has_app_context",
        "has_request_context",
    }  # fmt: skip
    for name in names:
        assert getattr(declweb, name) is getattr(declweb.hooks, name)
    assert names >= {name for name in names if hasattr(flask, name)}
