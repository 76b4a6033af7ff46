"""`[forms.NAME.fields]`: what a form asks for.

Owns the types of field, which key goes with which type, and what a value of each type looks like in the site file.
Knows no visitor: what comes in is judged where forms are.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Discriminator, Tag, WithJsonSchema, model_validator
from pydantic import Field as Key
from pydantic_core import PydanticCustomError

from declweb.model.base import Choice as OneOfWords
from declweb.model.base import Name, OneOrMany, Table, quoted, wrong
from declweb.model.days import RelativeDay, relative_day
from declweb.model.patterns import checked, explosive
from declweb.model.texts import Text
from declweb.model.words import Size
from declweb.problems import suggestion
from declweb.sitefile import FromVariable

TYPES = (
    "text",
    "textarea",
    "email",
    "tel",
    "url",
    "number",
    "integer",
    "date",
    "time",
    "datetime",
    "select",
    "radio",
    "checkbox",
    "checkboxes",
    "file",
    "hidden",
    "password",
)
"""The types of field."""
CHOOSING = frozenset({"select", "radio", "checkboxes"})
"""Types with choices."""
TEXTS = frozenset({"text", "textarea", "email", "tel", "url", "password", "hidden"})
"""Types whose value is a text that visitors type, or that a hidden field carries."""
NUMBERS = frozenset({"number", "integer"})
"""Types whose values are numbers."""
MOMENTS = frozenset({"date", "time", "datetime"})
"""Types whose values are days, times of day, or both."""
ORDERED = NUMBERS | MOMENTS
"""Types whose values have an order, and so a smallest and a largest."""
KEYS: Mapping[str, frozenset[str]] = {
    "min": ORDERED,
    "max": ORDERED,
    "min_length": TEXTS,
    "max_length": TEXTS,
    "pattern": TEXTS,
    "choices": CHOOSING,
    "accept": frozenset({"file"}),
    "max_size": frozenset({"file"}),
    "multiple": frozenset({"file"}),
    "strip_position": frozenset({"file"}),
    "required": frozenset(TYPES) - {"hidden"},
    "required_when": frozenset(TYPES) - {"hidden"},
    "help": frozenset(TYPES) - {"hidden"},
    "unique": frozenset(TYPES) - {"checkbox", "checkboxes", "file", "password"},
    "default": frozenset(TYPES) - {"file", "password"},
    "prefill": frozenset(TYPES) - {"file", "password"},
}
"""The types with which a key goes; the others go with all."""
FILE_KINDS = ("images", "documents", "audio", "video", "archives", "any")
"""The kinds of file that `accept` names."""
LONGEST_LINE = 1000
"""Characters of a line where its field does not say more."""
LONGEST_EMAIL = 254
"""Characters of an e-mail address (RFC 5321, section 4.5.3.1)."""

ConditionValue = str | bool | int | float | date | datetime | time
"""What another field must be: equal to it, or with `true` ticked or filled in, with `false` not."""
Conditions = Mapping[str, ConditionValue | list[ConditionValue]]
"""Field = value, or one of several; all of them must hold."""


class ChoiceTable(Table):
    """One of the answers that can be chosen, with more than its words."""

    label: Text
    """What visitors read."""
    places: Annotated[int | None, Key(ge=0)] = None
    """How many visitors can have it."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers that can be chosen."""

    value: str
    label: str | dict[str, str]
    places: int | None = None


def _kind_of_choice(value: Any) -> str:
    if isinstance(value, ChoiceTable) or (isinstance(value, dict) and value.keys() & {"label", "places"}):
        return "table"
    return "text"


ChoiceValue = Annotated[
    Annotated[Text, Tag("text")] | Annotated[ChoiceTable, Tag("table")], Discriminator(_kind_of_choice)
]


def _several(value: object) -> object:
    if not isinstance(value, list | dict):
        words = [part.strip() for part in str(value).split(",") if part.strip()]
        listed = ", ".join(f'"{word}"' for word in words[:5])
        raise wrong(
            "wrong-kind",
            f"choices are a list of texts, or a table of value = label, not {quoted(value)}",
            help=f"write choices = [{listed}]" if isinstance(value, str) else 'such as choices = ["Nuts", "Milk"]',
        )
    return value


def _kind_of_choices(value: Any) -> str:
    return "list" if isinstance(value, list) else "table"


Choices = Annotated[
    Annotated[list[str], Key(min_length=1), Tag("list")]
    | Annotated[dict[str, ChoiceValue], Key(min_length=1), Tag("table")],
    Discriminator(_kind_of_choices),
    BeforeValidator(_several),
]
"""The answers: a list, or value = label, or value = `{ label, places }`."""


def _from_variable(text: str) -> object:
    """Return what the text of a variable stands for: a number, a day, a time; the text itself where it is none."""
    for read in (int, float, date.fromisoformat, datetime.fromisoformat, time.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def _bound(value: object) -> object:
    if isinstance(value, FromVariable):
        value = _from_variable(str(value))
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong("wrong-number", f"`{value}` is no number that an answer could have", help="write a number")
    if isinstance(value, str):
        return relative_day(value)
    if isinstance(value, bool) or not isinstance(value, int | float | date | time | RelativeDay):
        raise wrong("wrong-kind", f"a bound is a number, a date or a time, not {quoted(value)}")
    return value


def _default(value: object) -> object:
    if isinstance(value, list):
        if not all(isinstance(part, str) for part in value):
            raise wrong("wrong-kind", "a list here holds texts in quotes", help='such as ["Nuts", "Milk"]')
    elif not isinstance(value, str | bool | int | float | date | time | RelativeDay):
        raise wrong("wrong-kind", f"a default is one value, not {quoted(value)}")
    return value


def _condition(value: object) -> object:
    for part in value if isinstance(value, list) else [value]:
        if not isinstance(part, str | bool | int | float | date | time):
            raise wrong("wrong-kind", f"a condition names a value, or a list of such, not {quoted(part)}")
    if value == []:
        raise wrong("empty-value", "with an empty list this never holds", help="name the values, or take it out")
    return value


_SCALARS: list[dict[str, Any]] = [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]
_TEXTS = {"type": "array", "items": {"type": "string"}}
BoundValue = Annotated[Any, BeforeValidator(_bound), WithJsonSchema({"anyOf": _SCALARS[:2]})]
"""A number, a date, a time, or a day such as `"today + 2 days"`."""
DefaultValue = Annotated[Any, BeforeValidator(_default), WithJsonSchema({"anyOf": [*_SCALARS, _TEXTS]})]
"""A value of the field's own type."""
WrittenConditions = Annotated[
    dict[
        Name,
        Annotated[
            Any,
            BeforeValidator(_condition),
            WithJsonSchema({"anyOf": [*_SCALARS, {"type": "array", "items": {"anyOf": _SCALARS}}]}),
        ],
    ],
    Key(min_length=1),
]
"""Field = value, or a list of values."""


class Field(Table):
    """One thing that a form asks for."""

    type: Annotated[str, OneOfWords(*TYPES)] = "text"
    """What kind of answer is wanted."""
    label: Annotated[Text | None, Key(examples=["Your name"])] = None
    """What visitors read beside it; only a hidden field needs none."""
    help: Annotated[Text | None, Key(examples=["We only use it to answer you."])] = None
    """A sentence below the label that helps to answer."""
    required: bool = False
    """Whether it must be answered, ticked or chosen."""
    required_when: Annotated[WrittenConditions | None, Key(examples=[{"delivery": True}])] = None
    """Other fields and the values with which it must be answered."""
    show_when: Annotated[WrittenConditions | None, Key(examples=[{"cake": "own"}])] = None
    """Other fields and the values with which it is shown, asked for and stored; otherwise it is none of these."""
    min: Annotated[BoundValue | None, Key(examples=[2])] = None
    """The smallest number, the first day or the earliest time; `"today + 2 days"` is counted in `site.timezone`."""
    max: Annotated[BoundValue | None, Key(examples=["today + 1 year"])] = None
    """The largest number, the last day or the latest time."""
    min_length: Annotated[int | None, Key(ge=1, le=100_000)] = None
    """The fewest characters of an answer."""
    max_length: Annotated[int | None, Key(ge=1, le=100_000)] = None
    """The most characters of an answer; 1000 for one line where nothing is said."""
    pattern: Annotated[str | None, Key(examples=["[0-9]{5}"])] = None
    """A regular expression (Python's) that the whole answer must match."""
    choices: Annotated[Choices | None, Key(examples=[["A question", "Praise"], {"sacher": "Sacher"}])] = None
    """The answers that can be chosen: a list, or value = label, or value = `{ label, places }`."""
    accept: Annotated[OneOrMany[Annotated[str, OneOfWords(*FILE_KINDS)]] | None, Key(examples=["images"])] = None
    """The kinds of file that are taken, judged by what is in them; any file where nothing is said."""
    max_size: Annotated[Size | None, Key(examples=["5 MB"])] = None
    """The largest file; `limits.file` where nothing is said."""
    multiple: bool = False
    """Whether several files can be sent."""
    strip_position: bool | None = None
    """Whether pictures are stored without what tells where and with what they were taken; they are unless `false`."""
    message: Annotated[Text | None, Key(examples=["Please read and accept the terms."])] = None
    """What visitors read instead of declweb's own words when the answer does not fit."""
    unique: bool = False
    """Whether no two entries may have the same answer."""
    default: Annotated[DefaultValue | None, Key(examples=[8])] = None
    """What stands there before anybody fills it in."""
    prefill: bool = False
    """Lets a link fill it in: `/contact?topic=Praise`."""

    @model_validator(mode="before")
    @classmethod
    def _relative_default(cls, data: Any) -> Any:
        """Read `default = "today"` of a day as the day that it means."""
        default = data.get("default") if isinstance(data, dict) and data.get("type") in {"date", "datetime"} else None
        if isinstance(default, str):
            try:
                return {**data, "default": relative_day(default)}
            except PydanticCustomError as error:
                context = error.context or {}
                raise wrong(error.type, str(context["message"]), help=context["help"], key="default") from None
        return data

    @model_validator(mode="after")
    def _check(self) -> Self:
        for check in (_keys, _label, _choices, _files, _ranges, _pattern_of, _default_of):
            check(self)
        return self

    @property
    def options(self) -> list[Option]:
        """The answers that can be chosen, in their order."""
        if self.choices is None:
            return []
        if isinstance(self.choices, list):
            return [Option(value, value) for value in self.choices]
        return [
            Option(value, label.label, label.places) if isinstance(label, ChoiceTable) else Option(value, label)
            for value, label in self.choices.items()
        ]

    @property
    def longest(self) -> int | None:
        """How many characters an answer may have; None where only the size of the form bounds it."""
        if self.max_length is not None or self.type not in TEXTS or self.type == "textarea":
            return self.max_length
        return LONGEST_EMAIL if self.type == "email" else LONGEST_LINE

    @property
    def strips_position(self) -> bool:
        """Whether pictures are stored without what tells where and with what they were taken."""
        return self.strip_position is not False

    @property
    def accepted(self) -> tuple[str, ...]:
        """The kinds of file that are taken."""
        return tuple(self.accept or ("any",))


# --- checks -----------------------------------------------------------------------------------------------------------

KINDS_OF_VALUES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "number": ((int, float), "a number"),
    "integer": ((int,), "a whole number"),
    "date": ((date, RelativeDay), 'a date such as 2026-12-24, or "today + 2 days"'),
    "datetime": ((date, RelativeDay), 'a date with a time such as 2026-12-24T18:00:00, or "today + 2 days"'),
    "time": ((time,), "a time such as 18:30:00"),
    "checkbox": ((bool,), "`true` or `false`"),
}
"""What a value of each type is in the site file, and how it is called there; those of all others are texts."""


def fits(value: object, type_: str) -> bool:
    """Tell whether a value of the site file is one that a field of this type can have."""
    kinds, _ = KINDS_OF_VALUES.get(type_, ((str,), ""))
    if isinstance(value, bool) != (kinds == (bool,)):
        return False
    if type_ == "date" and isinstance(value, datetime):
        return False
    return isinstance(value, kinds)


def spoken_kind(type_: str) -> str:
    """Return what a value of a type is called."""
    return KINDS_OF_VALUES[type_][1] if type_ in KINDS_OF_VALUES else "a text in quotes"


def _keys(field: Field) -> None:
    for key, types in KEYS.items():
        value = getattr(field, key)
        if value is not None and value is not False and field.type not in types:
            few = ", ".join(sorted(types)) if len(types) <= len(TYPES) // 2 else ""
            raise wrong(
                "wrong-key-here",
                f"`{key}` means nothing for a field of type `{field.type}`",
                help=f"take it out, or use one of these types: {few}" if few else "take it out",
                key=key,
            )


def _label(field: Field) -> None:
    if field.label is None and field.type != "hidden":
        raise wrong(
            "missing-key", "this field has no `label`", help='add `label = "…"`: without it nobody knows what to write'
        )
    if field.required and field.required_when:
        raise wrong(
            "two-answers",
            "`required` is always, so `required_when` says nothing more",
            help="keep one of them",
            key="required_when",
        )


def _choices(field: Field) -> None:
    if field.type not in CHOOSING:
        return
    if field.choices is None:
        raise wrong(
            "missing-key",
            f"a field of type `{field.type}` has nothing to choose from",
            help='add `choices`, such as choices = ["Nuts", "Milk"]',
        )
    seen: dict[str, str] = {}
    for option in field.options:
        if not option.value.strip():
            raise wrong("empty-value", "one of the choices is empty", help="take it out", key="choices")
        other = seen.setdefault(option.value.strip().casefold(), option.value)
        if other is not option.value:
            raise wrong(
                "duplicate-name",
                f"the choice `{option.value}` stands twice here",
                help="take one of them out",
                key="choices",
            )


def _files(field: Field) -> None:
    if field.accept and "any" in field.accept and len(field.accept) > 1:
        raise wrong("two-answers", "`any` takes every kind of file", help="keep it alone, or take it out", key="accept")


def _ranges(field: Field) -> None:
    for key in ("min", "max"):
        value = getattr(field, key)
        if value is None:
            continue
        if not fits(value, field.type):
            raise wrong(
                "wrong-kind",
                f"`{key}` of a field of type `{field.type}` is {spoken_kind(field.type)}, not {quoted(value)}",
                key=key,
            )
        if isinstance(value, datetime | time) and value.tzinfo is not None:
            raise wrong("wrong-date", "times are meant in `site.timezone`", help="write it without an offset", key=key)
    if _is_empty(field.min, field.max):
        raise wrong(
            "empty-range",
            f"nothing is at least {field.min} and at most {field.max}",
            help="swap the two" if field.min != field.max else None,
            key="max",
        )
    if field.min_length and field.longest and field.min_length > field.longest:
        raise wrong(
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


def _pattern_of(field: Field) -> None:
    if field.pattern is None:
        return
    if field.longest is None:
        raise wrong(
            "missing-key",
            "a `pattern` for a text of any length could take endless time",
            help="add `max_length`",
            key="pattern",
        )
    try:
        checked(field.pattern)
        slow = explosive(field.pattern, field.longest)
    except ValueError as error:
        message = f"the pattern `{field.pattern}` cannot be used: {error}"
        raise wrong("bad-pattern", message, key="pattern") from None
    if slow is not None:
        raise wrong(
            "explosive-pattern",
            f"some texts take the pattern `{field.pattern}` endless time, such as {slow}",
            help="let repeats not be repeated again, or give it a smaller `max_length`",
            key="pattern",
        )


def _default_of(field: Field) -> None:
    value = field.default
    if value is None:
        return
    if field.type in CHOOSING:
        _default_choice(field, value)
        return
    if isinstance(value, list):
        raise wrong("wrong-kind", f"the default of a field of type `{field.type}` is no list", key="default")
    if not fits(value, field.type):
        raise wrong(
            "wrong-kind",
            f"the default of a field of type `{field.type}` is {spoken_kind(field.type)}, not {quoted(value)}",
            key="default",
        )
    for words in _misfits(field, value):
        raise wrong(
            "out-of-range", f"the default {quoted(value)} {words}", help="visitors could not send it", key="default"
        )


def _default_choice(field: Field, value: object) -> None:
    values = [option.value for option in field.options]
    if isinstance(value, list) and field.type != "checkboxes":
        raise wrong("wrong-kind", "one of these can be chosen, so the default is no list", key="default")
    for one in value if isinstance(value, list) else [value]:
        if one not in values:
            raise wrong(
                "unknown-word", f"{quoted(one)} is none of the choices", help=choice_meant(field, one), key="default"
            )


def choice_meant(field: Field, value: object) -> str:
    """Return the help for a value that is none of a field's choices; a label may have been meant as its value."""
    for option in field.options:
        labels = option.label.values() if isinstance(option.label, dict) else [option.label]
        if value in labels:
            return f'that is what visitors read; the value is "{option.value}"'
    values = [option.value for option in field.options]
    return suggestion(str(value), values) or f"choices are {', '.join(f'`{each}`' for each in values[:20])}"


def _misfits(field: Field, value: object) -> Iterator[str]:
    """Yield what is wrong with a value of the right kind."""
    if _is_empty(field.min, value):
        yield f"is less than `min`, {field.min}"
    if _is_empty(value, field.max):
        yield f"is more than `max`, {field.max}"
    if isinstance(value, str):
        if field.longest and len(value) > field.longest:
            yield f"is longer than {field.longest} characters"
        if field.min_length and len(value) < field.min_length:
            yield f"is shorter than {field.min_length} characters"
        if field.pattern and not re.fullmatch(field.pattern, value):
            yield "does not match `pattern`"


def misfits(field: Field, value: object) -> Iterator[str]:
    """Yield why a field can never have a value of the site file, in words that follow it."""
    if field.type in CHOOSING:
        if value not in [option.value for option in field.options]:
            yield "is none of its choices"
    elif not fits(value, field.type):
        yield f"is no value that it can have: it takes {spoken_kind(field.type)}"
    else:
        yield from _misfits(field, value)
