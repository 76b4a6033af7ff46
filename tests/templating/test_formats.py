"""The filters that write dates, times, numbers and money as a language does."""

import re
import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.templating.environment import Environment, render
from declweb.templating.errors import RenderError
from declweb.templating.formats import Formats
from declweb.templating.undefined import recording

EVE = date(2026, 12, 24)
MOMENT = datetime(2026, 12, 24, 17, 30, tzinfo=UTC)
NARROW, NBSP = "\u202f", "\xa0"


def shown(expression: str, language: str = "en", *, checked: bool = False, **values: Any) -> str:
    environment = Environment()
    formats = Formats(lambda: language, "Europe/Berlin", lambda value: value == "visitor")
    environment.filters.update(formats.filters())
    with recording() if checked else nullcontext():
        return render(environment.text(f"{{{{ {expression} }}}}", "x.txt", escape=False), values)


@pytest.mark.parametrize(
    ("expression", "en", "de", "fr"),
    [
        ("day|date", "Dec 24, 2026", "24.12.2026", "24 déc. 2026"),
        ('day|date("short")', "12/24/26", "24.12.26", "24/12/2026"),
        ('day|date("long")', "December 24, 2026", "24. Dezember 2026", "24 décembre 2026"),
        (
            'day|date(format="full")',
            "Thursday, December 24, 2026",
            "Donnerstag, 24. Dezember 2026",
            "jeudi 24 décembre 2026",
        ),
        ('day|date("EEE d. MMMM")', "Thu 24. December", "Do. 24. Dezember", "jeu. 24. décembre"),
        ("'2026-12-24'|date", "Dec 24, 2026", "24.12.2026", "24 déc. 2026"),
        ("moment|date", "Dec 24, 2026", "24.12.2026", "24 déc. 2026"),
        ("moment|time", f"6:30{NARROW}PM", "18:30", "18:30"),
        ("clock|time", f"6:30{NARROW}AM", "06:30", "06:30"),
        ('clock|time("medium")', f"6:30:05{NARROW}AM", "06:30:05", "06:30:05"),
        ("'18:30'|time('H:mm')", "18:30", "18:30", "18:30"),
        ("'18:30'|time(\"HH 'h'\")", "18 h", "18 h", "18 h"),
        ("moment|datetime", f"Dec 24, 2026, 6:30{NARROW}PM", "24.12.2026, 18:30", "24 déc. 2026, 18:30"),
        ('moment|datetime("d. MMM, HH:mm")', "24. Dec, 18:30", "24. Dez., 18:30", "24. déc., 18:30"),
        (
            "'2026-12-24T17:30:00Z'|datetime('short')",
            f"12/24/26, 6:30{NARROW}PM",
            "24.12.26, 18:30",
            "24/12/2026 18:30",
        ),
        ("'2026-12-24 18:30'|time", f"6:30{NARROW}PM", "18:30", "18:30"),
        ("1234567.891|number", "1,234,567.891", "1.234.567,891", f"1{NARROW}234{NARROW}567,891"),
        ("1234.5|number(2)", "1,234.50", "1.234,50", f"1{NARROW}234,50"),
        ("'4.2'|number(digits=0)", "4", "4", "4"),
        ("7|number", "7", "7", "7"),
        ('4.2|money("EUR")', "€4.20", f"4,20{NBSP}€", f"4,20{NBSP}€"),
        ('"-1234"|money("USD")', "-$1,234.00", f"-1.234,00{NBSP}$", f"-1{NARROW}234,00{NBSP}$US"),
        ('5|money("EUR", 0)', "€5", f"5{NBSP}€", f"5{NBSP}€"),
        ('500|money(currency="JPY")', "¥500", f"500{NBSP}¥", f"500{NBSP}JPY"),
    ],
)
def test_each_language_writes_in_its_own_way(expression: str, en: str, de: str, fr: str) -> None:
    values = {"day": EVE, "moment": MOMENT, "clock": time(6, 30, 5)}
    for language, expected in (("en", en), ("de", de), ("fr", fr)):
        for checked in (False, True):
            assert shown(expression, language, checked=checked, **values) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de-AT", "24. Dezember 2026"),
        ("de-XY", "24. Dezember 2026"),
        ("tlh", "December 24, 2026"),
        ("pt-BR", "24 de dezembro de 2026"),
    ],
)
def test_what_is_not_known_of_a_language_is_taken_from_the_next_one(language: str, expected: str) -> None:
    assert shown('day|date("long")', language, day=EVE) == expected


WRONG = [
    ("'tomorrow'|date", "tomorrow", "`tomorrow` is no date; it would be written 2026-12-24"),
    ("'2026-13-40'|date", "2026-13-40", "`2026-13-40` is no date; it would be written 2026-12-24"),
    ("5|date", "5", "`5` is no date"),
    ("[5]|date", "[5]", "this value is no date"),
    ("day|time", "2026-12-24", "`2026-12-24` is no time; it would be written 18:30"),
    ("day|datetime", "2026-12-24", "is no date with a time"),
    ("day|date('lnog')", "2026-12-24", "`lnog` is no format of a date: did you mean `long`?"),
    ("day|date('%d.%m.%Y')", "2026-12-24", "write short, medium, long, full, or a pattern such as `d. MMMM y`"),
    ("day|date('HH:mm')", "2026-12-24", "no format of a date"),
    ("day|date('!')", "2026-12-24", "no format of a date"),
    ("day|date('y' * 70)", "2026-12-24", "no format of a date"),
    ("day|date('y ' * 70)", "2026-12-24", "no format of a date"),
    ("day|date(5)", "2026-12-24", "`5` is no format of a date"),
    ("day|date('long', 'de')", "2026-12-24", "`date` takes `format`, nothing else"),
    ("day|date(locale='de')", "2026-12-24", "`date` takes `format`, nothing else"),
    ("day|date('long', format='long')", "2026-12-24", "`date` takes `format`, nothing else"),
    ("'four'|number", "four", "`four` is no number"),
    ("'1e999999999'|number", "1e999999999", "is no number"),
    ("true|number", "True", "`True` is no number"),
    ("(10 ** 400)|number", "1" + "0" * 400, "this number is no number that could be written"),
    ("1e300|number", "1e+300", "is no number"),
    ("5|number(-1)", "5", "`-1` is no number of digits"),
    ("5|number(true)", "5", "`True` is no number of digits"),
    ("5|number(1000)", "5", "`1000` is no number of digits"),
    ("5|number('two')", "5", "`two` is no number of digits"),
    ("5|money", "5", '`money` must be told the currency: write its three capital letters, such as money("EUR")'),
    ("5|money('EURO')", "5", "`EURO` is no currency"),
    ("5|money('eur')", "5", "`eur` is no currency"),
    ("5|money(['EUR'])", "5", "this value is no currency"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "printed", "said"), WRONG)
def test_what_is_wrong_is_said_at_check_and_prints_as_it_is_later(
    expression: str, printed: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert shown(expression, day=EVE) == printed
    assert said in caplog.text
    assert "prints the value as it is" in caplog.text
    with pytest.raises(RenderError, match=r".") as caught:
        shown(expression, checked=True, day=EVE)
    assert said in caught.value.message


@pytest.mark.parametrize("expression", ["nothing|date", "nothing|money('EUR')", "''|number", "missing|time"])
def test_nothing_is_written_as_nothing(expression: str) -> None:
    for checked in (False, True):
        assert shown(expression, checked=checked, nothing=None) == ""


@pytest.mark.parametrize("expression", ["nothing|date('lnog')", "missing|money", "''|number('x')"])
def test_formats_are_checked_though_there_is_no_value(expression: str) -> None:
    assert shown(expression, nothing=None) == ""
    with pytest.raises(RenderError):
        shown(expression, checked=True, nothing=None)


def test_what_a_visitor_gives_is_no_mistake_of_the_template(caplog: pytest.LogCaptureFixture) -> None:
    for checked in (False, True):
        assert shown("word|date", checked=checked, word="visitor") == "visitor"
    assert not caplog.records


def test_what_the_docs_show_is_what_is_written() -> None:
    text = (Path(__file__).parents[2] / "docs/languages.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `\{\{ (.+?) \}\}` \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert len(rows) >= 9
    known: dict[str, Any] = {"day": EVE, "opens": time(18, 30), "starts": MOMENT}
    for expression, *expected in rows:
        plain = expression.replace("\\|", "|")
        found = [shown(plain, language, **known) for language in ("en", "de")]
        assert [text.replace(NARROW, " ").replace(NBSP, " ") for text in found] == expected


def values() -> st.SearchStrategy[Any]:
    plain = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.dates(), st.times(),
        st.datetimes(), st.datetimes(timezones=st.timezones()), st.decimals(allow_nan=False), st.just("visitor"),
    )  # fmt: skip
    return st.one_of(plain, st.lists(plain, max_size=2), st.dictionaries(st.text(max_size=3), plain, max_size=2))


@given(
    st.sampled_from(["date", "time", "datetime", "number", "money"]),
    values(),
    st.lists(
        st.one_of(values(), st.text("yMdEHhmsaGz'., ", max_size=12), st.sampled_from(["EUR", "JPY", 2])), max_size=2
    ),
    st.sampled_from(["en", "de", "fr", "ar", "ja", "hi", "zz"]),
)
def test_no_value_and_no_format_makes_a_page_fail(name: str, value: Any, options: list[Any], language: str) -> None:
    given_ = ", ".join(f"option{index}" for index in range(len(options)))
    named = {f"option{index}": option for index, option in enumerate(options)}
    text = shown(f"value|{name}({given_})", language, value=value, **named)
    assert len(text) <= 2000


def test_a_site_that_writes_no_dates_does_not_load_babel() -> None:
    code = (
        "import sys; from declweb.loading import load_site; from pathlib import Path;"
        "assert load_site(Path('examples/hello'), None, {}).app; print(' '.join(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert "babel" not in {name.partition(".")[0] for name in loaded.split()}


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("0.5|number(0)", "1"), ("2.5|number(0)", "3"), ("-2.5|number(0)", "-3"), ("-0.0|number", "0"),
        ("1.005|money('EUR')", "€1.01"), ("-0.001|money('EUR')", "€0.00"), ("0.5|money('JPY')", "¥1"),
        ("1234.5678|number", "1,234.568"),
    ],
)  # fmt: skip
def test_halves_are_rounded_as_people_do(expression: str, written: str) -> None:
    assert shown(expression) == written
