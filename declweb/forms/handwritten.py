"""Forms that authors write themselves in HTML, compared with what is declared.

Owns what is a contradiction. Knows no site: a template's facts and a form's fields are handed in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from declweb.forms.questions import Question


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit, and where it stands."""

    code: str
    """`form-missing-field`, `form-unknown-field`, `form-wrong-type`, …"""
    message: str
    line: int
    column: int
    word: str
    """What stands there and is meant."""
    help: str | None = None
    severity: Literal["error", "warning"] = "error"


def compared(text: str, asked: Sequence[Question], action: str, name: str) -> Iterator[Finding]:
    """Yield what does not fit; `text` is the template with a hole for each sign that is not literal.

    `text` is as `declweb.templating.markup.literal` gives it.
    """
    yield from ()
