"""When a field is asked for, in words: what people read who have no script that shows and hides it.

Owns the words. Knows no answer.
"""

from collections.abc import Mapping
from typing import Any

from declweb.forms.questions import Condition, Question, as_text
from declweb.translations import Say, mark

ONLY_IF = mark("Only if {conditions}.")
NEEDED_IF = mark("Needed if {conditions}.")
IS = mark("“{question}” is “{answer}”")
IS_ANSWERED = mark("“{question}” is filled in")
IS_EMPTY = mark("“{question}” is empty")
IS_TICKED = mark("“{question}” is ticked")
IS_NOT_TICKED = mark("“{question}” is not ticked")
AND = mark(" and ")
OR = mark(" or ")


def spoken_condition(question: Question, asked: Mapping[str, Question], say: Say) -> str:
    """Return when a field is asked for; nothing where that is always, or nobody sees what it depends on."""
    when: Condition = question.show_when or question.required_when or {}
    told = [
        _spoken(asked[name], wanted, say)
        for name, wanted in when.items()
        if name in asked and asked[name].type != "hidden"
    ]
    sentence = say(ONLY_IF if question.show_when else NEEDED_IF)
    return sentence.format(conditions=say(AND).join(told)) if told else ""


def _spoken(question: Question, wanted: Any, say: Say) -> str:
    several = wanted if isinstance(wanted, list | tuple) else [wanted]
    return say(OR).join(_one(question, each, say) for each in several)


def _one(question: Question, wanted: Any, say: Say) -> str:
    label = question.label.rstrip(" :")
    if isinstance(wanted, bool):
        is_box = question.type == "checkbox"
        words = (IS_TICKED if is_box else IS_ANSWERED) if wanted else (IS_NOT_TICKED if is_box else IS_EMPTY)
        return say(words).format(question=label)
    text = as_text(wanted)
    answer = next((option.label for option in question.options if option.value == text), text)
    return say(IS).format(question=label, answer=answer)
