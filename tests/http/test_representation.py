import io

import pytest

from declweb.http.answer import Headers, Refused
from declweb.http.conditional import Fields
from declweb.http.dates import http_date
from declweb.http.ranges import Span
from declweb.http.representation import Representation, describe, entity_tag, respond

MODIFIED = 784111777
TAG = '"abc"'
BASE = [("Content-Type", "text/plain"), ("Cache-Control", "no-cache"), ("Content-Language", "de"), ("Vary", "Cookie")]


def finish(status: int, secure: bool, headers: Headers) -> Headers:  # the shape of Finish
    headers.append(("X-Seen", f"{status} {secure}"))
    headers.append(("Content-Language", "en"))
    return headers


def shown(*, in_parts: bool = True) -> Representation:
    return Representation(
        describe(BASE, 10, TAG, MODIFIED, in_parts=in_parts), 10, TAG, MODIFIED, in_parts=in_parts, finish=finish
    )


def test_tags_are_strong_and_of_content_and_type() -> None:
    tag = entity_tag(b"content", "text/plain")
    assert tag == entity_tag(io.BytesIO(b"content"), "text/plain")
    assert tag[0] == tag[-1] == '"'
    assert len({tag, entity_tag(b"content", "text/html"), entity_tag(b"contents", "text/plain")}) == 3


def test_describing() -> None:
    assert describe(BASE, 10, TAG, MODIFIED, in_parts=True) == [
        *BASE,
        ("Content-Length", "10"),
        ("ETag", TAG),
        ("Last-Modified", http_date(MODIFIED)),
        ("Accept-Ranges", "bytes"),
    ]
    assert describe([("etag", "old")], 0, TAG, None, in_parts=False) == [("ETag", TAG), ("Content-Length", "0")]


@pytest.mark.parametrize(
    ("fields", "status", "pieces", "content_range"),
    [
        (Fields(), 200, (Span(0, 10),), None),
        (Fields(if_none_match='"x"'), 200, (Span(0, 10),), None),
        (Fields(range="bytes=0-4"), 206, (Span(0, 5),), "bytes 0-4/10"),
        (Fields(range="bytes=0-4", if_range=TAG), 206, (Span(0, 5),), "bytes 0-4/10"),
        (Fields(range="bytes=0-4", if_match=TAG), 206, (Span(0, 5),), "bytes 0-4/10"),
        (Fields(range="bytes=0-4", if_range='"x"'), 200, (Span(0, 10),), None),
        (Fields(range="bytes=20-", if_range='"x"'), 200, (Span(0, 10),), None),
        (Fields(range="items=0-4"), 200, (Span(0, 10),), None),
        (Fields(if_range=TAG), 200, (Span(0, 10),), None),
        (Fields(range="bytes=0-4", if_none_match=TAG), 304, (), None),
    ],
)
def test_responding(fields: Fields, status: int, pieces: tuple[object, ...], content_range: str | None) -> None:
    outcome = respond(shown(), fields, secure=True, head=False)
    headers = dict(outcome.headers)
    assert outcome.status == status
    assert outcome.pieces == pieces
    assert headers.get("Content-Range") == content_range
    assert headers["X-Seen"] == f"{status} True"
    if status != 304:
        length = sum(len(piece) if isinstance(piece, bytes) else piece.stop - piece.start for piece in outcome.pieces)
        assert headers["Content-Length"] == str(length)


@pytest.mark.parametrize("head", [False, True])
@pytest.mark.parametrize(
    ("fields", "status", "headers"),
    [
        (Fields(range="bytes=20-"), 416, (("Content-Range", "bytes */10"),)),
        (Fields(range="bytes=20-", if_match='"x"'), 412, ()),
        (Fields(if_match='"x"'), 412, ()),
    ],
)
def test_refusing(fields: Fields, status: int, headers: tuple[object, ...], *, head: bool) -> None:
    if head and status == 416:
        fields = fields._replace(if_match='"x"')
        status, headers = 412, ()
    with pytest.raises(Refused) as refused:
        respond(shown(), fields, secure=True, head=head)
    assert (refused.value.status, refused.value.headers) == (status, headers)


def test_a_304_says_what_guides_caches_and_nothing_about_content() -> None:
    outcome = respond(shown(), Fields(if_none_match=TAG), secure=False, head=False)
    assert outcome.headers == [
        ("Cache-Control", "no-cache"),
        ("Vary", "Cookie"),
        ("ETag", TAG),
        ("X-Seen", "304 False"),
    ]


def test_a_part_says_all_that_the_whole_would_say() -> None:
    headers = dict(respond(shown(), Fields(range="bytes=0-4"), secure=False, head=False).headers)
    assert headers["ETag"] == TAG
    assert headers["Vary"] == "Cookie"
    assert headers["Content-Type"] == "text/plain"
    assert headers["Last-Modified"] == http_date(MODIFIED)


def test_several_parts() -> None:
    outcome = respond(shown(), Fields(range="bytes=0-0,-1"), secure=False, head=False)
    assert outcome.status == 206
    assert dict(outcome.headers)["Content-Type"].startswith("multipart/byteranges; boundary=")
    assert [piece for piece in outcome.pieces if isinstance(piece, Span)] == [Span(0, 1), Span(9, 10)]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (Fields(), 200),
        (Fields(range="bytes=0-4"), 200),
        (Fields(range="bytes=20-"), 200),
        (Fields(if_none_match=TAG), 304),
    ],
)
def test_head_has_no_ranges_and_no_body(fields: Fields, status: int) -> None:
    outcome = respond(shown(), fields, secure=False, head=True)
    assert (outcome.status, outcome.pieces) == (status, ())


def test_what_is_not_in_parts_is_sent_whole() -> None:
    outcome = respond(shown(in_parts=False), Fields(range="bytes=0-4"), secure=False, head=False)
    assert outcome.status == 200
    assert "Accept-Ranges" not in dict(outcome.headers)


def test_what_is_shown_stays_as_it_is() -> None:
    one = shown()
    before = list(one.headers)
    for fields in (Fields(), Fields(range="bytes=0-4"), Fields(if_none_match=TAG)):
        respond(one, fields, secure=False, head=False)
    with pytest.raises(Refused):
        respond(one, Fields(if_match='"x"'), secure=False, head=False)
    assert one.headers == before
