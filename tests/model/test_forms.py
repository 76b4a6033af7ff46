"""Forms, their fields and what is sent: what the models know of them."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import tomli
from pydantic import TypeAdapter, ValidationError

from declweb.model import Form, FormField, Mail, Send, Session, Storage
from declweb.model.days import RelativeDay
from declweb.model.fields import KEYS, TYPES, Option, fits, misfits
from declweb.model.texts import Translations
from declweb.model.words import Rate, RateLimit
from declweb.sitefile import FromVariable

RATE: TypeAdapter[Rate | None] = TypeAdapter(RateLimit)
BAKERY = Path(__file__).parents[2] / "sites" / "bakery" / "site.toml"
TIMEZONE = "Europe/Berlin"


def form(**keys: Any) -> Form:
    return Form.model_validate({"path": "/contact", "fields": {"name": {"label": "Your name"}}, **keys})


def field(**keys: Any) -> FormField:
    return FormField.model_validate({"label": "Label", **keys})


def code(error: pytest.ExceptionInfo[ValidationError]) -> str:
    return str(error.value.errors()[0]["type"])


# --- fields -----------------------------------------------------------------------------------------------------------


def test_choices_have_one_shape_however_they_are_written() -> None:
    assert field(type="select", choices=["Nuts", "Milk"]).options == [Option("Nuts", "Nuts"), Option("Milk", "Milk")]
    labelled = field(type="radio", choices={"a": "Ant", "b": {"label": "Bee", "places": 3}})
    assert labelled.options == [Option("a", "Ant"), Option("b", "Bee", 3)]
    (several,) = field(type="radio", choices={"a": {"en": "Ant", "de": "Ameise"}}).options
    assert several.label == Translations({"en": "Ant", "de": "Ameise"})
    (both,) = field(type="checkboxes", choices={"a": {"label": {"en": "Ant"}, "places": 0}}).options
    assert (both.label, both.places) == (Translations({"en": "Ant"}), 0)
    assert field().options == []


@pytest.mark.parametrize(
    ("keys", "longest"),
    [
        ({}, 1000),
        ({"type": "textarea"}, None),
        ({"type": "email"}, 254),
        ({"type": "textarea", "max_length": 5}, 5),
        ({"type": "number"}, None),
    ],
)
def test_an_answer_has_a_length(keys: dict[str, Any], longest: int | None) -> None:
    assert field(**keys).longest == longest


def test_all_kinds_of_file_are_taken_where_nothing_is_said() -> None:
    assert field(type="file").accepted == ("any",)
    assert field(type="file", accept="images").accepted == ("images",)
    assert field(type="file", accept=["images", "documents"]).accepted == ("images", "documents")


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_of_some_types_and_not_of_others(key: str) -> None:
    assert KEYS[key] <= set(TYPES)
    assert KEYS[key]
    assert set(TYPES) - KEYS[key]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("number", FromVariable("2.5")),
        ("integer", FromVariable("80")),
        ("date", FromVariable("2026-12-24")),
        ("date", FromVariable("today + 2 days")),
        ("datetime", FromVariable("2026-12-24T18:00:00")),
        ("time", FromVariable("18:00:00")),
    ],
)
def test_a_bound_may_come_from_a_variable(type_: str, value: str) -> None:
    assert fits(field(type=type_, max=value).max, type_)


def test_a_default_day_may_be_counted_from_today() -> None:
    found = field(type="date", default="today + 2 days").default
    assert isinstance(found, RelativeDay)
    assert found.on(date(2026, 11, 22)) == date(2026, 11, 24)
    assert field(default="today").default == "today"


@pytest.mark.parametrize(
    ("value", "type_", "is_one"),
    [
        (True, "checkbox", True),
        ("yes", "checkbox", False),
        (True, "integer", False),
        (5, "number", True),
        (5.5, "integer", False),
        (date(2026, 1, 1), "date", True),
        (datetime(2026, 1, 1, 12), "date", False),  # noqa: DTZ001 - as the site file has it
        (date(2026, 1, 1), "datetime", True),
        (time(12), "time", True),
        ("12:00", "time", False),
        ("a", "text", True),
        (5, "text", False),
    ],
)
def test_values_fit_their_type(value: object, type_: str, is_one: bool) -> None:
    assert fits(value, type_) is is_one


def test_a_value_is_judged_by_all_that_the_field_says() -> None:
    number = field(type="integer", min=2, max=8)
    assert list(misfits(number, 5)) == []
    assert list(misfits(number, 1)) == ["is less than `min`, 2"]
    assert list(misfits(number, 9)) == ["is more than `max`, 8"]
    assert list(misfits(field(type="date", min=date(2026, 1, 1)), date(2025, 1, 1)))
    assert list(misfits(field(type="date", min="today"), date(2025, 1, 1))) == []
    assert list(misfits(field(min_length=3), "ab")) == ["is shorter than 3 characters"]
    assert list(misfits(field(type="select", choices=["a"]), "b")) == ["is none of its choices"]


# --- when a form is open ----------------------------------------------------------------------------------------------


def at(day: int, hour: int = 12, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_a_form_is_open_from_its_first_day_to_the_end_of_its_last() -> None:
    xmas = form(starts=date(2026, 12, 1), ends=date(2026, 12, 24))
    assert not xmas.is_open(at(30, 22, month=11), TIMEZONE)
    assert xmas.is_open(at(30, 23, month=11), TIMEZONE)
    assert xmas.is_open(at(24, 22), TIMEZONE)
    assert not xmas.is_open(at(24, 23), TIMEZONE)
    assert xmas.changes(TIMEZONE) == [at(30, 23, month=11), at(24, 23)]
    assert xmas.opens(at(1, month=11), TIMEZONE) == at(30, 23, month=11)
    assert xmas.opens(at(25), TIMEZONE) is None


def test_a_form_is_closed_meanwhile() -> None:
    order = form(closed=["2026-12-20 to 2026-12-22", date(2026, 12, 23)])
    assert order.is_open(at(19), TIMEZONE)
    assert not order.is_open(at(20), TIMEZONE)
    assert not order.is_open(at(23), TIMEZONE)
    assert order.is_open(at(24), TIMEZONE)
    assert order.opens(at(20), TIMEZONE) == at(23, 23), "the second period follows on the first"


def test_a_form_that_says_nothing_is_always_open() -> None:
    assert form().is_open(at(1), TIMEZONE)
    assert form().changes(TIMEZONE) == []


def test_how_long_entries_are_kept() -> None:
    assert form().kept_for is None
    assert form(keep="forever").kept_for is None
    assert form(keep="180 days").kept_for == timedelta(days=180)


# --- rates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count", "per", "spoken"),
    [
        ("5 per minute", 5, timedelta(minutes=1), "5 per minute"),
        ("10 per hour", 10, timedelta(hours=1), "10 per hour"),
        ("3 per 10 minutes", 3, timedelta(minutes=10), "3 per 10 minutes"),
        ("1 a day", 1, timedelta(days=1), "1 per day"),
        ("20/second", 20, timedelta(seconds=1), "20 per second"),
    ],
)
def test_a_rate_is_so_many_in_a_time(text: str, count: int, per: timedelta, spoken: str) -> None:
    rate = RATE.validate_python(text)
    assert rate == Rate(count, per)
    assert str(rate) == spoken


def test_there_may_be_no_limit() -> None:
    assert RATE.validate_python("none") is None
    assert form(limit="none").limit is None
    assert form().limit == Rate(5, timedelta(minutes=1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", "wrong-amount"),
        (5, "wrong-amount"),
        ("five per minute", "wrong-amount"),
        ("0 per minute", "out-of-range"),
        ("5 per 2 years", "out-of-range"),
        ("5 per minuet", "unknown-unit"),
    ],
)
def test_what_is_no_rate_is_refused(text: object, expected: str) -> None:
    with pytest.raises(ValidationError) as error:
        RATE.validate_python(text)
    assert code(error) == expected


# --- the bakery, and what stands beside forms -------------------------------------------------------------------------


def test_the_forms_of_the_bakery() -> None:
    written = tomli.loads(BAKERY.read_text(encoding="utf-8"))["forms"]
    order = Form.model_validate({**written["order"], "send": written["order"]["send"][:2]})
    assert list(order.fields)[:3] == ["name", "email", "cake"]
    assert order.fields["idea"].show_when == {"cake": "own"}
    assert isinstance(order.fields["date"].min, RelativeDay)
    assert order.fields["photo"].max_size == 5_000_000
    assert order.send[0].attach == ["photo"]
    assert order.kept_for == timedelta(days=730)


@pytest.mark.parametrize("address", ["a@b.example", "Anna <anna@b.example>", "{{ entry.email }}", "ö@bäckerei.example"])
def test_who_gets_a_mail(address: str) -> None:
    assert Send.model_validate({"email": address, "reply_to": address}).email == [address]


@pytest.mark.parametrize("address", ["a", "a@", "@b.example", "a b@c.example", "a@b.example\n", "<a@b.example"])
def test_who_gets_no_mail(address: str) -> None:
    with pytest.raises(ValidationError) as error:
        Send.model_validate({"email": "a@b.example", "reply_to": address})
    assert code(error) == "bad-address" or "\n" in address


@pytest.mark.parametrize("server", ["smtp://mail.example", "smtps://a:b@mail.example:465", ""])
def test_mail_servers(server: str) -> None:
    assert Mail.model_validate({"server": server, "from": "a@b.example"}).server == server


@pytest.mark.parametrize("server", ["mail.example:587", "http://mail.example", "smtp://", "smtp://mail.example:x"])
def test_what_is_no_mail_server(server: str) -> None:
    with pytest.raises(ValidationError) as error:
        Mail.model_validate({"server": server, "from": "a@b.example"})
    assert code(error) == "bad-url"


@pytest.mark.parametrize(
    "keys",
    [
        {"database": "postgresql://db.example/site"},
        {"database": "postgresql+psycopg://db.example/site"},
        {"database": "sqlite:///other.db"},
        {"uploads": "/srv/uploads"},
    ],
)
def test_where_entries_are_kept(keys: dict[str, str]) -> None:
    assert Storage.model_validate(keys).folder == "storage"


@pytest.mark.parametrize("keys", [{"database": "mysql://db.example/site"}, {"uploads": "s3://bucket"}])
def test_where_entries_are_not_kept(keys: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as error:
        Storage.model_validate(keys)
    assert code(error) == "bad-url"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"secret": "short"}, "out-of-range"),
        ({"secret": ["0123456789abcdef", "short"]}, "out-of-range"),
        ({"samesite": "None"}, "missing-key"),
        ({"samesite": "lax"}, "unknown-word"),
        ({"path": "shop"}, "bad-path"),
        ({"cookie": "a b"}, "bad-name"),
    ],
)
def test_what_no_session_is_like(keys: dict[str, object], expected: str) -> None:
    with pytest.raises(ValidationError) as error:
        Session.model_validate(keys)
    assert code(error) == expected


def test_a_session_of_another_site() -> None:
    keys = {"secret": "0123456789abcdef", "samesite": "None", "secure": True, "path": "/shop"}
    assert Session.model_validate(keys).secret == ["0123456789abcdef"]


def test_what_is_no_bound_is_refused_though_a_variable_brings_it() -> None:
    with pytest.raises(ValidationError) as error:
        field(type="number", max=FromVariable("many"))
    assert code(error) == "wrong-date"
