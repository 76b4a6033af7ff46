import pytest

from declweb.sitefile.lexing import MOST_PARTS, closing, complete, items, key_parts, pair, statements


def cut(text: str) -> list[tuple[str, str]]:
    return [(statement.kind, text[statement.start : statement.end]) for statement in statements(text)]


def test_statements_of_every_kind() -> None:
    text = (
        'a = 1 # x\n\n [b] # x\n[[ c . "d" ]]\nx = [ # ]\n  "]", \'[\',\n]\n y.z = """\n[no]\n"""\nnonsense # x\n[c\n'
    )
    assert cut(text) == [
        ("pair", "a = 1"),
        ("table", "[b]"),
        ("item", '[[ c . "d" ]]'),
        ("pair", "x = [ # ]\n  \"]\", '[',\n]"),
        ("pair", 'y.z = """\n[no]\n"""'),
        ("line", "nonsense"),
        ("line", "[c"),
    ]


def test_a_date_with_a_space_is_one_value() -> None:
    (statement,) = statements("x = 2026-12-24 10:00 # x")
    assert "x = 2026-12-24 10:00 # x"[statement.value : statement.end] == "2026-12-24 10:00"


def test_a_value_that_is_missing_ends_where_it_would_start() -> None:
    (statement,) = statements("x = # nothing")
    assert statement.value == statement.end == 4


def test_statements_from_a_position_on() -> None:
    assert [statement.start for statement in statements("a = 1 b = 2\nc = 3", 6)] == [6, 12]


def test_items_of_a_list() -> None:
    text = '[1, [2, 3], # x, y\n {a = 1}, "," \n 4,, 5 ]'
    found = [(text[item.start : item.end], item.comma) for item in items(text, 0, len(text))]
    assert found == [
        ("1", True),
        ("[2, 3]", True),
        ("{a = 1}", True),
        ('","', False),
        ("4", True),
        ("", True),
        ("5", True),
    ]


@pytest.mark.parametrize(
    ("text", "end"), [("[1]", 3), ("[[1], {a = ']'}] x", 16), ("[1", None), ("{a = '}'", None), ("", None)]
)
def test_where_a_bracket_closes(text: str, end: int | None) -> None:
    assert closing(text, 0, len(text)) == end


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ('"a" b', 3),
        ("'a'b", 3),
        ('"""a"b""" c', 9),
        ("true c", 4),
        ("truer", None),
        ("12 c", 2),
        ("12", 2),
        ("[1] c", 3),
        ("[1", None),
        ('"""a', None),
        ("c", None),
    ],
)
def test_where_a_value_is_complete(text: str, end: int | None) -> None:
    assert complete(text, 0, len(text)) == end


def test_a_pair_begins_with_a_key() -> None:
    assert pair("a . b = 1", 0, 9) == (5, 8)
    assert pair("a b = 1", 0, 7) is None


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("a.b", ["a", "b"]),
        ("\"a\" . b.'c.d'", ["a", "b", "c.d"]),
        (r'"a\u0062\"" . x', ['ab"', "x"]),
        (r'"a\d".x', [r"a\d", "x"]),
        ("a.größe", ["a", "größe"]),
        ("über uns.x", ["über uns", "x"]),
        ("/index.php", ["/index.php"]),
        ("“a”", ["a"]),
        ('"', []),
    ],
)
def test_names_of_a_key(key: str, names: list[str]) -> None:
    assert [part.name for part in key_parts(key, 0, len(key))] == names


def test_a_key_has_so_many_names_at_most() -> None:
    assert len(key_parts("a." * 5000 + "a", 0, 10001)) == MOST_PARTS
