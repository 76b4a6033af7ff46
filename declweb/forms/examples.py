"""Example entries: what a form's templates are rehearsed with.

Owns one stored value for each type of field, within what the field allows. What is sent to try a form is `samples`'s.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from declweb.forms.questions import Question

RECEIPT = "K7QF2-M9XA3"
CREATED = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
_TEXT = 'An example of what somebody might write here, <b>with signs</b> & "quotes". '
_FIXED = {
    "email": "anna@example.com",
    "tel": "+49 30 1234567",
    "url": "https://example.com/",
    "password": "correct horse battery",
}


def example_values(asked: Iterable[Question], *, is_full: bool) -> dict[str, Any]:
    """Return stored values as visitors may leave them: everything answered, or nothing that need not be."""
    return {each.name: _value(each) for each in asked if is_full or (each.required and not each.show_when)}


def example_files(asked: Iterable[Question], *, is_full: bool) -> dict[str, list[str]]:
    """Return names of files for the fields that take files."""
    return {each.name: ["example.pdf"] for each in asked if each.type == "file" and (is_full or each.required)}


def _value(question: Question) -> Any:  # noqa: PLR0911 # one for each kind
    if question.options:
        first = question.options[0].value
        return [first] if question.takes_many else first
    match question.type:
        case "checkbox":
            return True
        case "integer":
            return _whole(question)
        case "number":
            return str(_whole(question))
        case "date":
            return _day(question).isoformat()
        case "time":
            return time(12, 30).isoformat("minutes")
        case "datetime":
            return f"{_day(question).isoformat()}T12:30+00:00"
        case "file":
            return None
        case _:
            return _text(question)


def _whole(question: Question) -> int:
    low, high = question.min, question.max
    if isinstance(low, int | float):
        return int(low) + (low != int(low))
    return int(high) if isinstance(high, int | float) else 8


def _day(question: Question) -> date:
    for bound in (question.min, question.max):
        if isinstance(bound, date):
            return bound.date() if isinstance(bound, datetime) else bound
    return datetime.now(UTC).date() + timedelta(days=30)


def _text(question: Question) -> str:
    fixed: Mapping[str, str] = _FIXED
    text = fixed.get(question.type) or _TEXT
    if question.type in fixed:
        return text
    while len(text) < (question.min_length or 0):
        text += _TEXT
    return text[: question.max_length] if question.max_length else text.strip()
