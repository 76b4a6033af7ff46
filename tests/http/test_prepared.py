import gzip
import random
from collections.abc import Callable, Iterable
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import brotli  # type: ignore[import-untyped] # it has no types
import pytest
import zstandard

from declweb.http.answer import Answer, Headers, Refused
from declweb.http.conditional import Fields
from declweb.http.dates import http_date
from declweb.http.encodings import CODINGS
from declweb.http.headers import merge
from declweb.http.prepared import Prepared

TEXT = b"All work and no play makes Jack a dull boy. " * 20
HTML = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-cache")]
MODIFIED = 784111777
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "zstd": zstandard.decompress,
    "gzip": gzip.decompress,
    "identity": bytes,
}


def finish(status: int, secure: bool, headers: Headers) -> Headers:  # the shape of Finish
    headers = merge(headers, [("X-Seen", str(status)), ("Vary", "Cookie")])
    return [*headers, ("Strict-Transport-Security", "max-age=1")] if secure else headers


def sent(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    """Return an answer's parts after a server has had it, with wsgiref's validator in between."""
    status, headers, body = answer
    length = dict(headers).get("Content-Length")
    started: list[object] = []

    def application(environ: object, start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response(status, headers)
        return body

    def start_response(status: str, headers: Headers, exc_info: object = None) -> Callable[[bytes], object]:
        started.append(status)
        return started.append

    environ: dict[str, object] = {"QUERY_STRING": ""}
    setup_testing_defaults(environ)
    result = validator(application)(environ, start_response)
    content = b"".join(result)
    result.close()  # type: ignore[attr-defined] # the validator's iterator has it
    assert length is None or not content or int(length) == len(content)
    assert len({name.lower() for name, _ in headers}) == len(headers)
    return int(status.split()[0]), dict(headers), content


@pytest.mark.parametrize("coding", [*CODINGS, "identity"])
def test_every_coding_has_its_own_tag_and_length(coding: str) -> None:
    prepared = Prepared(TEXT, HTML)
    status, headers, body = sent(prepared.choose(coding))
    assert status == 200
    assert headers.get("Content-Encoding", "identity") == coding
    assert headers["Content-Length"] == str(len(body))
    assert headers["Vary"] == "Accept-Encoding"
    assert UNPACK[coding](body) == TEXT
    assert prepared.codings == (*CODINGS, "identity")
    assert len({dict(prepared.choose(each)[1])["ETag"] for each in prepared.codings}) == 4


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (TEXT, [("Content-Type", "image/png")]),
        (TEXT, [("Content-Type", "image/svg+xml"), ("Content-Encoding", "gzip")]),
        (TEXT, [("Content-Type", "application/zip")]),
        (TEXT, []),
        (b"x" * 199, HTML),
        (b"", HTML),
    ],
)
def test_what_is_not_worth_it_has_no_codings(body: bytes, headers: Headers) -> None:
    prepared = Prepared(body, headers)
    answer = prepared.choose("br, gzip, zstd")
    assert prepared.codings == ("identity",)
    assert "Vary" not in dict(answer[1])
    assert list(answer[2]) == [body]
    assert dict(answer[1]).get("Content-Encoding") == dict(headers).get("Content-Encoding")


def test_a_coding_that_does_not_pay_is_not_sent() -> None:
    noise = random.Random(0).randbytes(1000)
    prepared = Prepared(noise, HTML)
    assert list(prepared.codings) == ["identity"]
    _, headers, body = sent(prepared.choose("br, gzip, zstd"))
    assert "Content-Encoding" not in headers
    assert headers["Vary"] == "Accept-Encoding"
    assert body == noise


def test_a_lazy_one_compresses_what_is_asked_for() -> None:
    prepared = Prepared(TEXT, HTML, lazy=True)
    assert list(prepared.codings) == ["identity"]
    assert sent(prepared.choose("gzip")) == sent(Prepared(TEXT, HTML).choose("gzip"))
    assert list(prepared.codings) == ["gzip", "identity"]


def test_an_unremembered_field_is_read_each_time() -> None:
    value = "br" + ", unknown" * 100
    prepared = Prepared(TEXT, HTML)
    assert sent(prepared.choose(value)) == sent(prepared.choose(value)) == sent(prepared.choose("br"))


def test_headers_are_finished_for_http_and_https() -> None:
    prepared = Prepared(TEXT, HTML, finish=finish)
    plain, over_https = sent(prepared.choose("br")), sent(prepared.choose("br", secure=True))
    assert plain[1]["X-Seen"] == over_https[1]["X-Seen"] == "200"
    assert plain[1]["Vary"] == "Accept-Encoding, Cookie"
    assert "Strict-Transport-Security" not in plain[1]
    assert over_https[1]["Strict-Transport-Security"] == "max-age=1"
    tag = plain[1]["ETag"]
    assert sent(prepared.choose("br", tag, secure=True)) == (
        304,
        {
            "Cache-Control": "no-cache",
            "Vary": "Accept-Encoding, Cookie",
            "ETag": tag,
            "X-Seen": "304",
            "Strict-Transport-Security": "max-age=1",
        },
        b"",
    )


def test_servers_may_change_the_lists_they_get() -> None:
    prepared = Prepared(TEXT, HTML)
    for _ in range(2):
        _, headers, body = prepared.choose()
        assert len(headers) == 5
        headers.clear()
        assert isinstance(body, list)
        body.clear()
    tag = dict(prepared.choose()[1])["ETag"]
    prepared.choose(None, tag)[1].clear()
    assert prepared.choose(None, tag)[1] != []


@pytest.mark.parametrize(
    ("if_none_match", "if_modified_since", "modified", "status"),
    [
        (None, None, MODIFIED, 200),
        ("TAG", None, MODIFIED, 304),
        ("W/TAG", None, None, 304),
        ("*", None, None, 304),
        ('"x"', http_date(MODIFIED), MODIFIED, 200),
        (None, http_date(MODIFIED), MODIFIED, 304),
        (None, http_date(MODIFIED - 1), MODIFIED, 200),
        (None, http_date(MODIFIED), None, 200),
    ],
)
def test_conditions(
    if_none_match: str | None, if_modified_since: str | None, modified: int | None, status: int
) -> None:
    prepared = Prepared(TEXT, HTML, modified=modified)
    tag = dict(prepared.choose("br")[1])["ETag"]
    given = if_none_match and if_none_match.replace("TAG", tag)
    fields = Fields("br", given, if_modified_since)
    answer = sent(prepared.choose("br", given, if_modified_since))
    assert answer[0] == status
    assert answer[2] == (b"" if status == 304 else brotli.compress(TEXT, quality=5))
    assert sent(prepared.answer(fields)) == answer
    assert sent(prepared.answer(fields._replace(range="x"))) == answer
    assert sent(prepared.answer(fields, head=True)) == (*answer[:2], b"")


def test_the_tag_of_another_coding_is_not_that_of_this_one() -> None:
    prepared = Prepared(TEXT, HTML)
    assert sent(prepared.choose("gzip", dict(prepared.choose("br")[1])["ETag"]))[0] == 200


def test_ranges_are_of_the_coding_that_is_chosen() -> None:
    prepared = Prepared(TEXT, HTML, in_parts=True)
    packed = b"".join(prepared.choose("gzip")[2])
    for coding, body in (("gzip", packed), ("identity", TEXT)):
        status, headers, part = sent(prepared.answer(Fields(coding, range="bytes=5-9")))
        assert (status, part) == (206, body[5:10])
        assert headers["Content-Range"] == f"bytes 5-9/{len(body)}"
        assert headers["ETag"] == dict(prepared.choose(coding)[1])["ETag"]
        assert headers["Vary"] == "Accept-Encoding"
        assert headers.get("Content-Encoding", "identity") == coding


def test_refusals_are_told_to_whoever_asks() -> None:
    prepared = Prepared(TEXT, HTML, in_parts=True, finish=finish)
    with pytest.raises(Refused) as refused:
        prepared.answer(Fields(range="bytes=9999-"), secure=True)
    assert (refused.value.status, refused.value.headers) == (416, (("Content-Range", f"bytes */{len(TEXT)}"),))
    with pytest.raises(Refused) as refused:
        prepared.answer(Fields(if_match='"x"'))
    assert (refused.value.status, refused.value.headers) == (412, ())
    assert sent(prepared.answer(Fields(if_match="*"), head=True))[::2] == (200, b"")


@pytest.mark.parametrize("status", [404, 410, 500, 503])
def test_other_statuses_know_no_conditions(status: int) -> None:
    prepared = Prepared(TEXT, HTML, status=status, modified=MODIFIED, in_parts=True, finish=finish)
    answer = sent(prepared.choose("br"))
    assert answer[0] == status
    assert answer[1] == {
        **dict(HTML),
        "Vary": "Accept-Encoding, Cookie",
        "Content-Encoding": "br",
        "Content-Length": str(len(answer[2])),
        "X-Seen": str(status),
    }
    assert sent(prepared.choose("br", "*", http_date(MODIFIED))) == answer
    assert sent(prepared.answer(Fields("br", "*", range="bytes=0-1", if_match='"x"'))) == answer


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_content_say_nothing_about_it(status: int) -> None:
    prepared = Prepared(b"", [*HTML, ("Location", "/")], status=status)
    assert sent(prepared.choose()) == (status, {"Cache-Control": "no-cache", "Location": "/"}, b"")


def test_redirects_are_answers_too() -> None:
    headers = [("Location", "/new"), ("Content-Type", "text/html; charset=utf-8")]
    assert sent(Prepared(b"moved", headers, status=301).choose("br")) == (
        301,
        {**dict(headers), "Content-Length": "5"},
        b"moved",
    )


def test_what_it_was_made_of() -> None:
    assert Prepared(b"", HTML).made_of == frozenset()
    assert Prepared(b"", HTML, made_of=frozenset({"menu.csv"})).made_of == {"menu.csv"}


def test_a_head_is_a_get_without_a_body() -> None:
    prepared = Prepared(TEXT, HTML)
    status, headers, body = prepared.choose("br", head=True)
    assert (status, headers) == prepared.choose("br")[:2]
    assert body == []
