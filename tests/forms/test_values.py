"""What visitors answer: each type of field, and a form as a whole."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from asking import Sent, SentFile, as_json, form_of, html
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.security import check_password_hash

from declweb.forms import converting, messages
from declweb.forms.converting import Wrong
from declweb.forms.values import Checked, Checker, restored
from declweb.translations import LANGUAGES, translated

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def checker(fields: str, language: str = "en", timezone: str = "Europe/Berlin") -> Checker:
    return Checker(form_of(fields), "ask", language, timezone, translated(language))


def answer(field: str, value: Any, language: str = "en") -> Checked:
    sent = html(it=value) if isinstance(value, str | list) else as_json(it=value)
    return checker(f"it = {{ label = 'It', {field} }}", language).check(sent, NOW)


# --- types ------------------------------------------------------------------------------------------------------------

TAKEN = [
    ("type = 'text'", "  Ann  ", "Ann"),
    ("type = 'text'", "two\r\nlines", "two lines"),
    ("type = 'text'", "\u3000\u00a0", ""),
    ("type = 'text'", "<b>&amp;\u202e 'x'", "<b>&amp;\u202e 'x'"),
    ("type = 'text', max_length = 3", "abc", "abc"),
    ("type = 'text', pattern = '[0-9]{5}'", "10551", "10551"),
    ("type = 'textarea', max_length = 3", "a\r\nb", "a\nb"),
    ("type = 'textarea'", "a\rb\r\n\r\n", "a\nb"),
    ("type = 'email'", " Ann@Blackbird.EXAMPLE ", "Ann@blackbird.example"),
    ("type = 'email'", "jürgen@bücher.example", "jürgen@bücher.example"),
    ("type = 'tel'", "+49 (0)30 / 123-45.67", "+49 (0)30 / 123-45.67"),
    ("type = 'tel'", "020 7946 0000 ext. 12", "020 7946 0000 ext. 12"),
    ("type = 'url'", "https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
    ("type = 'url'", "http://bücher.example:8080", "http://bücher.example:8080"),
    ("type = 'url'", "www.example.com/a", "https://www.example.com/a"),
    ("type = 'integer'", "08", 8),
    ("type = 'integer'", "-3", -3),
    ("type = 'integer'", "1 000 000", 1000000),
    ("type = 'integer'", "1,000,000", 1000000),
    ("type = 'integer'", "\uff11\uff12", 12),
    ("type = 'integer'", "9" * 40, int("9" * 40)),
    ("type = 'number'", "12.50", "12.50"),
    ("type = 'number'", "12,50", "12.50"),
    ("type = 'number'", ".5", "0.5"),
    ("type = 'number'", "1,234,567.891", "1234567.891"),
    ("type = 'number'", "1.234.567,89", "1234567.89"),
    ("type = 'number'", "0.125", "0.125"),
    ("type = 'number'", "\u22121.5", "-1.5"),
    ("type = 'number', min = 0.1", "0.1", "0.1"),
    ("type = 'date'", "2024-02-29", "2024-02-29"),
    ("type = 'time'", "14:30", "14:30"),
    ("type = 'time'", "14:30:00", "14:30"),
    ("type = 'time'", "14:30:05", "14:30:05"),
    ("type = 'datetime'", "2026-07-01T14:30", "2026-07-01T14:30+02:00"),
    ("type = 'datetime'", "2026-12-24 14:30:00", "2026-12-24T14:30+01:00"),
    ("type = 'datetime'", "2026-10-25T00:30Z", "2026-10-25T02:30+02:00"),
    ("type = 'select', choices = ['a', 'b']", "b", "b"),
    ("type = 'radio', choices = { a = 'An A', b = 'A B' }", "a", "a"),
    ("type = 'checkbox'", "whatever", True),
    ("type = 'checkbox'", [], False),
    ("type = 'checkboxes', choices = ['a', 'b', 'c']", ["c", "a", "c"], ["a", "c"]),
    ("type = 'hidden'", "x", "x"),
    ("type = 'number'", [], None),
    ("type = 'date'", "", None),
    ("type = 'checkboxes', choices = ['a']", [], []),
    ("type = 'datetime', min = 2026-12-01T09:00:00", "2026-12-01T09:00", "2026-12-01T09:00+01:00"),
    ("type = 'datetime', max = 2026-12-01", "2026-12-01T23:59", "2026-12-01T23:59+01:00"),
    # as JSON
    ("type = 'checkboxes', choices = ['a', 'b']", ["b"], ["b"]),
    ("type = 'text'", None, ""),
    ("type = 'integer'", 8, 8),
    ("type = 'integer'", 8.0, 8),
    ("type = 'number'", Decimal("0.10"), "0.10"),
    ("type = 'checkbox'", True, True),
    ("type = 'checkbox'", False, False),
]


@pytest.mark.parametrize(("field", "value", "stored"), TAKEN)
def test_is_taken(field: str, value: Any, stored: object) -> None:
    checked = answer(field, value)
    assert checked.errors == {}
    assert checked.values == {"it": stored}
    assert type(checked.values["it"]) is type(stored)
    assert json.loads(json.dumps(checked.values)) == checked.values


REFUSED = [
    ("type = 'text', max_length = 3", "abcd", "It: use no more than 3 characters; now there are 4"),
    ("type = 'text', max_length = 3", "😀😀", "It: use no more than 3 characters; now there are 4"),
    ("type = 'textarea', min_length = 4", " abc ", "It: use at least 4 characters; now there are 3"),
    ("type = 'text'", "x" * 1001, "It: use no more than 1000 characters; now there are 1001"),
    ("type = 'text', pattern = '[0-9]{5}'", "1055", "It: write it in the form that is asked for"),
    ("type = 'text'", "a\0b", "It: take out the signs that cannot be shown or stored, or write it anew"),
    ("type = 'text'", "a\ud800b", "It: take out the signs that cannot be shown or stored, or write it anew"),
    ("type = 'text'", ["a", "b"], "It: give one answer only"),
    ("type = 'text', required = true", "  ", "It: please fill this in"),
    ("type = 'text', required = true", "\u3000", "It: please fill this in"),
    ("type = 'email'", "ann", messages.WRONG["email"]),
    ("type = 'email'", "ann@localhost", messages.WRONG["email"]),
    ("type = 'email'", "a@b@c.example", messages.WRONG["email"]),
    ("type = 'tel'", "call me", messages.WRONG["tel"]),
    ("type = 'tel'", "12", messages.WRONG["tel"]),
    ("type = 'url'", "javascript:alert(1)", messages.WRONG["url"]),
    ("type = 'url'", "ftp://example.com", messages.WRONG["url"]),
    ("type = 'url'", "https://", messages.WRONG["url"]),
    ("type = 'url'", "https://a b.example", messages.WRONG["url"]),
    ("type = 'url'", "https://ann@example.com", messages.WRONG["url"]),
    ("type = 'url'", "https://example.com:99999", messages.WRONG["url"]),
    ("type = 'url'", "just words", messages.WRONG["url"]),
    ("type = 'integer'", "2.5", messages.WRONG["integer"]),
    ("type = 'integer'", "eight", messages.WRONG["integer"]),
    ("type = 'integer'", "9" * 41, messages.WRONG["integer"]),
    ("type = 'integer'", "1,000", "It: write the number without a separator for thousands"),
    ("type = 'number'", "1.2.3", messages.WRONG["number"]),
    ("type = 'number'", "1e5", messages.WRONG["number"]),
    ("type = 'number'", "NaN", messages.WRONG["number"]),
    ("type = 'number'", "", None),
    ("type = 'number', min = 2, max = 80", "1", "It: enter a number from 2 to 80"),
    ("type = 'number', min = 0.5", "0.4", "It: enter 0.5 or more"),
    ("type = 'number', max = 0.3", "0.30000000000000004", "It: enter 0.3 or less"),
    ("type = 'date'", "2026-02-30", messages.WRONG["date"]),
    ("type = 'date'", "24.12.2026", messages.WRONG["date"]),
    ("type = 'date'", "20261224", messages.WRONG["date"]),
    ("type = 'date', min = 'today + 2 days'", "2026-11-23", "It: choose 24 November 2026 or later"),
    ("type = 'date', max = 'today + 1 year'", "2027-11-23", "It: choose 22 November 2027 or earlier"),
    ("type = 'time', min = 08:00:00, max = 18:00:00", "07:59", "It: choose a time from 08:00 to 18:00"),
    ("type = 'time'", "25:00", messages.WRONG["time"]),
    ("type = 'datetime'", "2026-03-29T02:30", f"It: {messages.NO_SUCH_TIME}"),
    ("type = 'datetime'", "2026-10-25T02:30", f"It: {messages.TWICE}"),
    ("type = 'datetime'", "2026-12-24", messages.WRONG["datetime"]),
    ("type = 'datetime', min = 'today'", "2026-11-21T23:59", "It: choose 22 November 2026, 00:00 or later"),
    ("type = 'datetime', min = 2026-12-01T10:00:00", "2026-12-01T09:59", "It: choose 1 December 2026, 10:00 or later"),
    ("type = 'datetime', max = 2026-12-01", "2026-12-02T00:00", "It: choose 1 December 2026, 23:59 or earlier"),
    ("type = 'select', choices = ['a', 'b']", "A", "It: choose one of the answers that are offered"),
    ("type = 'checkboxes', choices = ['a', 'b']", ["a", "x"], "It: choose one of the answers that are offered"),
    ("type = 'checkbox', required = true", [], "It: please tick this box"),
    ("type = 'checkbox', required = true, message = 'Please accept.'", [], "Please accept."),
    ("type = 'file', required = true", [], "It: choose a file"),
    # as JSON
    ("type = 'text'", {"a": 1}, "It: write it in the form that is asked for"),
    ("type = 'text'", True, "It: write it in the form that is asked for"),
    ("type = 'checkbox'", 1, "It: write it in the form that is asked for"),
    ("type = 'file'", 1, "It: send files with the form itself, not as JSON"),
    ("type = 'integer'", 1.5, messages.WRONG["integer"]),
    ("type = 'number'", float("inf"), messages.WRONG["number"]),
]


@pytest.mark.parametrize(("field", "value", "message"), REFUSED)
def test_is_refused(field: str, value: Any, message: str | None) -> None:
    told = answer(field, value).errors.get("it")
    assert told == (message if message is None or message[0].isupper() else f"It: {message}")


@pytest.mark.parametrize(
    ("language", "text", "stored"), [("de", "1.000", None), ("de", "1,000", "1.000"), ("fr", "1.000", "1.000")]
)
def test_what_could_be_a_thousand_is_never_guessed(language: str, text: str, stored: str | None) -> None:
    checked = answer("type = 'number'", text, language)
    assert checked.values.get("it") == stored
    assert bool(checked.errors) is (stored is None)


def test_numbers_of_programs_are_written_in_one_way() -> None:
    assert checker("it = { label = 'It', type = 'number' }").check(as_json(it="1,5"), NOW).errors
    assert checker("it = { label = 'It', type = 'number' }").check(as_json(it="1.000"), NOW).values == {"it": "1.000"}


@pytest.mark.parametrize(
    ("type_", "stored", "known"),
    [
        ("number", "12.50", Decimal("12.50")),
        ("date", "2026-12-24", date(2026, 12, 24)),
        ("time", "14:30", time(14, 30)),
        ("datetime", "2026-12-24T14:30+01:00", datetime.fromisoformat("2026-12-24T14:30+01:00")),
        ("text", "x", "x"),
        ("integer", 8, 8),
        ("date", None, None),
    ],
)
def test_what_is_stored_is_known_again(type_: str, stored: object, known: object) -> None:
    assert restored(type_, stored) == known


def _library(text: str) -> str | None:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def _ours(text: str) -> str | None:
    try:
        return converting._email(text)
    except Wrong:
        return None


_LETTERS = st.text("ab1-._+", min_size=1, max_size=12)


@given(st.builds("{}@{}.{}".format, _LETTERS, _LETTERS, st.sampled_from(["example", "TEST", "de", "x", "c0m"])))
@example("a" * 64 + "@b.example")
@example("a" * 65 + "@b.example")
@example(".".join(["a" * 20] * 4) + "@b.example")
@example("a@" + "b" * 63 + ".example")
@example("a@" + "b" * 64 + ".example")
@example("a@" + "-".join(["b" * 20] * 4) + ".example")
@example("a@b.xn--p1ai")
@example("a@b.test")
@example("a@local.example")
@example("a@1.2.3.4")
@example("a@" + ".".join(["b" * 60] * 5))
def test_short_cut_for_email_addresses_is_the_library(text: str) -> None:
    assert _ours(text) == _library(text)


# --- a whole form -----------------------------------------------------------------------------------------------------

ORDER = """
name = { label = "Your name", required = true, max_length = 80 }
cake = { label = "Which cake?", type = "radio", required = true, choices = { sacher = "Sacher", own = "My own idea" } }
idea = { label = "Tell us your idea", type = "textarea", show_when = { cake = "own" }, required = true }
delivery = { label = "Bring it to me", type = "checkbox" }
street = { label = "Street", required_when = { delivery = true } }
photo = { label = "A picture", type = "file", accept = "images", max_size = "5 MB" }
"""


def test_all_errors_come_at_once_in_the_order_of_the_fields() -> None:
    checked = checker(ORDER).check(html(cake="own", delivery="on"), NOW)
    assert list(checked.errors.items()) == [
        ("name", "Your name: please fill this in"),
        ("idea", "Tell us your idea: please fill this in"),
        ("street", "Street: please fill this in"),
    ]


def test_what_is_not_shown_is_neither_asked_for_nor_stored_but_drawn_again() -> None:
    checked = checker(ORDER).check(html(name="Ann", cake="sacher", idea="x"), NOW)
    assert checked.errors == {}
    assert "idea" not in checked.values
    assert "idea" not in checked.shown
    assert checked.echo["idea"] == ("x",)


def test_names_that_are_no_fields_are_passed_over_but_told_to_programs() -> None:
    fields = "name = { label = 'Name' }"
    assert checker(fields).check(html(name="Ann", other="x", _key="k"), NOW).errors == {}
    told = checker(fields).check(as_json(name="Ann", other="x", _key="k"), NOW).errors
    assert told == {"other": "other: there is no field of this name"}


def test_a_password_is_neither_drawn_again_nor_stored_as_it_is() -> None:
    fields = "word = { label = 'Word', type = 'password' }\nname = { label = 'Name', required = true }"
    failed = checker(fields).check(html(word=" s3cret "), NOW)
    assert failed.errors
    assert failed.echo == {}
    taken = checker(fields).check(html(word=" s3cret ", name="Ann"), NOW)
    assert "s3cret" not in repr(taken)
    assert check_password_hash(taken.values["word"], " s3cret ")


def test_files_are_named_and_a_new_one_replaces_the_one_from_before() -> None:
    old, new = SentFile("old.png"), SentFile("new.png")
    form = checker(ORDER)
    sent = html(name="Ann", cake="sacher")
    assert form.check(sent, NOW, {"photo": [old]}).values["photo"] == "old.png"
    both = form.check(Sent(sent.values, {"photo": [new]}), NOW, {"photo": [old]})
    assert (both.values["photo"], both.files["photo"]) == ("new.png", (new,))


def test_a_file_has_bounds() -> None:
    sent = Sent(html(name="Ann", cake="sacher").values, {"photo": [SentFile("a.png", 5_000_001)]})
    assert checker(ORDER).check(sent, NOW).errors == {"photo": "A picture: choose a file of at most 5 MB"}
    two = Sent(html(name="Ann", cake="sacher").values, {"photo": [SentFile("a.png"), SentFile("b.png")]})
    assert checker(ORDER).check(two, NOW).errors == {"photo": "A picture: choose one file only"}


def test_several_files_are_added_to_those_from_before() -> None:
    form = checker("photos = { label = 'Pictures', type = 'file', multiple = true }")
    checked = form.check(Sent({}, {"photos": [SentFile("b.png")]}), NOW, {"photos": [SentFile("a.png")]})
    assert checked.values == {"photos": ["a.png", "b.png"]}


def test_what_was_refused_while_reading_is_an_error_of_its_field() -> None:
    form = checker("photo = { label = 'A picture', type = 'file', required = true }")
    checked = form.check(Sent(refusals={"photo": Wrong("choose {what}", what=lambda say: say("Send"))}), NOW)
    assert checked.errors == {"photo": "A picture: choose Send"}


def test_only_what_may_be_prefilled_is_taken_from_the_address() -> None:
    form = checker(
        "a = { label = 'A', prefill = true }\nb = { label = 'B' }\n"
        "c = { label = 'C', type = 'select', choices = ['x'], prefill = true }"
    )
    query = {"a": ["1", "2"], "b": ["3"], "c": ["y"], "d": ["4"]}
    assert form.prefilled(query) == {"a": ["1"]}
    assert form.prefilled({"c": ["x"], "a": ["\0\ud800" + "x" * 9000]})["a"][0].startswith("\ufffd\ufffdx")
    assert form.prefilled({}) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_begins_small_and_stands_behind_every_label(language: str) -> None:
    say = translated(language)
    texts = [text for text in vars(messages).values() if isinstance(text, str) and text[:1].islower() and " " in text]
    texts += [*messages.MISSING.values(), *messages.WRONG.values()]
    for text in texts:
        assert say(text)[0].islower(), say(text)
        assert not say(text).endswith(".")
        assert messages.joined("Which cake?", say(text)).startswith(f"Which cake? {say(text)[0].upper()}")
        assert messages.joined("Your name: ", say(text)) == f"Your name: {say(text)}"


@given(st.dictionaries(st.sampled_from(["name", "cake", "idea", "delivery", "street", "other"]), st.lists(st.text())))
def test_any_answers_are_taken_or_refused(values: dict[str, list[str]]) -> None:
    checked = checker(ORDER).check(Sent(values), NOW)
    assert json.loads(json.dumps(checked.values)) == checked.values
    str(checked.echo).encode("utf-8", "surrogatepass")
    for texts in checked.echo.values():
        "".join(texts).encode()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["name", "cake", "idea", "delivery", "street", "photo", "other"]), _JSON))
def test_any_json_is_taken_or_refused(values: dict[str, object]) -> None:
    checked = checker(ORDER).check(Sent(is_json=True, json=values), NOW)
    assert json.loads(json.dumps(checked.values)) == checked.values


@pytest.mark.parametrize(
    ("field", "texts"),
    [
        ("type = 'text'", ()),
        ("type = 'text', default = 'x'", ("x",)),
        ("type = 'checkbox', default = true", ("on",)),
        ("type = 'checkbox', default = false", ("",)),
        ("type = 'number', default = 2.5", ("2.5",)),
        ("type = 'date', default = 'today + 1 day'", ("2026-11-23",)),
        ("type = 'date', default = 2026-12-24", ("2026-12-24",)),
        ("type = 'time', default = 14:30:00", ("14:30",)),
        ("type = 'datetime', default = 'today'", ("2026-11-22T00:00",)),
        ("type = 'datetime', default = 2026-12-24T14:30:00", ("2026-12-24T14:30",)),
        ("type = 'checkboxes', choices = ['a', 'b'], default = ['b']", ("b",)),
    ],
)
def test_what_stands_in_a_field_at_first(field: str, texts: tuple[str, ...]) -> None:
    (asked,) = checker(f"it = {{ label = 'It', {field} }}").questions
    assert converting.default_texts(asked, NOW.date()) == texts


def test_bounds_are_told_in_every_language() -> None:
    field = "type = 'date', min = 2026-12-24"
    told = {language: answer(field, "2026-12-23", language).errors["it"] for language in (*LANGUAGES, "de-AT", "xx")}
    assert told == {
        "en": "It: choose 24 December 2026 or later",
        "de": "It: wählen Sie 24. Dezember 2026 oder später",
        "es": "It: elija 24 de diciembre de 2026 o después",
        "fr": "It: choisissez 24 décembre 2026 ou plus tard",
        "de-AT": "It: wählen Sie 24. Dezember 2026 oder später",
        "xx": "It: choose 24 December 2026 or later",
    }


def test_what_the_store_finds_is_told_like_all_else() -> None:
    (question,) = checker("cake = { label = 'Which cake?' }").questions
    assert messages.told(question, messages.TAKEN, str) == "Which cake? Use another one: this is already taken"
    told = messages.told(question, messages.SOLD_OUT, str)
    assert told == "Which cake? Choose something else: there are no places left for this"
