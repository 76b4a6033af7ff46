"""Bodies that are made while they are sent: their request, their end, and what goes wrong on the way."""

import gc
from pathlib import Path
from typing import Any
from wsgiref.validate import validator

import pytest
from viewing import hooked, strictly
from werkzeug.test import EnvironBuilder

from declweb.app import App
from declweb.context import current
from declweb.hooks.streams import WrongLength

TOML = 'teardown_request = "bye"\n[routes.view]\npath = "/"\nhandler = "view"\n'
CODE = """
from declweb import copy_current_request_context, g, request, session, stream_with_context
log = []
def bye(error):
    log.append("bye")
def view():
    g.name = "Ann"
    return {0}
def parts(*words):
    try:
        for word in words:
            log.append(word)
            yield word
        yield g.name + request.path
    finally:
        log.append("closed")
def plain():
    try:
        yield "a"
        yield "b"
    finally:
        log.append("closed")
def failing():
    yield "a"
    raise ValueError("in the middle")
"""


def _site(folder: Path, returned: str) -> tuple[App, list[str]]:
    app = hooked(folder, CODE.replace("{0}", returned), TOML)
    log: list[str] = app.cycle.at("/").teardown[0].view.function.__globals__["log"]  # type: ignore[union-attr] # it is there
    return app, log


def _begun(app: App) -> Any:
    """Ask a site, and return the body before any of it is read."""
    return app(EnvironBuilder("/").get_environ(), lambda _status, _headers, _info=None: lambda _data: None)


@pytest.mark.parametrize("returned", ["stream_with_context(parts('a', 'b'))", "stream_with_context(parts)('a', 'b')"])
def test_a_stream_with_context_sees_its_request_and_ends_it(returned: str, tmp_path: Path) -> None:
    app, log = _site(tmp_path, returned)
    assert strictly(app, "/").text == "abAnn/"
    assert log == ["a", "b", "closed", "bye"]


def test_the_request_is_over_before_a_stream_without_context_is_sent(tmp_path: Path) -> None:
    app, log = _site(tmp_path, "plain()")
    assert strictly(app, "/").text == "ab"
    assert log == ["bye", "closed"]
    app, _ = _site(tmp_path / "other", "parts('a')")
    body = _begun(app)
    assert next(iter(body)) == b"a"
    with pytest.raises(RuntimeError, match="there is no request, so there is no `g`"):
        next(iter(body))


def test_the_context_is_not_left_behind_between_two_parts(tmp_path: Path) -> None:
    app, _ = _site(tmp_path, "stream_with_context(parts('a', 'b'))")
    body = iter(_begun(app))
    assert next(body) == b"a"
    assert current.get(None) is None
    other, _ = _site(tmp_path / "other", "request.path")
    assert strictly(other, "/").text == "/"
    assert [*body] == [b"b", b"Ann/"]


def test_a_stream_that_is_left_early_ends_its_request(tmp_path: Path) -> None:
    app, log = _site(tmp_path, "stream_with_context(parts('a', 'b'))")
    body = _begun(app)
    next(iter(body))
    body.close()
    assert log == ["a", "closed", "bye"]
    body.close()
    assert log == ["a", "closed", "bye"]


def test_a_stream_that_nobody_closes_ends_its_request_once_it_is_forgotten(tmp_path: Path) -> None:
    app, log = _site(tmp_path, "stream_with_context(parts('a', 'b'))")
    body = _begun(app)
    next(iter(body))
    del body
    gc.collect()
    assert log == ["a", "closed", "bye"]


def test_a_stream_that_is_made_and_not_returned_ends_with_its_request(tmp_path: Path) -> None:
    app, log = _site(tmp_path, "str(stream_with_context(parts('a')) is None)")
    assert strictly(app, "/").text == "False"
    assert log == ["bye"]


def test_the_context_is_there_for_head_and_everything_is_closed(tmp_path: Path) -> None:
    app, log = _site(tmp_path, "stream_with_context(plain())")
    assert strictly(app, "/", method="HEAD").data == b""
    assert log == ["bye"]


def test_a_stream_that_fails_is_logged_with_its_place(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app, log = _site(tmp_path, "failing()")
    body = _begun(app)
    with pytest.raises(ValueError, match="in the middle"):
        b"".join(body)
    body.close()
    assert caplog.records[0].getMessage().startswith("GET / failed while it was sent (site.toml:8, request ")
    assert log == ["bye"]


def test_a_stream_that_is_shorter_than_it_says_ends_the_connection(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app, _ = _site(tmp_path, "plain(), {'Content-Length': '5'}")
    body = _begun(app)
    with pytest.raises(WrongLength, match="3 bytes are missing"):
        b"".join(body)
    body.close()
    assert caplog.records[0].getMessage().startswith("GET / ended 3 bytes too early (site.toml:8, request ")


def test_a_stream_that_is_longer_than_it_says_is_cut(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app, log = _site(tmp_path, "plain(), {'Content-Length': '1'}")
    assert strictly(app, "/").text == "a"
    assert (
        caplog.records[0]
        .getMessage()
        .startswith("GET / is longer than its Content-Length says; the rest is not sent (site.toml:8, request ")
    )
    assert log == ["bye", "closed"]


def test_what_raises_when_it_is_closed_is_logged_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    code = """
        class Parts:
            def __iter__(self): return self
            def __next__(self): raise StopIteration
            def close(self): raise ValueError("no")
        def bye(error): pass
        def view(): return Parts()
    """
    app = hooked(tmp_path, code, TOML)
    assert strictly(app, "/").text == ""
    assert caplog.records[0].getMessage().startswith("GET / failed when it was left (site.toml:8, request ")


def test_a_thread_sees_the_request_it_was_started_from(tmp_path: Path) -> None:
    code = """
        from threading import Thread
        from declweb import copy_current_request_context, request
        def view():
            seen = []
            @copy_current_request_context
            def look():
                seen.append(request.args["q"])
            def look_without():
                seen.append(bool(request))
            for target in (look, look_without):
                thread = Thread(target=target)
                thread.start()
                thread.join()
            return {"seen": seen}
    """
    app = hooked(tmp_path, code)
    assert strictly(app, "/?q=1").get_json() == {"seen": ["1", False]}


def test_templates_are_sent_while_they_are_rendered(tmp_path: Path) -> None:
    code = """
        from declweb import render_template_string, stream_template, stream_template_string
        def view():
            def slowly():
                yield 1
                yield 2
            return stream_template("list.html", rows=slowly())
        def text():
            return stream_template_string("{{ request.path }} {{ a }}", a="<")
    """
    toml = '[routes.view]\npath = "/"\nhandler = "view"\n[routes.text]\npath = "/text"\nhandler = "text"\n'
    page = "<ul>{% for row in rows %}<li>{{ row }} {{ request.path }}</li>{% endfor %}</ul>"
    app = hooked(tmp_path, code, toml, {"templates/list.html": page})
    assert strictly(app, "/").text == "<ul><li>1 /</li><li>2 /</li></ul>"
    assert strictly(app, "/text").text == "/text &lt;"
    body = iter(validator(app)(EnvironBuilder("/").get_environ(), lambda _s, _h, _i=None: lambda _d: None))
    assert next(body) == b"<ul>"
    body.close()  # type: ignore[attr-defined] # the validator's
