"""`[forms.NAME.fields]`: what a form asks for.

Owns the types of field, which key goes with which type, and what a value of each type looks like in the site file.
Knows no visitor: what comes in is judged where forms are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Tag, WithJsonSchema, model_validator
from pydantic import Field as Key
from pydantic_core import PydanticCustomError

from declweb.model.base import Choice as OneOfWords
from declweb.model.base import Name, OneOrMany, Table, quoted, wrong
from declweb.model.days import RelativeDay, relative_day
from declweb.model.texts import Text
from declweb.model.words import Size

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
WITH_CHOICES = frozenset({"select", "radio", "checkboxes"})
WRITTEN = frozenset({"text", "textarea", "email", "tel", "url", "password", "hidden"})
"""Types whose value is a text that visitors type, or that a hidden field carries."""
ORDERED = frozenset({"number", "integer", "date", "time", "datetime"})
"""Types whose values have an order, and so a smallest and a largest."""
FILE_KINDS = ("images", "documents", "audio", "video", "archives", "any")
"""The kinds of file that `accept` names."""
LONGEST_LINE = 1000
"""Characters of a line where its field does not say more."""
LONGEST_EMAIL = 254
"""Characters of an e-mail address (RFC 5321, section 4.5.3.1)."""

Bound = int | float | date | datetime | time | RelativeDay
"""A smallest or largest value."""
Default = str | int | float | bool | date | datetime | time | RelativeDay | list[str]
"""What a field holds before anybody fills it in."""
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


def _kind_of_choices(value: Any) -> str:
    return "list" if isinstance(value, list) else "table"


Choices = Annotated[
    Annotated[list[str], Key(min_length=1), Tag("list")]
    | Annotated[dict[str, ChoiceValue], Key(min_length=1), Tag("table")],
    Discriminator(_kind_of_choices),
]
"""The answers: a list, or value = label, or value = `{ label, places }`."""


def _bound(value: object) -> object:
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


_SCALAR = {"type": ["string", "number", "boolean"]}
BoundValue = Annotated[Any, BeforeValidator(_bound), WithJsonSchema({"type": ["string", "number"]})]
"""A number, a date, a time, or a day such as `"today + 2 days"`."""
DefaultValue = Annotated[
    Any, BeforeValidator(_default), WithJsonSchema({"anyOf": [_SCALAR, {"type": "array", "items": {"type": "string"}}]})
]
"""A value of the field's own type."""
WrittenConditions = Annotated[
    dict[
        Name,
        Annotated[
            Any, BeforeValidator(_condition), WithJsonSchema({"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]})
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
    """The kinds of file that are taken, judged by what is in them; all known kinds where nothing is said."""
    max_size: Annotated[Size | None, Key(examples=["5 MB"])] = None
    """The largest file; `limits.file` where nothing is said."""
    multiple: bool = False
    """Whether several files can be sent."""
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
        if self.max_length is not None or self.type not in WRITTEN or self.type == "textarea":
            return self.max_length
        return LONGEST_EMAIL if self.type == "email" else LONGEST_LINE

    @property
    def accepted(self) -> tuple[str, ...]:
        """The kinds of file that are taken."""
        return tuple(self.accept or ("any",))
