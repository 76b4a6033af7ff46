"""What programs may send for each field of a form, as JSON Schema (2020-12).

Owns that what a schema calls valid is taken. Which fields depend on others is `whole`'s business.
"""

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from declweb.forms.converting import LONGEST_URL, MOST_AS_JSON, bounds
from declweb.forms.questions import Question
from declweb.openapi import patterns

Schema = dict[str, Any]

_NOTHING: Schema = {"enum": ["", None]}
"""What stands for no answer, where an answer is a text of a certain form."""
_FORMS = {"email": patterns.EMAIL, "tel": patterns.TEL, "url": patterns.URL}
_FORMATS = {"email": "email", "url": "uri"}


class Answers:
    """Makes the schemas of answers, on one day."""

    def __init__(self, zone: ZoneInfo, today: date) -> None:
        self._zone = zone
        self._today = today

    def of(self, asked: Question, *, is_required: bool) -> Schema:
        """Return what may be sent for a field; `is_required` says whether an answer must be given."""
        return {"title": asked.label, **self._described(asked), **self._shape(asked, is_required)}

    def _described(self, asked: Question) -> Schema:
        told = [asked.help] if asked.help else []
        if asked.options and any(each.label != each.value for each in asked.options):
            told.append("\n".join(f"- `{each.value}`: {each.label}" for each in asked.options))
        if asked.pattern and patterns.portable(asked.pattern) is None:
            told.append(f"It must match the regular expression `{asked.pattern}` (of Python).")
        if asked.type == "file":
            told.append("Files are sent with the form itself (`multipart/form-data`), not as JSON.")
        if asked.unique:
            told.append("No two entries may have the same answer.")
        return {"description": "\n\n".join(told)} if told else {}

    def _shape(  # noqa: PLR0911 # one for each type
        self,
        asked: Question,
        is_required: bool,  # noqa: FBT001 # of() says what it is
    ) -> Schema:
        match asked.type:
            case "number" | "integer":
                return self._number(asked, is_required)
            case "checkbox":
                return {"const": True} if is_required else {"type": ["boolean", "null"]}
            case "checkboxes":
                return self._several(asked, is_required)
            case "select" | "radio":
                values: list[str | None] = [each.value for each in asked.options]
                return {"enum": values if is_required else [*values, "", None]}
            case "file":
                return {"type": "null"}
            case "date" | "time" | "datetime":
                return _or_nothing(self._moment(asked), is_required)
            case "email" | "tel" | "url":
                return _or_nothing(_formed(asked), is_required)
            case "password":
                return _or_nothing(
                    {"type": "string", "format": "password", "pattern": r"^[^\u0000]+$", **_measured(asked)},
                    is_required,
                )
            case _:
                return _free(asked, is_required)

    @staticmethod
    def _number(asked: Question, is_required: bool) -> Schema:  # noqa: FBT001 # as above
        low = -MOST_AS_JSON if asked.min is None else asked.min
        high = MOST_AS_JSON if asked.max is None else asked.max
        schema: Schema = {"type": asked.type, "minimum": low, "maximum": high}
        if asked.type == "integer":
            return schema if is_required else {**schema, "type": ["integer", "null"]}
        exact = {"type": "string", "pattern": patterns.decimals(Decimal(str(low)), Decimal(str(high)))}
        return {"anyOf": [schema, exact, *([] if is_required else [{"type": "null"}])]}

    @staticmethod
    def _several(asked: Question, is_required: bool) -> Schema:  # noqa: FBT001 # as above
        items = {"enum": [each.value for each in asked.options]}
        if is_required:
            return {"type": "array", "items": items, "minItems": 1}
        return {"type": ["array", "null"], "items": items}

    def _moment(self, asked: Question) -> Schema:
        first, last = bounds(asked, self._today, self._zone)
        match asked.type:
            case "date":
                pattern = patterns.days(first, last)
                return {"type": "string", "format": "date", **({"pattern": pattern} if pattern else {})}
            case "time":
                return {"type": "string", "pattern": patterns.times(first, last)}
            case _:
                return {"type": "string", "format": "date-time", "pattern": patterns.moments(first, last)}


def _measured(asked: Question) -> Schema:
    found = {"minLength": asked.min_length, "maxLength": asked.max_length}
    return {key: value for key, value in found.items() if value is not None}


def _formed(asked: Question) -> Schema:
    """Return what a text of a certain form is."""
    most = min(asked.max_length or LONGEST_URL, LONGEST_URL) if asked.type == "url" else asked.max_length
    schema: Schema = {"type": "string", "pattern": _FORMS[asked.type], **_measured(asked), "maxLength": most}
    if asked.type in _FORMATS:
        schema = {"type": "string", "format": _FORMATS[asked.type], **schema}
    return _with_own_pattern(schema, asked)


def _free(asked: Question, is_required: bool) -> Schema:  # noqa: FBT001 # as above
    schema: Schema = {"type": "string" if is_required else ["string", "null"]}
    schema["pattern"] = patterns.text(asked.min_length or 0, is_required=is_required)
    if asked.max_length is not None:
        schema["maxLength"] = asked.max_length
    return _with_own_pattern(schema, asked)


def _with_own_pattern(schema: Schema, asked: Question) -> Schema:
    own = patterns.portable(asked.pattern) if asked.pattern else None
    return {**schema, "allOf": [{"pattern": own}]} if own else schema


def _or_nothing(schema: Schema, is_required: bool) -> Schema:  # noqa: FBT001 # as above
    return schema if is_required else {"anyOf": [schema, _NOTHING]}
