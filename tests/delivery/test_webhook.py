"""Webhooks: what is told, and what an answer means. The other side is a real server."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from callee import OK, answering, callee
from entering import entering
from hooks import CONTENT, OTHER, SECRET, message, send, settings, told
from mailing import Office
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from declweb.delivery.outcome import Delivered, Later, Outcome, Refused
from declweb.delivery.rounds import Round
from declweb.delivery.webhook import call
from declweb.model import Send
from declweb.storage import Message, MessageKind

# --- what is told -----------------------------------------------------------------------------------------------------


def test_what_arrives() -> None:
    with callee() as there:
        outcome = told(there)
    assert outcome == Delivered("127.0.0.1 answered 204 No Content")
    (got,) = there.calls
    assert got.line == "POST /hook HTTP/1.1"
    assert json.loads(got.body) == CONTENT
    assert "Zoë 🎂".encode() in got.body
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"].startswith("declweb/")
    assert got.headers["host"] == f"127.0.0.1:{there.port}"
    assert got.headers["webhook-id"] == "msg_K7QF2M9XA3_7"
    assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 60
    assert "webhook-signature" not in got.headers
    assert "authorization" not in got.headers


def test_the_official_library_takes_the_signature() -> None:
    with callee() as there:
        told(there, secret=SECRET)
    (got,) = there.calls
    assert Webhook(SECRET).verify(got.body, got.headers) == CONTENT
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(got.body, got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(got.body.replace(b"entry", b"entrY"), got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(got.body, {**got.headers, "webhook-id": "msg_1"})


def test_secrets_rotate() -> None:
    with callee() as there:
        told(there, secret=[SECRET, OTHER])
    (got,) = there.calls
    assert got.headers["webhook-signature"].count("v1,") == 2
    assert Webhook(SECRET).verify(got.body, got.headers) == Webhook(OTHER).verify(got.body, got.headers) == CONTENT


def test_a_secret_in_plain_text_is_the_key_itself() -> None:
    with callee() as there:
        told(there, secret="the baker's own long words")
    (got,) = there.calls
    assert Webhook(b"the baker's own long words").verify(got.body, got.headers) == CONTENT


def test_entry_and_files_have_addresses_where_there_is_an_inbox() -> None:
    files = [{"name": "a.txt", "size": 6}, {"name": "b.txt", "size": 7}]
    content = {"type": "entry.created", "data": {"receipt": "K7QF2-M9XA3", "files": files}}
    with callee() as there:
        for inbox in ("https://bakery.example/inbox", None):
            known = replace(settings(there.url), inbox=inbox)
            call(message(there.url, content=content), known)
    data = json.loads(there.calls[0].body)["data"]
    assert data["url"] == "https://bakery.example/inbox/entry/K7QF2-M9XA3"
    assert [each.pop("url") for each in data["files"]] == [f"{data['url']}/file/1", f"{data['url']}/file/2"]
    assert data["files"] == files
    assert json.loads(there.calls[1].body) == content


def test_the_id_stays_and_the_time_is_that_of_the_attempt() -> None:
    moment = time.time()
    with callee(answering("500 Sorry"), OK) as there:
        for seconds in (0, 60):
            call(message(there.url), settings(there.url, secret=SECRET), clock=lambda at=moment + seconds: at)  # type: ignore[misc] # mypy sees no default in it
    first, second = there.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 60
    assert first.body == second.body
    for got in there.calls:
        Webhook(SECRET).verify(got.body, got.headers)


def test_what_goes_into_an_address_arrives() -> None:
    with callee() as there:
        target = f"http://127.0.0.1:{there.port}/käse/%C3%A4?x=ä&y=%20#part"
        assert isinstance(call(message(target), settings(target)), Delivered)
    assert there.calls[0].line == "POST /k%C3%A4se/%C3%A4?x=%C3%A4&y=%20 HTTP/1.1"


def test_a_whole_entry_of_256_kilobytes() -> None:
    with callee() as there:
        long = message(there.url, content={"data": "ä" * 130_000})
        assert isinstance(call(long, settings(there.url)), Delivered)
    assert len(there.calls[0].body) > 260_000


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with callee() as there, callee() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert isinstance(told(there), Delivered)
    assert not proxy.connections


# --- which send it is -------------------------------------------------------------------------------------------------


def test_the_secret_is_that_of_the_send_with_its_address() -> None:
    with callee() as there:
        sends = (send("https://other.example/", secret=OTHER), send(there.url, secret=SECRET))
        moved = replace(settings(there.url), sends={"order": sends})
        assert isinstance(call(message(there.url), moved), Delivered)
        changed = replace(moved, sends={"order": (send("https://other.example/", secret=SECRET),)})
        assert isinstance(call(message(there.url), changed), Delivered)
    for got in there.calls:
        Webhook(SECRET).verify(got.body, got.headers)


def test_what_the_site_file_does_not_name_is_not_called() -> None:
    with callee() as there:
        gone = replace(settings(there.url), sends={})
        mail = replace(settings(there.url), sends={"order": (Send.model_validate({"email": "a@b.example"}),)})
        for each in (gone, mail):
            outcome = call(message(there.url), each)
            assert outcome == Refused("the site file does not name this webhook any more")
        assert isinstance(told(there, off=True), Later)
    assert not there.connections


@pytest.mark.parametrize("target", ["ftp://till.example/", "https://u:pw@till.example/", "https://[::1", "nothing"])
def test_addresses_that_cannot_be_called(target: str) -> None:
    assert call(message(target), settings("https://till.example/")) == Refused("its address is none that can be called")


# --- what an answer means ---------------------------------------------------------------------------------------------

ANSWERS: list[tuple[str, type[Outcome], str]] = [
    ("200 OK", Delivered, "127.0.0.1 answered 200 OK"),
    ("202 Accepted", Delivered, "202"),
    ("299 Fine", Delivered, "299"),
    ("410 Gone", Refused, "it wants to be told no more"),
    ("300 Many", Later, "redirects are not followed"),
    ("304 Not Modified", Later, "redirects are not followed"),
    ("400 Bad Request", Later, "127.0.0.1 answered 400 Bad Request"),
    ("401 Unauthorized", Later, "401"),
    ("404 Not Found", Later, "404"),
    ("429 Too Many Requests", Later, "429"),
    ("500 Internal Server Error", Later, "500"),
    ("599 What", Later, "599"),
    ("103 Early", Later, "103"),
    ("999 Odd", Later, "999"),
]


@pytest.mark.parametrize(("status", "kind", "words"), ANSWERS)
def test_what_an_answer_means(status: str, kind: type[Outcome], words: str) -> None:
    with callee(answering(status)) as there:
        outcome = told(there)
    assert isinstance(outcome, kind)
    assert words in outcome.words


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_redirects_are_not_followed(status: str) -> None:
    with callee() as elsewhere, callee(answering(status, "", f"Location: {elsewhere.url}")) as there:
        outcome = told(there)
    assert isinstance(outcome, Later)
    assert "write the address that it is at into the site file" in outcome.words
    assert not elsewhere.connections


NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
PAUSES: list[tuple[str, timedelta | None]] = [
    ("120", timedelta(minutes=2)),
    ("0", timedelta(0)),
    ("999999999999999999999999", timedelta(hours=24)),
    ("Sun, 22 Nov 2026 12:10:00 GMT", timedelta(minutes=10)),
    ("Sun, 22 Nov 2026 13:10:00 +0100", timedelta(minutes=10)),
    ("Sunday, 22-Nov-26 12:10:00 GMT", timedelta(minutes=10)),
    ("Sun, 22 Nov 2020 12:10:00 GMT", timedelta(0)),
    ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(hours=24)),
    ("-5", None),
    ("1.5", None),
    ("soon", None),
    ("", None),
    ("Sun, 99 Nov 2026 12:10:00 GMT", None),
    ("٣", None),
]


@pytest.mark.parametrize("status", ["429 Slowly", "503 Not Now"])
@pytest.mark.parametrize(("value", "pause"), PAUSES)
def test_retry_after_is_kept(status: str, value: str, pause: timedelta | None) -> None:
    with callee(answering(status, "", f"Retry-After: {value}")) as there:
        outcome = call(message(there.url), settings(there.url), clock=NOW.timestamp)
    assert isinstance(outcome, Later)
    assert outcome.after == pause


def test_other_answers_set_no_pause() -> None:
    with callee(answering("500 Sorry", "", "Retry-After: 120")) as there:
        assert told(there) == Later("127.0.0.1 answered 500 Sorry")


def test_what_the_server_says_is_one_short_safe_line() -> None:
    body = "<h1>No</h1>\r\n\x1b[31mred\x00 " + "x" * 5000
    with callee(answering("500 " + "y" * 500, body)) as there:
        outcome = told(there)
    assert outcome.words.isprintable()
    assert len(outcome.words) < 400
    assert ": No [31mred x" in outcome.words


# --- from the form to the program -------------------------------------------------------------------------------------


def test_from_the_outbox_to_the_program(office: Office) -> None:
    with callee(answering("503 Not Now", "", "Retry-After: 3600"), OK) as there:
        told = Message(kind=MessageKind.WEBHOOK, target=there.url, content=CONTENT)
        receipt = office.store.add(entering(created=office.now, messages=[told])).receipt
        known = replace(office.settings(), sends={"contact": (send(there.url, secret=SECRET),)})

        def deliver() -> int:
            return Round(office.store, known, MessageKind.WEBHOOK, clock=lambda: office.now).run()

        assert deliver() == 1
        (waiting,) = office.messages
        assert (waiting.state, waiting.last_words) == ("waiting", "127.0.0.1 answered 503 Not Now")
        assert abs(waiting.due - office.now - timedelta(hours=1)) < timedelta(seconds=30)
        office.later(minutes=59)
        assert deliver() == 0
        office.later(minutes=2)
        assert deliver() == 1
    assert office.states == ["delivered"]
    assert [each.is_delivered for each in office.store.attempts(receipt)] == [False, True]
    first, second = there.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert Webhook(SECRET).verify(second.body, second.headers) == CONTENT


def test_410_is_shown_as_failed_at_once(office: Office) -> None:
    with callee(answering("410 Gone")) as there:
        told = Message(kind=MessageKind.WEBHOOK, target=there.url, content=CONTENT)
        office.store.add(entering(created=office.now, messages=[told]))
        known = replace(office.settings(), sends={"contact": (send(there.url),)})
        Round(office.store, known, MessageKind.WEBHOOK, clock=lambda: office.now).run()
    assert office.states == ["failed"]
    assert office.store.failed_messages() == 1
