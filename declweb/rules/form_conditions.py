"""`show_when`, `required_when` and `when`: conditions that never hold, and fields that wait for each other.

Owns what is to be said about conditions. What an answer does to them is decided where forms are checked.
"""

from collections.abc import Iterator, Mapping

from declweb.model import Form, FormField
from declweb.model.fields import choice_meant, misfits
from declweb.problems import Problem, suggestion
from declweb.rules.base import Rule, Subject
from declweb.sitefile import KeyPath


def _conditions(name: str, form: Form) -> Iterator[tuple[KeyPath, Mapping[str, object], str | None]]:
    """Yield the conditions of a form, where they stand, and the field that each is about."""
    for word, field in form.fields.items():
        for key in ("show_when", "required_when"):
            if conditions := getattr(field, key):
                yield ("forms", name, "fields", word, key), conditions, word
    for index, send in enumerate(form.send):
        if send.when:
            yield ("forms", name, "send", index, "when"), send.when, None


def impossible_conditions(subject: Subject) -> Iterator[Problem]:
    """A condition names a field that the form does not have, or a value that the field cannot have."""
    for name, form in subject.site.forms.items():
        for path, conditions, about in _conditions(name, form):
            for word, value in conditions.items():
                at = (*path, word)
                if subject.draft.is_broken("forms", name, "fields", word):
                    continue
                if word not in form.fields:
                    yield _unknown_field(subject, at, word, name, form)
                elif word != about:
                    yield from _impossible_values(subject, at, form.fields[word], word, value)


def _unknown_field(subject: Subject, path: KeyPath, word: str, name: str, form: Form) -> Problem:
    return Problem(
        "unknown-field",
        f"the form `{name}` has no field `{word}`",
        subject.key_place(path),
        help=suggestion(word, form.fields) or f"its fields are {', '.join(form.fields)}",
    )


def _impossible_values(
    subject: Subject, path: KeyPath, field: FormField, word: str, value: object
) -> Iterator[Problem]:
    for index, one in enumerate(value) if isinstance(value, list) else [(None, value)]:
        at = path if index is None else (*path, index)
        why, help_ = _why_impossible(field, one)
        if why:
            yield subject.problem("impossible-condition", f"`{word}` {why}", at, help=help_)


def _why_impossible(field: FormField, value: object) -> tuple[str, str | None]:
    """Return why a field never has a value, and what would be right; nothing where it may."""
    if isinstance(value, bool):
        is_always = field.required and not field.show_when
        if value is False and is_always:
            return "must always be answered, so this never holds", "take it out, or write `true`"
        return "", None
    if field.type in {"file", "password"}:
        return f"is a {field.type}, which a condition cannot look into", "write `true` for one that is filled in"
    why = next(misfits(field, value), "")
    if not why:
        return "", None
    if field.type == "checkbox":
        return "is ticked or not, and nothing else", "write `true` or `false`"
    help_ = choice_meant(field, value) if field.options else None
    return f"can never be {_written(value)}: it {why}", help_


def _written(value: object) -> str:
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def circular_conditions(subject: Subject) -> Iterator[Problem]:
    """Fields wait for each other, so that none of them is ever shown."""
    for name, form in subject.site.forms.items():
        waits = {word: [*(field.show_when or ())] for word, field in form.fields.items()}
        told: set[str] = set()
        for word in waits:
            circle = _circle(word, waits)
            if circle and told.isdisjoint(circle):
                told.update(circle)
                way = " → ".join([*circle, word])
                what = "is shown when it is answered itself" if len(circle) == 1 else f"wait for each other: {way}"
                yield Problem(
                    "condition-circle",
                    f"`{word}` {what}" if len(circle) == 1 else f"these fields {what}",
                    subject.key_place(("forms", name, "fields", word, "show_when")),
                    help="let one of them be shown always",
                )
        for word, field in form.fields.items():
            if field.required_when and word in field.required_when:
                yield Problem(
                    "condition-circle",
                    f"`{word}` must be answered when it is answered",
                    subject.key_place(("forms", name, "fields", word, "required_when", word)),
                    help="name another field, or write `required = true`",
                )


def _circle(start: str, waits: Mapping[str, list[str]]) -> list[str]:
    """Return the fields on a way from a field back to itself; nothing where there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for other in waits.get(way[-1], ()):
            if other == start:
                return way
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return []


RULES: tuple[Rule, ...] = (impossible_conditions, circular_conditions)
