import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.http.conditional import Fields, is_same_for_range, is_unchanged, verdict
from declweb.http.dates import http_date

TAG = '"abc"'
MODIFIED = 784111777
EARLIER, EQUAL, LATER = (http_date(MODIFIED + offset) for offset in (-1, 0, 1))


@pytest.mark.parametrize(
    ("value", "unchanged"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ("*", True),
        (" * ", True),
        (' "abc" ', True),
        ('"x", "abc"', True),
        ('"x","abc"', True),
        (',, "x" ,\t, W/"abc",', True),
        ('"a,b", "abc"', True),
        ('"\xe9", "abc"', True),
        ('"abc", broken', True),
        ("", False),
        ('"x"', False),
        ('w/"abc"', False),
        ("abc", False),
        ('"abc', False),
        ('broken, "abc"', False),
        ('"x" "abc"', False),
        ('"x""abc"', False),
        ('*, "abc"', False),
        ('"ABC"', False),
        ('"x, "abc""', False),
    ],
)
def test_if_none_match(value: str, *, unchanged: bool) -> None:
    assert is_unchanged(value, None, TAG, MODIFIED) is unchanged
    assert verdict(Fields(if_none_match=value), TAG, MODIFIED) == (304 if unchanged else 200)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ('"abc"', 200),
        ("*", 200),
        ('"x", "abc"', 200),
        ('W/"abc"', 412),
        ('"x"', 412),
        ("abc", 412),
        ("", 412),
    ],
)
def test_if_match_compares_strongly(value: str, status: int) -> None:
    assert verdict(Fields(if_match=value), TAG, MODIFIED) == status


@pytest.mark.parametrize(
    ("value", "modified", "status"),
    [
        (EARLIER, MODIFIED, 200),
        (EQUAL, MODIFIED, 304),
        (LATER, MODIFIED, 304),
        (http_date(8_000_000_000), MODIFIED, 304),
        ("Sunday, 06-Nov-94 08:49:37 GMT", MODIFIED, 304),
        ("nonsense", MODIFIED, 200),
        (f"{LATER}, {LATER}", MODIFIED, 200),
        ("", MODIFIED, 200),
        (LATER, None, 200),
    ],
)
def test_if_modified_since(value: str, modified: int | None, status: int) -> None:
    assert verdict(Fields(if_modified_since=value), TAG, modified) == status


@pytest.mark.parametrize(
    ("value", "modified", "status"),
    [
        (EARLIER, MODIFIED, 412),
        (EQUAL, MODIFIED, 200),
        (LATER, MODIFIED, 200),
        ("nonsense", MODIFIED, 200),
        (EARLIER, None, 200),
    ],
)
def test_if_unmodified_since(value: str, modified: int | None, status: int) -> None:
    assert verdict(Fields(if_unmodified_since=value), TAG, modified) == status


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (Fields(if_match='"x"', if_none_match=TAG), 412),
        (Fields(if_match='"x"', if_unmodified_since=LATER), 412),
        (Fields(if_match=TAG, if_unmodified_since=EARLIER), 200),
        (Fields(if_match=TAG, if_none_match=TAG), 304),
        (Fields(if_unmodified_since=EARLIER, if_none_match=TAG), 412),
        (Fields(if_unmodified_since=LATER, if_modified_since=LATER), 304),
        (Fields(if_none_match='"x"', if_modified_since=LATER), 200),
        (Fields(if_none_match="", if_modified_since=LATER), 200),
        (Fields(if_none_match=TAG, if_modified_since=EARLIER), 304),
        (Fields(), 200),
    ],
)
def test_the_order_of_rfc_9110(fields: Fields, status: int) -> None:
    assert verdict(fields, TAG, MODIFIED) == status


@pytest.mark.parametrize(
    ("value", "modified", "same"),
    [
        (None, None, True),
        (TAG, None, True),
        (f" {TAG} ", None, True),
        (f"W/{TAG}", None, False),
        ('"x"', MODIFIED, False),
        (f'{TAG}, "x"', None, False),
        (EQUAL, MODIFIED, True),
        (EARLIER, MODIFIED, False),
        (LATER, MODIFIED, False),
        (EQUAL, None, False),
        ("nonsense", MODIFIED, False),
        ("nonsense", None, False),
        ("", MODIFIED, False),
        ("*", MODIFIED, False),
    ],
)
def test_if_range(value: str | None, modified: int | None, *, same: bool) -> None:
    assert is_same_for_range(value, TAG, modified) is same


@pytest.mark.parametrize(
    ("fields", "simple"),
    [
        (Fields("br", TAG, EQUAL, if_range=TAG), True),
        (Fields(if_match=TAG), False),
        (Fields(if_unmodified_since=EQUAL), False),
        (Fields(range="bytes=0-"), False),
    ],
)
def test_simple_fields(fields: Fields, *, simple: bool) -> None:
    assert fields.are_simple is simple


@given(st.builds(Fields, *[st.none() | st.text() | st.sampled_from([TAG, EQUAL, "*", f"W/{TAG}, "])] * 7))
def test_any_fields_have_a_verdict(fields: Fields) -> None:
    assert verdict(fields, TAG, MODIFIED) in {200, 304, 412}
    assert is_same_for_range(fields.if_range, TAG, MODIFIED) in {True, False}
