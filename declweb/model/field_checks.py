"""What is wrong with a field as a whole: keys that do not go with its type, ranges that nothing fits, odd defaults.

Owns the checks of one field, each of which yields all that it finds. What needs other fields is a rule's business.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from declweb.model.base import caught, quoted, wrong
from declweb.model.days import RelativeDay, relative_day
from declweb.model.field_types import CHOOSING, KEYS, TYPES, fits, spoken_kind
from declweb.model.patterns import checked, explosive
from declweb.problems import suggestion

if TYPE_CHECKING:
    from declweb.model.fields import Field

Found = Iterator[PydanticCustomError]


def faults(field: "Field") -> Found:
    """Yield all that is wrong with a field."""
    for check in (_keys, _label, _required, _choices, _files, _bounds, _lengths, _pattern_of, _default_of):
        yield from check(field)


def _goes(field: "Field", key: str) -> bool:
    """Tell whether a key goes with the field's type; one that does not is told of as such alone."""
    return field.type in KEYS[key]


def _keys(field: "Field") -> Found:
    for key, types in KEYS.items():
        value = getattr(field, key)
        if value is not None and value is not False and field.type not in types:
            few = ", ".join(sorted(types)) if len(types) <= len(TYPES) // 2 else ""
            yield wrong(
                "wrong-key-here",
                f"`{key}` means nothing for a field of type `{field.type}`",
                help=f"take it out, or use one of these types: {few}" if few else "take it out",
                key=key,
            )


def _label(field: "Field") -> Found:
    if field.label is None and field.type != "hidden":
        yield wrong(
            "missing-key", "this field has no `label`", help='add `label = "…"`: without it nobody knows what to write'
        )
    labels = field.label.values() if isinstance(field.label, dict) else [field.label]
    if any(label is not None and not label.strip() for label in labels):
        yield wrong("empty-value", "the label is empty", help="say what is to be written here", key="label")


def _required(field: "Field") -> Found:
    if field.required and field.required_when:
        yield wrong(
            "two-answers",
            "`required` is always, so `required_when` says nothing more",
            help="keep one of them",
            key="required_when",
        )


def _choices(field: "Field") -> Found:
    if field.type not in CHOOSING:
        return
    if field.choices is None and field.choices_from is None:
        yield wrong(
            "missing-key",
            f"a field of type `{field.type}` has nothing to choose from",
            help='add `choices`, such as choices = ["Nuts", "Milk"], or `choices_from` with data',
        )
    elif field.choices is not None and field.choices_from is not None:
        yield wrong(
            "two-answers",
            "`choices` and `choices_from` both say what can be chosen",
            help="keep one of them",
            key="choices_from",
        )
    values = [option.value.strip().casefold() for option in field.options]
    if "" in values:
        yield wrong("empty-value", "one of the choices is empty", help="take it out", key="choices")
    told: set[str] = set()
    for number, option in enumerate(field.options):
        if values[number] and values[number] in values[:number] and values[number] not in told:
            told.add(values[number])
            yield wrong(
                "duplicate-name",
                f"the choice `{option.value}` stands twice here",
                help="take one of them out",
                key="choices",
            )


def _files(field: "Field") -> Found:
    if field.accept and "any" in field.accept and len(field.accept) > 1:
        yield wrong("two-answers", "`any` takes every kind of file", help="keep it alone, or take it out", key="accept")


def _bounds(field: "Field") -> Found:
    for key in ("min", "max"):
        yield from _bound(field, key)
    low, high = _right(field, "min"), _right(field, "max")
    if _is_empty(low, high):
        yield wrong("empty-range", f"nothing is at least {low} and at most {high}", help="swap the two", key="max")


def _bound(field: "Field", key: str) -> Found:
    value = getattr(field, key)
    if value is None or not _goes(field, key):
        return
    if not fits(value, field.type):
        yield wrong(
            "wrong-kind",
            f"`{key}` of a field of type `{field.type}` is {spoken_kind(field.type)}, not {quoted(value)}",
            key=key,
        )
    elif isinstance(value, datetime | time) and value.tzinfo is not None:
        yield wrong("wrong-date", "times are meant in `site.timezone`", help="write it without an offset", key=key)


def _right(field: "Field", key: str) -> object:
    """Return a bound with which nothing is wrong; None where something is, or there is none."""
    is_right = _goes(field, key) and not any(_bound(field, key))
    return getattr(field, key) if is_right else None


def _lengths(field: "Field") -> Found:
    if _goes(field, "min_length") and field.min_length and field.longest and field.min_length > field.longest:
        yield wrong(
            "empty-range",
            f"nothing has at least {field.min_length} characters and at most {field.longest}",
            help="swap the two" if field.max_length else "add `max_length`",
            key="min_length",
        )


SAMPLES = tuple(date(2023, month, day) for month in range(1, 13) for day in (1, 28))
"""Days on which two relative ones are compared."""


def _is_empty(low: object, high: object) -> bool:
    if low is None or high is None:
        return False
    if isinstance(low, RelativeDay) and isinstance(high, RelativeDay):
        return all(low.on(today) > high.on(today) for today in SAMPLES)
    if isinstance(low, RelativeDay) or isinstance(high, RelativeDay):
        return False
    if isinstance(low, date) and isinstance(high, date):
        return _begin(low) > _end(high)
    return bool(low > high)  # type: ignore[operator] # both are of the field's type


def _begin(day: date) -> datetime:
    return day if isinstance(day, datetime) else datetime.combine(day, time.min)


def _end(day: date) -> datetime:
    return day if isinstance(day, datetime) else datetime.combine(day, time.max)


def _pattern_of(field: "Field") -> Found:
    if field.pattern is None or not _goes(field, "pattern"):
        return
    if field.longest is None:
        yield wrong(
            "missing-key",
            "a `pattern` for a text of any length could take endless time",
            help="add `max_length`",
            key="pattern",
        )
        return
    try:
        checked(field.pattern)
        slow = explosive(field.pattern, field.longest)
    except ValueError as error:
        yield wrong("bad-pattern", f"the pattern `{field.pattern}` cannot be used: {error}", key="pattern")
        return
    if slow is not None:
        yield wrong(
            "explosive-pattern",
            f"some texts take the pattern `{field.pattern}` endless time, such as {slow}",
            help="let repeats not be repeated again, or give it a smaller `max_length`",
            key="pattern",
        )


def _default_of(field: "Field") -> Found:
    value = field.default
    if value is None or not _goes(field, "default"):
        return
    if field.type in CHOOSING:
        yield from _default_choice(field, value)
    elif isinstance(value, list):
        yield wrong("wrong-kind", f"the default of a field of type `{field.type}` is no list", key="default")
    elif field.type in {"date", "datetime"} and isinstance(value, str):
        yield from _default_day(value)
    elif not fits(value, field.type):
        yield wrong(
            "wrong-kind",
            f"the default of a field of type `{field.type}` is {spoken_kind(field.type)}, not {quoted(value)}",
            key="default",
        )
    else:
        for words in _misfits(field, value):
            yield wrong(
                "out-of-range", f"the default {quoted(value)} {words}", help="visitors could not send it", key="default"
            )


def _default_day(value: str) -> Found:
    for error in caught(lambda: relative_day(value)):
        told = error.context or {}
        yield wrong(error.type, str(told["message"]), help=told["help"], key="default")


def _default_choice(field: "Field", value: object) -> Found:
    values = [option.value for option in field.options]
    if isinstance(value, list) and field.type != "checkboxes":
        yield wrong("wrong-kind", "one of these can be chosen, so the default is no list", key="default")
        return
    for one in strangers(field, value) if values else ():
        yield wrong(
            "unknown-word", f"{quoted(one)} is none of the choices", help=choice_meant(field, one), key="default"
        )


def strangers(field: "Field", value: object) -> list[object]:
    """Return what of a default is none of a field's choices."""
    values = {option.value for option in field.options}
    return [one for one in (value if isinstance(value, list) else [value]) if one not in values]


def choice_meant(field: "Field", value: object) -> str:
    """Return the help for a value that is none of a field's choices; a label may have been meant as its value."""
    for option in field.options:
        labels = option.label.values() if isinstance(option.label, dict) else [option.label]
        if value in labels:
            return f'that is what visitors read; the value is "{option.value}"'
    values = [option.value for option in field.options]
    if not isinstance(value, str) and str(value) in values:
        return f'choices are texts: write "{value}"'
    return suggestion(str(value), values) or f"choices are {', '.join(f'`{each}`' for each in values[:20])}"


def _misfits(field: "Field", value: object) -> Iterator[str]:
    """Yield what is wrong with a value of the right kind."""
    low, high = _right(field, "min"), _right(field, "max")
    if _is_empty(low, value):
        yield f"is less than `min`, {low}"
    if _is_empty(value, high):
        yield f"is more than `max`, {high}"
    if isinstance(value, str):
        if field.longest and len(value) > field.longest:
            yield f"is longer than {field.longest} characters"
        if field.min_length and len(value) < field.min_length:
            yield f"is shorter than {field.min_length} characters"
        if field.pattern and not any(_pattern_of(field)) and not re.fullmatch(field.pattern, value):
            yield "does not match `pattern`"


def misfits(field: "Field", value: object) -> Iterator[str]:
    """Yield why a field can never have a value of the site file, in words that follow it."""
    if field.type in CHOOSING:
        if value not in [option.value for option in field.options]:
            yield "is none of its choices"
    elif not fits(value, field.type):
        yield f"is no value that it can have: it takes {spoken_kind(field.type)}"
    else:
        yield from _misfits(field, value)
