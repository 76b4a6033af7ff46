"""When a field is asked for, in words: what people read who have no script that shows and hides it.

Owns the words. Knows no answer.
"""

from collections.abc import Mapping
from typing import Any

from declweb.forms.questions import Condition, Question, as_text
from declweb.translations import Say, mark

ONLY_IF = mark("Only if {conditions}.")
IS = mark("“{question}” is “{answer}”")
IS_ANSWERED = mark("“{question}” is filled in")
IS_EMPTY = mark("“{question}” is empty")
AND = mark(" and ")
OR = mark(" or ")


def spoken_condition(when: Condition | None, asked: Mapping[str, Question], say: Say) -> str:
    """Return a condition as a sentence; nothing where there is none, or where nobody sees what it depends on."""
    named = {asked[name]: wanted for name, wanted in (when or {}).items() if name in asked}
    told = [_spoken(question, wanted, say) for question, wanted in named.items() if question.type != "hidden"]
    return say(ONLY_IF).format(conditions=say(AND).join(told)) if told else ""


def _spoken(question: Question, wanted: Any, say: Say) -> str:
    several = wanted if isinstance(wanted, list | tuple) else [wanted]
    return say(OR).join(_one(question, each, say) for each in several)


def _one(question: Question, wanted: Any, say: Say) -> str:
    label = question.label.rstrip(" :")
    if isinstance(wanted, bool):
        return say(IS_ANSWERED if wanted else IS_EMPTY).format(question=label)
    text = as_text(wanted)
    answer = next((option.label for option in question.options if option.value == text), text)
    return say(IS).format(question=label, answer=answer)
