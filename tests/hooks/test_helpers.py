"""The functions that views call: files, addresses and messages."""

import os
from pathlib import Path

import pytest
from viewing import hooked, strictly

FILES = {"papers/a.txt": "0123456789", "templates/page.html": "{{ get_flashed_messages() }}", "outside.txt": "secret"}
CODE = """
from declweb import current_app, send_file, send_from_directory, request
def view():
    return send_from_directory("papers", request.args["name"], as_attachment="as" in request.args)
def one():
    return send_file("papers/a.txt", download_name="ü.txt", as_attachment=True, max_age=60)
def resource():
    with current_app.open_resource("papers/a.txt") as raw, current_app.open_resource("papers/a.txt", "r") as text:
        return [raw.read().decode(), text.read(), current_app.root_path, current_app.instance_path]
def writes():
    current_app.open_resource("papers/a.txt", "w")
"""
TOML = "".join(
    f'[routes.{name}]\npath = "/{name}"\nhandler = "{name}"\n' for name in ("view", "one", "resource", "writes")
)


def test_files_are_sent_whole_in_part_and_not_at_all(tmp_path: Path) -> None:
    app = hooked(tmp_path, CODE, TOML, FILES)
    whole = strictly(app, "/view?name=a.txt")
    assert (whole.text, whole.mimetype, whole.headers["Content-Length"]) == ("0123456789", "text/plain", "10")
    part = strictly(app, "/view?name=a.txt", headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.text, part.headers["Content-Range"]) == (206, "234", "bytes 2-4/10")
    same = strictly(app, "/view?name=a.txt", headers={"If-None-Match": whole.headers["ETag"]})
    assert (same.status_code, same.text) == (304, "")
    assert strictly(app, "/view?name=a.txt&as=1").headers["Content-Disposition"] == "attachment; filename=a.txt"
    assert strictly(app, "/view?name=a.txt", method="HEAD").data == b""
    assert strictly(app, "/view?name=a.txt", headers={"Range": "bytes=50-"}).status_code == 416


def test_a_file_may_have_another_name(tmp_path: Path) -> None:
    answer = strictly(hooked(tmp_path, CODE, TOML, FILES), "/one")
    assert "filename*=UTF-8''%C3%BC.txt" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    "name", ["none.txt", "../outside.txt", "link.txt", "pipe", "", "/etc/passwd", "folder", "a%00b"]
)
def test_what_is_no_file_of_the_folder_is_not_there(name: str, tmp_path: Path) -> None:
    app = hooked(tmp_path, CODE, TOML, FILES)
    (tmp_path / "papers/link.txt").symlink_to(tmp_path / "outside.txt")
    os.mkfifo(tmp_path / "papers/pipe")
    (tmp_path / "papers/folder").mkdir()
    assert strictly(app, f"/view?name={name}").status_code == 404


def test_the_site_folder_is_read(tmp_path: Path) -> None:
    app = hooked(tmp_path, CODE, TOML, FILES)
    told = strictly(app, "/resource").get_json()
    assert told == ["0123456789", "0123456789", str(tmp_path), str(tmp_path / "storage")]
    assert strictly(app, "/writes").status_code == 500


def test_addresses_are_built_as_flask_does(tmp_path: Path) -> None:
    code = """
        from declweb import current_app, redirect, request, url_for
        def view(name="x"):
            return [
                url_for("view", name="ü a", q=["1", "2"]), url_for("view", name="a", _external=True, _anchor="ü"),
                url_for("view", name="a", _scheme="https", _external=True), current_app.url_for("view", name="b"),
                url_for("static", filename="a b.css"), url_for("auth.login"), url_for(".view", name="c"),
            ]
        def login():
            return redirect(url_for(".login"), 303)
    """
    toml = (
        '[routes.view]\npath = "/v/<name>"\nhandler = "view"\n'
        '[routes."auth.login"]\npath = "/auth/login"\nhandler = "login"\n'
    )
    app = hooked(tmp_path, code, toml, {"static/a b.css": ""})
    assert strictly(app, "/v/x").get_json() == [
        "/v/%C3%BC%20a?q=1&q=2", "http://localhost/v/a#%C3%BC", "https://localhost/v/a", "/v/b",
        "/static/a%20b.css", "/auth/login", "/v/c",
    ]  # fmt: skip
    answer = strictly(app, "/auth/login")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/auth/login")


def test_templates_of_views_are_given_what_flask_gives(tmp_path: Path) -> None:
    code = """
        from declweb import flash, g, render_template, render_template_string, session
        from jinja2 import TemplateNotFound
        def extra():
            return {"shop": "Blackbird", "name": "overwritten"}
        def view():
            g.user = "Ann"
            session["n"] = 7
            flash("<hi>", "warm")
            return render_template(["none.html", "a.html"], name="<b>")
        def text():
            return render_template_string("{{ name }} {{ shop }} {{ config.phone }} {{ 2|double }}", name="<b>")
        def missing():
            try:
                return render_template("none.html")
            except TemplateNotFound as error:
                return f"no {error.name}"
        def double(number):
            return number * 2
    """
    page = (
        "{% extends 'base.html' %}{% block body %}{{ request.path }} {{ request.form.get('x', 'none') }} "
        "{{ session.n }} "
        "{{ g.user }} {{ name }} {{ shop }} {{ url_for('text') }} {{ site.name }} "
        "{% for category, message in get_flashed_messages(with_categories=true) %}"
        "{{ category }}: {{ message }}{% endfor %}"
        "{% endblock %}"
    )
    toml = 'context_processors = "extra"\ntemplate_filters = ["double"]\n[config]\nphone = "030"\n' + "".join(
        f'[routes.{name}]\npath = "/{name}"\nhandler = "{name}"\n' for name in ("view", "text", "missing")
    )
    files = {"templates/a.html": page, "templates/base.html": "<body>{% block body %}{% endblock %}"}
    app = hooked(tmp_path, code, toml, files)
    answer = strictly(app, "/view")
    assert answer.text == "<body>/view none 7 Ann &lt;b&gt; Blackbird /text Hooked warm: &lt;hi&gt;"
    assert "Cookie" in answer.headers["Vary"]
    assert strictly(app, "/text").text == "&lt;b&gt; Blackbird 030 4"
    assert "Vary" not in strictly(app, "/text").headers
    assert strictly(app, "/missing").text == "no none.html"


def test_the_site_has_what_views_ask_flask_for(tmp_path: Path) -> None:
    code = """
        from threading import Thread
        from werkzeug.routing import BuildError
        from declweb import current_app, g, request, url_for
        def kept():
            try:
                return url_for("nowhere")
            except BuildError as error:
                return str(error)
        def view():
            site, seen = current_app._get_current_object(), []
            def elsewhere():
                with site.app_context():
                    g.name = current_app.name
                    seen.append(g.name)
            thread = Thread(target=elsewhere)
            thread.start()
            thread.join()
            with current_app.test_request_context("/other?x=1", method="POST"):
                seen += [request.method, request.args["x"]]
            seen += [request.path, sorted(request.url_rule.methods), kept()]
            seen += [url_for("static", filename="a b.css", v=1), current_app.static_url_path]
            seen += [current_app.has_static_folder]
            seen += [current_app.secret_key, current_app.config["SECRET_KEY"]]
            seen += [current_app.config["SESSION_COOKIE_NAME"]]
            seen += [current_app.permanent_session_lifetime.days, current_app.config["PERMANENT_SESSION_LIFETIME"].days]
            seen += [current_app.jinja_env.from_string("{{ 1 + 1 }}").render(), current_app.redirect("/x").location]
            seen += [current_app.make_response(("a", 201)).status_code, current_app.test_client().get("/b").status_code]
            return seen
    """
    app = hooked(tmp_path, code)
    assert strictly(app, "/").get_json() == [
        "Hooked", "POST", "1", "/", ["GET", "HEAD", "OPTIONS", "POST"], "url_for knows no `nowhere`",
        "/static/a%20b.css?v=1", "/static", False, "what nobody knows", "what nobody knows", "session", 31, 31, "2",
        "/x", 201, 404,
    ]  # fmt: skip


def test_a_view_sends_files_of_the_static_folder(tmp_path: Path) -> None:
    code = "from declweb import current_app\ndef view(): return current_app.send_static_file('a.txt')\n"
    app = hooked(tmp_path, code, files={"static/a.txt": "of the folder"})
    assert strictly(app, "/").text == "of the folder"
