"""`[forms.NAME.fields]`: what a form asks for.

Owns the keys of a field. What goes with which type is `field_types`'s, how values are written is `field_values`'s, and
what does not fit together `field_checks`'s. Knows no visitor: what comes in is judged where forms are.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field as Key
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from declweb.model.base import Choice as OneOfWords
from declweb.model.base import OneOrMany, Table, raise_all
from declweb.model.choices_from import ChoicesFrom
from declweb.model.days import relative_day
from declweb.model.field_checks import choice_meant, faults, misfits
from declweb.model.field_types import (
    CHOOSING,
    FILE_KINDS,
    KEYS,
    LONGEST_EMAIL,
    LONGEST_LINE,
    MEANT_KINDS,
    MEANT_TYPES,
    MOMENTS,
    NUMBERS,
    TEXTS,
    TYPES,
    fits,
)
from declweb.model.field_values import (
    BoundValue,
    Choices,
    ChoiceTable,
    DefaultValue,
    Option,
    WrittenConditions,
)
from declweb.model.texts import Text
from declweb.model.words import Size

__all__ = [
    "CHOOSING",
    "FILE_KINDS",
    "KEYS",
    "MOMENTS",
    "NUMBERS",
    "TEXTS",
    "TYPES",
    "BoundValue",
    "Choices",
    "ChoicesFrom",
    "DefaultValue",
    "Field",
    "Option",
    "WrittenConditions",
    "choice_meant",
    "fits",
    "misfits",
]


FileKind = Annotated[str, OneOfWords(*FILE_KINDS, meant=MEANT_KINDS)]
"""A kind of file."""


class Field(Table):
    """One thing that a form asks for."""

    meant: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("value", "preset", "initial", "checked", "selected"), "default"),
        **dict.fromkeys(("mandatory", "obligatory", "needed", "require"), "required"),
        **dict.fromkeys(("hint", "description", "info", "note", "placeholder"), "help"),
        **dict.fromkeys(("options", "values", "answers", "items", "one_of"), "choices"),
        **dict.fromkeys(("options_from", "values_from", "data"), "choices_from"),
        **dict.fromkeys(("name", "title", "text", "caption", "question"), "label"),
        **dict.fromkeys(("length", "maxlength", "max_len"), "max_length"),
        **dict.fromkeys(("minlength", "min_len"), "min_length"),
        **dict.fromkeys(("regex", "regexp", "format", "match"), "pattern"),
        **dict.fromkeys(("maximum", "most", "until", "latest"), "max"),
        **dict.fromkeys(("minimum", "least", "from", "earliest"), "min"),
        **dict.fromkeys(("size", "maxsize", "limit"), "max_size"),
        **dict.fromkeys(("error", "error_message"), "message"),
        **dict.fromkeys(("if", "when", "condition", "depends_on", "visible_when"), "show_when"),
        **dict.fromkeys(("required_if", "mandatory_when"), "required_when"),
        **dict.fromkeys(("kind", "as", "widget"), "type"),
        **dict.fromkeys(("many", "several"), "multiple"),
    }
    """Its keys by other words that authors write for them."""
    type: Annotated[str, OneOfWords(*TYPES, meant=MEANT_TYPES)] = "text"
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
    choices_from: Annotated[
        ChoicesFrom | None, Key(examples=[{"data": "courses", "value": "code", "label": "title"}])
    ] = None
    """The same from a file of data: its rows are what can be chosen."""
    accept: Annotated[OneOrMany[FileKind] | None, Key(examples=["images"])] = None
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
        is_day = isinstance(data, dict) and data.get("type") in ["date", "datetime"]  # a list: it may be anything
        default = data.get("default") if is_day else None
        if isinstance(default, str):
            with suppress(PydanticCustomError):  # told below, with all else
                return {**data, "default": relative_day(default)}
        return data

    @model_validator(mode="after")
    def _check(self) -> Self:
        raise_all(faults(self))
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
