"""Files of data: CSV, JSON, JSON lines and TOML, as office programs and people write them."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.data.dataset import Dataset, Document
from declweb.data.reading import Read, read_data
from declweb.data.values import Reading
from declweb.model import Data


def read(content: bytes, file: str = "data/a.csv", language: str = "en", **said: Any) -> Read:
    data = Data.model_validate({"file": file, **said})
    return read_data("a", data, content, file, Reading(language, "Europe/Berlin"))


def rows(found: Read) -> list[dict[str, object]]:
    assert not found.problems, found.problems
    assert isinstance(found.made, Dataset)
    return [dict(found.made.row(number)) for number in range(len(found.made))]


TWO = [{"name": "Brötchen", "price": Decimal("0.45")}, {"name": 'Torte "groß"', "price": Decimal(32)}]
COLUMNS = {"name": "text", "price": "number"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_office_programs_save(encoding: str, separator: str, end: str) -> None:
    lines = [["name", "price"], ["Brötchen", "0.45"], ['"Torte ""groß"""', "32"]]
    text = "".join(separator.join(line) + end for line in lines)
    assert rows(read(text.encode(encoding), columns=COLUMNS)) == TWO


def test_excel_says_its_separator() -> None:
    content = 'sep=;\r\nname;price\r\nBrötchen;0.45\r\n"Torte ""groß""";32\r\n'
    assert rows(read(content.encode(), columns=COLUMNS)) == TWO


@pytest.mark.parametrize(
    "text",
    [
        'name,price,stock\nBrötchen,0.45,7\n,,\n\n"Torte ""groß""",32,\n',
        'stock,PRICE, Name \n7,0.45,Brötchen\n,32,"Torte ""groß"""',
        'name,price\nBrötchen,0.45,,\n"Torte ""groß""",32,\n',
    ],
    ids=["empty lines and other columns", "another order", "empty cells behind the last"],
)
def test_what_does_not_matter(text: str) -> None:
    assert rows(read(text.encode(), columns=COLUMNS)) == TWO


def test_cells_over_several_lines_and_the_lines_below_them() -> None:
    found = read(b'name,price\n"a\nb\nc",1\nd,x\n', columns=COLUMNS)
    assert [(problem.place.line, problem.place.column) for problem in found.problems] == [(5, 3)]
    assert isinstance(found.made, Dataset)
    assert found.made.row(0)["name"] == "a\nb\nc"


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (b'"a\nb\nc",x', (4, 4, 5)),
        (b'"a\r\n, ""b""\r\nc", x ', (4, 5, 6)),
        (b'"a\n""",x', (3, 5, 6)),
        (b'"a\nb","x\ny"', (3, 5, 6)),
        (b'a,"x, y"', (2, 4, 8)),
        (b"a, x", (2, 4, 5)),
    ],
)
def test_the_place_of_a_cell_is_its_own_line(row: bytes, place: tuple[int, int, int]) -> None:
    (problem,) = read(b"name,price\n" + row + b"\nb,1\n", columns=COLUMNS).problems
    assert (problem.place.line, problem.place.column, problem.place.end_column) == place


@pytest.mark.parametrize("heading", ["Preis\N{NO-BREAK SPACE}(ä)", "preis  (ä)", "Preis (a\N{COMBINING DIAERESIS})"])
def test_headings_that_look_alike(heading: str) -> None:
    found = read(f"{heading};b\n1;2\n".encode(), columns={"price": {"heading": "Preis (ä)"}})
    assert rows(found) == [{"price": "1"}]


def test_headings_are_names_where_no_columns_are_declared() -> None:
    assert rows(read(b"slug,price_2\na,1\n")) == [{"slug": "a", "price_2": "1"}]


@pytest.mark.parametrize(
    ("content", "said", "code", "line"),
    [
        (b"", {}, "bad-column", None),
        (b"a,a\n1,2\n", {}, "bad-column", 1),
        (b"a,sort\n1,2\n", {}, "bad-column", 1),
        (b"a,b\n1,2\n", {"columns": {"c": "text"}}, "bad-column", 1),
        (b"a,A\n1,2\n", {"columns": {"x": {"heading": "a"}}}, None, None),
        (b"a,a\n1,2\n", {"columns": {"a": "text"}}, "bad-column", 1),
        (b"a,b\n1\n", {}, "bad-row", 2),
        (b"a,b\n1,2,3\n", {}, "bad-row", 2),
        (b'a,b\n1,"2\n', {}, "bad-row", 2),
        (b'a,b\n1,"2" 3\n', {}, "bad-row", 2),
        (b"a\n" + b"x" * 1_000_001, {}, "bad-row", 2),
        (b"a,b\n\0\n", {}, "bad-encoding", None),
        (b"a,b\n1,\x81\n", {}, "bad-encoding", 2),
        (b"a,b\n1,\xe4\n", {"encoding": "utf-8"}, "bad-encoding", 2),
    ],
)
def test_broken_sheets(content: bytes, said: dict[str, Any], code: str | None, line: int | None) -> None:
    found = read(content, **said)
    assert [(problem.code, problem.place.line) for problem in found.problems] == ([(code, line)] if code else [])


def test_a_column_of_the_wrong_type_is_told_fifty_times() -> None:
    found = read(b"a\n" + b"x\ny\n" * 100, columns={"a": "number"})
    assert len(found.problems) == 51
    assert found.problems[-1].code == "more-errors"
    assert "150 more" in found.problems[-1].message


def test_the_same_cell_twice_is_told_each_time() -> None:
    found = read(b"a\nx\nx\nx\n", columns={"a": "number"})
    assert [problem.place.line for problem in found.problems] == [2, 3, 4]


def test_required_unique_and_key() -> None:
    columns = {"a": {"key": True}, "b": {"required": True}, "c": {"unique": True, "type": "number"}}
    found = read(b"a,b,c\n1,1,1\n1,,1.0\n,1,\n2,1,\n", columns=columns)
    assert [(each.place.line, each.place.column) for each in found.problems] == [(4, 1), (3, 1), (3, 3), (3, 4)]


def test_of_a_cell_that_cannot_be_read_nothing_more_is_said() -> None:
    found = read(b"a\nx\n1\n", columns={"a": {"type": "number", "key": True}})
    assert [problem.place.line for problem in found.problems] == [2]


# --- JSON and TOML ----------------------------------------------------------------------------------------------------

JSON_ROWS = b'[{"name": "Br\xc3\xb6tchen", "price": 0.45}, {"name": "Torte \\"gro\\u00df\\"", "price": 32, "more": []}]'


@pytest.mark.parametrize(
    "number", ["1e999", "-1E-999", "1e999999999", "-1E-99999999999999999999", "1e99999999999999999999"]
)
@pytest.mark.parametrize(
    ("file", "text", "code"),
    [
        ("a.json", '{"k": NUMBER}', "bad-json"),
        ("a.jsonl", '{"k": NUMBER}', "bad-json"),
        ("a.toml", "k = NUMBER", "out-of-range"),
    ],
)
def test_numbers_that_nobody_can_count_with_are_refused(file: str, text: str, code: str, number: str) -> None:
    assert [each.code for each in read(text.replace("NUMBER", number).encode(), file).problems] == [code]


def test_numbers_of_json_are_exact() -> None:
    assert rows(read(JSON_ROWS, "a.json", columns=COLUMNS)) == TWO
    assert rows(read(JSON_ROWS.replace(b', "more": []', b""), "a.json")) == TWO
    lines = b'{"name": "Br\xc3\xb6tchen", "price": 0.45}\r\n\r\n{"name": "Torte \\"gro\\u00df\\"", "price": 32}\r\n'
    assert rows(read(lines, "a.jsonl", columns=COLUMNS)) == TWO
    assert rows(read(b'{"p": ' + JSON_ROWS + b"}", "a.json", rows="p", columns=COLUMNS)) == TWO


def test_numbers_of_toml_are_exact() -> None:
    content = '[[p]]\nname = "Brötchen"\nprice = 0.45\n[[p]]\nname = \'Torte "groß"\'\nprice = 32\n'
    assert rows(read(content.encode(), "a.toml", rows="p", columns=COLUMNS)) == TWO


def test_a_document_is_itself() -> None:
    made = read(b'monday = ["8", "18"]\nfee = 4.20\n', "a.toml").made
    assert isinstance(made, Document)
    assert made.value == {"monday": ["8", "18"], "fee": Decimal("4.20")}
    other = read(b'[1, "two"]', "a.json").made
    assert isinstance(other, Document)
    assert other.value == [1, "two"]


def test_types_that_nobody_declared() -> None:
    made = read(
        b'[{"a": true, "b": 1, "c": 1, "d": "x", "e": 1, "f": null}, {"b": 2, "c": 0.5, "e": "x"}]', "a.json"
    ).made
    assert isinstance(made, Dataset)
    types = {column.name: column.type for column in made.columns}
    assert types == {"a": "yes/no", "b": "integer", "c": "number", "d": "text", "e": "any", "f": "text"}


@pytest.mark.parametrize(
    ("content", "file", "said", "code", "line"),
    [
        (b'{"a": 1,}', "a.json", {}, "bad-json", 1),
        (b'{"a": NaN}', "a.json", {}, "bad-json", None),
        (b'{"a": 1}\n{"a": \n', "a.jsonl", {}, "bad-json", 2),
        (b"[" * 5000 + b"]" * 5000, "a.json", {}, "too-deep", None),
        (b"[" * 150 + b"]" * 150, "a.json", {}, "too-deep", None),
        (b'{"a": "\xff"}', "a.json", {}, "bad-encoding", 1),
        (b'{"b": []}', "a.json", {"rows": "a"}, "bad-row", 1),
        (b'{"b": []}', "a.json", {"columns": COLUMNS}, "bad-row", 1),
        (b'[{"name": "x"}, 5]', "a.json", {"columns": COLUMNS}, "bad-row", 1),
        (b'[{"Name": "x"}]', "a.json", {}, "bad-column", 1),
        (b"a = \n", "a.toml", {}, "missing-value", 1),
        (b"a = 1\n[b]\nc = [1, nan]\n", "a.toml", {}, "out-of-range", 3),
        (b"[[p]]\nprice = -inf\n", "a.toml", {"rows": "p"}, "out-of-range", 2),
        (b'[{"pieces": 1e399}]', "a.json", {"columns": {"pieces": {"type": "integer"}}}, "wrong-cell", 1),
        (b'[\n{"name": "x",\n"price": "much"}]', "a.json", {"columns": COLUMNS}, "wrong-cell", 3),
        (b'[[p]]\nname = "x"\nprice = "much"\n', "a.toml", {"rows": "p", "columns": COLUMNS}, "wrong-cell", 3),
        (b'{"name": "x"}\n{"name": 5}\n', "a.jsonl", {"columns": {"name": "text"}}, "wrong-cell", 2),
    ],
)
def test_broken_documents(content: bytes, file: str, said: dict[str, Any], code: str, line: int | None) -> None:
    found = read(content, file, **said)
    assert [(problem.code, problem.place.line) for problem in found.problems][:1] == [(code, line)]


@given(st.lists(st.fixed_dictionaries({"a": st.text(), "b": st.integers(-(2**62), 2**62) | st.none()})))
def test_json_comes_back(table: list[dict[str, Any]]) -> None:
    columns = {"a": "text", "b": "integer"}
    found = read(json.dumps(table).encode(), "a.json", columns=columns)
    wrong = any("\0" in row["a"] for row in table)
    assert bool(found.problems) == wrong
    if not wrong:
        assert rows(found) == [{"a": row["a"].strip() or None, "b": row["b"]} for row in table]


@pytest.mark.parametrize("file", ["a.csv", "a.json", "a.jsonl", "a.toml"])
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_rows_or_problems(file: str, content: bytes) -> None:
    several: tuple[dict[str, Any], ...] = ({}, {"columns": COLUMNS})
    for said in several:
        found = read(content, file, **said)
        assert found.made is not None or found.problems


def test_what_was_read_is_remembered_until_it_changes() -> None:
    first = read(b"a\n1\n").made
    assert read(b"a\n1\n").made is first
    assert read(b"a\n2\n").made is not first
    assert read(b"a\n1\n", columns={"a": "number"}).made is not first


def test_empty_lines_above_the_headings_do_not_matter() -> None:
    content = '\n,\n , \nname,price\n , \nBrötchen,0.45\n"Torte ""groß""",32\n'
    assert rows(read(content.encode(), columns=COLUMNS)) == TWO
