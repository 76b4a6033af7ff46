"""The functions around every request: in Flask's order, for the paths that they are declared for, whatever fails."""

import gc
import re
import textwrap
from pathlib import Path
from typing import Any

import flask
import pytest
from viewing import hooked, strictly

from declweb.app import App

CODE = """
from declweb import abort, after_this_request, current_app, g, request, session

log = []

def first():
    log.append(("first", request.endpoint, dict(request.view_args or {})))
    if "stop" in request.args:
        return "stopped", 418
    if "early" in request.args:
        raise ValueError("early")

def second():
    log.append("second")

def add_one(response):
    log.append("add_one")
    response.headers["X-Order"] = response.headers.get("X-Order", "") + "1"
    if "late" in request.args:
        raise ValueError("late")
    if "lost" in request.args:
        return None
    return response

def add_two(response):
    log.append("add_two")
    response.headers["X-Order"] = response.headers.get("X-Order", "") + "2"
    return response

def bye(error):
    log.append(("bye", repr(error) if "lost" not in request.args else error is not None))
    if "end" in request.args:
        raise ValueError("end")

def bye_first(error):
    log.append("bye_first")

def view(name="nobody"):
    log.append(("view", name))
    @after_this_request
    def mine(response):
        log.append("mine")
        response.headers["X-Order"] = "0"
        return response
    session["n"] = session.get("n", 0) + 1
    if "fail" in request.args:
        raise KeyError("fail")
    if "abort" in request.args:
        abort(int(request.args["abort"]))
    return f"hello {name}"
"""
TOML = """
before_request = ["first", "second"]
after_request = ["add_one", "add_two"]
teardown_request = ["bye", "bye_first"]
[routes.view]
path = "/hello/<name>"
handler = "view"
[routes.prepared]
path = "/prepared"
text = "the same for all"
"""


def _flask() -> tuple[flask.Flask, list[Any]]:
    app = flask.Flask("beside", static_folder=None)
    app.secret_key = "x"
    names: dict[str, Any] = {}
    exec(CODE.replace("from declweb", "from flask"), names)
    app.before_request(names["first"])
    app.before_request(names["second"])
    app.after_request(names["add_one"])
    app.after_request(names["add_two"])
    app.teardown_request(names["bye"])
    app.teardown_request(names["bye_first"])
    app.add_url_rule("/hello/<name>", "view", names["view"])
    app.add_url_rule("/prepared", "prepared", lambda: ("the same for all", {"Content-Type": "text/plain"}))
    return app, names["log"]


def _log(app: App) -> list[Any]:
    log: list[Any] = app.cycle.at("/").before[0].view.function.__globals__["log"]  # type: ignore[union-attr] # a site with hooks has one
    return log


URLS = (
    "/hello/ann", "/hello/ann?stop=1", "/hello/ann?early=1", "/hello/ann?late=1", "/hello/ann?lost=1",
    "/hello/ann?fail=1", "/hello/ann?abort=404", "/hello/ann?abort=403", "/prepared", "/prepared?stop=1", "/nowhere",
    "/hello/ann?fail=1&late=1",
)  # fmt: skip
ASKED = [(method, url) for method in ("GET", "HEAD", "PUT") for url in URLS if (method, "lost" in url) != ("PUT", True)]
"""Flask itself raises where the answer to a method that is not allowed is lost."""


@pytest.mark.parametrize(("method", "url"), ASKED)
def test_everything_is_called_in_flasks_order(url: str, method: str, tmp_path: Path) -> None:
    ours = hooked(tmp_path, CODE, TOML)
    theirs, log = _flask()
    answer, expected = strictly(ours, url, method=method), theirs.test_client().open(url, method=method)
    assert answer.status_code == expected.status_code
    assert answer.headers.get("X-Order") == expected.headers.get("X-Order")
    assert _log(ours) == log
    if expected.status_code == 200:
        assert answer.data == expected.data


def test_a_failing_teardown_is_logged_and_the_others_are_called(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = hooked(tmp_path, CODE, TOML)
    assert strictly(app, "/hello/ann?end=1").text == "hello ann"
    assert _log(app)[-2:] == ["bye_first", ("bye", "None")]
    (record,) = caplog.records
    assert record.getMessage() == "`bye` failed after GET /hello/ann (site.toml:10)"


@pytest.mark.parametrize(("url", "line"), [("?early=1", 8), ("?late=1", 9), ("?fail=1", 11)])
def test_what_fails_is_logged_with_its_place(
    url: str, line: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answer = strictly(hooked(tmp_path, CODE, TOML), f"/hello/ann{url}")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "Traceback" not in answer.text
    said = caplog.records[0].getMessage()
    assert re.fullmatch(rf"GET /hello/ann failed \(site\.toml:{line}, request [0-9a-f]{{16}}\)", said)
    assert caplog.records[0].exc_info is not None


def test_functions_are_called_for_their_paths_alone(tmp_path: Path) -> None:
    toml = """
        before_request = { handler = "stop", paths = ["/closed/*", "/also"] }
        [routes.closed]
        path = "/closed/in"
        text = "in"
        [routes.also]
        path = "/also"
        text = "also"
        [routes.open]
        path = "/open"
        text = "open"
        [[static]]
        folder = "files"
        path = "/closed/files"
    """
    app = hooked(tmp_path, "def stop():\n    return 'stopped', 403\n", textwrap.dedent(toml), {"files/a.txt": "a"})
    assert strictly(app, "/open").status_code == 200
    for url in ("/also", "/closed/in", "/closed", "/closed/files/a.txt"):
        assert strictly(app, url).status_code == 403
    assert "/open" in app.prepared, "all others stay as fast as they are"
    assert "/also" not in app.prepared
    assert strictly(app, "/closed/files/a.txt").status_code == 403
    assert not app.files


def test_prepared_pages_stay_prepared_where_functions_pass_them(tmp_path: Path) -> None:
    toml = 'after_request = "stamp"\n[routes.home]\npath = "/"\ntext = "{{ 1 + 1 }} home"\n'
    app = hooked(tmp_path, "def stamp(response):\n    response.headers['X-A'] = '1'\n    return response\n", toml)
    answer = strictly(app, "/")
    assert (answer.text, answer.headers["X-A"]) == ("2 home", "1")
    again = strictly(app, "/", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["X-A"]) == (304, "1")


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip", "identity"])
def test_what_functions_read_of_a_page_is_not_compressed_and_what_they_write_has_its_validators_no_more(
    coding: str, tmp_path: Path
) -> None:
    code = """
        def stamp(response):
            read = response.get_data(as_text=True)
            if read.startswith("changed"):
                response.data = response.data + b"!"
            return response
    """
    toml = 'after_request = "stamp"\n' + "".join(
        f'[routes.{name}]\npath = "/{name}"\ntext = "{name} {"page " * 1000}"\n' for name in ("changed", "kept")
    )
    app = hooked(tmp_path, code, toml)
    kept = strictly(app, "/kept", headers={"Accept-Encoding": coding})
    assert (kept.status_code, kept.headers.get("Content-Encoding", "identity")) == (200, coding)
    assert "ETag" in kept.headers
    changed = strictly(app, "/changed", headers={"Accept-Encoding": coding})
    assert (changed.status_code, changed.text) == (200, "changed " + "page " * 1000 + "!")
    assert not {"ETag", "Content-Encoding", "Last-Modified"} & set(changed.headers.keys())


def test_a_page_that_a_function_changes_for_one_visitor_is_not_the_one_that_the_visitor_has_already(
    tmp_path: Path,
) -> None:
    code = """
        from declweb import request
        def greet(response):
            if name := request.headers.get("X-Name"):
                response.set_data(response.get_data(as_text=True) + name)
            return response
    """
    toml = 'after_request = "greet"\n[routes.home]\npath = "/"\ntext = "Hello "\n'
    app = hooked(tmp_path, code, toml, {"static/a.txt": "0123456789"})
    tag = strictly(app, "/").headers["ETag"]
    assert strictly(app, "/", headers={"If-None-Match": tag}).status_code == 304
    named = strictly(app, "/", headers={"If-None-Match": tag, "X-Name": "Ann"})
    assert (named.status_code, named.text) == (200, "Hello Ann")
    file = strictly(app, "/static/a.txt")
    for condition in ({"If-None-Match": file.headers["ETag"]}, {"If-Modified-Since": file.headers["Last-Modified"]}):
        again = strictly(app, "/static/a.txt", headers=condition)
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", file.headers["ETag"])
        assert strictly(app, "/static/a.txt", headers={**condition, "Range": "bytes=0-1"}).status_code == 304
    assert strictly(app, "/static/a.txt", headers={"Range": "bytes=0-1"}).data == b"01"


def test_files_pass_functions_that_are_given_them_without_being_read(tmp_path: Path) -> None:
    toml = 'after_request = "stamp"\n'
    code = """
        def stamp(response):
            response.headers["X-Passed"] = str(response.direct_passthrough)
            return response
    """
    app = hooked(tmp_path, code, toml, {"static/big.bin": "x" * 3_000_000})
    answer = strictly(app, "/static/big.bin")
    assert len(answer.data) == 3_000_000
    assert answer.headers["X-Passed"] == "True"
    part = strictly(app, "/static/big.bin", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, b"x" * 10)


def test_functions_are_those_of_the_address_that_was_asked_for(tmp_path: Path) -> None:
    toml = """
        before_request = { handler = "note", paths = ["/old/*"] }
        after_request = { handler = "stamp", paths = ["/old/*"] }
        teardown_request = { handler = "bye", paths = ["/old/*"] }
        [routes.app]
        path = "/app"
        text = "{{ g.name }}"
        [[rewrites]]
        from = "/old/<path:rest>"
        to = "/app"
    """
    code = """
        from declweb import g
        log = []
        def note():
            g.name = "noted"
        def stamp(response):
            response.headers["X-Stamp"] = "1"
            return response
        def bye(error):
            log.append("bye")
    """
    app = hooked(tmp_path, code, textwrap.dedent(toml))
    answer = strictly(app, "/old/page")
    assert (answer.text, answer.headers["X-Stamp"]) == ("noted", "1")
    assert app.cycle.at("/old/x").teardown[0].view.function.__globals__["log"] == ["bye"]  # type: ignore[union-attr] # it is there
    assert "X-Stamp" not in strictly(app, "/app").headers


def test_nothing_of_a_request_waits_for_the_garbage_collector(tmp_path: Path) -> None:
    code = """
        import weakref
        from declweb import current_app, request
        def view():
            current_app.extensions["request"] = weakref.ref(request._get_current_object())
            return request.args.get("q", "")
    """
    app = hooked(tmp_path, code)
    gc.disable()
    try:
        assert strictly(app, "/?q=1").text == "1"
        assert app.code is not None
        assert app.code.extensions["request"]() is None
    finally:
        gc.enable()


def test_functions_are_given_the_very_response_of_a_view(tmp_path: Path) -> None:
    code = """
        from declweb import Response, abort, request
        class Mine(Response):
            kind = "mine"
        def early():
            if "early" in request.args:
                return Mine("early", 202)
            if "tuple" in request.args:
                return 5
        def stamp(response):
            response.headers["X-Kind"] = getattr(response, "kind", "other")
            response.set_data(response.get_data() + b"!")
            return response
        def view():
            return Mine("late", headers={"Cache-Control": "max-age=5"})
    """
    toml = 'before_request = "early"\nafter_request = "stamp"\n[routes.view]\npath = "/"\nhandler = "view"\n'
    app = hooked(tmp_path, code, toml)
    answer = strictly(app, "/")
    assert (answer.text, answer.headers["X-Kind"], answer.headers["Content-Length"]) == ("late!", "mine", "5")
    assert answer.headers["Cache-Control"] == "max-age=5"
    assert "Content-Security-Policy" in answer.headers
    assert (strictly(app, "/?early=1").text, strictly(app, "/?early=1").status_code) == ("early!", 202)
    assert strictly(app, "/?tuple=1").status_code == 500


def test_a_function_for_an_error_that_fails_is_an_error_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    code = """
        def not_found(error):
            raise KeyError("x")
        def server(error):
            if error.original_exception is None:
                return "asked for", 500
            return f"server {type(error.original_exception).__name__}", 500
        def broken(error):
            raise ValueError("y")
    """
    toml = 'errors = { 404 = "not_found", 500 = "server" }\n'
    assert strictly(hooked(tmp_path, code, toml), "/nowhere").text == "server KeyError"
    assert "GET /nowhere: `not_found` failed (request " in caplog.text
    toml = 'errors = { 404 = "not_found", 500 = "broken" }\n'
    assert "Something went wrong" in strictly(hooked(tmp_path, code, toml), "/nowhere").text


ERRORS = """
from declweb import abort, request, Response
from werkzeug.exceptions import HTTPException, NotFound

class OutOfStock(Exception):
    pass
class Really(OutOfStock):
    pass

def not_found(error):
    return f"{error.code} {error.description[:9]}", 404
def client(error):
    return f"client {error.code}", error.code
def sold_out(error):
    return f"sold out: {type(error).__name__}", 409
def server(error):
    return f"server {type(error.original_exception).__name__}", 500
def broken(error):
    raise RuntimeError("in the handler")

def view():
    what = request.args.get("what", "")
    if what.isdecimal():
        abort(int(what), request.args.get("why"))
    if what == "really":
        raise Really
    if what == "broken":
        raise LookupError
    if what == "answer":
        abort(Response("mine", 402))
    if what == "redirect":
        from werkzeug.routing import RequestRedirect
        raise RequestRedirect("/there")
    raise ZeroDivisionError
"""


@pytest.mark.parametrize(
    ("what", "status", "text"),
    [
        ("404", 404, "404 The reque"),
        ("404&why=No+bread+left", 404, "404 No bread "),
        ("410", 410, "client 410"),
        ("really", 409, "sold out: Really"),
        ("zero", 500, "server ZeroDivisionError"),
        ("500", 500, "server NoneType"),
        ("broken", 500, "server RuntimeError"),
        ("answer", 402, "mine"),
        ("redirect", 308, "there"),
        ("503", 503, "Not at the moment"),
    ],
)
def test_the_nearest_function_answers_an_error(what: str, status: int, text: str, tmp_path: Path) -> None:
    toml = """
        [hooks.errors]
        404 = "not_found"
        4xx = "client"
        500 = "server"
        OutOfStock = "sold_out"
        LookupError = "broken"
        [routes.view]
        path = "/"
        handler = "view"
    """
    app = hooked(tmp_path, ERRORS, textwrap.dedent(toml))
    answer = strictly(app, f"/?what={what}")
    assert answer.status_code == status
    assert text in answer.text


def test_a_function_that_returns_the_error_it_was_given_leaves_it_to_the_page_of_the_site(tmp_path: Path) -> None:
    python = """
        from declweb import abort

        def view():
            abort(400)

        def every(error):
            return error
    """
    toml = 'errors = { Exception = "every" }\n[routes.view]\npath = "/"\nhandler = "view"\n'
    app = hooked(tmp_path, python, toml)
    assert strictly(app, "/").status_code == 400
    assert strictly(app, "/nowhere").status_code == 404
    refused = strictly(app, "/", method="PUT")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_function_may_answer_an_error_with_another_one(tmp_path: Path) -> None:
    python = """
        from werkzeug.exceptions import Forbidden, Gone

        def view():
            raise KeyError("bread")

        def gone(error):
            return Gone()

        def forbidden(error):
            return Forbidden()
    """
    toml = 'errors = { KeyError = "gone", 404 = "forbidden" }\n[routes.view]\npath = "/"\nhandler = "view"\n'
    app = hooked(tmp_path, python, toml)
    assert strictly(app, "/").status_code == 410
    assert strictly(app, "/nowhere").status_code == 403


def test_errors_of_what_is_declared_are_answered_by_functions_too(tmp_path: Path) -> None:
    toml = 'errors = { 4xx = "client", "OutOfStock" = "sold_out" }\n[routes.home]\npath = "/"\ntext = "home"\n'
    app = hooked(tmp_path, ERRORS, toml)
    assert strictly(app, "/nowhere").text == "client 404"
    refused = strictly(app, "/", method="PUT")
    assert (refused.text, refused.headers["Allow"]) == ("client 405", "GET, HEAD, OPTIONS")
    assert strictly(app, "/", headers={"Host": "a,b"}).text == "client 400"
    assert strictly(app, "/nowhere").headers["Cache-Control"] == "no-store"


def test_http_exceptions_are_found_by_their_classes(tmp_path: Path) -> None:
    code = (
        "from werkzeug.exceptions import HTTPException\ndef all(error):\n    return f'all {error.code}', error.code\n"
    )
    app = hooked(tmp_path, code, 'errors = { "HTTPException" = "all" }\n')
    assert strictly(app, "/nowhere").text == "all 404"


def test_what_an_error_says_is_on_the_sites_own_page(tmp_path: Path) -> None:
    code = "from declweb import abort\ndef view():\n    abort(403, 'Only <members> bake.')\n"
    toml = '[routes.view]\npath = "/"\nhandler = "view"\n[errors]\n403 = "no.html"\n'
    app = hooked(tmp_path, code, toml, {"templates/no.html": "<h1>{{ error.title }}</h1>{{ error.description }}"})
    answer = strictly(app, "/", headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert answer.text == "<h1>No admittance</h1>Only &lt;members&gt; bake."


def test_a_session_that_cannot_be_written_is_an_error_and_no_end_of_the_worker(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = hooked(tmp_path, "from declweb import session\ndef view():\n    session['x'] = object()\n    return 'x'\n")
    answer = strictly(app, "/")
    assert answer.status_code == 500
    assert "Set-Cookie" not in answer.headers
    assert "not JSON serializable" in str(caplog.records[0].exc_info[1])  # type: ignore[index] # it is there


def test_while_a_site_is_worked_on_the_way_to_an_error_is_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = hooked(tmp_path, "def view():\n    {}['<b>']\n")
    assert "KeyError" not in strictly(app, "/", headers={"Accept": "text/html"}).text
    from declweb.loading import load_site  # noqa: PLC0415 # beside `hooked`, which is not in development

    shown = load_site(tmp_path, None, {}, is_development=True).app
    assert shown is not None
    answer = strictly(shown, "/", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert "KeyError: &#x27;&lt;b&gt;&#x27;" in answer.text
    assert "hooks.py:2" in answer.text
    assert "site.toml:7" in answer.text
    told = strictly(shown, "/", headers={"Accept": "*/*"})
    assert told.mimetype == "text/plain"
    assert told.text.startswith("Traceback")
    assert len(caplog.records) == 3
