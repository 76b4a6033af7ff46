"""Forms as HTML: what templates see as `form`.

Owns the markup and its ids. Knows no request: what was written, what was wrong and what is left is handed in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from declweb.forms.questions import Question, questions

HONEYPOT = "_marginalia"
"""A field that people never see; programs that fill in everything give themselves away."""
KEY, SECONDS = "_key", "_seconds"
"""Fields that the script fills in: a random submission key, and how long the page has been open."""
TICKET = "_ticket."
"""Before the name of a file field: one value for each file that the visitor keeps from before, its ticket."""

Say = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was uploaded with answers that had to be corrected."""

    name: str
    size: int
    ticket: str


class DrawnForm(Mapping[str, "DrawnField"]):
    """A form as templates see it: its fields by name, and its parts. A field beats a part of the same name."""

    def __init__(  # noqa: PLR0913 # all but the first four are what may be different on one page
        self,
        form: Any,
        name: str,
        action: str,
        language: str,
        say: Say,
        *,
        default_language: str = "",
        asked: Sequence[Question] | None = None,
        echo: Mapping[str, Sequence[str]] | None = None,
        errors: Mapping[str, str] | None = None,
        tickets: Mapping[str, Sequence[Kept]] | None = None,
        notice: str | None = None,
        closed: str | None = None,
        left: Mapping[tuple[str, str], int] | None = None,
        shown: frozenset[str] | None = None,
        prefix: str = "",
    ) -> None:
        self._name = name
        self.action = action
        self.method = "post"
        self._language = language
        self._say = say
        self._echo = echo
        self.errors = dict(errors or {})
        self._tickets = tickets or {}
        self.notice = notice
        self.closed = closed
        self._left = left or {}
        self._shown = shown
        self._prefix = prefix
        self._fields = {
            each.name: DrawnField(self, each) for each in asked or questions(form, language, default_language)
        }

    def __getitem__(self, name: str) -> "DrawnField":
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __html__(self) -> Markup:
        return Markup()

    @property
    def fields(self) -> tuple["DrawnField", ...]:
        """The fields, in the order of the file."""
        return tuple(self._fields.values())


class DrawnField:
    """A field as templates see it."""

    def __init__(self, form: DrawnForm, question: Question) -> None:
        self._form = form
        self._question = question
        self.name = question.name

    def __html__(self) -> Markup:
        return Markup()


def with_error_in_title(html: str, say: Say) -> str:
    """Return a page whose title says that there is an error, whoever wrote its template."""
    return html


def restored_html(html: str, form: DrawnForm) -> str:
    """Return a page in which an author's own fields hold what the visitor wrote, and errors are told.

    What `form` has drawn is left as it is.
    """
    return html
