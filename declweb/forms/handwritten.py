"""Forms that authors write themselves in HTML, compared with what is declared.

Owns what is a contradiction. Knows no site: the text of a template and a form's fields are handed in. What a visitor
wrote needs no care of the author's: it is put back into such a form by itself, see `restoring`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from declweb.forms.questions import Question
from declweb.forms.written import Attribute, Control, Tag, WrittenForm, is_meant, option_value, written_forms
from declweb.problems import suggestion
from declweb.templating.markup import HOLE, spot_at

_SILENT = frozenset({"submit", "button", "reset", "image"})
_LINES = frozenset({"text", "search", "hidden", "textarea", "select", "radio"})
"""Controls that any text can come from."""
_FITS = {
    "text": _LINES | {"email", "tel", "url", "date", "time", "number", "color", "month", "week", "range"},
    "textarea": _LINES,
    "hidden": _LINES | {"number", "date", "time"},
    "email": _LINES | {"email"},
    "tel": _LINES | {"tel"},
    "url": _LINES | {"url"},
    "number": _LINES | {"number", "range", "tel"},
    "integer": _LINES | {"number", "range", "tel"},
    "date": _LINES | {"date"},
    "time": _LINES | {"time"},
    "datetime": _LINES | {"datetime-local"},
    "select": {"select", "radio", "hidden"},
    "radio": {"select", "radio", "hidden"},
    "checkbox": {"checkbox", "hidden"},
    "checkboxes": {"checkbox", "select", "hidden"},
    "file": {"file"},
    "password": {"password"},
}
"""The controls that send what each type of field takes."""
_MOST = 20
"""Choices that are listed where one is none of them."""

_USUAL = {
    "datetime": '<input type="datetime-local">',
    "number": '<input type="number" step="any">',
    "integer": '<input type="number">',
    "select": "<select>",
    "textarea": "<textarea>",
    "checkboxes": '<input type="checkbox"> for each choice',
    "radio": '<input type="radio"> for each choice',
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit, and where it stands."""

    code: str
    """`missing-field`, `unasked-field`, `stray-field`, `wrong-field` or `contrary-field`."""
    message: str
    line: int
    column: int
    word: str
    """What stands there and is meant."""
    help: str | None = None


def compared(text: str, asked: Sequence[Question], action: str, name: str) -> Iterator[Finding]:
    """Yield what does not fit; `text` is the template with a hole for each sign that is not literal.

    `text` is as `declweb.templating.markup.literal` gives it; `action` is the form's address with the site's prefix.
    """
    forms = list(written_forms(text))
    for form in forms:
        comparison = _Comparison(text, form, asked, action, name)
        if is_meant(form, (action,), is_only=len(forms) == 1):
            yield from comparison.findings()
        elif comparison.looks_meant():
            yield from comparison.wrong_way()


class _Comparison:
    """One form as it is written, beside what is declared."""

    def __init__(self, text: str, form: WrittenForm, asked: Sequence[Question], action: str, name: str) -> None:
        self._text = text
        self._form = form
        self._asked = {each.name: each for each in asked}
        self._action = action
        self._name = name
        self._controls = [each for each in form.controls if each.type not in _SILENT and each.name]

    def looks_meant(self) -> bool:
        """Tell whether it asks for most of what is declared, though it is sent elsewhere."""
        found = {each.name for each in self._controls} & self._asked.keys()
        return 2 * len(found) > len(self._asked)

    def wrong_way(self) -> Iterator[Finding]:
        """Yield what keeps the form from being sent to its address."""
        tag = self._form.tag
        action, method = tag.find("action"), tag.find("method")
        if (method.value or "").lower() != "post" if method else True:
            yield self._at("wrong-field", method or tag, "a form is sent with the method `post`", 'write method="post"')
        if action and action.is_known and action.value and action.value.partition("?")[0] != self._action:
            yield self._at(
                "wrong-field",
                action,
                f"the form `{self._name}` is at {self._action}, but this one is sent to {action.value}",
                'write action="{{ form.action }}"',
            )

    def findings(self) -> Iterator[Finding]:
        """Yield everything that does not fit."""
        for control in self._controls:
            if HOLE in control.name:
                continue
            question = self._asked.get(control.name)
            if question is None:
                yield from self._unknown(control)
            elif control.type not in _FITS[question.type]:
                yield self._wrong_type(control, question)
            else:
                yield from self._wrong_choice(control, question)
                yield from self._contrary(control, question)
        yield from self._enctype()
        yield from self._missing()

    def _unknown(self, control: Control) -> Iterator[Finding]:
        if control.type == "hidden" or control.name.startswith("_"):
            return
        yield self._at(
            "stray-field",
            control.tag.find("name") or control.tag,
            f"the form `{self._name}` has no field `{control.name}`, so nothing that is written here is stored",
            suggestion(control.name, self._asked) or f"fields are {', '.join(self._asked)}",
        )

    def _wrong_type(self, control: Control, question: Question) -> Finding:
        usual = _USUAL.get(question.type, f'<input type="{question.type}">')
        what = f"<{control.type}>" if control.type in {"textarea", "select"} else f'type="{control.type}"'
        return self._at(
            "wrong-field",
            control.tag.find("type") or control.tag,
            f"`{question.name}` is a field of type {question.type}, which {what} does not send",
            f"write {usual}",
        )

    def _wrong_choice(self, control: Control, question: Question) -> Iterator[Finding]:
        values = [option.value for option in question.options]
        if not values:
            return
        for tag, value in self._offered(control):
            if value and HOLE not in value and value not in values:
                yield self._at(
                    "wrong-field",
                    tag.find("value") or tag,
                    f"`{value}` is none of the choices of `{question.name}`",
                    suggestion(value, values) or f"choices are {', '.join(values[:_MOST])}",
                )

    def _offered(self, control: Control) -> Iterator[tuple[Tag, str]]:
        """Yield what can be chosen."""
        if control.type == "select":
            for option in control.options:
                yield option, option_value(self._text, option)
        elif control.type in {"radio", "checkbox"}:
            value = control.tag.find("value")
            yield control.tag, "on" if value is None else value.value or ""

    def _contrary(self, control: Control, question: Question) -> Iterator[Finding]:
        required = control.tag.find("required")
        if required and not question.required and question.required_when is None:
            yield self._at(
                "contrary-field",
                required,
                f"browsers ask for `{question.name}`, which nobody has to fill in",
                "take `required` out here, or write required = true in the site file",
            )
        elif required and (question.show_when is not None or not question.required):
            yield self._at(
                "contrary-field",
                required,
                f"browsers always ask for `{question.name}`, which must be filled in at times only",
                "take `required` out here: the server asks for it when it must be there",
            )
        longest, most = control.tag.find("maxlength"), question.max_length
        if longest and most is not None and (longest.value or "").isdecimal() and int(longest.value or 0) > most:
            yield self._at(
                "contrary-field",
                longest,
                f"`{question.name}` takes {most} characters, but browsers let {longest.value} in",
                f'write maxlength="{most}"',
            )

    def _enctype(self) -> Iterator[Finding]:
        files = [each for each in self._controls if each.type == "file"]
        enctype = self._form.tag.find("enctype")
        is_fine = enctype is not None and (not enctype.is_known or enctype.value == "multipart/form-data")
        if files and not is_fine:
            yield self._at(
                "wrong-field",
                enctype or self._form.tag,
                f"browsers send only the name of the file in `{files[0].name}`, not the file itself",
                'write enctype="multipart/form-data" into the tag <form>',
            )

    def _missing(self) -> Iterator[Finding]:
        if any(HOLE in each.name for each in self._controls):
            return
        there = {each.name for each in self._controls}
        may_be_drawn = HOLE in self._outside_tags()
        for name, question in self._asked.items():
            if name in there or question.type == "hidden":
                continue
            is_error = question.required and not may_be_drawn and question.show_when is None
            yield self._at(
                "missing-field" if is_error else "unasked-field",
                self._form.tag,
                f"nothing in this form asks for `{name}`"
                + (", without which it is never accepted" if is_error else ""),
                f'add something with name="{escape(name)}", or take the field out of the site file',
            )

    def _outside_tags(self) -> str:
        """Return what stands between the controls, where a part of a template may draw others."""
        text, start = [], self._form.tag.end
        for control in self._form.controls:
            text.append(self._text[start : control.tag.start])
            start = control.tag.end + len(control.tag.content)
        return "".join([*text, self._text[start : self._form.end]])

    def _at(self, code: str, where: Tag | Attribute, message: str, help_: str | None) -> Finding:
        start = where.start
        end = start + 1 + len(where.name) if isinstance(where, Tag) else where.end
        spot = spot_at(self._text, start)
        word = self._text[start:end].partition("\n")[0].partition(HOLE)[0]
        return Finding(code, message, spot.line, spot.column, word, help_)
