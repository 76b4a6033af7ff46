"""Rows and documents as programs read them."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.data import writing
from declweb.data.dataset import ANY, Column, Dataset
from declweb.data.literals import read, written

CAKES = Dataset(
    "cakes",
    (
        Column("name", "text"),
        Column("price", "number"),
        Column("pieces", "integer"),
        Column("vegan", "yes/no"),
        Column("baked", "date"),
        Column("ready", "time"),
        Column("sold", "datetime"),
        Column("tags", ANY),
    ),
    {
        "name": ['A "big"\n€', "=1+1"],
        "price": [Decimal("0.10"), None],
        "pieces": [2**63, -1],
        "vegan": [True, False],
        "baked": [date(2026, 1, 2), None],
        "ready": [time(7, 30), None],
        "sold": [datetime(2026, 1, 2, 3, 4, 5), None],  # noqa: DTZ001 # as it stands in a file
        "tags": [["a", {"b": Decimal("1.50")}], "+c"],
    },
)


def test_rows_as_json() -> None:
    text = writing.items(CAKES, [1, 0], CAKES.names)
    first, second = json.loads(text, parse_float=Decimal)
    assert first == {
        "name": "=1+1", "price": None, "pieces": -1, "vegan": False, "baked": None, "ready": None, "sold": None,
        "tags": "+c",
    }  # fmt: skip
    assert second == {
        "name": 'A "big"\n€', "price": Decimal("0.10"), "pieces": 2**63, "vegan": True, "baked": "2026-01-02",
        "ready": "07:30:00", "sold": "2026-01-02T03:04:05", "tags": ["a", {"b": Decimal("1.50")}],
    }  # fmt: skip
    assert '"price": 0.10' in text
    assert writing.items(CAKES, [], CAKES.names) == "[]"
    assert writing.items(CAKES, [1], ["price"]) == '[\n{"price": null}\n]'


def test_rows_as_csv() -> None:
    assert writing.as_csv(CAKES, [0, 1], ["name", "price", "pieces", "vegan", "baked", "tags"]) == (
        "name,price,pieces,vegan,baked,tags\r\n"
        '"A ""big""\n€",0.10,9223372036854775808,yes,2026-01-02,"[""a"", {""b"": 1.50}]"\r\n'
        "'=1+1,,-1,no,,'+c\r\n"
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(VALUES)
def test_documents_are_json(value: object) -> None:
    assert json.loads(writing.document(value), parse_float=Decimal) == value


def test_documents_are_written_in_lines() -> None:
    value = {"monday": [], "tuesday": ["07:00"], "since": date(1987, 5, 1)}
    assert writing.document(value) == json.dumps({**value, "since": "1987-05-01"}, indent=2)


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(1850, 1, 1, 12, tzinfo=BERLIN), "1850-01-01T11:59:32+00:53"),
        (datetime(1, 1, 1, tzinfo=BERLIN), "0001-01-01T00:00:32+00:54"),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "9999-12-31T23:59:00+00:00"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=BERLIN), "2026-01-02T03:04:00+01:00"),
    ],
)
def test_moments_are_told_in_whole_minutes_from_utc(moment: datetime, text: str) -> None:
    assert written(moment) == text
    assert read(text, "datetime") == moment
