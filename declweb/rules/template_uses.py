"""What renders templates: the tables of a site file, in each language, and the names that they give.

Owns which names a template is given besides those that all are given. Knows no template from within.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from declweb.model import Form
from declweb.model.urls import variables
from declweb.pages.file import PageFile
from declweb.problems import Place
from declweb.rules.base import Subject
from declweb.rules.languages import addresses_of, addresses_of_form
from declweb.rules.pages import page_set, page_tables
from declweb.sitefile import KeyPath

if TYPE_CHECKING:
    from declweb.rules.template_set import TemplateSet

NAMES_OF_PAGES = frozenset({"page", "listing", "canonical", "feeds", "home", "icon", "words"})
"""Names that the templates of written pages are given."""

NAMES_OF_FORMS = frozenset({"form"})
"""Names that the template of a form is given."""

NAMES_OF_LOGIN = frozenset({"form", "title"})
"""Names that the template of the login page is given."""

NAMES_OF_ENTRIES = frozenset({"entry"})
"""Names that what is said of an entry is given: messages for the visitor and for others."""


class Version(NamedTuple):
    """A template, and the language that a page which it makes is written in."""

    template: str
    language: str


@dataclass(frozen=True, slots=True)
class Use:
    """A table of the site file that renders a template, and the names it gives it besides those that all are given."""

    template: str
    names: frozenset[str]
    key: KeyPath
    language: str
    page: PageFile | None = field(default=None, compare=False)
    """The written page that names it, where it is not the site file."""

    @property
    def version(self) -> Version:
        """The template with the language of its page."""
        return Version(self.template, self.language)

    def place(self, subject: Subject) -> Place:
        """Return where it is named."""
        return self.page.place("template") if self.page else subject.place(self.key)


def uses_of(known: "TemplateSet", subject: Subject) -> Iterator[Use]:
    """Yield every table that renders a template, in each language, with the version of it that it renders."""
    site = subject.site
    for name, route in site.routes.items():
        of_data = (word for word in ("item", "items") if getattr(route, word) is not None)
        names = frozenset({*route.values, *of_data, *(variable.name for variable in variables(route.path))})
        for language in addresses_of(route, subject) if route.is_rendered else ():
            template, written_in = known.of_route(name, route, language)
            key = known.places.get(template, ("routes", name, "template"))
            yield Use(template, names, key, written_in)
    for status, template in site.errors.items():
        for language in known.languages.codes:
            version = known.version(template, language)
            yield Use(version.template, frozenset({"error"}), ("errors", status), version.language)
    for name, form in site.forms.items():
        yield from _uses_of_form(name, form, known, subject)
    for language in known.languages.editions(site.login.path) if site.users else ():
        version = known.of_login(language)
        yield Use(version.template, NAMES_OF_LOGIN, ("login", "template"), version.language)
    yield from _uses_of_pages(known, subject)


def _uses_of_form(name: str, form: Form, known: "TemplateSet", subject: Subject) -> Iterator[Use]:
    for language in addresses_of_form(form, subject):
        version = known.of_form(form, language)
        yield Use(version.template, NAMES_OF_FORMS, ("forms", name, "template"), version.language)
        for key, text, names in texts_of_form(name, form):
            version = known.of_text(key, text, language)
            yield Use(version.template, names, known.places[version.template], version.language)
        for index, send in enumerate(form.send):
            if send.template is not None:
                version = known.of_message(send.template, form, language)
                at: KeyPath = ("forms", name, "send", index, "template")
                yield Use(version.template, NAMES_OF_ENTRIES, at, version.language)


def _uses_of_pages(known: "TemplateSet", subject: Subject) -> Iterator[Use]:
    """Yield the templates of written pages, each with the first that names it."""
    pages = page_set(subject)
    numbers = [number for _, number in page_tables(subject)]
    for page in (*pages.all_pages, *(each.index for each in pages.lists.values()), *pages.error_pages):
        number = numbers[page.table]
        if not page.is_document:
            version = known.of_page(page)
            is_own = page.template != pages.folders[page.table].template
            key: KeyPath = () if number is None else ("pages", number, "template")
            names = NAMES_OF_PAGES if page.address else NAMES_OF_PAGES | {"error"}
            yield Use(version.template, names, key, version.language, page if is_own else None)


def texts_of_form(name: str, form: Form) -> Iterator[tuple[KeyPath, str | dict[str, str], frozenset[str]]]:
    """Yield the template texts of a form: their keys, and the names that they are given."""
    key: KeyPath = ("forms", name)
    if form.success.message is not None:
        yield (*key, "success", "message"), form.success.message, NAMES_OF_ENTRIES
    if form.closed_text is not None:
        yield (*key, "closed_text"), form.closed_text, frozenset()
    for index, send in enumerate(form.send):
        at = (*key, "send", index)
        if send.subject is not None:
            yield (*at, "subject"), send.subject, NAMES_OF_ENTRIES
        if send.reply_to is not None:
            yield (*at, "reply_to"), send.reply_to, NAMES_OF_ENTRIES
        for number, email in enumerate(send.email or ()):
            yield (*at, "email", number), email, NAMES_OF_ENTRIES
