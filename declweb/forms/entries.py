"""An entry as templates see it: `entry` in messages, mails and pages.

Owns how answers read that are stored as values: the label of a choice, the names of files, nothing where nothing was
answered. Knows no store and no template.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
            told = {"name": question.name, "label": question.label, "value": spoken(value, say)}
            fields.append({**told, "is_chosen": isinstance(value, Choice | bool) or question.type in CHOOSING})
    return {**view, "receipt": receipt, "created": created, "fields": fields}


def answer(question: Question, value: Any, files: Sequence[str] = ()) -> object:
    """Return one answer as templates see it; of a password nothing."""
    value = None if question.type == "password" else value
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


def unlinked(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry in which no word of the visitor's is a link to any mail program, for mails to strangers."""
    return _rewritten(entry, unlinked_text)


def without_words(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry as if the visitor had only chosen, and written nothing."""
    return _rewritten(entry, lambda _text: "")


def one_address_each(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry as mail is addressed: an answer is one address, and a choice reads as the one it stands for."""
    found = _rewritten(entry, lambda text: text.partition(",")[0])
    for name, value in found.items():
        if isinstance(value, Choice):
            found[name] = _addressed(value)
        elif isinstance(value, Several):
            found[name] = Several(_addressed(each) if isinstance(each, Choice) else each for each in value)
    return found


def _addressed(choice: Choice) -> Choice:
    """Return a choice that reads as its value where that is an address; it still equals both."""
    return Choice(str(choice), choice.value) if "@" in choice.value and "@" not in choice else choice


def unlinked_text(text: str) -> str:
    """Return a text with a blank in everything that mail programs make a link of."""
    return _DOTTED.sub(r"\1 ", _SHARE.sub(r"\1 ", _SCHEME.sub(r"\1 //", text)))


_SCHEME = re.compile(r"(:)//")
_SHARE = re.compile(r"(\\)(?=\\)")
"""Two backslashes begin the name of a Windows machine, which some mail programs ask for a password by themselves."""
_DOTTED = re.compile(r"(?<=\w)([.\u2024\u3002\uff0e\uff61])(?=[^\W\d_]{2})")


def _rewritten(entry: Mapping[str, Any], rewrite: Callable[[str], str]) -> dict[str, Any]:
    def words(value: object) -> object:
        match value:
            case Choice():
                return value
            case Several():
                return Several(each if isinstance(each, Choice) else rewrite(each) for each in value)
            case str():
                return rewrite(value)
            case _:
                return value

    kept = {"receipt", "created", "fields"}
    found = {name: value if name in kept else words(value) for name, value in entry.items()}
    found["fields"] = [
        {**each, "value": each["value"] if each.get("is_chosen") else words(each["value"])} for each in entry["fields"]
    ]
    return found


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
