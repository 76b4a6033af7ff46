import pytest

from declweb.problems import Place
from declweb.sitefile.source import Source
from declweb.sitefile.variables import ABSENT


def test_places() -> None:
    source = Source("s.toml", b"[a]\nb = 1\n[[c]]\n")
    assert source.problems == []
    assert source.place(("a", "b")) == Place("s.toml", 2, 5, 6)
    assert source.key_place(("a", "b")) == Place("s.toml", 2, 1, 2)
    assert source.header_place(("a", "b")) == Place("s.toml", 1, 1, 4)
    assert source.place(("x",)) is None
    assert source.key_place(("x",)) is None
    assert source.header_place(("x",)) is None
    assert source.is_list_of_tables(("c",))
    assert not source.is_list_of_tables(("a",))
    assert not source.is_list_of_tables(("x",))


def test_places_survive_a_byte_order_mark_and_the_line_endings_of_windows() -> None:
    source = Source("s.toml", b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    assert source.place(("a",)) == Place("s.toml", 1, 5, 6)
    place = source.place(("b",))
    assert place is not None
    assert (place.line, place.column, place.text) == (2, 5, "b = 2")


def test_numbers_that_do_not_fit_are_absent() -> None:
    source = Source("s.toml", f"a = {2**63 - 1}\nb = {-(2**63)}\nc = [1, {2**63}]\n".encode())
    assert source.data == {"a": 2**63 - 1, "b": -(2**63), "c": [1, ""]}
    (problem,) = source.problems
    assert (problem.code, problem.place.line, problem.place.column) == ("wrong-number", 3, 9)


@pytest.mark.parametrize(
    "text", [f"x = {'[' * 300}{']' * 300}", f"{'x.' * 300}x = 1", f"[{'x.' * 300}x]", "[[x.y]]\n" * 2]
)
def test_what_is_too_deep_is_absent(text: str) -> None:
    source = Source("s.toml", text.encode())
    depth, value = 0, source.data["x"]
    while isinstance(value, dict | list) and value:
        value, depth = next(iter(value.values())) if isinstance(value, dict) else value[0], depth + 1
    assert depth <= 100
    assert (value is ABSENT) == (depth == 100)
    assert [problem.code for problem in source.problems] == (["too-deep"] if depth == 100 else [])


def test_so_many_extremes_are_shown_and_no_more() -> None:
    source = Source("s.toml", f"x = [{f'{2**70}, ' * 300}]".encode())
    assert len(source.problems) == 100
    assert source.data["x"] == [""] * 300
