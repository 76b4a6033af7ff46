"""What is left of a file with mistakes, and that nothing follows from a mistake that is no mistake itself."""

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from declweb.sitefile.lexing import MOST, statements
from declweb.sitefile.recovery import recover
from declweb.sitefile.source import Source
from declweb.sitefile.spans import Spans
from declweb.sitefile.variables import ABSENT


def read(text: str) -> Source:
    return Source("site.toml", text.encode())


def codes(text: str) -> list[tuple[int | None, str]]:
    return [(problem.place.line, problem.code) for problem in read(text).problems]


@settings(max_examples=100)
@given(st.data())
def test_what_tomli_accepts_is_read_the_same_way(documents: st.SearchStrategy[str], data: st.DataObject) -> None:
    text = data.draw(documents).replace("\r\n", "\n")
    recovered = recover("site.toml", text)
    assert repr(sorted_keys(recovered.data)) == repr(sorted_keys(tomli.loads(text)))
    assert [problem.code for problem in recovered.problems] == ["unreadable-line"]
    assert list(recovered.statements) == list(statements(text))


def sorted_keys(value: object) -> object:
    if isinstance(value, dict):
        return sorted((key, sorted_keys(part)) for key, part in value.items())
    return [sorted_keys(part) for part in value] if isinstance(value, list) else value


FRAGMENTS = ['"""', "'''", '"', "'", "[", "]", "[[", "]]", "{", "}", "=", ",", "\n", ".", "#", "\\", "\xff", "\0", "\r"]
FRAGMENTS += [
    "\xa0",
    "a",
    "1",
    " ",
    "x = ",
    "[x]\n",
    "[[x]]\n",
    "“",
    ":",
    "yes",
    "${A}",
    "{{",
    "x.y = 1\n",
    "[x.y]\n",
    "(",
    ")",
]


@settings(max_examples=200)
@given(
    st.one_of(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(lambda parts: "".join(parts).encode()), st.binary())
)
def test_any_bytes_give_data_or_problems(content: bytes) -> None:
    source = Source("site.toml", content)
    try:
        accepted = tomli.loads(content.removeprefix(b"\xef\xbb\xbf").decode())
    except ValueError:
        assert source.problems
        assert all(problem.place.line for problem in source.problems)
    else:
        assert repr(source.data) == repr(accepted)
        assert not source.problems
    assert isinstance(source.spans, Spans)


def test_all_mistakes_come_at_once() -> None:
    text = """
name = Blackbird Bakery
flag = yes
[site
url = "https://x
größe = 1
[routes.home]
path "/"
days = [
  1
  2,
  24.12.2026,
]
"""
    assert codes(text) == [
        (2, "missing-quotes"),
        (3, "wrong-boolean"),
        (4, "wrong-bracket"),
        (5, "unclosed-string"),
        (6, "unquoted-key"),
        (8, "missing-equals"),
        (10, "missing-comma"),
        (12, "wrong-date"),
    ]


def test_what_could_not_be_read_is_absent_under_its_name() -> None:
    data = read("name = Bakery\nlist = [1, x y, 3]\ntable = { a: 1, b = no }\n'a b' = \n").data
    assert data == {"name": "", "list": [1, "", 3], "table": {"a": 1, "b": ""}, "a b": ""}
    assert data["name"] is ABSENT
    assert data["list"][1] is ABSENT  # type: ignore[index] # a list: else it fails


def test_keys_below_a_broken_header_do_not_fall_into_the_table_above() -> None:
    source = read("[a]\nx = 1\n[]\nx = 2\n[routes b]\nx = 3\n[c\nx = 4\n")
    assert source.data == {"a": {"x": 1}, "c": {"x": 4}}


def test_a_header_with_too_many_parts_has_no_keys() -> None:
    assert read(f"[{'a.' * 200}a]\nx = 1\n!\n").data == {}
    assert read(f"[{'a.' * 200}ä]\nx = 1\n").data == {}
    assert read(f"[{'a.' * 200}ä]]\nx = 1\n").data == {}


def test_a_header_that_may_be_one_or_many_says_nothing_of_its_kind() -> None:
    source = read("[[headers]\nx = 1\n[site]]\ny = 1\n[[headers]]\nx = 2\n")
    assert source.data == {"headers": "", "site": ""}
    assert len(source.problems) == 2


def test_a_header_that_may_be_one_or_many_is_one_more_where_there_are_some() -> None:
    source = read("[[a]]\n[[a.headers]]\nx = 1\n[a.headers]]\nx = 2\n")
    assert source.data == {"a": [{"headers": [{"x": 1}, {"x": 2}]}]}


def test_a_name_with_a_value_is_not_made_a_table() -> None:
    assert read("[x]\ny = 1\n[x.y.z]]\na = 1\n").data == {"x": {"y": 1}}


def test_the_second_body_of_a_table_is_looked_at_too() -> None:
    source = read("[a]\nx = 1\n[b]\n[a]\nx = 2\ny = yes\nz = 3\n")
    assert source.data == {"a": {"x": 1, "y": "", "z": 3}, "b": {}}
    assert [problem.code for problem in source.problems] == ["doubled-table", "wrong-boolean"]
    assert source.place(("a", "z")).line == 7  # type: ignore[union-attr] # it is there: else it fails


def test_one_bracket_where_there_are_two_is_one_more() -> None:
    assert read("[[a]]\nx = 1\n[a]\nx = 2\n").data == {"a": [{"x": 1}, {"x": 2}]}
    assert read("[a]\nx = 1\n[[a]]\nx = 2\n").data == {"a": {"x": 1}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1 b = 2", {"a": 1, "b": 2}),
        ('a = "x" b = 2 c = 3', {"a": "x", "b": 2, "c": 3}),
        ("a = x b = 2", {"a": "", "b": 2}),
        ("[t] b = [\n1]\nc = 3", {"t": {"b": [1], "c": 3}}),
        ("a = { b = 1 c = 2 d = 3 }", {"a": {"b": 1, "c": 2, "d": 3}}),
        ("a = [x b = 1]\nc = 2", {"a": [""], "c": 2}),
        ("a = [{ b = 1 c = 2 }]] d = 1", {"a": [{"b": 1, "c": 2}]}),
        ("a\u00a0=\u00a01", {"a": 1}),
        ("a = [1,, 2]", {"a": [1, 2]}),
        ("a = {{ x }}", {"a": ""}),
        ("a = { 1 }", {"a": {"1": ""}}),
        ("a = { [] }", {"a": {}}),
        ("a = {\n  b = 1,\n  # remark\n  c = 'x\n}\nd = 1", {"a": {"b": 1, "c": ""}, "d": 1}),
    ],
)
def test_what_stands_beside_a_mistake_is_kept(text: str, expected: object) -> None:
    assert read(text).data == expected


@pytest.mark.parametrize(
    "opened",
    [
        "x = [",
        "x = [1,\n  [2",
        "x = {",
        "x = {\n  a = 1,\n  b = { c = 1,\n  d = 2,",
        "x = { a = 1,\nb = 2,",
        "x = { a = [1,\n  2",
        'x = """\nlong text\nand more',
        "x = '''\n  y = 1",
        'x = ["a, "b"',
        "x: {",
        "what [",
    ],
)
@pytest.mark.parametrize("following", ["[after]\nok = 1\n", "\nafter.ok = 1\n", "[[after]]\nok = 1\n"])
def test_what_is_never_closed_is_blamed_where_it_opens(opened: str, following: str) -> None:
    source = read(f"first = 1\n{opened}\n{following}")
    assert source.data["first"] == 1
    assert source.data["after"] in ({"ok": 1}, [{"ok": 1}])
    assert source.problems[0].place.line in {2, 3, 4}


def test_a_long_text_that_swallows_the_next_is_blamed() -> None:
    text = 'a = """\ntext\n[b]\nc = """\ntext\n"""\n[d]\ne = 1\n'
    assert codes(text)[0] == (1, "unclosed-string")
    assert read(text).data["d"] == {"e": 1}


def test_reading_stops_after_a_hundred_mistakes() -> None:
    problems = read("x = yes\n" * 500).problems
    assert len(problems) == MOST + 1
    assert problems[-1].code == "too-many-mistakes"


def test_what_is_nested_too_deeply_is_one_value() -> None:
    assert codes("x = " + "[" * 30 + "junk y" + "]" * 30) == [(1, "unreadable-line")]
    assert codes("x = " + "[" * 30 + "9" * 5000 + "]" * 30) == [(1, "unreadable-line")]


def test_old_line_endings_are_one_problem() -> None:
    source = read("a = 1\rb = 2\r")
    assert source.data == {"a": 1, "b": 2}
    assert [problem.code for problem in source.problems] == ["odd-character"]


@pytest.mark.parametrize(
    "line", ["x = {", "x = [\n", "x = [[", 'x = """a', "x = {y = 1", "[[a]", "a.", "x = [ '", "\0", "a\rb", "“"]
)
def test_a_lot_of_garbage_is_no_lot_of_work(line: str) -> None:
    source = read(f"{line}\n" * 3000)
    assert 1 <= len(source.problems) <= MOST + 1
