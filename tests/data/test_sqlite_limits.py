"""What a query of an SQLite file may cost, and what ends it."""

import sqlite3
import threading
import time
import tracemalloc
from pathlib import Path

import pytest
from servers import DEADLINE
from shops import ENDLESS, Source, failure_of

from declweb.data.asking import MOST, CannotAsk


@pytest.mark.parametrize(
    "sql",
    [
        ENDLESS + "select count(*) as a from n",
        ENDLESS + "select x from n where x < 0",
        ENDLESS + "select x from n order by -x",
        ENDLESS + "select count(*) as a from n a, n b",
        ENDLESS + "select max(instr(printf('%200000d', x), printf('%100000d', -x))) as a from n",
        ENDLESS + "select group_concat(hex(x), '') as a from n",
    ],
)
def test_what_does_not_end_is_cut_off_and_the_next_request_works(source: Source, sql: str) -> None:
    asked = source(sql, time_limit=0.2)
    start = time.monotonic()
    failure = failure_of(asked.now)
    assert failure.kind in {"slow", "large"}
    assert time.monotonic() - start < DEADLINE
    assert len(source("select name from cakes").now()) == 3


def test_a_query_may_be_slow_for_one_parameter_and_quick_for_another(source: Source) -> None:
    sql = "with recursive n(x) as (select 1 union all select x + 1 from n where x < :most) select count(*) as a from n"
    asked = source(sql, params={"most": "integer"}, time_limit=1)
    for _ in range(2):
        assert (
            failure_of(lambda: asked.now({"most": 10**12})).message == "the query was cut off: it took longer than 1 s"
        )
        assert asked.now({"most": 10}).cells["a"] == [10]


def test_rows_are_counted(source: Source) -> None:
    sql = "with recursive n(x) as (select 1 union all select x + 1 from n limit :most) select x from n"
    asked = source(sql, params={"most": "integer"}, max_rows=1000)
    assert len(asked.now({"most": 1000})) == 1000
    failure = failure_of(lambda: asked.now({"most": 1001}))
    assert (failure.kind, failure.message) == ("large", "the query gives more than 1,000 rows")
    assert failure_of(source(ENDLESS + "select x from n").now).message == "the query gives more than 10,000 rows"


def test_characters_are_counted(source: Source) -> None:
    failure = failure_of(source(ENDLESS + "select printf('%200000d', x) as a from n").now)
    assert failure.message == "the query gives more than 20,000,000 characters"


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select hex(printf('%200000d', 1)) as a", "a text of the query has more than 250,000 characters"),
        ("select replace(printf('%2000d', 1), ' ', printf('%2000d', 1)) as a", "more than 250,000 characters"),
        ("select name like '" + "%a" * 600 + "' as a from cakes", "LIKE or GLOB pattern too complex"),
        ("select " + "-" + " -" * 150 + "1" + " as a", "parser stack overflow"),
        ("select " + "+".join(["1"] * 150) + " as a", "Expression tree is too large"),
        (" union all ".join(["select 1 as a"] * 100), "too many terms in compound SELECT"),
        ("select " + ", ".join(f"instr(upper('a{n}'), 'b') as a{n}" for n in range(201)), "too many columns"),
        (
            "select "
            + ", ".join("max(" + ", ".join(["length(name)"] * 30) + f") as a{n}" for n in range(190))
            + " from cakes",
            "the query is too long",
        ),
    ],
)
def test_what_is_too_large_is_refused(source: Source, sql: str, words: str) -> None:
    assert words in failure_of(source(sql).now).message
    assert len(source("select name from cakes").now()) == 3


@pytest.mark.parametrize("lines", [20, 60])
def test_queries_within_queries_do_not_take_all_memory(source: Source, lines: int) -> None:
    doubled = "".join(f", c{n} as (select a.x from c{n - 1} a, c{n - 1} b)" for n in range(1, lines))
    sql = f"with c0 as (select 1 as x){doubled} select x from c{lines - 1}"
    for call in (source(sql, time_limit=60).find_columns, source(sql, time_limit=60).now):
        failure = failure_of(call)
        assert (failure.kind, failure.message) == ("large", "the query is too long, or needs too much memory")
    assert len(source("select name from cakes").now()) == 3


@pytest.mark.parametrize(
    "call",
    [
        "instr(printf('%240000d', x), printf('%120000d', x + 1))",
        "replace(printf('%240000d', x), printf('%120000d', x + 1), '')",
        "printf('%240000d', x) like '" + "%  " * 80 + "x'",
        "trim((select a from signs), (select a from signs))",
    ],
)
def test_functions_of_one_row_do_not_go_on_for_ever(source: Source, file: Path, call: str) -> None:
    """Nothing is looked at between them: there are few, and none takes long."""
    with sqlite3.connect(file) as connection:
        connection.execute("create table signs (a text)")
        connection.execute("insert into signs values (?)", ("".join(map(chr, range(0x3000, 0xD000))) * 2,))
    connection.close()
    columns = ", ".join(f"{call} as a{number}" for number in range(100))
    if "trim" not in call:
        words = failure_of(source(f"select {columns} from (select 1 as x)", time_limit=0.2).now).message
        assert words.startswith("the query calls `glob`, `instr`, `json_patch`, `like`, `replace` more than 24 times")
    start = time.process_time()
    source(f"select {call} as a from (select 1 as x)", time_limit=60).now()
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("call", "result"),
    [
        ("trim('xxaxbxx', 'x')", "axb"),
        ("ltrim('xyaxx', 'yx')", "axx"),
        ("rtrim('xxaxy', 'yx')", "xxa"),
        ("trim(' a ')", "a"),
        ("trim('xx', 'x')", ""),
        ("trim(null, 'x')", None),
        ("trim('x', null)", None),
        ("trim(1551, 1)", "55"),
    ],
)
def test_signs_are_taken_off_as_sqlite_does(source: Source, call: str, result: str | None) -> None:
    connection = sqlite3.connect(":memory:")
    (own,) = connection.execute(f"select {call}").fetchone()
    connection.close()
    assert source(f"select {call} as a").now().cells["a"] == [own] == [result]


def test_a_pattern_of_a_visitor_that_is_too_long_is_a_wrong_value(source: Source) -> None:
    asked = source("select name from cakes where name like '%' || :it || '%'", params={"it": "text"})
    assert asked.now({"it": "ach"}).cells["name"] == ["Sacher"]
    with pytest.raises(ValueError, match="a pattern is too long"):
        asked.now({"it": "a" * 1000})


def test_a_row_is_counted_before_the_next_one_is_read(source: Source) -> None:
    columns = ", ".join(f"printf('%240000d', x) as a{number}" for number in range(80))
    tracemalloc.start()
    failure = failure_of(source(ENDLESS + f"select {columns} from n").now)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert failure.kind == "large"
    assert most < 100_000_000


def test_a_huge_width_gives_nothing(source: Source) -> None:
    start = time.process_time()
    try:
        assert source("select printf('%999999999d', 1) as a").now().cells["a"] == [None]
    except CannotAsk as failure:
        assert failure.kind == "large"  # noqa: PT017 # versions of SQLite differ
    assert time.process_time() - start < 2


def test_only_so_many_run_at_once(source: Source) -> None:
    asked = source(ENDLESS + "select count(*) as a from n", time_limit=0.5)
    failures: list[CannotAsk] = []
    threads = [threading.Thread(target=lambda: failures.append(failure_of(asked.now))) for _ in range(3 * MOST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    assert [failure.kind for failure in failures] == ["slow"] * 3 * MOST
    assert len(source("select name from cakes").now()) == 3
