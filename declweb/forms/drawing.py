"""Forms as HTML: what templates see as `form`.

Owns the markup, which follows the patterns of the GOV.UK Design System, and its ids. Knows no request: what was
written, what was wrong and what is left is handed in. What browsers would check themselves is said with attributes, but
left to the server (`novalidate`): browsers' own messages are neither in the page's language nor read out well.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from declweb.clock import present
from declweb.forms.conditions import Conditions
from declweb.forms.converting import bounds, default_texts
from declweb.forms.drawn_fields import DrawnField
from declweb.forms.elements import Attributes, element, opening
from declweb.forms.parts import HONEYPOT, Kept
from declweb.forms.questions import Option, Question, questions
from declweb.forms.script import script, style
from declweb.forms.when import spoken_condition
from declweb.translations import Say, mark

PROBLEM = mark("There is a problem")
SEND = mark("Send")
LEAVE_EMPTY = mark("Leave this empty")


class DrawnForm(Mapping[str, DrawnField]):
    """A form as templates see it: its fields by name, and its parts. A field beats a part of the same name."""

    def __init__(  # noqa: PLR0913 # all but the first five are what may be different from page to page
        self,
        form: Any,
        name: str,
        action: str,
        language: str,
        say: Say,
        *,
        default_language: str = "",
        timezone: str = "UTC",
        now: datetime | None = None,
        asked: Sequence[Question] | None = None,
        echo: Mapping[str, Sequence[str]] | None = None,
        prefilled: Mapping[str, Sequence[str]] | None = None,
        errors: Mapping[str, str] | None = None,
        tickets: Mapping[str, Sequence[Kept]] | None = None,
        notice: str | None = None,
        alarm: str | None = None,
        closed: str | None = None,
        written: Markup | None = None,
        left: Mapping[tuple[str, str], int] | None = None,
        prefix: str = "",
    ) -> None:
        """Make a form to be drawn once.

        `echo` is what was written where the form comes back, `prefilled` what its address brought along. `notice` says
        that all is well, `alarm` what went wrong beyond the fields; both may be Markup. `closed` stands in the form's
        place, and `written` below it. `left` has the places that are left, by field and choice. `now` is aware;
        relative days count from it.
        """
        self._name = name
        self._language = language
        self._echo = echo
        self._prefilled = prefilled or {}
        self._tickets = tickets or {}
        self._notice, self._alarm, self._closed = notice, alarm, closed
        self._written = written
        self._left = left or {}
        self._prefix = prefix
        self._zone = ZoneInfo(timezone)
        self._today = (now or present()).astimezone(self._zone).date()
        self._told: set[str] = set()
        """Which of the parts that stand once on a page were drawn."""
        self.say = say
        self.name = name
        self.action = action
        self.method = "post"
        self.errors = dict(errors or {})
        asked = asked if asked is not None else questions(form, language, default_language)
        self._asked = {each.name: each for each in asked}
        self._conditions = Conditions.of(asked)
        self._shown: Mapping[str, Sequence[str]] | None = None
        """What stands in the fields that are shown, once somebody asks."""
        self._fields = {each.name: DrawnField(self, each) for each in asked}

    def __getitem__(self, name: str) -> DrawnField:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __html__(self) -> str:
        if self._closed is not None:
            return self.style + self._once("notice") + self.closed
        fields = Markup("\n").join(field.__html__() for field in self._fields.values())
        return Markup("{}\n{}\n{}\n{}").format(self.start_tag, fields, self.button, self.end_tag)

    __str__ = __html__

    # --- parts ---

    @property
    def fields(self) -> tuple[DrawnField, ...]:
        """The fields, in the order of the file."""
        return tuple(self._fields.values())

    @property
    def start_tag(self) -> Markup:
        """What stands before the fields: the tag, and what was not drawn yet of style, script, notice and summary."""
        return Markup("").join(
            (self._once("style"), self._once("script"), self._once("notice"), self._once("summary"), self._opening)
        )

    @property
    def end_tag(self) -> Markup:
        """What stands after the fields."""
        return Markup("</form>")

    start = start_tag
    end = end_tag

    @property
    def _opening(self) -> Markup:
        attributes: Attributes = {
            "class": "dw-form",
            "action": self.action,
            "method": self.method,
            "enctype": self.enctype,
            "novalidate": True,
            "data-declweb": True,
        }
        return opening("form", attributes) + self.honeypot

    @property
    def enctype(self) -> str | None:
        """How it is sent; None where that is as usual."""
        return "multipart/form-data" if any(field.type == "file" for field in self._fields.values()) else None

    @property
    def honeypot(self) -> Markup:
        """A field that nobody sees."""
        id_ = f"{self._name}-{HONEYPOT.strip('_')}"
        label = element("label", {"for": id_}, self.say(LEAVE_EMPTY))
        attributes: Attributes = {
            "type": "text", "id": id_, "name": HONEYPOT, "tabindex": "-1", "autocomplete": "off",
        }  # fmt: skip
        return element("div", {"hidden": True}, label + opening("input", attributes))

    @property
    def button(self) -> Markup:
        """The button that sends the form."""
        return element("button", {"type": "submit", "class": "dw-button"}, self.say(SEND))

    @property
    def style(self) -> Markup:
        """The link to the style that forms bring along."""
        self._told.add("style")
        return opening("link", {"rel": "stylesheet", "href": self._prefix + style().address})

    @property
    def script(self) -> Markup:
        """The script that forms bring along; it looks after an author's own form with this action as well."""
        self._told.add("script")
        attributes: Attributes = {"src": self._prefix + script().address, "data-action": self.action, "defer": True}
        return element("script", attributes, "")

    @property
    def notice(self) -> Markup:
        """What is to be said once all went well; empty before."""
        self._told.add("notice")
        if not self._notice:
            return Markup()
        return element(
            "div", {"class": "dw-notice", "role": "status", "tabindex": "-1", "data-focus": True}, self._notice
        )

    @property
    def summary(self) -> Markup:
        """All errors, with links to their fields; empty where there are none."""
        self._told.add("summary")
        if not self.errors and not self._alarm:
            return Markup()
        title = f"{self._name}-problem"
        parts = [element("h2", {"id": title, "class": "dw-title"}, self.say(PROBLEM))]
        if self._alarm:
            parts.append(element("p", {}, self._alarm))
        if self.errors:
            items = Markup("").join(self._linked(name, text) for name, text in self.errors.items())
            parts.append(element("ul", {}, items))
        told = element("div", {"role": "alert"}, Markup("").join(parts))
        attributes: Attributes = {
            "class": "dw-summary", "tabindex": "-1", "aria-labelledby": title, "data-focus": True,
        }  # fmt: skip
        return element("div", attributes, told)

    def _linked(self, name: str, text: str) -> Markup:
        field = self._fields.get(name)
        inner = (
            escape(text) if field is None or field.type == "hidden" else element("a", {"href": f"#{field.id}"}, text)
        )
        return element("li", {}, inner)

    @property
    def closed(self) -> Markup:
        """What stands in the form's place while it is closed; empty while it is open.

        Where it closed before a visitor had sent what they wrote, that stands there as well.
        """
        if not self._closed:
            return Markup()
        focus: Attributes = {"role": "alert", "tabindex": "-1", "data-focus": True} if self._written else {}
        inner = element("p", {}, self._closed) + (self._written or Markup())
        return element("div", {"class": "dw-closed", **focus}, inner)

    def _once(self, part: str) -> Markup:
        if part in self._told:
            return Markup()
        found: Markup = getattr(self, part)
        return found

    # --- for its fields ---

    def texts_of(self, question: Question) -> tuple[str, ...]:
        """Return what stands in a field: what was written, else what the address brings, else the default."""
        if question.type in {"password", "file"}:
            return ()
        if self._echo is not None and (question.name in self._echo or question.type != "hidden"):
            return tuple(self._echo.get(question.name, ()))
        return tuple(self._prefilled.get(question.name, ())) or default_texts(question, self._today)

    def bounds_of(self, question: Question) -> tuple[str | None, str | None]:
        """Return the first and the last day or time that may be chosen, as attributes say it."""
        low, high = bounds(question, self._today, self._zone)
        return _in_attribute(low), _in_attribute(high)

    def kept_in(self, name: str) -> Sequence[Kept]:
        """Return the files of a field that were sent before."""
        return self._tickets.get(name, ())

    def left_of(self, name: str, option: Option) -> int | None:
        """Return how many places of a choice are left; None where they are not counted."""
        return self._left.get((name, option.value)) if option.places is not None else None

    def tests_of(self, name: str) -> Mapping[str, str | None]:
        """Return a field's conditions, as the script reads them."""
        show, require = self._conditions.show.get(name), self._conditions.require.get(name)
        return {"data-show-when": _as_json(show), "data-required-when": _as_json(require)}

    def when_of(self, question: Question) -> str:
        """Return when a field is asked for, in words; empty where that is always."""
        return spoken_condition(question, self._asked, self.say)

    def is_shown(self, name: str) -> bool:
        """Tell whether a field is shown with what stands in the others."""
        if self._shown is None:
            self._shown = self._conditions.visible(
                {
                    name: field.values or [file.name for file in self.kept_in(name)]
                    for name, field in self._fields.items()
                }
            )
        return self._conditions.shows(name, self._shown)

    @property
    def id_prefix(self) -> str:
        """How the ids of this form begin."""
        return self._name

    @property
    def language(self) -> str:
        """The language of the page."""
        return self._language


def _as_json(tests: object) -> str | None:
    return None if tests is None else json.dumps(tests, ensure_ascii=False, separators=(",", ":"))


def _in_attribute(moment: object) -> str | None:
    match moment:
        case datetime():
            return moment.replace(tzinfo=None).isoformat(timespec="minutes")
        case time():
            return moment.isoformat(timespec="minutes")
        case date():
            return moment.isoformat()
        case _:
            return None
