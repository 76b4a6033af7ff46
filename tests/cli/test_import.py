"""`declweb import flask`: the imported site answers as the application does."""

from pathlib import Path

import pytest
import tomli
from cases import Exchange, ask, running, strict_client, write
from click.testing import CliRunner, Result

from declweb.cli import main

APP = """
from flask import Blueprint, Flask
import imported_views as views

app = Flask("imported_app", root_path=__file__.rpartition("/")[0])
app.secret_key = "never to be written"
app.config.update(PHONE="123", API_TOKEN="hidden")
app.add_url_rule("/", "index", views.index)
app.add_url_rule("/add/<int:number>", "shop.add", views.add, methods=["POST"])
app.add_url_rule("/lambda", "short", lambda: "short")
app.add_url_rule("/loose", "loose", views.index, strict_slashes=False)
app.register_error_handler(404, views.missing)
app.after_request(views.stamp)
app.template_filter("loud")(views.loud)
app.register_blueprint(Blueprint("desk", "imported_app"))


@app.cli.command("init-db")
def init():
    print("made")
"""
VIEWS = """from flask import request, url_for


def index():
    return url_for("shop.add", number=3) + request.args.get("q", "")


def add(number):
    return {"sum": number + 1}


def missing(error):
    return "Nothing", 404


def stamp(response):
    response.headers["X-Shop"] = "open"
    return response


def loud(text):
    return text.upper()
"""


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["import", "flask", *map(str, arguments)])


def test_an_application_becomes_a_site_that_answers_alike(tmp_path: Path) -> None:
    write(tmp_path, {"imported_app.py": APP, "imported_views.py": VIEWS})
    result = invoke("imported_app:app", tmp_path)
    assert result.exit_code == 0, result.output
    text = (tmp_path / "site.toml").read_text()
    tables = tomli.loads(text)
    assert tables["routes"]["shop.add"]["methods"] == ["POST"]
    assert tables["config"] == {"phone": "123"}
    assert tables["session"] == {"secret": "${SESSION_SECRET}"}
    assert "never to be written" not in text
    assert "hidden" not in text
    assert tables["hooks"]["commands"] == {"init-db": "imported_app:init"}
    assert "context processor" not in result.stderr
    for said in ("imported_app.py:10: the view of /lambda", "strict_slashes", "API_TOKEN", "SESSION_SECRET",
                 "imported_views.py:1: change `flask`"):  # fmt: skip
        assert said in result.stderr
    from imported_app import app  # type: ignore[import-not-found] # noqa: PLC0415 # it was imported just now

    (tmp_path / "imported_views.py").write_text(VIEWS.replace("from flask", "from declweb"))
    del tables["session"]
    (tmp_path / "site.toml").write_text(text.replace('secret = "${SESSION_SECRET}"', ""))
    assert CliRunner().invoke(main, ["check", str(tmp_path)]).exit_code == 0
    client = strict_client(running(tmp_path))
    for method, path in (("GET", "/?q=a"), ("POST", "/add/4"), ("GET", "/add/4"), ("GET", "/nothing")):
        theirs = app.test_client().open(path, method=method)
        ours = ask(client, Exchange(method, path))
        assert ours.status_code == theirs.status_code
        assert ours.headers["X-Shop"] == theirs.headers["X-Shop"]
        if theirs.status_code != 405:
            assert ours.get_data() == theirs.get_data()


def test_a_site_file_is_never_written_over(tmp_path: Path) -> None:
    write(tmp_path, {"site.toml": "here"})
    assert invoke("shop:app", tmp_path).exit_code == 2
    assert (tmp_path / "site.toml").read_text() == "here"


@pytest.mark.parametrize(
    ("name", "said"),
    [("shop", "MODULE:APP"), ("no_such_shop:app", "No module named"), ("json:dumps", "cannot be imported")],
)
def test_what_is_no_application_is_said(tmp_path: Path, name: str, said: str) -> None:
    result = invoke(name, tmp_path)
    assert result.exit_code == 2
    assert said in result.stderr


GUARDED = """from flask import Blueprint, Flask, abort, request

bp = Blueprint("desk", __name__, url_prefix="/desk")


@bp.before_request
def only_anna():
    if request.args.get("who") != "anna":
        abort(403)


@bp.route("/")
def desk():
    return "desk"


@bp.route("/<default:name>/open")
def opened(name):
    return name


@bp.route("/old", redirect_to="/desk/")
@bp.route("/page", defaults={"number": 1})
def page(number):
    return str(number)


def home():
    return "home"


app = Flask("guarded_shop", root_path=__file__.rpartition("/")[0])
app.config["DB_PASS"] = "hidden"
app.register_blueprint(bp)
app.add_url_rule("/", "home", home)
app.add_url_rule("/else", "elsewhere", home, subdomain="other")
"""


def test_what_a_blueprint_asks_before_its_views_is_asked_there_alone(tmp_path: Path) -> None:
    write(tmp_path, {"guarded_shop.py": GUARDED})
    result = invoke("guarded_shop:app", tmp_path)
    assert result.exit_code == 0, result.output
    text = (tmp_path / "site.toml").read_text()
    assert "hidden" not in text
    line = "guarded_shop.py:1: change `flask` to `declweb` in this line, and take out Blueprint and Flask"
    for said in ("/desk/old is left out", "/desk/page is left out", "/else is left out", line):
        assert said in result.stderr
    plain = "\n".join(line for line in GUARDED.splitlines() if not line.startswith(("@", "bp =", "app")))
    plain = plain.replace("from flask import Blueprint, Flask,", "from declweb import")
    (tmp_path / "guarded_shop.py").write_text(plain)
    client = strict_client(running(tmp_path))
    for path, status in (
        ("/", 200), ("/desk/", 403), ("/desk/?who=anna", 200), ("/desk/a/open", 403), ("/desk/a/open?who=anna", 200),
        ("/desk/old?who=anna", 404), ("/desk/page?who=anna", 404), ("/else", 404),
    ):  # fmt: skip
        assert ask(client, Exchange("GET", path)).status_code == status, path
