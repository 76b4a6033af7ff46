"""Rows of an SQLite file: what a query may do there, and what it costs."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from servers import DEADLINE
from shops import ENDLESS, Source, failure_of

from declweb.data import sqlite
from declweb.data.dataset import Dataset


def _rows(dataset: Dataset) -> list[dict[str, object]]:
    return [dataset.row(number) for number in range(len(dataset))]


def _write(file: Path, sql: str) -> None:
    """Write as another process does."""
    code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()"
    subprocess.run([sys.executable, "-c", code, str(file), sql], check=True)


# --- rows -------------------------------------------------------------------------------------------------------------


def test_rows_have_the_types_that_are_said(source: Source) -> None:
    columns = {"name": "text", "price": "number", "baked": "date"}
    dataset = source("select * from cakes order by price", columns=columns).now()
    assert _rows(dataset)[:2] == [
        {"name": "Linzer", "price": Decimal(3), "baked": None},
        {"name": "Sacher", "price": Decimal("4.2"), "baked": date(2026, 1, 2)},
    ]
    assert [(column.name, column.type) for column in dataset.columns] == list(columns.items())


def test_types_that_nobody_says_are_those_of_the_tables(source: Source) -> None:
    dataset = source("select name, price, price > 4 as dear, null as empty, iif(price > 5, 'a', 1) as mixed from cakes")
    found = {column.name: column.type for column in dataset.now().columns}
    assert found == {"name": "text", "price": "number", "dear": "any", "empty": "any", "mixed": "any"}


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        ("yes/no", "1", True),
        ("yes/no", "'no'", False),
        ("integer", "7.0", 7),
        ("number", "'4.20'", Decimal("4.20")),
        ("datetime", "'2026-01-02 03:04:05'", datetime.fromisoformat("2026-01-02 03:04:05+00:00")),
        ("datetime", "'2026-01-02T03:04:05+01:00'", datetime.fromisoformat("2026-01-02 02:04:05+00:00")),
        ("text", "12", "12"),
        ("email", "null", None),
    ],
)
def test_cells_are_read_by_their_type(source: Source, kind: str, written: str, read: object) -> None:
    assert _rows(source(f"select {written} as it", columns={"it": kind}).now()) == [{"it": read}]


@pytest.mark.parametrize(
    ("column", "written", "words"),
    [
        ("date", "'24.12.2026'", "row 1 of the query, column `it`: `24.12.2026` is not a date such as 2026-12-24"),
        ("integer", "1.5", "row 1 of the query, column `it`: `1.5` is not a whole number"),
        ("number", "9e999", "row 1 of the query, column `it`: `inf` is not a number"),
        ("text", "x'00ff'", "row 1 of the query, column `it`: what is no text (a blob) is not a text"),
        ("yes/no", "'perhaps'", "row 1 of the query, column `it`: `perhaps` is not yes or no"),
        (["a", "b"], "'c'", "row 1 of the query, column `it`: `c` is none of `a`, `b`"),
        ({"required": True}, "null", "row 1 of the query, column `it`: the cell is empty"),
        ({"key": True}, "1 as it union all select 1", "row 2 of the query, column `it`: `1` stands in row 1 too"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(source: Source, column: object, written: str, words: str) -> None:
    failure = failure_of(source(f"select {written} as it", columns={"it": column}).now)
    assert (failure.kind, failure.message) == ("cell", words)


def test_the_same_rows_have_the_same_version(source: Source, file: Path) -> None:
    asked = source("select name from cakes")
    version = asked.now().version
    assert source("select name from cakes").now().version == version
    _write(file, "insert into cakes (name) values ('Mohn')")
    assert asked.now().version != version


# --- parameters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "cake' or 1=1 --",
        "'; drop table cakes; --",
        "cake' union select sql from sqlite_master --",
        ":kind",
        "%",
        "\x1b",
    ],
)
def test_a_parameter_stays_a_value(source: Source, file: Path, value: str) -> None:
    asked = source("select name, :kind as asked from cakes where kind = :kind", params={"kind": "text"})
    assert len(asked.now({"kind": value})) == 0
    _write(file, f"insert into cakes (name, kind) values ('odd', '{value.replace(chr(39), chr(39) * 2)}')")
    assert _rows(asked.now({"kind": value})) == [{"name": "odd", "asked": value}]


def test_parameters_are_of_their_types(source: Source) -> None:
    asked = source("select name from cakes where price <= :most order by 1", params={"most": "number"})
    assert asked.now({"most": Decimal("4.20")}).cells["name"] == ["Linzer", "Sacher"]
    assert asked.now({"most": "3"}).cells["name"] == ["Linzer"]
    assert asked.now().cells["name"] == []
    day = source("select name from cakes where baked > :day", params={"day": "date"})
    assert day.now({"day": date(2026, 1, 2)}).cells["name"] == ["Esterházy"]


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("number", "many", "`it` is a number, not `many`"),
        ("date", "today", "`it` is a date such as 2026-12-24, not `today`"),
        ("text", "a" * 10_001, "`it` has 10,001 characters; 10,000 are allowed"),
        ("text", "\ud800", "`it` has characters that no text has"),
        ("text", "a\0b", "`it` has characters that no text has"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(source: Source, kind: str, value: str, words: str) -> None:
    with pytest.raises(ValueError, match="`it`") as caught:
        source("select :it as it", params={"it": kind}).now({"it": value})
    assert str(caught.value) == words


def test_signs_in_texts_and_comments_are_no_parameters(source: Source) -> None:
    asked = source('select \':no\' as a, ":b" as b /* :c */ from (select :d as ":b") -- :e', params={"d": "text"})
    assert asked.text.parameters == ("d",)
    assert _rows(asked.now({"d": "x"})) == [{"a": ":no", "b": "x"}]


# --- nothing but reading ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "kind", "words"),
    [
        ("attach 'other.db' as other", "refused", "a query begins with `select`, not with `attach`"),
        ("PRAGMA journal_mode = delete", "refused", "a query begins with `select`, not with `PRAGMA`"),
        ("/* select */ insert into cakes (name) values ('x')", "refused", "begins with `select`, not with `insert`"),
        ("delete from cakes", "refused", "not with `delete`"),
        ("create table more (a)", "refused", "not with `create`"),
        ("drop table cakes", "refused", "not with `drop`"),
        ("vacuum into 'copy.db'", "refused", "not with `vacuum`"),
        ("begin exclusive", "refused", "not with `begin`"),
        ("explain select 1", "refused", "not with `explain`"),
        ("with x as (select 1) insert into cakes (name) select * from x", "refused", "writes into the table `cakes`"),
        ("with x as (select 1) delete from cakes", "refused", "deletes from the table `cakes`"),
        ("with x as (select 1) update cakes set name = 1", "refused", "writes into the table `cakes`"),
        ("with x as (select 1) update sqlite_master set sql = ''", "broken", "sqlite_master may not be modified"),
        ("select 1 as a; drop table cakes", "refused", "there are several queries"),
        ("select load_extension('evil')", "refused", "calls `load_extension`, which is no function for reading"),
        ("select fts3_tokenizer('simple')", "refused", "calls `fts3_tokenizer`"),
        ("select randomblob(999999999)", "refused", "calls `randomblob`"),
        ("select readfile('/etc/passwd')", "broken", "no such function: readfile"),
        ("select writefile('x', 'y')", "broken", "no such function: writefile"),
        ("select * from pragma_journal_mode", "refused", "reads `pragma_journal_mode`, which is no table"),
        ("select * from pragma_table_info('cakes')", "refused", "reads `pragma_table_info`"),
        ("select * from other.cakes", "broken", "no such table: other.cakes"),
        ("select nam from cakes", "broken", "no such column: nam"),
        ("select 1 as a frm cakes", "broken", 'near "frm": syntax error'),
        ("select ? as a", "broken", "`?`"),
        ("select '", "broken", "unrecognized token"),
        ('select 1 as "A b"', "broken", "the query gives a column `A b`, which templates cannot name"),
        ("select 1 as a, 2 as a", "broken", "the query gives two columns `a`"),
    ],
)
def test_what_is_no_reading_is_refused_at_check_and_when_asked(
    source: Source, file: Path, sql: str, kind: str, words: str
) -> None:
    before = file.read_bytes()
    asked = source(sql)
    for call in (asked.find_columns, asked.now):
        failure = failure_of(call)
        assert (failure.kind, words in failure.message) == (kind, True), failure
    assert file.read_bytes() == before
    assert sorted(path.name for path in file.parent.iterdir()) == [file.name]
    assert len(source("select name from cakes").now()) == 3


def test_what_was_meant_is_suggested(source: Source) -> None:
    assert failure_of(source("select nam from cakes").find_columns).help == "did you mean `name`?"
    failure = failure_of(source("select name from cake").find_columns)
    assert (failure.help, failure.word) == ("did you mean `cakes`?", "cake")
    failure = failure_of(source("select name from cakes", columns={"price": "number"}).find_columns)
    assert (failure.message, failure.help) == ("the query gives no column `price`", "it gives `name`")


@pytest.mark.parametrize(
    "sql",
    [
        "values (1)",
        "select 1 as a;",
        "with x as (select 1 as a) select a from x; -- and so on",
        "select value from json_each('[1, 2]')",
        "select count(*) over () as a, row_number() over (order by name) as b from cakes group by kind",
        "select strftime('%Y', baked) as year, upper(name) as name from cakes where name like 'S%' or name glob 'L*'",
    ],
)
def test_reading_is_allowed(source: Source, sql: str) -> None:
    asked = source(sql, **({"columns": {"one": {"heading": "column1"}}} if sql.startswith("values") else {}))
    asked.find_columns()
    assert len(asked.now()) >= 1


def test_full_text_indexes_can_be_asked(source: Source, file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("create virtual table words using fts5 (word)")
        connection.execute("insert into words values ('apricot jam'), ('poppy seed')")
    connection.close()
    asked = source(
        "select highlight(words, 0, '<', '>') as found from words where words match :it", params={"it": "text"}
    )
    asked.find_columns()
    assert asked.now({"it": "jam"}).cells["found"] == ["apricot <jam>"]


# --- what others do meanwhile -----------------------------------------------------------------------------------------


def test_an_answer_holds_until_somebody_writes(source: Source, file: Path) -> None:
    asked = source("select name from cakes where kind = :kind", params={"kind": "text"})
    first = asked.now({"kind": "cake"})
    assert asked.now({"kind": "cake"}) is first
    assert asked.now({"kind": "tart"}) is not first
    _write(file, "insert into cakes (name, kind) values ('Mohn', 'cake')")
    assert "Mohn" in asked.now({"kind": "cake"}).cells["name"]


def test_an_answer_that_changes_by_itself_is_asked_anew(source: Source) -> None:
    asked = source("select random() as a")
    assert asked.now().cells["a"] != asked.now().cells["a"]
    assert source("select current_timestamp as a").now() is not None


def test_few_answers_are_remembered(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "KEPT", 2)
    asked = source("select :it as it", params={"it": "text"})
    first, second = asked.now({"it": "1"}), asked.now({"it": "2"})
    assert asked.now({"it": "1"}) is first
    asked.now({"it": "3"})
    assert asked.now({"it": "1"}) is first
    assert asked.now({"it": "2"}) is not second


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_database_that_is_written_to_all_the_time_is_read(source: Source, file: Path, mode: str) -> None:
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute(f"pragma journal_mode = {mode}")
    asked = source("select count(*) as n from cakes")
    for number in range(4, 30):
        writer.execute("insert into cakes (name) values ('x')")
        assert asked.now().cells["n"] == [number]
    writer.close()
    assert asked.now().cells["n"] == [29]


def test_a_locked_database_is_named_and_read_again_later(source: Source, file: Path) -> None:
    asked = source("select name from cakes", time_limit=1)
    asked.now()
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("begin exclusive")
    start = time.monotonic()
    failure = failure_of(asked.now)
    assert (failure.kind, failure.message) in {
        ("unreachable", "`shop.db` cannot be read: another program has locked it"),
        ("slow", "the query was cut off: it took longer than 1 s"),
    }
    assert time.monotonic() - start < DEADLINE
    writer.execute("rollback")
    writer.close()
    assert len(asked.now()) == 3


def test_a_file_that_takes_the_place_of_another_one_is_read(source: Source, file: Path) -> None:
    asked = source("select name from cakes")
    assert len(asked.now()) == 3
    copy = file.with_name("copy.db")
    shutil.copy(file, copy)
    _write(copy, "delete from cakes")
    copy.replace(file)
    assert len(asked.now()) == 0


def test_a_file_that_goes_and_comes_back(source: Source, file: Path) -> None:
    asked = source("select name from cakes")
    asked.now()
    kept = file.rename(file.with_name("kept.db"))
    failure = failure_of(asked.now)
    assert (failure.kind, failure.message) == ("missing", "there is no file `shop.db` in the site folder")
    kept.rename(file)
    assert len(asked.now()) == 3


def _folder(file: Path) -> None:
    file.mkdir()


def _pipe(file: Path) -> None:
    os.mkfifo(file)


def _noise(file: Path) -> None:
    file.write_bytes(os.urandom(8192))


def _nothing(file: Path) -> None:
    file.write_bytes(b"")


def _outside(file: Path) -> None:
    file.symlink_to("/etc/passwd")


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (_folder, "missing", "there is no file `shop.db` in the site folder"),
        (_pipe, "missing", "there is no file `shop.db` in the site folder"),
        (_outside, "missing", "there is no file `shop.db` in the site folder"),
        (_noise, "unreachable", "`shop.db` cannot be read: it is no SQLite file"),
        (_nothing, "broken", "SQLite cannot read the query: no such table: cakes"),
    ],
)
def test_what_is_no_database_is_named(
    source: Source, file: Path, make: Callable[[Path], None], kind: str, words: str
) -> None:
    asked = source("select name from cakes")
    asked.now()
    kept = file.rename(file.with_name("kept.db"))
    make(file)
    for each in (asked, source("select name from cakes")):
        failure = failure_of(each.now)
        assert (failure.kind, failure.message) == (kind, words)
    if file.is_dir():
        file.rmdir()
    else:
        file.unlink()
    kept.rename(file)
    assert len(asked.now()) == 3


def test_a_damaged_file_is_named(source: Source, file: Path) -> None:
    _write(file, f"insert into cakes (name) values ('{'x' * 20_000}')")
    asked = source("select name from cakes")
    asked.now()
    content = file.read_bytes()
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(os.urandom(len(content) - 4096))
    os.utime(file)
    failure = failure_of(source("select name from cakes").now)
    assert (failure.kind, failure.message) == ("unreachable", "`shop.db` cannot be read: it is damaged")
    file.write_bytes(content)
    assert len(source("select name from cakes").now()) == 4


def test_a_copy_of_the_process_is_made_between_two_queries(source: Source) -> None:
    """In the middle of one, SQLite's own locks would stay locked in the copy."""
    slow, quick = source(ENDLESS + "select count(*) as a from n", time_limit=0.5), source("select 1 as a")
    begun, ended = threading.Event(), threading.Event()

    def ask() -> None:
        begun.set()
        failure_of(slow.now)
        ended.set()

    thread = threading.Thread(target=ask)
    thread.start()
    assert begun.wait(DEADLINE)
    time.sleep(0.2)
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        try:
            is_right = ended.is_set() and len(quick.now()) == 1
        except BaseException:  # noqa: BLE001 # the copy must end here
            is_right = False
        os._exit(0 if is_right else 1)
    assert os.waitpid(child, 0)[1] == 0
    thread.join(DEADLINE)


def test_a_copy_of_the_process_asks_for_itself(source: Source) -> None:
    asked = source("select name from cakes")
    asked.now()
    slow = source(ENDLESS + "select count(*) as a from n", time_limit=0.2)
    failure_of(slow.now)
    child = os.fork()
    if child == 0:
        try:
            is_right = len(asked.now()) == 3 and failure_of(slow.now).kind == "slow"
        except BaseException:  # noqa: BLE001 # the copy must end here
            is_right = False
        os._exit(0 if is_right else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert len(asked.now()) == 3
