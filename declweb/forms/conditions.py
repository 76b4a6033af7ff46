"""Conditions on other fields: `show_when`, `required_when` and a send's `when`.

Owns what they mean. The served script means the same; a test runs both side by side, so whoever changes one changes
the other. A condition looks at what is written, not at what it would be stored as: the script knows no more.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from declweb.forms.questions import Condition, Question, as_text
from declweb.model.fields import MOMENTS, NUMBERS

WHITE = (
    " \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f"
    "\u205f\u3000\ufeff"
)
"""What counts as nothing around an answer: the white space of browsers' scripts."""

_NUMBER = re.compile(r"([+-]?)0*([0-9]*)(?:[.,]([0-9]*?)0*)?")
_ON_THE_MINUTE = re.compile(r"(.*[0-9]{2}:[0-9]{2}):00(?:\.0*)?", re.DOTALL)

Test = tuple[str, str, tuple[str | bool, ...]]
"""The name of a field, its type, and the answers of which one must be given."""
Answers = Mapping[str, Sequence[str]]
"""What is written in each field, as it is sent."""


def normal(type_: str, text: str) -> str:
    """Return a text as conditions compare it: `08` is 8, `14:30:00` is 14:30."""
    text = text.strip(WHITE)
    if type_ in NUMBERS:
        return _plain_number(text)
    if type_ in MOMENTS:
        text = text.replace(" ", "T", 1)
        found = _ON_THE_MINUTE.fullmatch(text)
        return found[1] if found else text
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _plain_number(text: str) -> str:
    found = _NUMBER.fullmatch(text)
    if not found or not re.search("[0-9]", text):
        return text
    sign, whole, part = found.groups()
    plain = f"{whole or '0'}.{part}" if part else whole or "0"
    return f"-{plain}" if sign == "-" and plain != "0" else plain


def compiled(condition: Condition | None, types: Mapping[str, str]) -> tuple[Test, ...]:
    """Return a condition as it is tested, here and by the script; none at all where there is no condition."""
    return tuple(
        (name, types[name], tuple(_wanted(types[name], each) for each in _listed(value)))
        for name, value in (condition or {}).items()
        if name in types
    )


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else (value,)


def _wanted(type_: str, value: object) -> str | bool:
    if isinstance(value, bool):
        return value
    text = format(Decimal(str(value)), "f") if isinstance(value, float) else as_text(value)
    return normal(type_, text)


def holds(tests: Sequence[Test], answers: Answers) -> bool:
    """Tell whether all tests hold; `answers` are those of shown fields."""
    return all(_passes(wanted, _given(type_, answers.get(name, ()))) for name, type_, wanted in tests)


def _given(type_: str, texts: Sequence[str]) -> list[str]:
    return [found for text in texts if (found := normal(type_, text))]


def _passes(wanted: Sequence[str | bool], given: Sequence[str]) -> bool:
    return any(bool(given) is each if isinstance(each, bool) else each in given for each in wanted)


@dataclass(frozen=True, slots=True)
class Conditions:
    """All conditions of a form's fields."""

    show: Mapping[str, tuple[Test, ...]]
    """When each field is shown that is not always."""
    require: Mapping[str, tuple[Test, ...]]

    @classmethod
    def of(cls, asked: Sequence[Question]) -> "Conditions":
        """Return the conditions of a form's fields."""
        types = {each.name: each.type for each in asked}
        return cls(
            {each.name: compiled(each.show_when, types) for each in asked if each.show_when},
            {each.name: compiled(each.required_when, types) for each in asked if each.required_when},
        )

    def visible(self, answers: Answers) -> Answers:
        """Return the answers of the fields that are shown: what is not shown counts as not answered.

        A field that waits for itself is not shown.
        """
        if not self.show:
            return answers
        known: dict[str, bool] = {}
        for name in answers:
            self._is_shown(name, answers, known)
        return {name: texts for name, texts in answers.items() if known[name]}

    def shows(self, name: str, visible: Answers) -> bool:
        """Tell whether a field is shown; `visible` are the answers of shown fields."""
        tests = self.show.get(name)
        return tests is None or holds(tests, visible)

    def requires(self, name: str, visible: Answers) -> bool:
        """Tell whether a field must be answered by its `required_when`."""
        tests = self.require.get(name)
        return tests is not None and holds(tests, visible)

    def _is_shown(self, name: str, answers: Answers, known: dict[str, bool]) -> bool:
        if name not in known:
            known[name] = False
            known[name] = all(
                _passes(
                    wanted,
                    _given(type_, answers.get(other, ())) if self._is_shown(other, answers, known) else (),
                )
                for other, type_, wanted in self.show.get(name, ())
            )
        return known[name]


def holds_for_entry(
    condition: Condition | None, values: Mapping[str, Any], types: Mapping[str, str] | None = None
) -> bool:
    """Tell whether a send's `when` holds for the stored values of an entry; `types` are those of the form's fields."""
    known = types if types is not None else dict.fromkeys(condition or (), "text")
    return holds(compiled(condition, known), {name: _written(value) for name, value in values.items()})


def _written(value: object) -> list[str]:
    return [as_text(each) for each in _listed(value) if each is not None]
