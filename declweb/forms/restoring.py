"""Pages with a form on them, once more: what an error adds to a page that its author wrote.

Owns what is changed in the HTML of such a page: its title, and what stands in fields that were written by hand, so that
nothing a visitor wrote is lost whoever wrote the form. Knows no request.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from markupsafe import Markup, escape

from declweb.forms import messages
from declweb.forms.drawing import DrawnForm
from declweb.forms.drawn_fields import DrawnField
from declweb.forms.elements import element, opening
from declweb.forms.written import Control, Tag, WrittenForm, is_meant, option_value, written_forms
from declweb.templating.markup import tags
from declweb.translations import Say

_UNTOUCHED = frozenset({"password", "submit", "button", "reset", "image"})
_TICKED = frozenset({"checkbox", "radio"})


class _Edit(NamedTuple):
    """What stands in a place instead."""

    start: int
    end: int
    text: str


def with_error_in_title(html: str, say: Say) -> str:
    """Return a page whose title says that there is an error, whoever wrote its template."""
    for tag in tags(html):
        if tag.name == "title":
            start = tag.content_start + len(tag.content) - len(tag.content.lstrip())
            before = str(escape(say(messages.ERROR)))
            return html if html.startswith(before, start) else f"{html[:start]}{before} {html[start:]}"
        if tag.name in {"body", "svg"}:
            break
    return html


def restored_html(html: str, form: DrawnForm) -> str:
    """Return a page in which an author's own fields hold what the visitor wrote, and errors are told.

    What `form` has drawn, and what its values already stand in, is left as it is.
    """
    edits: list[_Edit] = []
    found = [each for each in written_forms(html) if each.tag.find("data-declweb") is None]
    is_only = len(found) == 1
    for each in found:
        if is_meant(each, (form.action,), is_only=is_only):
            edits += _restored(html, each, form)
    return _edited(html, edits)


def completed(html: str, form: DrawnForm, *, is_sent: bool) -> str:
    """Return a page to sign in, in which an author's own form has all that it must send along, hidden; see above."""
    hidden = [field for field in form.fields if field.type == "hidden"]
    html = restored_html(html, form) if is_sent else html
    edits: list[_Edit] = []
    for each in written_forms(html):
        names = {control.name for control in each.controls}
        if hidden and any(control.type == "password" for control in each.controls):
            missing = Markup("").join(field.__html__() for field in hidden if field.name not in names)
            edits += [_Edit(each.tag.end, each.tag.end, missing)] if missing else []
            if form.enctype and each.tag.find("enctype") is None:
                edits.append(_Edit(each.tag.inner, each.tag.inner, opening("i", {"enctype": form.enctype})[2:-1]))
    return _edited(html, edits)


def _edited(html: str, edits: Iterable[_Edit]) -> str:
    for edit in sorted(edits, reverse=True):
        html = "".join((html[: edit.start], edit.text, html[edit.end :]))
    return html


def _restored(html: str, written: WrittenForm, form: DrawnForm) -> Iterator[_Edit]:
    seen: set[str] = set()
    for control in written.controls:
        field = form.get(control.name)
        if field is None or control.type in _UNTOUCHED:
            continue
        if control.name not in seen:
            seen.add(control.name)
            field.id = control.tag.get("id") or field.id
            yield from _told(html, control, field)
        yield from _filled(html, control, field)
    if f'id="{form.name}-problem"' not in html and (summary := form.summary):
        yield _Edit(written.tag.end, written.tag.end, form.style + summary)


def _told(html: str, control: Control, field: DrawnField) -> Iterator[_Edit]:
    """Say what is wrong beside the first control of a field, unless the author does."""
    tag = control.tag
    added = ""
    if tag.find("id") is None:
        added += f' id="{field.id}"'
    if field.error_text and f'id="{field.id}-error"' not in html:
        words = element("span", {"class": "dw-unseen"}, field.form.say(messages.ERROR)) + " " + field.error_beside
        yield _Edit(tag.start, tag.start, element("span", {"class": "dw-error", "id": f"{field.id}-error"}, words))
        described = tag.find("aria-describedby")
        if described is None:
            added += f' aria-describedby="{field.id}-error"'
        else:
            yield _Edit(described.end - 1, described.end - 1, f" {field.id}-error")
    if field.error_text and tag.find("aria-invalid") is None and control.type != "radio":
        added += ' aria-invalid="true"'
    if added:
        yield _Edit(tag.inner, tag.inner, added)


def _filled(html: str, control: Control, field: DrawnField) -> Iterator[_Edit]:
    """Put what the visitor wrote into a control."""
    tag, values = control.tag, field.values
    if control.type == "textarea":
        yield _Edit(tag.end, tag.end + len(tag.content), f"\n{escape(field.value)}")
    elif control.type == "select":
        for option in control.options:
            yield from _switched(option, "selected", on=option_value(html, option) in values)
    elif control.type in _TICKED:
        is_box = field.type == "checkbox"
        on = field.checked if is_box else (tag.get("value") or "on") in values
        yield from _switched(tag, "checked", on=on)
    elif control.type == "file":
        if field.kept and f'name="{field.kept_name}"' not in html:
            yield _Edit(tag.start, tag.start, field.kept)
    else:
        yield from _with_value(tag, field.value)


def _switched(tag: Tag, name: str, *, on: bool) -> Iterator[_Edit]:
    """Set or take out an attribute without a value."""
    found = tag.find(name)
    if on and found is None:
        yield _Edit(tag.inner, tag.inner, f" {name}")
    elif not on and found is not None:
        yield _Edit(found.start, found.end, "")


def _with_value(tag: Tag, value: str) -> Iterator[_Edit]:
    found = tag.find("value")
    text = opening("i", {"value": value})[3:-1]
    if found is not None:
        yield _Edit(found.start, found.end, text)
    elif value:
        yield _Edit(tag.inner, tag.inner, f" {text}")
