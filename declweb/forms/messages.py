"""What visitors are told about their answers, in plain words.

Owns the words and how they are joined with a field's label, so that they work in every language and with every label.
"""

from collections.abc import Callable

from declweb.forms.questions import Question
from declweb.translations import mark

Say = Callable[[str], str]

TAKEN = mark("this is already taken: use another")
SOLD_OUT = mark("there are no places left for this: choose another")


def told(question: Question, text: str, say: Say, **values: object) -> str:
    """Return what a visitor is told: the field's own message, or its label and what is wrong."""
    if question.message:
        return question.message
    what = say(text).format(**values)
    label = question.label.rstrip(" :*")
    if label.endswith(("?", "!", ".", "…")):
        return f"{label} {what[:1].upper()}{what[1:]}"
    return f"{label}: {what}"
