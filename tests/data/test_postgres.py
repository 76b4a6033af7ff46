"""Rows of a PostgreSQL database: what a query may do there, and what it costs."""

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal

import psycopg
import pytest
from postgresql import fresh_database, postgresql
from servers import eventually

from declweb.data import postgres
from declweb.data.asking import CannotAsk
from declweb.data.postgres import PostgresSource
from declweb.data.sql_text import Text
from declweb.model.data import Data

Source = Callable[..., PostgresSource]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The URL of a small shop on a server."""
    with postgresql() as server:
        url = fresh_database(server, "shop")
        with psycopg.connect(url) as connection:
            connection.execute("create table cakes (name text, price numeric(8, 2), kind text, baked date)")
            connection.execute(
                "insert into cakes values ('Sacher', 4.20, 'cake', '2026-01-02'), ('Linzer', 3, 'tart', null)"
            )
            connection.execute("create sequence numbers")
        yield url


@pytest.fixture
def source(url: str) -> Iterator[Source]:
    """What makes a source of that shop."""
    made: list[PostgresSource] = []

    def make(sql: str, database: str = url, **said: object) -> PostgresSource:
        made.append(PostgresSource("cakes", Data.model_validate({"database": database, "sql": sql, **said})))
        return made[-1]

    yield make
    for each in made:
        each.close()


def _failure(call: Callable[[], object]) -> CannotAsk:
    with pytest.raises(CannotAsk) as caught:
        call()
    return caught.value


def test_rows_have_the_types_of_the_database(source: Source) -> None:
    asked = source("select name, price, baked, price > 4 as dear, now() as at from cakes order by name desc")
    asked.find_columns()
    dataset = asked.now()
    assert {column.name: column.type for column in dataset.columns} == {
        "name": "text",
        "price": "number",
        "baked": "date",
        "dear": "yes/no",
        "at": "datetime",
    }
    row = dataset.row(0)
    assert isinstance(row.pop("at"), datetime)
    assert row == {"name": "Sacher", "price": Decimal("4.20"), "baked": date(2026, 1, 2), "dear": True}


@pytest.mark.parametrize("value", ["cake' or 1=1 --", "'; drop table cakes; --", "%s", "%(kind)s", "$1", "\x1b"])
def test_a_parameter_stays_a_value(source: Source, value: str) -> None:
    asked = source("select name from cakes where kind = :kind", params={"kind": "text"})
    assert asked.now({"kind": "cake"}).cells["name"] == ["Sacher"]
    assert len(asked.now({"kind": value})) == 0
    assert source("select :it as it", params={"it": "text"}).now({"it": value}).cells["it"] == [value]


def test_parameters_are_of_their_types(source: Source) -> None:
    params = {"most": "number", "day": "date"}
    asked = source("select name from cakes where price <= :most and (baked >= :day or baked is null)", params=params)
    assert asked.now({"most": "3.00", "day": date(2026, 1, 1)}).cells["name"] == ["Linzer"]
    assert asked.now().cells["name"] == []


def test_only_parameters_are_parameters() -> None:
    sql = """select ':a', E'\\':b', $$:c$$, $x$ :d $$ $x$, "e:f" -- :g
        /* /* :h */ :i */ , :j::text, '%', :j % 2"""
    text = Text(sql, is_postgresql=True)
    assert text.parameters == ("j",)
    assert text.rewritten(lambda name: f"<{name}>").endswith(", <j>::text, '%', <j> % 2")


def test_signs_of_the_driver_mean_nothing(source: Source) -> None:
    asked = source("select name, '%s %(x)s %%' as signs from cakes where name like 'S%'")
    assert asked.now().row(0) == {"name": "Sacher", "signs": "%s %(x)s %%"}
    asked = source("select '%s' as signs, 7 % 4 as rest, :it as it, ':no' as no", params={"it": "text"})
    assert asked.now({"it": "x"}).row(0) == {"signs": "%s", "rest": 3, "it": "x", "no": ":no"}


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("insert into cakes (name) values ('x')", "refused"),
        ("with x as (delete from cakes returning name) select * from x", "refused"),
        ("delete from cakes", "refused"),
        ("drop table cakes", "refused"),
        ("create table more (a int)", "refused"),
        ("set statement_timeout = 0", "refused"),
        ("copy cakes to '/tmp/cakes'", "refused"),
        ("select 1 as a; drop table cakes", "refused"),
        ("select 1 as a; commit; drop table cakes", "refused"),
        ("commit", "refused"),
        ("select nextval('numbers') as a", "refused"),
        ("select name from cakes for update", "refused"),
        ("select set_config('transaction_read_only', 'off', false) as a", "refused"),
        ("select nam from cakes", "broken"),
        ("select name from cake", "broken"),
        ("select 1 as a frm cakes", "broken"),
        ("select 1 / 0 as a", "cell"),
        ('select 1 as "A b"', "broken"),
    ],
)
def test_what_is_no_reading_is_refused(source: Source, sql: str, kind: str) -> None:
    failure = _failure(source(sql).now)
    assert failure.kind == kind, failure
    assert len(source("select name from cakes").now()) == 2


def test_finding_columns_runs_nothing(source: Source) -> None:
    source("select pg_sleep(30)::text as a").find_columns()
    failure = _failure(source("select nam from cakes").find_columns)
    assert (failure.kind, failure.message) == (
        "broken",
        'PostgreSQL cannot answer the query: column "nam" does not exist',
    )


@pytest.mark.parametrize(
    "sql",
    [
        "select pg_sleep(30)::text as a",
        "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) as a from n",
        "select set_config('statement_timeout', '0', false) as a, pg_sleep(30)::text as b",
        "select set_config('statement_timeout', '0', true) as a union all select pg_sleep(30)::text",
    ],
)
def test_what_does_not_end_is_cut_off_and_the_next_request_works(source: Source, sql: str) -> None:
    start = time.monotonic()
    asked = source(sql, time_limit=0.3)
    for _ in range(2):
        assert _failure(asked.now).kind == "slow"
    assert time.monotonic() - start < 25
    assert len(source("select name from cakes").now()) == 2


def test_rows_are_counted(source: Source) -> None:
    asked = source("select generate_series(1, :most) as x", params={"most": "integer"}, max_rows=1000, time_limit=60)
    assert len(asked.now({"most": 1000})) == 1000
    assert _failure(lambda: asked.now({"most": 10**7})).message == "the query gives more than 1,000 rows"
    failure = _failure(source("select repeat('x', 1000000) as a from generate_series(1, 25)", time_limit=60).now)
    assert failure.message == "the query gives more than 20,000,000 characters"


def test_rows_are_as_they_are_now(source: Source, url: str) -> None:
    asked = source("select name from cakes where kind = :kind", params={"kind": "text"})
    assert len(asked.now({"kind": "new"})) == 0
    with psycopg.connect(url) as connection:
        connection.execute("insert into cakes (name, kind) values ('Mohn', 'new')")
    assert len(asked.now({"kind": "new"})) == 1
    with psycopg.connect(url) as connection:
        connection.execute("delete from cakes where kind = 'new'")
    assert len(asked.now({"kind": "new"})) == 0


def test_a_connection_that_was_ended_is_replaced(source: Source, url: str) -> None:
    asked = source("select name from cakes")
    asked.now()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'declweb data'"
        )
    assert len(asked.now()) == 2


def test_a_connection_that_ends_while_it_is_taken_is_replaced(
    source: Source, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = source("select name from cakes")
    asked.now()
    monkeypatch.setattr(postgres, "_is_open", lambda _: True)
    with psycopg.connect(url, autocommit=True) as connection:
        ours = "from pg_stat_activity where application_name = 'declweb data'"
        connection.execute(f"select pg_terminate_backend(pid) {ours}")
        eventually(lambda: connection.execute(f"select count(*) {ours}").fetchone() == (0,))
    assert len(asked.now()) == 2


def test_a_server_that_is_not_there_is_named_without_the_password(source: Source) -> None:
    asked = source("select 1 as a", "postgresql://shop:tops%40cret@127.0.0.1:1/shop")
    failure = _failure(asked.now)
    assert failure.kind == "unreachable"
    assert "cret" not in str(failure)


def test_a_password_is_never_repeated(source: Source, url: str) -> None:
    asked = source("select 1 as a", url.replace("postgres@", "nobody:hidden@").replace("/shop", "/hidden"))
    failure = _failure(asked.now)
    assert failure.kind == "unreachable"
    assert "hidden" not in str(failure)
