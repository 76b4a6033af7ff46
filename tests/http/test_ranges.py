import email.parser
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.http.ranges import Span, content_range, lay_out, parse

HUGE = "9" * 5000


@pytest.mark.parametrize(
    ("value", "spans"),
    [
        ("bytes=0-0", [(0, 1)]),
        ("bytes=0-9", [(0, 10)]),
        ("bytes=0-10", [(0, 10)]),
        ("bytes=3-", [(3, 10)]),
        ("bytes=-3", [(7, 10)]),
        ("bytes=-10", [(0, 10)]),
        ("bytes=-11", [(0, 10)]),
        (f"bytes=-{HUGE}", [(0, 10)]),
        (f"bytes=2-{HUGE}", [(2, 10)]),
        ("bytes=00000000000000000000000000000000000000003-4", [(3, 5)]),
        ("BYTES=0-1", [(0, 2)]),
        (" bytes= 0-1", [(0, 2)]),
        ("bytes=0 - 1", [(0, 2)]),
        ("bytes=0-1,3-4", [(0, 2), (3, 5)]),
        ("bytes=,\t0-1 , ,3-4,", [(0, 2), (3, 5)]),
        ("bytes=5-6,0-1", [(5, 7), (0, 2)]),
        ("bytes=0-4,2-5", [(0, 5), (2, 6)]),
        ("bytes=0-1,20-30", [(0, 2)]),
        ("bytes=20-30,-2", [(8, 10)]),
        ("bytes=0-0,-0", [(0, 1)]),
        # nothing of it is there
        ("bytes=10-", []),
        ("bytes=10-20", []),
        (f"bytes={HUGE}-", []),
        (f"bytes={HUGE}-{HUGE}", []),
        ("bytes=-0", []),
        ("bytes=10-11,-0", []),
        # malformed
        ("bytes=-", []),
        ("bytes=a-b", []),
        ("bytes=1", []),
        ("bytes=3-2", []),
        ("bytes=30-20", []),
        ("bytes=0-1,3-2", [(0, 2)]),
        ("bytes=0-1,x", []),
        ("bytes=+0-1", []),
        ("bytes=--1", []),
        ("bytes=0-1;3-4", []),
        ("bytes=\u0661-\u0662", []),
        # ignored
        ("", None),
        ("bytes", None),
        ("bytes=", None),
        ("bytes=,", None),
        ("bytes = 0-1", None),
        ("bytes:0-1", None),
        ("items=0-1", None),
        ("none", None),
        ("bytes=0-,0-", None),
        ("bytes=0-8,1-9", None),
        ("bytes=" + ",".join(["0-0"] * 11), None),
        ("bytes=" + ",".join(["20-30"] * 21), None),
        ("bytes=" + "0-0," * 100_000, None),
    ],
)
def test_ranges_of_ten_bytes(value: str, spans: list[tuple[int, int]] | None) -> None:
    found = parse(value, 10)
    assert (found if found is None else list(found)) == spans


@pytest.mark.parametrize("value", ["bytes=0-", "bytes=0-5", "bytes=-0", "bytes=-5", "bytes=0-1,-5", "bytes=3-"])
def test_nothing_has_no_ranges(value: str) -> None:
    assert parse(value, 0) is None


def test_twenty_ranges_are_not_too_many() -> None:
    assert parse("bytes=" + ",".join(f"{n}-{n}" for n in range(20)), 100) is not None


specifiers = st.builds(
    lambda first, last: f"{first}-{last}", st.just("") | st.integers(0, 1000), st.just("") | st.integers(0, 1000)
)


@given(
    st.text() | st.lists(st.text() | specifiers).map(lambda items: "bytes=" + ",".join(items)),
    st.integers(0, 500),
)
def test_any_field_gives_few_stretches_of_what_is_there(value: str, size: int) -> None:
    spans = parse(value, size)
    if spans is not None:
        assert len(spans) <= 20
        assert all(0 <= span.start < span.stop <= size for span in spans)
        assert sum(span.stop - span.start for span in spans) <= size


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 40))
def test_one_range_is_a_slice(first: int, last: int, size: int) -> None:
    content = bytes(range(size))
    for value, wanted in ((f"bytes={first}-", content[first:]), (f"bytes=-{last}", content[-last:] if last else b"")):
        spans = parse(value, size)
        assert b"".join(content[span.start : span.stop] for span in spans or ()) == (b"" if spans is None else wanted)
    if first <= last:
        spans = parse(f"bytes={first}-{last}", size)
        assert spans is not None
        assert b"".join(content[span.start : span.stop] for span in spans) == content[first : last + 1]


def test_content_range() -> None:
    assert content_range(Span(0, 5), 10) == "bytes 0-4/10"
    assert content_range(None, 10) == "bytes */10"


def test_one_part_keeps_its_type() -> None:
    layout = lay_out([Span(2, 5)], 10, "text/plain")
    assert layout.headers == (("Content-Range", "bytes 2-4/10"), ("Content-Length", "3"))
    assert layout.pieces == (Span(2, 5),)


@pytest.mark.parametrize("content_type", ["text/plain", None])
def test_several_parts_are_a_multipart_that_others_can_read(content_type: str | None) -> None:
    content = b"0123456789"
    layout = lay_out([Span(0, 2), Span(7, 10)], 10, content_type)
    body = b"".join(piece if isinstance(piece, bytes) else content[piece.start : piece.stop] for piece in layout.pieces)
    headers = dict(layout.headers)
    assert headers["Content-Length"] == str(len(body))
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    message = parser.parsebytes(f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode() + body)
    parts = list(message.iter_parts())
    assert message.get_content_type() == "multipart/byteranges"
    assert [part["Content-Range"] for part in parts] == ["bytes 0-1/10", "bytes 7-9/10"]
    assert [part["Content-Type"] for part in parts] == [content_type] * 2
    assert [part.get_payload() for part in parts] == ["01", "789"]


def test_each_multipart_has_its_own_boundary() -> None:
    spans = [Span(0, 1), Span(2, 3)]
    assert lay_out(spans, 10, None).headers != lay_out(spans, 10, None).headers
    assert lay_out(spans, 10, None, "b").headers == lay_out(spans, 10, None, "b").headers
