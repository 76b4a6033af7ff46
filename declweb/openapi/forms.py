"""The operations of forms: what programs send to them, and what they are answered.

Owns the words and the statuses. What may be sent is `whole`'s and `fields`'s business.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from declweb.forms.questions import Question
from declweb.forms.samples import SampleFile, Samples
from declweb.model import Form
from declweb.openapi import whole
from declweb.openapi.answers import RETRY_AFTER, Part, problem
from declweb.openapi.fields import Answers

TAG = "Forms"
_MOST_EXAMPLES = 2
_RECEIPT: Part = {
    "description": "It is stored; the receipt is what the entry is called from now on.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"receipt": {"type": "string"}},
                "required": ["receipt"],
                "additionalProperties": False,
            },
            "example": {"receipt": "K7QF2-M9XA3"},
        }
    },
}


def operations(name: str, form: Form, asked: Sequence[Question], zone: ZoneInfo, now: datetime) -> dict[str, Part]:
    """Return what a form answers, by method."""
    page = {
        "tags": [TAG],
        "summary": f"The page of the form {name}",
        "responses": {
            "200": {"description": "The page, for people.", "content": {"text/html": {"schema": {"type": "string"}}}},
            "304": {"description": "The page has not changed since."},
        },
    }
    post = {
        "tags": [TAG],
        "summary": f"Send the form {name}",
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": whole.body(asked, Answers(zone, now.date())),
                    "examples": _examples(asked, now),
                }
            },
        },
        "responses": _responses(form, asked),
    }
    return {"get": page, "post": post}


def _responses(form: Form, asked: Sequence[Question]) -> dict[str, Part]:
    responses = {
        "201": _RECEIPT,
        "400": problem("It cannot be read: it is no JSON, or no object."),
        "403": problem("A browser sent it from a page of another site."),
        "408": problem("It took too long to arrive."),
        "413": problem("It is too large."),
        "415": problem("It is in a format that is not known, or compressed."),
        "422": problem("Something in it is wrong: `errors` names each field, with a message for people."),
        "503": problem("The form is closed, or it cannot be stored just now.", headers=RETRY_AFTER),
    }
    if any(each.unique or any(option.places is not None for option in each.options) for each in asked):
        responses["409"] = problem("Somebody else has it already: an answer must be unique, or no place is left.")
    if form.limit is not None:
        responses["429"] = problem("Too many entries came from this visitor in a short time.", headers=RETRY_AFTER)
    return dict(sorted(responses.items()))


def _examples(asked: Sequence[Question], now: datetime) -> dict[str, Part]:
    """Return bodies that are taken."""
    found: dict[str, Part] = {}
    for number, sample in enumerate(Samples(asked, now).right(), 1):
        value = {
            each.name: _as_json(each, sample.answers[each.name], now)
            for each in asked
            if each.name in sample.answers and each.type != "file"
        }
        if any(given == value for given in (each["value"] for each in found.values())):
            continue
        found[f"example-{number}"] = {"summary": sample.title, "value": value}
        if number == _MOST_EXAMPLES:
            break
    return found


def _as_json(asked: Question, texts: Sequence[str | SampleFile], now: datetime) -> Any:  # noqa: PLR0911 # one for each type
    """Return answers as JSON has them."""
    given = [each for each in texts if isinstance(each, str)]
    if asked.type == "checkboxes":
        return given
    if asked.type == "checkbox":
        return bool(given)
    if not given:
        return None
    match asked.type:
        case "integer":
            return int(given[0])
        case "number":
            return float(given[0])
        case "datetime":
            local = datetime.fromisoformat(given[0]).replace(tzinfo=now.tzinfo)
            return local.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case _:
            return given[0]
