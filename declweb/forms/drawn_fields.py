"""The fields of a form as HTML: what templates see as `form.email`, and its parts.

Owns the markup of each type of field. What stands in a field, and what is wrong with it, its form knows.
"""

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from declweb.forms import messages
from declweb.forms.elements import Attributes, element, joined, opening
from declweb.forms.kinds import accept_attribute
from declweb.forms.parts import TICKET, Kept, file_size, is_for_browsers, purpose
from declweb.forms.questions import GROUPS, Option, Question
from declweb.model.fields import NUMBERS
from declweb.model.words import spoken_size
from declweb.translations import mark

if TYPE_CHECKING:
    from declweb.forms.drawing import DrawnForm

OPTIONAL = mark("(optional)")
PLEASE_CHOOSE = mark("Please choose")
SOLD_OUT = mark("sold out")
PLACES_LEFT = mark("places left: {count}")
KEEP = mark("Keep {file}, {size}")
OR_ANOTHER = mark("Choose another file only to replace the one above.")
OR_MORE = mark("Choose more files only if you want to add to those above.")
LEFT = mark("Characters left: {count}")
OVER = mark("Too many characters: {count}")
HEAVY = mark("This file is too large: choose one of at most {most}")


class DrawnOption:
    """One of the answers that can be chosen."""

    def __init__(self, field: "DrawnField", option: Option, number: int) -> None:
        self.value = option.value
        self.label = option.label
        self.left = field.form.left_of(field.name, option)
        """How many places are left; None where they are not counted."""
        self.disabled = self.left is not None and self.left <= 0
        self.checked = self.selected = option.value in field.values and not self.disabled
        self.id = field.id if number == 1 else f"{field.id}-{number}"

    def __str__(self) -> str:
        return self.label


class DrawnField:
    """A field as templates see it: all of it, its parts as markup, or what they are made of as text."""

    def __init__(self, form: "DrawnForm", question: Question) -> None:
        self.form = form
        self.question = question
        self.name = question.name
        self.type = question.type
        self.id = f"{form.id_prefix}-{question.name}"
        self.required = question.required
        self.label_text = question.label
        self.help_text = question.help

    # --- what stands in it ---

    @property
    def values(self) -> tuple[str, ...]:
        """What stands in it, as texts."""
        return self.form.texts_of(self.question)

    @property
    def value(self) -> str:
        """What stands in it; the first where there are several."""
        return next(iter(self.values), "")

    @property
    def checked(self) -> bool:
        """Whether its box is ticked."""
        return bool(self.value)

    @property
    def options(self) -> tuple[DrawnOption, ...]:
        """The answers that can be chosen."""
        return tuple(DrawnOption(self, each, number) for number, each in enumerate(self.question.options, 1))

    @property
    def error_text(self) -> str:
        """What is wrong with it; empty where nothing is."""
        return self.form.errors.get(self.name, "")

    @property
    def error_beside(self) -> str:
        """The same without its label, as it is said where the label stands."""
        return messages.beside(self.label_text, self.error_text)

    @property
    def described_by(self) -> str:
        """The ids of what describes it, the help first; empty where nothing does."""
        parts = (
            ("when", self.when_text),
            ("help", self.help_text),
            ("kept", self.form.kept_in(self.name)),
            ("error", self.error_text),
        )
        ids = [f"{self.id}-{part}" for part, is_there in parts if is_there]
        return " ".join([*ids, f"{self.id}-count"] if self._most else ids)

    @property
    def _most(self) -> int | None:
        """How many characters are counted before the visitor's eyes."""
        return self.question.max_length if self.type == "textarea" else None

    # --- its parts ---

    def __html__(self) -> Markup:
        if self.type == "hidden":
            return self.input
        is_group = self.type in GROUPS
        attributes: Attributes = {
            "class": f"dw-field{' dw-wrong' if self.error_text else ''}",
            "aria-describedby": self.described_by or None if is_group else None,
            "data-field": self.name,
            "data-waits": not self.form.is_shown(self.name),
            **self.form.tests_of(self.name),
            "data-required": self.required and self.question.show_when is not None,
        }
        parts = [self.when, self.help, self.error, self.input]
        parts = parts if self.type == "checkbox" else [self.label, *parts]
        return element("fieldset" if is_group else "div", attributes, Markup("").join([*parts, self.count]))

    __str__ = __html__

    @property
    def label(self) -> Markup:
        """What it is called: a label, or the legend of a group."""
        words = escape(self.label_text) + self._optional
        if self.type in GROUPS:
            return element("legend", {"class": "dw-label"}, words)
        return element("label", {"class": "dw-label", "for": self.id}, words)

    @property
    def _optional(self) -> Markup:
        if self.required or self.type == "checkbox":
            return Markup()
        hidden = {"hidden": self.question.required_when is not None}
        return Markup(" ") + element("span", {"class": "dw-optional", **hidden}, self.form.say(OPTIONAL))

    @property
    def when_text(self) -> str:
        """When it is asked for, in words; empty where that is always."""
        return self.form.when_of(self.question)

    @property
    def when(self) -> Markup:
        """When it is asked for; the script takes it away, since it shows and hides the field itself."""
        return self._line("when", "dw-help dw-when", self.when_text)

    @property
    def help(self) -> Markup:
        """What helps to answer; empty where there is nothing."""
        return self._line("help", "dw-help", self.help_text)

    @property
    def error(self) -> Markup:
        """What is wrong with it; empty where nothing is."""
        if not self.error_text:
            return Markup()
        before = element("span", {"class": "dw-unseen"}, self.form.say(messages.ERROR))
        return self._line("error", "dw-error", before + " " + self.error_beside)

    @property
    def count(self) -> Markup:
        """How many characters are left, which the script fills in; empty where there is no bound to tell."""
        if self._most is None:
            return Markup()
        attributes: Attributes = {
            "id": f"{self.id}-count",
            "class": "dw-count",
            "role": "status",
            "hidden": True,
            "data-most": str(self._most),
            "data-left": self.form.say(LEFT),
            "data-over": self.form.say(OVER),
        }
        return element("div", attributes, "")

    def _line(self, part: str, class_: str, text: str) -> Markup:
        return element("div", {"id": f"{self.id}-{part}", "class": class_}, text) if text else Markup()

    @property
    def input(self) -> Markup:
        """What is filled in, ticked or chosen."""
        draw = {
            "textarea": self._area,
            "select": self._select,
            "radio": self._choices,
            "checkboxes": self._choices,
            "checkbox": self._box,
            "file": self._file,
            "hidden": self._hidden,
        }
        return draw.get(self.type, self._line_of_text)()

    def _hidden(self) -> Markup:
        return opening("input", {"type": "hidden", "name": self.name, "value": self.value})

    def _area(self) -> Markup:
        attributes = {**self._common, "class": "dw-input", "rows": "6", **self._lengths}
        return element(
            "textarea", attributes, Markup("\n") + self.value.replace("\r\n", "\n")
        )  # the first line break is not part of it

    def _choices(self) -> Markup:
        return joined(self._choice(option) for option in self.options)

    def _line_of_text(self) -> Markup:
        return opening("input", self._line_attributes)

    @property
    def _common(self) -> Attributes:
        """The attributes of everything that is filled in."""
        return {
            "id": self.id,
            "name": self.name,
            "required": self.required and self.question.show_when is None,
            "data-needed": self._is_needed_at_times,
            "autocomplete": purpose(self.question),
            "aria-describedby": self.described_by or None,
            "aria-invalid": "true" if self.error_text else None,
        }

    @property
    def _is_needed_at_times(self) -> bool:
        """Whether the script says when it must be answered."""
        question = self.question
        return question.required_when is not None or (question.required and question.show_when is not None)

    @property
    def _lengths(self) -> Attributes:
        least, most = self.question.min_length, self.question.max_length
        return {"minlength": _text(least), "maxlength": _text(most)}

    @property
    def _line_attributes(self) -> Attributes:
        """The attributes of an input of one line."""
        question = self.question
        found: Attributes = {"class": "dw-input", **self._common}
        if self.type in NUMBERS:
            # type=number would send nothing at all where letters were typed, and change with the mouse's wheel
            is_whole = self.type == "integer" and question.min is not None and question.min >= 0
            mode = "numeric" if is_whole else "decimal" if question.min is not None and question.min >= 0 else None
            return {"type": "text", **found, "class": "dw-input dw-short", "inputmode": mode, "value": self.value}
        if self.type in {"date", "time", "datetime"}:
            low, high = self.form.bounds_of(question)
            type_ = "datetime-local" if self.type == "datetime" else self.type
            return {"type": type_, **found, "class": "dw-input dw-short", "min": low, "max": high, "value": self.value}
        found |= self._lengths
        found["pattern"] = question.pattern if question.pattern and is_for_browsers(question.pattern) else None
        found["spellcheck"] = "false" if self.type in {"email", "tel", "url"} else None
        if self.type != "password":
            found["value"] = self.value
        return {"type": self.type, **found}

    def _select(self) -> Markup:
        options = [element("option", {"value": ""}, self.form.say(PLEASE_CHOOSE))]
        options += [
            element(
                "option",
                {"value": each.value, "selected": each.selected, "disabled": each.disabled},
                " ".join([each.label, *self._places(each)]),
            )
            for each in self.options
        ]
        return element("select", {**self._common, "class": "dw-input"}, joined(options))

    def _choice(self, option: DrawnOption) -> Markup:
        """Return one of several boxes, with its label."""
        attributes: Attributes = {
            "type": "radio" if self.type == "radio" else "checkbox",
            "id": option.id,
            "name": self.name,
            "value": option.value,
            "checked": option.checked,
            "disabled": option.disabled,
            "data-sold": option.disabled,
            "required": self.type == "radio" and self.required and self.question.show_when is None,
            "data-needed": self.type == "radio" and self._is_needed_at_times,
        }
        spans = [element("span", {"class": "dw-places"}, each) for each in self._places(option)]
        words = joined([escape(option.label), Markup(" "), *spans]) if spans else option.label
        label = element("label", {"for": option.id}, words)
        return element("div", {"class": "dw-choice"}, joined((opening("input", attributes), label)))

    def _places(self, option: DrawnOption) -> list[str]:
        if option.left is None:
            return []
        say = self.form.say
        return [f"({say(SOLD_OUT) if option.disabled else say(PLACES_LEFT).format(count=option.left)})"]

    def _box(self) -> Markup:
        """Return a single box, with its label."""
        attributes = {"type": "checkbox", **self._common, "value": "yes", "checked": self.checked}
        label = element("label", {"for": self.id}, escape(self.label_text) + self._optional)
        return element("div", {"class": "dw-choice"}, opening("input", attributes) + label)

    @property
    def kept_name(self) -> str:
        """What the boxes of files are called that were sent before."""
        return f"{TICKET}{self.name}"

    @property
    def kept(self) -> Markup:
        """The files that were sent before and need not be sent again, each with a box; empty where there are none."""
        files = self.form.kept_in(self.name)
        if not files:
            return Markup()
        boxes = Markup("").join(self._kept_file(file, number) for number, file in enumerate(files, 1))
        words = self.form.say(OR_MORE if self.question.multiple else OR_ANOTHER)
        return element("div", {"class": "dw-kept"}, boxes) + self._line("kept", "dw-help", words)

    def _kept_file(self, file: Kept, number: int) -> Markup:
        id_ = f"{self.id}-keep-{number}"
        attributes: Attributes = {
            "type": "checkbox", "id": id_, "name": self.kept_name, "value": file.ticket, "checked": True,
        }  # fmt: skip
        words = self.form.say(KEEP).format(file=file.name, size=file_size(file.size, self.form.language))
        return element(
            "div", {"class": "dw-choice"}, opening("input", attributes) + element("label", {"for": id_}, words)
        )

    def _file(self) -> Markup:
        most = self.question.max_size
        common = self._common
        if self.form.kept_in(self.name):
            common["required"] = False
        attributes: Attributes = {
            "type": "file",
            **common,
            "class": "dw-file",
            "accept": accept_attribute(self.question.accept),
            "multiple": self.question.multiple,
            "data-max-size": _text(most),
            "data-too-large": None if most is None else self.form.say(HEAVY).format(most=spoken_size(most)),
        }
        return self.kept + opening("input", attributes)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
