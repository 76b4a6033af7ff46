"""What a form asks in one language: its fields as visitors meet them.

Owns the one view of the site file's fields that checking, drawing and the script share: words in one language, choices
in one shape. Must not know what visitors answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from declweb.model.texts import read_in

GROUPS = frozenset({"radio", "checkboxes"})
"""Types that are several inputs, which need a legend."""

Condition = Mapping[str, Any]
"""What must be so: the values of other fields, by their names."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers that may be chosen."""

    value: str
    label: str
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a form, in one language."""

    name: str
    type: str
    label: str
    help: str = ""
    required: bool = False
    required_when: Condition | None = None
    show_when: Condition | None = None
    min: Any = None
    max: Any = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    options: tuple[Option, ...] = ()
    accept: tuple[str, ...] = ()
    max_size: int | None = None
    multiple: bool = False
    message: str = ""
    unique: bool = False
    default: Any = None
    prefill: bool = False
    """Whether the query of the address may bring what the field begins with."""

    @property
    def takes_many(self) -> bool:
        """Whether there can be several answers."""
        return self.type == "checkboxes" or (self.multiple and self.type == "file")


def questions(form: Any, language: str, default: str = "") -> tuple[Question, ...]:
    """Return the fields of a form in a language, in the order of the file; `default` is the site's first language."""
    return tuple(_question(name, field, language, default) for name, field in form.fields.items())


def _question(name: str, field: Any, language: str, default: str) -> Question:
    def words(text: Any) -> str:
        return "" if text is None else read_in(text, language, default)

    return Question(
        name=name,
        type=field.type,
        label=words(field.label) or _spoken(name),
        help=words(field.help),
        required=bool(field.required),
        required_when=field.required_when,
        show_when=field.show_when,
        min=field.min,
        max=field.max,
        min_length=field.min_length,
        max_length=field.longest,
        pattern=field.pattern,
        options=tuple(Option(str(each.value), words(each.label), each.places) for each in field.options),
        accept=() if field.type != "file" else field.accepted,
        max_size=field.max_size,
        multiple=bool(field.multiple),
        message=words(field.message),
        unique=bool(field.unique),
        default=field.default,
        prefill=field.prefill,
    )


def _spoken(name: str) -> str:
    """Return a label for a field that has none."""
    return name.replace("_", " ").capitalize()


def as_text(value: object) -> str:
    """Return a value of the site file as a visitor's browser would send it."""
    match value:
        case None:
            return ""
        case bool():
            return "on" if value else ""
        case datetime():
            return value.replace(tzinfo=None).isoformat("T", "minutes")
        case time():
            return value.isoformat("minutes")
        case date():
            return value.isoformat()
        case _:
            return str(value)
