"""What views return: each kind as Flask answers it, and what is no answer."""

import re
import textwrap
from pathlib import Path

import flask
import pytest
from viewing import hooked, strictly

ANSWERS = {
    "str": 'return "Grüße"',
    "bytes": 'return b"\\x00\\xff"',
    "bytearray": 'return bytearray(b"abc")',
    "dict": 'return {"b": 1, "a": [None, True]}',
    "list": 'return [1, {"x": "ü"}]',
    "dates": "return {'day': datetime.date(2026, 1, 2), 'id': uuid.UUID(int=5), 'price': decimal.Decimal('1.50')}",
    "generator": 'return (part for part in ["a", b"b", "ü"])',
    "iterator": 'return iter(["a", "b"])',
    "response": 'return Response("x", 201, {"X-A": "b"}, mimetype="text/plain")',
    "body and status": 'return "made", 201',
    "body and status in words": 'return "made", "299 Almost"',
    "body and headers": 'return "a,b", {"Content-Type": "text/csv", "X-A": "1"}',
    "body and a list of headers": 'return "x", [("X-A", "1"), ("Set-Cookie", "a=b"), ("Set-Cookie", "c=d")]',
    "all three": 'return {"error": "gone"}, 410, {"X-A": "1"}',
    "a list with a status": "return [1], 202",
    "a response with more": 'return Response("x", 201, {"X-A": "b"}), 202, {"X-A": "c"}',
    "a generator with a status": 'return (part for part in ["a"]), 202',
    "no content": 'return "", 204',
    "an application": "return application",
    "a redirect": 'return redirect("/elsewhere?x=1", 303)',
    "jsonify": "return jsonify(1, 2)",
    "jsonify by name": "return jsonify(a=1)",
    "make_response": 'r = make_response("x", 202); r.set_cookie("seen", "yes", max_age=60); return r',
    "a mimetype": 'r = make_response({"a": 1}); r.mimetype = "application/ld+json"; return r',
    "an etag": 'r = make_response("x"); r.set_etag("abc"); return r.make_conditional(request)',
    "escaped": 'return f"<b>{escape(request.args.get(chr(113), chr(60)))}</b>" + Markup("<i>")',
}
PRELUDE = """
import datetime, decimal, uuid
from {} import Response, Markup, escape, jsonify, make_response, redirect, request

def application(environ, start_response):
    start_response("202 Accepted", [("Content-Type", "text/plain"), ("X-Method", environ["REQUEST_METHOD"])])
    return [b"wsgi ", b"body"]

def view():
    {}
"""
OWN = {
    "cache-control", "content-security-policy", "cross-origin-opener-policy", "permissions-policy", "referrer-policy",
    "x-content-type-options", "strict-transport-security", "x-frame-options",
}  # fmt: skip
"""Fields that declweb adds."""


def _flask(body: str) -> flask.Flask:
    app = flask.Flask("beside")
    names: dict[str, object] = {}
    prelude = PRELUDE.replace("Markup, escape, ", "").format("flask", body)
    exec("from markupsafe import Markup, escape\n" + prelude, names)
    app.add_url_rule("/", view_func=names["view"], methods=["GET", "POST"])  # type: ignore[arg-type] # the function above
    return app


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_is_answered_as_flask_does(kind: str, method: str, tmp_path: Path) -> None:
    ours = strictly(hooked(tmp_path, PRELUDE.format("declweb", ANSWERS[kind])), method=method)
    theirs = _flask(ANSWERS[kind]).test_client().open(method=method)
    assert ours.status_code == theirs.status_code
    assert ours.data == theirs.data
    said = sorted((name.lower(), value) for name, value in ours.headers if name.lower() not in OWN)
    expected = sorted((name.lower(), value) for name, value in theirs.headers)
    if ours.status_code == 204:
        expected = [field for field in expected if field[0] != "content-type"]  # what it would be of is not there
    assert said == expected


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("pass", "`view` (hooks.py:2) returned nothing: a `return` is missing"),
        ("return 5", "`view` (hooks.py:2) returned int, which is no answer"),
        ("return None, 404", "`view` (hooks.py:2) returned a tuple whose first element is no body"),
        ("return 'a', 200, {}, 4", "`view` (hooks.py:2) returned a tuple of 4"),
        ("return 'a', object()", "`view` (hooks.py:2) returned <object"),
        ("return {1, 2}", "`view` (hooks.py:2) returned set, which is no answer"),
        ("return dict", "`view` (hooks.py:2) returned type, which is no answer"),
        ("return lambda: 'x'", "`view` (hooks.py:2) returned a function that is no WSGI application"),
    ],
)
def test_what_is_no_answer_names_the_handler_and_its_places(
    body: str, words: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answer = strictly(hooked(tmp_path, f"\ndef view():\n    {body}\n"))
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    (record,) = caplog.records
    assert re.fullmatch(r"GET / failed \(site\.toml:7, request [0-9a-f]{16}\)", record.getMessage())
    assert record.exc_info is not None
    assert words in str(record.exc_info[1])


AFTER = 'after_request = "same"\n[routes.view]\npath = "/"\nhandler = "view"\n'


@pytest.mark.parametrize("toml", ["", AFTER])
@pytest.mark.parametrize("said", ["status_code = 99", "status_code = 1000", "status = '200 Fine\\r\\nX-A: b'"])
def test_a_status_that_no_server_sends_is_an_error(
    said: str, toml: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    code = (
        f"from declweb import Response\ndef same(r):\n    return r\ndef view():\n    r = Response('x')\n    r.{said}\n"
    )
    answer = strictly(hooked(tmp_path, f"{code}    return r\n", toml))
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "a status that no server sends" in str(caplog.records[0].exc_info[1])  # type: ignore[index] # it is there


def test_what_an_application_raises_is_its_own(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    code = "def app(environ, start_response):\n    raise TypeError('mine')\ndef view():\n    return app\n"
    assert strictly(hooked(tmp_path, code)).status_code == 500
    assert str(caplog.records[0].exc_info[1]) == "mine"  # type: ignore[index] # it is there


def test_an_exception_that_is_returned_is_the_error_that_it_is(tmp_path: Path) -> None:
    code = "from werkzeug.exceptions import Gone\ndef view():\n    return Gone('Sold out.')\n"
    answer = strictly(hooked(tmp_path, code))
    assert answer.status_code == 410
    assert "Sold out." in answer.text


@pytest.mark.parametrize(
    ("body", "length", "data"),
    [
        ("return Response('12345', headers={'Content-Length': '3'})", "5", b"12345"),
        ("return '12345', {'Content-Length': '9'}", "5", b"12345"),
        ("return iter(['123', '45']), {'Content-Length': '4'}", "4", b"1234"),
        ("return iter(['123', '45']), {'Content-Length': 'many'}", None, b"12345"),
        ("return Response(iter(['123']), headers={'Content-Length': '3'})", "3", b"123"),
    ],
)
def test_a_body_is_as_long_as_is_said(body: str, length: str | None, data: bytes, tmp_path: Path) -> None:
    answer = strictly(hooked(tmp_path, f"from declweb import Response\ndef view():\n    {body}\n"))
    assert answer.headers.get("Content-Length") == length
    assert answer.data == data


def test_declared_fields_and_cookies_are_on_every_answer(tmp_path: Path) -> None:
    toml = """
        [routes.view]
        path = "/<kind>"
        handler = "view"
        headers = { "X-From" = "TOML" }
        cache = "1 hour"
        set_cookies = [{ name = "kind", value = "<kind>" }]
    """
    code = "from declweb import Response\ndef view(kind):\n    return Response('r') if kind == 'r' else kind\n"
    app = hooked(tmp_path, code, textwrap.dedent(toml))
    for kind in ("r", "text"):
        answer = strictly(app, f"/{kind}")
        assert answer.headers["X-From"] == "TOML"
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert answer.headers["Set-Cookie"].startswith(f"kind={kind};")
        assert answer.text == kind


def test_an_endpoint_for_programs_says_json(tmp_path: Path) -> None:
    toml = '[json.stock]\npath = "/stock"\nget = "stock"\npost = "add"\n'
    code = (
        "from declweb import abort\ndef stock():\n    return [1]\ndef add():\n    abort(409, 'There is none left.')\n"
    )
    app = hooked(tmp_path, code, toml)
    answer = strictly(app, "/stock")
    assert (answer.mimetype, answer.text) == ("application/json", "[1]\n")
    refused = strictly(app, "/stock", method="POST")
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert refused.get_json()["detail"] == "There is none left."
    assert strictly(app, "/stock", method="PUT").headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_values_that_json_has_no_word_for(tmp_path: Path) -> None:
    code = """
        from dataclasses import dataclass
        from declweb import Markup, make_response
        from declweb.hooks.json import Json
        @dataclass
        class Bread:
            name: str
        def view():
            response = make_response({"bread": Bread("rye"), "html": Markup("<b>")})
            assert Json.loads(Json.dumps({"b": 1, "a": Bread("x")})) == {"a": {"name": "x"}, "b": 1}
            assert response.get_json() == {"bread": {"name": "rye"}, "html": "<b>"}
            return response
        def wrong():
            return {"x": object()}
    """
    toml = '[routes.view]\npath = "/"\nhandler = "view"\n[routes.wrong]\npath = "/wrong"\nhandler = "wrong"\n'
    app = hooked(tmp_path, code, toml)
    assert strictly(app, "/").text == '{"bread":{"name":"rye"},"html":"<b>"}\n'
    assert strictly(app, "/wrong").status_code == 500


def test_responses_are_made_of_anything_that_views_return(tmp_path: Path) -> None:
    code = """
        from declweb import jsonify, make_response
        def view():
            empty = make_response()
            assert (empty.status_code, empty.data) == (200, b"")
            assert jsonify().get_json() is None
            try:
                jsonify(1, a=1)
            except TypeError as error:
                return str(error)
    """
    assert strictly(hooked(tmp_path, code), "/").text == "jsonify takes values, or values by name, but not both"
