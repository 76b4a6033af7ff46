"""What stands in the keys of a field: choices, conditions, bounds and defaults, as they are written.

Owns how each is read before anything is known of the field's type. Knows no field.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Tag, WithJsonSchema
from pydantic import Field as Key

from declweb.model.base import Name, Table, quoted, wrong
from declweb.model.days import RelativeDay, relative_day
from declweb.model.texts import Text
from declweb.sitefile import FromVariable

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


_EQUALS = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(?:={1,3}|is|:)\s*[\"']?([^\"']*?)[\"']?\s*")


def _conditions(value: object) -> object:
    if isinstance(value, str):
        found = _EQUALS.fullmatch(value)
        written = f'{{ {found[1]} = "{found[2]}" }}' if found else '{ cake = "own" }'
        help_ = f"write {written}, without quotes around it" if found else f"such as {written}"
        raise wrong("wrong-kind", f"a condition is a table of field = value, not {quoted(value)}", help=help_)
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
    BeforeValidator(_conditions),
]
"""Field = value, or a list of values."""
