"""`declweb import flask`: what an application has and a site has not is said by name, and the site file is right."""

from pathlib import Path

import pytest
from cases import Exchange, ask, running, strict_client, write
from click.testing import CliRunner, Result

from declweb.cli import main

APP = """import flask
import flask.cli
from flask import Blueprint, Flask, json
from flask.views import MethodView
from werkzeug.exceptions import NotFound
from werkzeug.middleware.proxy_fix import ProxyFix
import odd_shop_helper


class Sessions(flask.sessions.SecureCookieSessionInterface):
    pass


class Asked(flask.Request):
    pass


class Around:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        return self.app(environ, start_response)


class Item(MethodView):
    def get(self, number):
        return str(number)


item = Item.as_view("item")
lang = Blueprint("lang", __name__, url_prefix="/<lang_code>")


@lang.url_value_preprocessor
def take_language(endpoint, values):
    values.pop("lang_code")


@lang.before_request
def before_language():
    return None


def in_language():
    return "language"


def any_page(lang_code, name):
    return name


lang.add_url_rule("/about", view_func=in_language)
lang.add_url_rule("/page-<name>", view_func=any_page)


def home():
    return odd_shop_helper.path()


async def later():
    return "later"


def first(number):
    return "first"


def second(other):
    return "second"


def missing(error):
    return "nothing here", 404


def make(kind, *, name="shop"):
    app = Flask("odd_shop", root_path=__file__.rpartition("/")[0])
    app.config.update({"x-y": 1, "COLOUR": kind + name})
    app.register_blueprint(lang)
    app.register_error_handler(NotFound, missing)
    rules = {
        "/": "index", "/built": "built", "/item/<int:number>": "item", "/later": "later", "/with space": "space",
        "/${HOME}": "dollar", "/spaß": "2nd way", "/head": "head", "/asked": "asked", "/odd": "Odd.Ü/x",
        "/en/page-one": "one",
    }
    views = {"item": item, "later": later}
    more = {
        "built": {"build_only": True}, "head": {"methods": ["HEAD"]}, "odd": {"methods": ["GET", "PROPFIND"]},
        "asked": {"methods": ["GET", "OPTIONS"], "provide_automatic_options": False},
    }
    for rule, endpoint in rules.items():
        app.add_url_rule(rule, endpoint, views.get(endpoint, home), **more.get(rule[1:], {}))
    app.add_url_rule("/both/<int:number>", "first", first, methods=["GET", "POST"])
    app.add_url_rule("/both/<int:other>", "second", second)
    app.add_url_rule("/", "start")
    app.add_url_rule("/never", "never")
    app.json.sort_keys = False
    app.request_class = Asked
    app.session_interface = Sessions()
    app.jinja_env.trim_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    app.extensions["mail"] = object()
    app.wsgi_app = ProxyFix(Around(app.wsgi_app))
    return app
"""
HELPER = "from flask import request\n\n\ndef path():\n    return request.path\n"
SAID = """\
odd_shop.py:1: change `flask` to `declweb as flask` in this line
odd_shop.py:2: declweb has no `flask.cli`: do without it
odd_shop.py:3: change `flask` to `declweb` in this line, and take out Blueprint and Flask with their decorators
with their decorators; it has no `json`
odd_shop.py:4: declweb has no `flask.views`: do without `MethodView`
odd_shop_helper.py:1: change `flask` to `declweb` in this line
the setting x-y is not written
/built is left out: nothing answers there (`build_only`)
/item/<int:number> is left out: `Item` is a class-based view
/later is left out: its view is asynchronous
/with space is left out: an address has no spaces
/asked: OPTIONS is answered by itself
/odd: the method PROPFIND is left out
/odd of `Odd.Ü/x` is called `odd.u_x`
/spaß of `2nd way` is called `route_2nd_way`
/both/<int:other> is left out: `first` has the same address
/ is left out: `start` has no view; write `index` in its url_for
/never is left out: `never` has no view
/<lang_code>/about is left out: its view does not take `lang_code`
what blueprint `lang` does before and after requests is done for /en/page-one, too
how `app.json` writes JSON (sort_keys) is not carried over
`request_class` of the application (`odd_shop.Asked`) is not carried over
the sessions of `odd_shop.Sessions` are not carried over
`jinja_env.trim_blocks` is not carried over
the Jinja extension `jinja2.ext.ExprStmtExtension` is not carried over
the extension `mail` is not carried over
the middleware `werkzeug.middleware.proxy_fix.ProxyFix` is not carried over: [proxy] says the same
the middleware `odd_shop.Around` is not carried over: write it as [[middleware]]
"""


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["import", "flask", *map(str, arguments)])


def test_what_is_not_carried_over_is_said_and_the_rest_is_right(tmp_path: Path) -> None:
    write(tmp_path, {"odd_shop.py": APP, "odd_shop_helper.py": HELPER})
    result = invoke("odd_shop:make('red', name='s')", tmp_path)
    assert result.exit_code == 0, result.output
    missing = [said for said in SAID.splitlines() if said not in result.stderr]
    assert not missing, result.stderr
    checked = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert checked.exit_code == 0, checked.output
    (tmp_path / "odd_shop_helper.py").write_text(HELPER.replace("from flask", "from declweb"))
    client = strict_client(running(tmp_path))
    for method, path, status, text in (
        ("GET", "/", 200, "/"), ("GET", "/$%7BHOME%7D", 200, "/${HOME}"), ("GET", "/spa%C3%9F", 200, "/spaß"),
        ("HEAD", "/head", 200, ""), ("GET", "/both/3", 200, "first"), ("GET", "/built", 404, "nothing here"),
        ("GET", "/item/3", 404, "nothing here"), ("GET", "/de/page-two", 200, "two"), ("GET", "/odd", 200, "/odd"),
    ):  # fmt: skip
        answer = ask(client, Exchange(method, path))
        assert (answer.status_code, answer.get_data(as_text=True)) == (status, text), path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("raise SystemExit('usage: …')", "cannot be imported: SystemExit: usage: …"),
        ("raise RuntimeError('no database')", "cannot be imported: RuntimeError: no database"),
        ("def app(): return None", "is no Flask application"),
    ],
)
def test_a_module_that_makes_no_application_is_said(
    tmp_path: Path, text: str, said: str, request: pytest.FixtureRequest
) -> None:
    module = f"no_shop_{abs(hash(request.node.name))}"
    write(tmp_path, {f"{module}.py": text})
    result = invoke(f"{module}:app", tmp_path)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "site.toml").exists()


@pytest.mark.parametrize("name", ["shop:", "shop:app.x", "shop:make(*[1])", "shop:make(k)", "shop:make(", "shop:[1]"])
def test_only_a_name_and_plain_values_make_an_application(tmp_path: Path, name: str) -> None:
    result = invoke(name, tmp_path)
    assert result.exit_code == 2
    assert "names no application: write MODULE:APP" in result.stderr


PARTS = """import urllib.parse

from flask import Blueprint, Flask

app = type("Own", (Flask,), {"__module__": __name__})(__name__)
desk = Blueprint("desk", __name__, url_prefix="/desk")


@desk.errorhandler(404)
def no_desk(error):
    return "no desk", 404


@desk.context_processor
def with_desk():
    return {"desk": "ours"}


@desk.url_defaults
def desk_values(endpoint, values):
    values["v"] = 1


@desk.cli.command("tidy")
def tidy():
    return None


@desk.route("/")
def at_desk():
    return "desk"


@app.shell_context_processor
def in_shell():
    return {}


def no_address(error, endpoint, values):
    return "/"


app.url_build_error_handlers.append(no_address)
app.jinja_env.globals.update(VERSION="1.2", tags=["a"])
app.jinja_env.filters.update(size=len, quoted=urllib.parse.quote, upper=str.upper)
app.jinja_env.tests["shown"] = bool
app.register_blueprint(desk)
"""
SAID_OF_PARTS = """\
part_shop.py:9: the handler of NotFound of blueprint `desk` is not carried over: write one for all in [hooks.errors]
that looks at `request.blueprint`, which is `desk`
part_shop.py:14: the context processor of blueprint `desk` is not carried over: write one for all in
part_shop.py:19: `url_default_functions` are not carried over: give these values to each `url_for`
part_shop.py:24: the command `tidy` needs `@click.command()` without Flask, and is now called `desk-tidy`
part_shop.py:34: `shell_context_processor` is not carried over
part_shop.py:39: `url_build_error_handlers` are not carried over
what `part_shop.Own` does otherwise than Flask is not carried over
the template global `VERSION` is a value
the template global `tags` is a value
the template filter `size` is Python's own `len`: write a function that calls it
the template filter `upper` is Python's own `upper`
the template test `shown` is Python's own `bool`
"""


def test_nothing_that_is_left_behind_goes_unsaid(tmp_path: Path) -> None:
    write(tmp_path, {"part_shop.py": PARTS})
    result = invoke("part_shop:app", tmp_path)
    assert result.exit_code == 0, result.output
    missing = [said for said in SAID_OF_PARTS.splitlines() if said not in result.stderr]
    assert not missing, result.stderr
    assert CliRunner().invoke(main, ["check", str(tmp_path)]).exit_code == 0
    text = (tmp_path / "site.toml").read_text()
    assert 'quoted = "urllib.parse:quote"' in text
    assert 'desk-tidy = "part_shop:tidy"' in text
