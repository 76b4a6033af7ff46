"""What visitors answer: whether it can be taken, and what is stored of it.

Owns the conversion and the checks of every type of field. Knows no HTML, no request and no store.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from declweb.forms.questions import Question, questions

Say = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one visitor's answers."""

    values: Mapping[str, Any]
    """What is stored, by field, as JSON takes it; fields that are not shown are not there. See `restored`."""
    shown: frozenset[str]
    """The fields that the visitor was asked."""
    errors: Mapping[str, str]
    """Field to message, in the order of the fields; empty where all can be taken."""
    echo: Mapping[str, Sequence[str]]
    """What the visitor wrote, to be drawn again; without passwords."""
    files: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """The files of each shown field, those that were kept from before among them."""


class Checker:
    """Checks the answers to one form in one language; made once, used by any number of threads."""

    def __init__(  # noqa: PLR0913 # what a form is checked by
        self, form: Any, name: str, language: str, timezone: str, say: Say, default_language: str = ""
    ) -> None:
        self.name = name
        self.questions: tuple[Question, ...] = questions(form, language, default_language)
        self._timezone = timezone
        self._say = say

    def check(self, received: Any, now: datetime, kept: Mapping[str, Sequence[Any]] | None = None) -> Checked:
        """Return what became of the answers; `now` is aware, `kept` are redeemed uploads by field."""
        raise NotImplementedError

    def prefilled(self, query: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
        """Return what the fields begin with that take their value from the address; empty for most requests."""
        raise NotImplementedError


def restored(type_: str, value: Any) -> Any:
    """Return a stored value as Python knows it: Decimal for a number, date, time, aware datetime; None stays None."""
    raise NotImplementedError
