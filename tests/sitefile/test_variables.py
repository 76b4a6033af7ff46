from typing import Any

import pytest

from declweb.sitefile.variables import ABSENT, Filler, FromVariable

VARIABLES = {"NAME": "Ann", "PORT": "80", "EMPTY": "", "TRICK": "${NAME} $${ {{ x }}", "ODD": "\udcff"}


def fill(value: object) -> Any:
    return Filler(VARIABLES).fill(value)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("Hello ${NAME}!", "Hello Ann!"),
        ("${NAME}${PORT}", "Ann80"),
        ("${MISSING:-x}", "x"),
        ("${MISSING:-}", ""),
        ("${EMPTY:-x}", "x"),
        ("${EMPTY}", ""),
        ("${NAME:-x}", "Ann"),
        ("${MISSING:-a:-b} {c}", "a:-b {c}"),
        ("$${NAME}", "${NAME}"),
        ("$$${NAME}", "$${NAME}"),
        ("$NAME $ {NAME}", "$NAME $ {NAME}"),
        ("${TRICK}", "${NAME} $${ {{ x }}"),
        ("a ${TRICK}", "a ${NAME} $${ {{ x }}"),
    ],
)
def test_variables_in_a_text(text: str, filled: str) -> None:
    assert fill(text) == filled


@pytest.mark.parametrize("text", ["${NAME}", "${MISSING:-x}", "${EMPTY}"])
def test_a_text_that_is_exactly_one_variable_says_so(text: str) -> None:
    assert isinstance(fill(text), FromVariable)


@pytest.mark.parametrize("text", ["plain", "${NAME} ", "$${NAME}", "${NAME}${NAME}"])
def test_other_texts_are_texts(text: str) -> None:
    assert type(fill(text)) is str


def test_variables_anywhere_in_tables_and_lists() -> None:
    data = {"a": {"b": ["${NAME}", 1, {"c": "x${PORT}"}]}, "d": ["x"]}
    filled = fill(data)
    assert filled == {"a": {"b": ["Ann", 1, {"c": "x80"}]}, "d": ["x"]}
    assert data["a"] == {"b": ["${NAME}", 1, {"c": "x${PORT}"}]}
    assert filled["d"] is data["d"]


def test_data_without_variables_is_not_copied() -> None:
    data = {"a": {"b": ["x", {"c": "$"}]}}
    assert fill(data) is data


@pytest.mark.parametrize(
    ("text", "code", "number"),
    [
        ("${MISSING}", "missing-variable", 0),
        ("$${ ${NAME} ${MISSING}", "missing-variable", 2),
        ("${ODD}", "bad-variable", 0),
        ("${1}", "bad-variable", 0),
        ("${MISSING:-${NAME}}", "bad-variable", 0),
        ("x ${", "bad-variable", 0),
        ("${a-b}", "bad-variable", 0),
    ],
)
def test_what_cannot_be_filled_in_is_absent(text: str, code: str, number: int) -> None:
    filler = Filler(VARIABLES)
    assert filler.fill({"a": [text]}) == {"a": [""]}
    assert filler.absent == {("a", 0)}
    (lack,) = filler.lacks
    assert (lack.code, lack.path, lack.number, lack.optional) == (code, ("a", 0), number, None)


def test_a_misspelt_variable() -> None:
    filler = Filler({"ORDER_MAIL": "x"})
    filler.fill("${ORDER_MIAL}")
    assert filler.lacks[0].help == "did you mean `ORDER_MAIL`?"


def test_a_missing_variable_may_have_a_default() -> None:
    filler = Filler({})
    filler.fill("${X}")
    assert filler.lacks[0].help == "set it, or say what counts without it: ${X:-…}"


def test_what_was_absent_stays_absent() -> None:
    filler = Filler({})
    data = {"a": ABSENT, "b": [ABSENT]}
    assert filler.fill(data) is data
    assert filler.absent == {("a",), ("b", 0)}
    assert filler.lacks == []


@pytest.mark.parametrize(
    ("data", "optional"),
    [
        ({"x": {"n": {"v": "${A}", "optional": True}}}, ("x", "n")),
        ({"x": {"n": {"v": {"w": ["${A}"]}, "optional": True}}}, ("x", "n")),
        ({"x": {"n": {"t": {"v": "${A}", "optional": True}}}}, ("x", "n", "t")),
        ({"x": [{"v": "${A}"}, {"v": "${A:-}"}, {"v": 1, "optional": True}]}, None),
        ({"x": [{"v": "${A}", "optional": True}]}, ("x", 0)),
        ({"x": {"n": {"send": [{"v": "${A}", "optional": True}]}}}, ("x", "n", "send", 0)),
        ({"x": {"n": {"send": [{"v": "${A}"}], "optional": True}}}, None),
        ({"x": {"n": {"v": "${A}", "optional": False}}}, None),
        ({"x": {"v": "${A}", "optional": True}}, None),
        ({"v": "${A}", "optional": True}, None),
    ],
)
def test_the_table_that_may_be_left_out(data: dict[str, object], optional: object) -> None:
    filler = Filler({})
    filler.fill(data)
    assert [lack.optional for lack in filler.lacks] == [optional]
