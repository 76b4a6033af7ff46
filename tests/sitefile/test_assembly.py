import pytest

from declweb.sitefile.assembly import Assembly, Clash
from declweb.sitefile.lexing import Part


def names(key: str) -> list[Part]:
    return [Part(0, 1, name) for name in key.split(".")]


def test_tables_lists_and_values() -> None:
    tables = Assembly()
    tables.pair(tables.top, names("a.b"), 1)
    tables.pair(tables.table(names("t.u"), 2, 3), names("x"), [1])
    tables.pair(tables.item(names("l"), 4, 5), names("x"), 1)
    tables.item(names("l"), 6, 7)
    tables.table(names("l.t"), 8, 9)
    tables.table(names("t"), 8, 9)
    assert tables.data() == {"a": {"b": 1}, "t": {"u": {"x": [1]}}, "l": [{"x": 1}, {"t": {}}]}


def test_what_is_a_list() -> None:
    tables = Assembly()
    tables.item(names("a.b"), 0, 1)
    tables.item(names("a.b.c"), 0, 1)
    assert tables.is_list(names("a.b"))
    assert tables.is_list(names("a.b.c"))
    assert not tables.is_list(names("a"))
    assert not tables.is_list(names("x.y"))
    assert not tables.is_list([])


def test_a_clash_knows_what_was_there_first() -> None:
    tables = Assembly()
    tables.table(names("a.b"), 3, 8)
    with pytest.raises(Clash) as raised:
        tables.table(names("a.b"), 20, 25)
    assert (raised.value.name, raised.value.there.start, raised.value.there.end) == ("a.b", 3, 8)


def test_a_value_on_the_way_clashes_under_its_own_name() -> None:
    tables = Assembly()
    tables.pair(tables.top, names("a"), 1)
    with pytest.raises(Clash) as raised:
        tables.table(names("a.b"), 20, 25)
    assert raised.value.name == "a"
