"""An entry as templates see it: `entry` in messages, mails and pages.

Owns how answers read that are stored as values: the label of a choice, the names of files, nothing where nothing was
answered. Knows no store and no template.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Self

from declweb.forms.questions import Question
from declweb.forms.values import restored
from declweb.model.fields import CHOOSING
from declweb.translations import Say, mark

RECEIPT = mark("Receipt")

NOTHING = "\N{EN DASH}"
"""What stands for it in a text."""
EMPTY = ""
"""What was not answered: prints nothing, and is false."""


class Choice(str):
    """A choice: reads as its label, and equals its value as well."""

    __slots__ = ("value",)
    value: str

    def __new__(cls, value: str, label: str) -> Self:
        """Return a choice that reads as a label."""
        made = super().__new__(cls, label)
        made.value = value
        return made

    def __eq__(self, other: object) -> bool:
        return other == self.value or str.__eq__(self, other) is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class Several(tuple[str, ...]):
    """Several answers: read as one after the other."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(self)


def entry_view(  # noqa: PLR0913 # what an entry is
    asked: Iterable[Question],
    values: Mapping[str, Any],
    *,
    receipt: str,
    created: datetime,
    files: Mapping[str, Sequence[str]],
    say: Say,
) -> dict[str, object]:
    """Return an entry for templates; `files` has the names of uploads by field."""
    view: dict[str, object] = {}
    fields: list[dict[str, object]] = []
    for question in asked:
        value = answer(question, values.get(question.name), files.get(question.name, ()))
        view[question.name] = value
        if question.type != "password":
            fields.append({"name": question.name, "label": question.label, "value": spoken(value, say)})
    return {**view, "receipt": receipt, "created": created, "fields": fields}


def answer(question: Question, value: Any, files: Sequence[str] = ()) -> object:
    """Return one answer as templates see it."""
    if question.type == "file":
        return Several(files) if question.multiple else next(iter(files), EMPTY)
    if question.type in CHOOSING:
        labels = {option.value: option.label for option in question.options}
        if isinstance(value, list | tuple):
            return Several(Choice(str(each), labels.get(str(each), str(each))) for each in value)
        return EMPTY if value is None or value == "" else Choice(str(value), labels.get(str(value), str(value)))
    if question.type == "checkbox":
        return bool(value)
    if isinstance(value, list | tuple):
        return Several(str(each) for each in value)
    found = restored(question.type, value)
    return EMPTY if found is None else found


def spoken(value: object, say: Say) -> str:
    """Return an answer as a person reads it."""
    match value:
        case bool():
            return say("Yes") if value else say("No")
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case time():
            return value.strftime("%H:%M")
        case _:
            return str(value)


def default_text(entry: Mapping[str, Any], heading: str, say: Say) -> str:
    """Return an entry as plain text, with every label and every answer: what is sent where no template says more."""
    return "\n".join(_lines(entry, heading, say)) + "\n"


def _lines(entry: Mapping[str, Any], heading: str, say: Say) -> Iterator[str]:
    yield heading
    yield ""
    for each in entry["fields"]:
        text = str(each["value"])
        label = str(each["label"]).rstrip(" :")
        label += "" if label.endswith(("?", "!", ".")) else ":"
        if "\n" in text.strip():
            yield label
            yield from (f"    {line}" for line in text.strip().splitlines())
        else:
            yield f"{label} {text.strip() or NOTHING}"
    yield ""
    yield f"{say(RECEIPT)}: {entry['receipt']}"
