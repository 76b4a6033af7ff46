"""Cells of a spreadsheet, in the notations of programs and of people."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from declweb.data.values import Reading, read_cell, spoken
from declweb.model.data import TYPES

BERLIN = ZoneInfo("Europe/Berlin")

READ = [
    ("en", "text", "  Rye loaf ", "Rye loaf"),
    ("en", "number", "4.20", Decimal("4.20")),
    ("en", "number", "-1,250.50", Decimal("-1250.50")),
    ("en", "number", "$ 4.20", Decimal("4.20")),
    ("en", "number", "\N{MINUS SIGN}3", Decimal(-3)),
    ("de", "number", "4,20", Decimal("4.20")),
    ("de", "number", "1.250", Decimal(1250)),
    ("de", "number", "1.250,50 €", Decimal("1250.50")),
    ("de-CH", "number", "CHF 1'250.50", Decimal("1250.50")),
    ("fr", "number", "1\N{NARROW NO-BREAK SPACE}250,5", Decimal("1250.5")),
    ("en", "integer", "12", 12),
    ("en", "integer", "12.0", 12),
    ("en", "integer", "1,200", 1200),
    ("en", "yes/no", "Yes", True),
    ("en", "yes/no", "x", True),
    ("de", "yes/no", "nein", False),
    ("de", "yes/no", "no", False),
    ("fr", "yes/no", "OUI", True),
    ("en", "date", "2026-12-24", date(2026, 12, 24)),
    ("de", "date", "24.12.2026", date(2026, 12, 24)),
    ("de", "date", "1. 2. 2026", date(2026, 2, 1)),
    ("en-US", "date", "12/24/2026", date(2026, 12, 24)),
    ("en-GB", "date", "24/12/2026", date(2026, 12, 24)),
    ("hu", "date", "2026.12.24.", date(2026, 12, 24)),
    ("de", "time", "18.30 Uhr", time(18, 30)),
    ("en", "time", "6:30 pm", time(18, 30)),
    ("en", "time", "12:05 a.m.", time(0, 5)),
    ("en", "time", "09:05:30", time(9, 5, 30)),
    ("en", "datetime", "2026-12-24T18:30:00Z", datetime(2026, 12, 24, 18, 30, tzinfo=UTC)),
    ("en", "datetime", "2026-12-24 18:30", datetime(2026, 12, 24, 18, 30, tzinfo=BERLIN)),
    ("de", "datetime", "24.12.2026, 18:30 Uhr", datetime(2026, 12, 24, 18, 30, tzinfo=BERLIN)),
    ("en", "url", "https://example.org/a?b=c", "https://example.org/a?b=c"),
    ("en", "email", "anna@example.org", "anna@example.org"),
]


@pytest.mark.parametrize(("language", "type_", "text", "value"), READ)
def test_what_people_write(language: str, type_: str, text: str, value: object) -> None:
    found = read_cell(text, type_, Reading(language, "Europe/Berlin"))
    assert found == value
    assert type(found) is type(value)


WRONG = [
    ("en", "number", "4,20", "write 4.20"),
    ("de", "number", "4.20", "write 4,20"),
    ("en", "number", "about 4", "a number such as 4.20"),
    ("de", "number", "1.2.3", "a number such as 4,20"),
    ("en", "number", "€ 1.234,50", 'write 1,234.50, or say language = "de"'),
    ("de", "number", "1,234,567.50", 'write 1.234.567,50, or say language = "en"'),
    ("fr", "number", "1.234,50", "a number such as 4,20"),
    ("en", "number", "12 %", "a number has no percent sign"),
    ("de", "integer", "12%", "a number has no percent sign"),
    ("en", "number", "=A1*2", "this is a formula"),
    ("en", "integer", "=SUM(B:B)", "this is a formula"),
    ("en", "number", "#DIV/0!", "has failed"),
    ("de", "integer", "#BEZUG!", "has failed"),
    ("de", "integer", "#NV", "has failed"),
    ("en", "number", "Err:502", "has failed"),
    ("en", "number", "#1", "a number such as 4.20"),
    ("en", "number", "NaN", "a number"),
    ("en", "number", "1e400", "a number"),
    ("en", "number", "9" * 61, "too many digits"),
    ("en", "integer", "12.5", "a whole number"),
    ("en", "integer", "few", "a whole number such as 12"),
    ("en", "integer", "9" * 19, "too large"),
    ("de", "yes/no", "vielleicht", "write ja or nein"),
    ("en", "yes/no", "ja", "write yes or no"),
    ("en", "date", "24.12.2026", 'language = "de"'),
    ("en", "date", "12/24/2026", 'language = "en-GB" or "en-US"'),
    ("de", "date", "24.12.26", "four digits"),
    ("de", "date", "30.2.2026", "there is no day 30.2.2026"),
    ("en", "date", "2026-02-30", "there is no day"),
    ("en", "date", "soon", "a day such as"),
    ("en", "time", "25:00", "there is no time"),
    ("en", "time", "13:00 pm", "there is no time"),
    ("en", "time", "noon", "a time such as"),
    ("en", "datetime", "2026-12-24", "a day with a time"),
    ("en", "datetime", "2026-12-24 18:30+99:99", "there is no time zone"),
    ("en", "url", "example.org", "https://example.org"),
    ("en", "url", "javascript:alert(1)", "begins with https://"),
    ("en", "url", "https://[", "begins with https://"),
    ("en", "email", "anna at example", "an e-mail address"),
    ("en", "text", "a\0b", "control character"),
]


@pytest.mark.parametrize(("language", "type_", "text", "words"), WRONG)
def test_what_is_said_of_others(language: str, type_: str, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        read_cell(text, type_, Reading(language, "Europe/Berlin"))


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("text", ["", "   ", "\t"])
def test_an_empty_cell_is_nothing(type_: str, text: str) -> None:
    assert read_cell(text, type_, Reading()) is None
    assert spoken(type_)


@pytest.mark.parametrize("type_", TYPES)
@given(text=st.text(max_size=40), language=st.sampled_from(["en", "de", "fr-CH", "en-US", "hu", "xx"]))
def test_any_text_is_read_or_refused(type_: str, text: str, language: str) -> None:
    with suppress(ValueError):
        cell = read_cell(text, type_, Reading(language, "Europe/Berlin"))
        assert cell is None or text.strip()


@given(st.decimals(-(10**12), 10**12, allow_nan=False, places=2), st.sampled_from(["en", "de", "de-CH", "fr"]))
def test_a_number_is_read_as_babel_writes_it(number: Decimal, language: str) -> None:
    text = format_decimal(number, "#,##0.00", locale=language.replace("-", "_"))
    assert read_cell(text, "number", Reading(language)) == number
