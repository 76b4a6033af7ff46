import pytest

from declweb.http.headers import find, merge, without

BASE = [("Content-Type", "text/html"), ("Vary", "Accept-Encoding"), ("Link", "</a>"), ("X-One", "1")]


@pytest.mark.parametrize(
    ("added", "unset", "merged"),
    [
        ([], (), BASE),
        ([("x-one", "2")], (), [*BASE[:3], ("x-one", "2")]),
        ([("CONTENT-TYPE", "a/b")], (), [("CONTENT-TYPE", "a/b"), *BASE[1:]]),
        ([("X-Two", "2")], (), [*BASE, ("X-Two", "2")]),
        ([], ("x-ONE", "link", "absent"), BASE[:2]),
        ([("X-One", "2")], ("X-One",), [*BASE[:3], ("X-One", "2")]),
        ([("Link", "</b>")], (), [*BASE, ("Link", "</b>")]),
        ([("link", "</a>"), ("Link", "</a>")], (), [*BASE, ("link", "</a>")]),
        ([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], (), [*BASE, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]),
        ([("vary", "Cookie")], (), [BASE[0], ("Vary", "Accept-Encoding, Cookie"), *BASE[2:]]),
        ([("Vary", "accept-encoding ,, Accept")], (), [BASE[0], ("Vary", "Accept-Encoding, Accept"), *BASE[2:]]),
        ([("Vary", "*"), ("Vary", "Cookie")], (), [BASE[0], ("Vary", "*"), *BASE[2:]]),
        ([("Vary", "Cookie")], ("Vary",), [BASE[0], *BASE[2:], ("Vary", "Cookie")]),
    ],
)
def test_merging(added: list[tuple[str, str]], unset: tuple[str, ...], merged: list[tuple[str, str]]) -> None:
    before = list(BASE)
    assert merge(BASE, added, unset) == merged
    assert before == BASE


def test_doubled_fields_become_one() -> None:
    doubled = [("X", "1"), ("Y", "1"), ("x", "2"), ("X", "3"), ("Vary", "A"), ("Vary", "B, a")]
    assert merge(doubled, [("X", "4"), ("Vary", "C")]) == [("X", "4"), ("Y", "1"), ("Vary", "A, B, C")]


def test_finding_and_leaving_out() -> None:
    assert find(BASE, "x-ONE") == "1"
    assert find(BASE, "X-Two") is None
    assert without(BASE, ["vary", "LINK"]) == [BASE[0], BASE[3]]
