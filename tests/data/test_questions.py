"""What is asked in a query, and what is said of a question that makes no sense."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from declweb.data.dataset import ANY, Column
from declweb.data.literals import Mistyped, as_cell, read
from declweb.data.questions import Parameter, Refused, Terms
from declweb.data.selecting import Condition, Order

COLUMNS = {
    "name": Column("name", "text"),
    "kind": Column("kind", "text", ("bread", "cake")),
    "price": Column("price", "number"),
    "vegan": Column("vegan", "yes/no"),
    "baked": Column("baked", "date"),
    "tags": Column("tags", ANY),
    "a__in": Column("a__in", "integer"),
}
TERMS = Terms(
    params={
        "people": Parameter("people", "integer", default=4, least=2, most=80),
        "day": Parameter("day", "date", is_required=True),
        "size": Parameter("size", "text", choices=("small", "large")),
    },
    filters=COLUMNS,
    sorts=("name", "price"),
    fields=("name", "price", "vegan"),
    orders=(Order("name"),),
    page_size=20,
    has_rows=True,
    formats=("json", "csv"),
)


def mistakes(query: str, terms: Terms = TERMS) -> dict[str, str]:
    with pytest.raises(Refused) as caught:
        terms.question(query)
    return {each.parameter: each.said(str) for each in caught.value.mistakes}


def test_nothing_asked_is_what_the_file_says() -> None:
    found = TERMS.question("day=2026-12-24")
    assert found.orders == (Order("name"),)
    assert found.fields == ("name", "price", "vegan")
    assert (found.page_size, found.next, found.format) == (20, None, None)
    assert found.params == {"day": date(2026, 12, 24), "people": 4, "size": None}


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ("price=4", Condition("price", "eq", Decimal(4))),
        ("price__lt=4.20", Condition("price", "lt", Decimal("4.20"))),
        ("price__not=-1", Condition("price", "not", Decimal(-1))),
        ("name__contains=a%26b", Condition("name", "contains", "a&b")),
        ("name__starts=Ry", Condition("name", "starts", "Ry")),
        ("kind__in=bread,cake", Condition("kind", "in", ("bread", "cake"))),
        ('name__in="a,b",c', Condition("name", "in", ("a,b", "c"))),
        ("kind__contains=b", Condition("kind", "contains", "b")),
        ("vegan=yes", Condition("vegan", "eq", True)),  # a cell
        ("vegan=FALSE", Condition("vegan", "eq", False)),  # a cell
        ("baked__gte=2026-01-31", Condition("baked", "gte", date(2026, 1, 31))),
        ("baked__empty=no", Condition("baked", "empty", False)),  # a cell
        ("tags__empty=1", Condition("tags", "empty", True)),  # a cell
        ("a__in=3", Condition("a__in", "eq", 3)),
        ("a__in__in=3", Condition("a__in", "in", (3,))),
    ],
)
def test_conditions(query: str, condition: Condition) -> None:
    assert TERMS.question(f"day=2026-12-24&{query}").conditions == (condition,)


def test_the_rest() -> None:
    found = TERMS.question("day=2026-12-24&sort=-price,name&fields=vegan,name&page_size=1000&next=abc&format=csv")
    assert found.orders == (Order("price", is_descending=True), Order("name"))
    assert found.fields == ("vegan", "name")
    assert (found.page_size, found.next, found.format) == (1000, "abc", "csv")


def test_all_mistakes_come_at_once() -> None:
    assert mistakes(
        "prize=4&price=x&price=4&vegan__lt=yes&kind=cakes&sort=nme,price&page_size=1001&fields=tags&format=xml&next="
        "&people=1&size=big&name=&kind__in=&name__eq=x"
    ) == {
        "prize": "`prize` is not known here.",
        "price": "`price` is given more than once.",
        "vegan__lt": "`vegan` cannot be asked with `lt`.",
        "kind": "`cakes` is none of the values of `kind`.",
        "sort": "`nme` is no column that `sort` takes.",
        "page_size": "`page_size` must be at most 1000.",
        "fields": "`tags` is no column that `fields` takes.",
        "format": "`xml` is none of the values of `format`.",
        "next": "`next` is empty.",
        "people": "`people` must be at least 2.",
        "size": "`big` is none of the values of `size`.",
        "name": "`name` is empty.",
        "kind__in": "`kind__in` is empty.",
        "name__eq": "`name` cannot be asked with `eq`.",
        "day": "`day` is missing.",
    }


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("people=81", "`people` must be at most 80."),
        ("people=4.5", "`4.5` is not what `people` takes: it takes a whole number, such as 4."),
        ("page_size=0", "`page_size` must be at least 1."),
        ("page_size=-1", "`-1` is not what `page_size` takes: it takes a whole number, such as 4."),
        ("page_size=9999999999", "`9999999999` is not what `page_size` takes: it takes a whole number, such as 4."),
        ("sort=", "`` is no column that `sort` takes."),
        ("sort=price,-price", "`price` stands in `sort` more than once."),
        ("fields=-name", "`-name` is no column that `fields` takes."),
        ("tags=1", "`tags` cannot be asked with `eq`."),
        ("baked=24.12.2026", "`24.12.2026` is not what `baked` takes: it takes a date, such as 2026-12-24."),
        ("name=a%00b", "`a\x00b` is not what `name` takes: it takes a text of at most 1000 characters."),
        (f"name={'x' * 1001}", f"`{'x' * 57}…` is not what `name` takes: it takes a text of at most 1000 characters."),
        ("name__in=", "`name__in` is empty."),
        (
            "name__in=%22a",
            '`"a` is no list for `name__in`: what has a comma, a quote or a line break in it stands in quotes.',
        ),
        ("name__in=" + "a," * 100 + "b", "`name__in` must be at most 100."),
    ],
)
def test_mistakes(query: str, said: str) -> None:
    assert list(mistakes(f"day=2026-12-24&{query}").values()) == [said]


def test_suggestions() -> None:
    with pytest.raises(Refused) as caught:
        TERMS.question("day=2026-12-24&prce__lt=3&kind=cak&srt=name")
    assert [each.meant for each in caught.value.mistakes] == ["price__lt", "cake", "sort"]


def test_queries_that_cannot_be_read() -> None:
    assert mistakes("name=%ff") == {"": "The query is no text in UTF-8."}
    assert mistakes("&".join(f"a{number}=1" for number in range(101))) == {
        "": "This asks for more than a hundred things at once."
    }


def test_a_form_leaves_out_what_is_empty() -> None:
    assert TERMS.question("day=2026-12-24&name=&price__lt=", is_form=True).conditions == ()


def test_parameters_alone() -> None:
    assert TERMS.params_of("day=2026-12-24&prize=3&people=5")["people"] == 5
    with pytest.raises(Refused):
        TERMS.params_of("day=2026-12-24&people=x")


def test_what_has_no_rows_knows_no_order() -> None:
    terms = Terms()
    assert mistakes("sort=name", terms) == {"sort": "`sort` is not known here."}


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("+1.50", "number", Decimal("1.50")),
        (".5", "number", Decimal("0.5")),
        ("1e3", "number", Decimal(1000)),
        ("07:30", "time", time(7, 30)),
        ("2026-12-24T18:00", "datetime", datetime(2026, 12, 24, 18, tzinfo=UTC)),
        ("2026-12-24 18:00:00Z", "datetime", datetime.fromisoformat("2026-12-24T18:00:00+00:00")),
        ("2026-12-24T18:00 01:00", "datetime", datetime.fromisoformat("2026-12-24T18:00:00+01:00")),
        ("https://a.example/", "url", "https://a.example/"),
        ("ann@a.example", "email", "ann@a.example"),
    ],
)
def test_values(text: str, type_: str, value: object) -> None:
    assert read(text, type_) == value


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("1,5", "number"),
        ("NaN", "number"),
        ("٣", "number"),
        ("1" * 41, "number"),
        ("9223372036854775808", "integer"),
        ("2026-02-30", "date"),
        ("25:00", "time"),
        ("2026-12-24", "datetime"),
        ("maybe", "yes/no"),
        ("a.example", "url"),
        ("ann", "email"),
    ],
)
def test_what_is_no_value(text: str, type_: str) -> None:
    with pytest.raises(Mistyped):
        read(text, type_)


@pytest.mark.parametrize(
    ("value", "type_", "cell"),
    [
        (4, "number", Decimal(4)),
        (0.1, "number", Decimal("0.1")),
        (4, "integer", 4),
        (True, "yes/no", True),
        (4, "text", "4"),
        (date(2026, 1, 1), "date", date(2026, 1, 1)),
        ("yes", "yes/no", True),
    ],
)
def test_values_of_the_site_file(value: object, type_: str, cell: object) -> None:
    assert as_cell(value, type_) == cell


@pytest.mark.parametrize(("value", "type_"), [(True, "integer"), (1, "yes/no"), (0.5, "integer"), ([], "text")])
def test_values_of_another_type(value: object, type_: str) -> None:
    with pytest.raises(Mistyped):
        as_cell(value, type_)
