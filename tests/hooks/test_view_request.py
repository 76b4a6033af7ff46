"""`request` as views see it: what it tells, and how much of a body is read."""

from io import BytesIO
from pathlib import Path
from typing import Any

import flask
import pytest
from viewing import hooked, strictly

from declweb import Request

BODY = """
def view():
    request.get_data() if "raw" in request.args else None
    return {
        "args": request.args.to_dict(flat=False), "form": request.form.to_dict(flat=False),
        "values": sorted(request.values.items()), "cookies": dict(request.cookies), "data": repr(request.data),
        "files": {name: [each.filename, each.read().decode()] for name, each in request.files.items()},
        "json": request.get_json(silent=True), "is_json": request.is_json, "method": request.method,
        "path": request.path, "full_path": request.full_path, "url": request.url, "base_url": request.base_url,
        "host": request.host, "host_url": request.host_url, "root_path": request.root_path,
        "is_secure": request.is_secure, "scheme": request.scheme, "remote_addr": request.remote_addr,
        "endpoint": request.endpoint,
        "view_args": request.view_args, "rule": str(request.url_rule), "methods": sorted(request.url_rule.methods),
        "languages": list(request.accept_languages.values()), "best": request.accept_mimetypes.best,
        "agent": str(request.user_agent), "referrer": request.referrer, "query": request.query_string.decode(),
        "blueprint": request.blueprint, "blueprints": request.blueprints, "mimetype": request.mimetype,
        "authorization": request.authorization and request.authorization.username, "x": request.headers.get("X-A"),
        "length": request.content_length, "problem": repr(request.routing_exception),
    }
"""
REQUESTS: dict[str, dict[str, Any]] = {
    "a query": {"path": "/?a=1&a=2&b=%C3%BC&c"},
    "a form": {"method": "POST", "data": {"a": ["1", "2"], "b": "ü"}},
    "an upload": {"method": "POST", "data": {"a": "1", "file": (BytesIO(b"content"), "ü.txt")}},
    "json": {"method": "POST", "json": {"a": [1, "ü"]}},
    "bytes": {"method": "POST", "data": b"abc", "path": "/?raw=1"},
    "fields": {
        "headers": {
            "Cookie": "a=1; b=2",
            "Accept-Language": "de,en;q=0.5",
            "Accept": "text/html",
            "Authorization": "Basic YTpi",
            "X-A": "ü",
            "Referer": "http://x/",
            "User-Agent": "me",
        }
    },
    "https elsewhere": {"base_url": "https://shop.example:8443"},
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_a_request_tells_what_flasks_does(kind: str, tmp_path: Path) -> None:
    ours = hooked(tmp_path, "from declweb import request\n" + BODY)
    theirs = flask.Flask("beside")
    names: dict[str, object] = {}
    exec("from flask import request\n" + BODY, names)
    theirs.add_url_rule("/", view_func=names["view"], methods=["GET", "POST"])  # type: ignore[arg-type] # the function above

    def options() -> dict[str, Any]:
        given: dict[str, Any] = dict(REQUESTS[kind])
        if kind == "an upload":
            given["data"] = {"a": "1", "file": (BytesIO(b"content"), "ü.txt")}
        return given

    answer = ours.test_client(use_cookies=False).open(**options())
    expected = theirs.test_client(use_cookies=False).open(**options())
    told, other = answer.get_json(), expected.get_json()
    assert other["methods"] == ["GET", "HEAD", "OPTIONS", "POST"]
    told["methods"] = other["methods"]  # that OPTIONS is answered goes without saying here
    if kind == "an upload":
        told["length"] = other["length"]  # each client draws its own boundary
    if "headers" not in REQUESTS[kind]:
        told["agent"] = other["agent"]  # the client's own
    assert told == other


def test_a_body_is_read_as_far_as_limits_allow(tmp_path: Path) -> None:
    code = """
        from declweb import request
        def view():
            if "more" in request.args:
                request.max_content_length = 50
            return "unread" if "not" in request.args else str(len(request.get_data()))
    """
    toml = '[limits]\nbody = "20 B"\n[routes.view]\npath = "/"\npost = "view"\n'
    app = hooked(tmp_path, code, toml)
    assert strictly(app, "/", method="POST", data=b"x" * 20).text == "20"
    assert strictly(app, "/", method="POST", data=b"x" * 21).status_code == 413
    assert strictly(app, "/?not=1", method="POST", data=b"x" * 21).text == "unread"
    assert strictly(app, "/nowhere", method="POST", data=b"x" * 21).status_code == 413
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    client = app.test_client()
    several: tuple[dict[str, Any], ...] = ({}, {"environ_overrides": chunked})
    for more in several:
        assert client.post("/", input_stream=BytesIO(b"x" * 30), **more).status_code == 413
        assert client.post("/?more=1", input_stream=BytesIO(b"x" * 30), **more).text == "30"
        assert client.post("/?more=1", input_stream=BytesIO(b"x" * 51), **more).status_code == 413


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": b"{", "content_type": "application/json"}, 400),
        ({"data": b"x", "content_type": "text/plain"}, 415),
        ({"json": {}}, 200),
    ],
)
def test_json_that_is_none_is_refused_as_flask_does(options: dict[str, object], status: int, tmp_path: Path) -> None:
    app = hooked(tmp_path, "from declweb import request\ndef view():\n    return request.json\n")
    assert strictly(app, "/", method="POST", **options).status_code == status


def test_a_missing_field_of_a_form_is_400(tmp_path: Path) -> None:
    app = hooked(tmp_path, "from declweb import request\ndef view():\n    return request.form['name']\n")
    assert strictly(app, "/", method="POST").status_code == 400


def test_names_of_routes_with_dots_are_in_blueprints(tmp_path: Path) -> None:
    code = """
        from declweb import request
        def view():
            return [request.blueprint, request.blueprints, request.endpoint]
    """
    app = hooked(tmp_path, code, '[routes."shop.basket.show"]\npath = "/"\nhandler = "view"\n')
    assert strictly(app, "/").get_json() == ["shop.basket", ["shop.basket", "shop"], "shop.basket.show"]


def test_a_request_that_nobody_is_asked_for_knows_no_route() -> None:
    request = Request({"REQUEST_METHOD": "GET", "PATH_INFO": "/"})
    assert not any(
        (request.endpoint, request.view_args, request.url_rule, request.blueprint, request.routing_exception)
    )
