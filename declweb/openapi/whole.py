"""What programs may send to a form, as one JSON Schema: its fields, and which of them depend on others.

Owns what conditions (`show_when`, `required_when`) are in JSON Schema: `if` and `then`. What a field takes is
`fields`'s business.
"""

import re
from collections.abc import Iterable, Sequence

from declweb.forms.conditions import Test, compiled
from declweb.forms.questions import Question
from declweb.openapi import patterns
from declweb.openapi.fields import Answers, Schema

_ALWAYS: Schema = {}
_NEVER: Schema = {"not": {}}
_ON_THE_MINUTE = r"(?::00(?:\.0{1,6})?)?"


def takes_json(asked: Sequence[Question]) -> bool:
    """Tell whether a form can be sent as JSON at all: not where a file must come along."""
    return not any(each.type == "file" and each.required and not each.show_when for each in asked)


def body(asked: Sequence[Question], answers: Answers) -> Schema:
    """Return what a program may send to a form."""
    conditions = _Conditions(asked)
    always = [each.name for each in asked if each.required and not each.show_when]
    schema: Schema = {
        "type": "object",
        "properties": {each.name: answers.of(each, is_required=each.name in always) for each in asked},
        "additionalProperties": False,
    }
    if always:
        schema["required"] = always
    rules = [
        {"if": when, "then": filled(each)}
        for each in asked
        if each.name not in always and (each.required or each.required_when)
        if (when := conditions.asks(each)) != _NEVER
    ]
    return {**schema, "allOf": rules} if rules else schema


def filled(asked: Question) -> Schema:
    """Return what a body is in which a field is answered."""
    match asked.type:
        case "checkbox":
            answer: Schema = {"const": True}
        case "checkboxes":
            answer = {"type": "array", "minItems": 1}
        case "number":
            answer = {"type": ["number", "string"]}
        case "integer":
            answer = {"type": "integer"}
        case "file":
            return _NEVER
        case "text" | "textarea" | "hidden":
            answer = {"type": "string", "pattern": patterns.INK}
        case _:
            answer = {"type": "string", "minLength": 1}
    return _with(asked.name, answer)


def _with(name: str, answer: Schema) -> Schema:
    return {"required": [name], "properties": {name: answer}}


def _equal(asked: Question, values: Sequence[str]) -> Schema:
    """Return what a body is in which a field has one of some values."""
    match asked.type:
        case "number" | "integer":
            answer: Schema = {"enum": [_number(each) for each in values]}
        case "checkboxes":
            answer = {"type": "array", "contains": {"enum": list(values)}}
        case "time":
            answer = {"type": "string", "pattern": f"^(?:{'|'.join(map(re.escape, values))}){_ON_THE_MINUTE}$"}
        case "text" | "textarea" | "hidden":
            listed = "|".join(map(re.escape, values))
            answer = {"type": "string", "pattern": f"^{patterns.BLANK}(?:{listed}){patterns.BLANK}$"}
        case "checkbox" | "file":
            return _NEVER
        case _:
            answer = {"enum": list(values)}
    return _with(asked.name, answer)


def _number(text: str) -> int | float | str:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


class _Conditions:
    """What the conditions of a form's fields are in JSON Schema."""

    def __init__(self, asked: Sequence[Question]) -> None:
        self._asked = {each.name: each for each in asked}
        self._types = {each.name: each.type for each in asked}

    def asks(self, asked: Question) -> Schema:
        """Return what a body is in which a field must be answered."""
        shown = self._visible(asked, frozenset())
        needed = _ALWAYS if asked.required else self._all(compiled(asked.required_when, self._types), frozenset())
        return _both([shown, needed])

    def _visible(self, asked: Question, waiting: frozenset[str]) -> Schema:
        if not asked.show_when:
            return _ALWAYS
        if asked.name in waiting:
            return _NEVER
        return self._all(compiled(asked.show_when, self._types), waiting | {asked.name})

    def _all(self, tests: Iterable[Test], waiting: frozenset[str]) -> Schema:
        return _both([self._passes(test, waiting) for test in tests])

    def _passes(self, test: Test, waiting: frozenset[str]) -> Schema:
        name, _, wanted = test
        other = self._asked[name]
        visible = self._visible(other, waiting)
        values = [each for each in wanted if isinstance(each, str)]
        found = [_both([visible, _equal(other, values)])] if values else []
        if True in wanted:
            found.append(_both([visible, filled(other)]))
        if False in wanted:
            found.append(_not(_both([visible, filled(other)])))
        return _one_of(found)


def _both(schemas: Sequence[Schema]) -> Schema:
    if _NEVER in schemas:
        return _NEVER
    found = [each for each in schemas if each]
    return {"allOf": found} if len(found) > 1 else found[0] if found else _ALWAYS


def _one_of(schemas: Sequence[Schema]) -> Schema:
    found = [each for each in schemas if each != _NEVER]
    if any(not each for each in found):
        return _ALWAYS
    return {"anyOf": found} if len(found) > 1 else found[0] if found else _NEVER


def _not(schema: Schema) -> Schema:
    return _ALWAYS if schema == _NEVER else _NEVER if not schema else {"not": schema}
