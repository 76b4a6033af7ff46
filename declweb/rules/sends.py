"""`[[forms.NAME.send]]`: mails to addresses that visitors type.

Owns what can be told beforehand of where such a mail goes and what goes with it. Knows no mail.
"""

from collections.abc import Iterator

from declweb.model import Form, FormField, Send
from declweb.model.fields import CHOOSING
from declweb.problems import Problem
from declweb.rules.base import Rule, Subject
from declweb.rules.template_set import TemplateSet, template_set
from declweb.sitefile import KeyPath
from declweb.templating.closures import free_uses

ENTRY = "entry"
CHECKED = "email"
"""The type of field that takes nothing but an address."""


def unchecked_addresses(subject: Subject) -> Iterator[Problem]:
    """A mail goes to what is written in a field that takes anything."""
    templates = template_set(subject)
    for name, form, index, send in _mails(subject):
        for number, text in enumerate(send.email or ()):
            at: KeyPath = ("forms", name, "send", index, "email", number)
            fields = _fields(templates, subject, form, at, text)
            is_whole = text.strip().startswith("{{") and text.strip().endswith("}}") and text.count("{{") == 1
            if not is_whole or not fields:
                continue
            if len(fields) == 1 and _has_no_address(form.fields[fields[0]]):
                yield subject.problem(
                    "unchecked-address",
                    f"no choice of `{fields[0]}` is an address, so nobody gets this mail",
                    at,
                    help='write addresses for what is chosen: choices = { "sales@site.example" = "Sales" }',
                )
            elif not any(form.fields[each].type in {CHECKED, *CHOOSING} for each in fields):
                yield subject.problem(
                    "unchecked-address",
                    f"`{fields[0]}` is a field of type `{form.fields[fields[0]].type}`, which takes what is no address",
                    at,
                    help=f'write type = "{CHECKED}" in the field: then visitors are told of what is none',
                )


def unattached_files(subject: Subject) -> Iterator[Problem]:
    """Files are to go with a mail that goes to nobody but visitors."""
    templates = template_set(subject)
    for name, form, index, send in _mails(subject):
        texts = [
            (("forms", name, "send", index, "email", number), text) for number, text in enumerate(send.email or ())
        ]
        typed = [_is_typed(form, _fields(templates, subject, form, at, text)) for at, text in texts]
        if send.attach and typed and all(typed):
            yield subject.problem(
                "unattached-files",
                "no files are attached to mails that go where a visitor says",
                ("forms", name, "send", index, "attach"),
                help="take it out, or attach them to a mail to an address of your own",
            )


def _mails(subject: Subject) -> Iterator[tuple[str, Form, int, Send]]:
    for name, form in subject.site.forms.items():
        for index, send in enumerate(form.send):
            if (
                send.email
                and not send.off
                and not form.off
                and not subject.draft.is_broken("forms", name, "send", index)
            ):
                yield name, form, index, send


def _fields(templates: TemplateSet, subject: Subject, form: Form, at: KeyPath, text: str) -> list[str]:
    """Return the fields of the form that an address is made of, in their order."""
    if "{" not in text:
        return []
    version = templates.of_text(at, text, subject.site.site.all_languages[0])
    paths = [free.use.path for free in free_uses(templates.closure(version)) if free.use.name == ENTRY]
    return [str(path[0]) for path in paths if path and path[0] in form.fields]


def _has_no_address(field: FormField) -> bool:
    """Tell whether visitors choose from what stands in the site file, and no address is among it."""
    said = [text for option in field.options for text in (option.value, str(option.label))]
    return field.type in CHOOSING and field.choices is not None and not any("@" in text for text in said)


def _is_typed(form: Form, fields: list[str]) -> bool:
    return any(form.fields[each].type not in CHOOSING for each in fields)


RULES: tuple[Rule, ...] = (unchecked_addresses, unattached_files)
