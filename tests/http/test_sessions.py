"""Sessions are Flask's: either reads what the other one wrote, with the same key."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import flask
import pytest
from markupsafe import Markup
from werkzeug.http import parse_cookie

from declweb.http.sessions import WORTH_PACKING, Session, Sessions

VALUES = {
    "text": "Grüße, 履歴書",
    "tuple": (1, (2, 3)),
    "list": [1, [2], {"a": (1,)}],
    "bytes": b"\x00\xff",
    "markup": Markup("<b>fat</b>"),
    "uuid": UUID(int=7),
    "moment": datetime(2026, 11, 22, 16, 0, tzinfo=UTC),
    "tagged": {" t": [1]},
    "none": None,
    "yes": True,
}


def _flask(*keys: str) -> flask.Flask:
    app = flask.Flask(__name__)
    app.secret_key = keys[0]
    app.config["SECRET_KEY_FALLBACKS"] = list(keys[1:])
    return app


def _cookie(sessions: Sessions, session: Session) -> str:
    ((name, value),) = sessions.write(session, secure=False)
    assert name == "Set-Cookie"
    return value.partition(";")[0]


def _sessions(*keys: str) -> Sessions:
    return Sessions(lambda **_: keys)


def _read_by_flask(app: flask.Flask, cookie: str) -> dict[str, object]:
    with app.test_request_context(headers={"Cookie": cookie}):
        return dict(flask.session)


def _written_by_flask(app: flask.Flask, values: dict[str, object]) -> str:
    interface = app.session_interface
    assert isinstance(interface, flask.sessions.SecureCookieSessionInterface)
    serializer = interface.get_signing_serializer(app)
    assert serializer is not None
    return f"session={serializer.dumps(values)}"


def test_flask_reads_what_is_written() -> None:
    session = Session()
    session.update(VALUES)
    assert _read_by_flask(_flask("key"), _cookie(_sessions("key"), session)) == VALUES


def test_what_flask_writes_is_read() -> None:
    assert _sessions("key").read(_written_by_flask(_flask("key"), VALUES)) == VALUES


def test_flask_shows_flashed_messages() -> None:
    session = Session()
    session.flash("Thank you", "success")
    session.flash("And bye")
    with _flask("key").test_request_context(headers={"Cookie": _cookie(_sessions("key"), session)}):
        found = flask.get_flashed_messages(with_categories=True)
    assert found == [("success", "Thank you"), ("message", "And bye")]


def test_messages_flashed_by_flask_are_shown() -> None:
    app = _flask("key")
    with app.test_request_context():
        flask.flash("Thank you", "success")
        written = dict(flask.session)
    session = _sessions("key").read(_written_by_flask(app, written))
    assert session.take_flashes() == [("success", "Thank you")]
    assert session.modified
    assert not session


@pytest.mark.parametrize(
    ("writes", "reads", "is_read"),
    [
        (("old",), ("new", "old"), True),
        (("new", "old"), ("new",), True),
        (("new", "old"), ("old",), False),
        (("other",), ("new", "old"), False),
    ],
)
def test_keys_rotate_as_in_flask(writes: tuple[str, ...], reads: tuple[str, ...], is_read: bool) -> None:
    session = Session()
    session["name"] = "Ann"
    ours = _cookie(_sessions(*writes), session)
    theirs = _written_by_flask(_flask(*writes), {"name": "Ann"})
    for cookie in (ours, theirs):
        assert bool(_sessions(*reads).read(cookie)) is is_read
        assert bool(_read_by_flask(_flask(*reads), cookie)) is is_read


@pytest.mark.parametrize(
    "cookie", ["", "session=", "session=x", "session=a.b.c", "other=1", "mysession=1", "session=\x00", "session=..."]
)
def test_what_is_no_session_is_an_empty_one(cookie: str) -> None:
    assert _sessions("key").read(cookie) == {}
    assert _sessions().read(cookie) == {}


def test_a_session_ends_with_its_lifetime() -> None:
    session = Session()
    session["name"] = "Ann"
    cookie = _cookie(_sessions("key"), session)
    assert Sessions(lambda **_: ("key",), lifetime=timedelta(seconds=-1)).read(cookie) == {}


def test_the_cookie_is_for_this_site_alone() -> None:
    session = Session()
    session.flash("x")
    ((_, plain),) = _sessions("key").write(session, secure=False)
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(plain.split("; "))
    assert "Secure" not in plain
    ((_, secure),) = _sessions("key").write(session, secure=True)
    assert "Secure" in secure.split("; ")
    session.permanent = True
    ((_, lasting),) = _sessions("key").write(session, secure=True)
    assert "Expires=" in lasting


def test_an_untouched_session_is_not_written() -> None:
    assert _sessions("key").write(Session(), secure=False) == []
    assert _sessions("key").write(Session({"name": "Ann"}), secure=False) == []


def test_an_emptied_session_is_taken_back() -> None:
    session = Session({"name": "Ann"})
    del session["name"]
    ((_, value),) = _sessions("key").write(session, secure=False)
    assert "Max-Age=0" in value
    assert parse_cookie(value.partition(";")[0])["session"] == ""


@pytest.mark.parametrize("flashes", [5, "text", [1], [("a",)], [["a", "b", "c"]], {"a": 1}])
def test_odd_messages_are_none(flashes: object) -> None:
    assert Session({"_flashes": flashes}).take_flashes() == []


@pytest.mark.parametrize("length", [1, WORTH_PACKING, 3 * WORTH_PACKING])
def test_long_sessions_are_compressed_and_read_by_both(length: int) -> None:
    session = Session()
    session["text"] = "a" * length
    cookie = _cookie(_sessions("key"), session)
    assert cookie.startswith("session=.") == (length >= WORTH_PACKING)
    assert _read_by_flask(_flask("key"), cookie) == _sessions("key").read(cookie) == {"text": "a" * length}
