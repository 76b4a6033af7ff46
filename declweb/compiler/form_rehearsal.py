"""The templates of forms are rendered before any visitor asks for them.

The form is drawn in every state that it can be in, and each text that is written with an entry is written with one that
is complete and with one that is as short as it may be.

Owns which states and entries these are. Knows nothing of the running site, and no store.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from declweb.compiler.letters import Letters
from declweb.compiler.templates import Page, Templates
from declweb.context import Context, constant_context
from declweb.forms.drawing import DrawnForm
from declweb.forms.entries import entry_view
from declweb.forms.examples import CREATED, RECEIPT, example_files, example_values
from declweb.forms.parts import Kept
from declweb.forms.questions import Question, questions
from declweb.model import Form, Site
from declweb.rules.base import Subject
from declweb.rules.languages import addresses_of_form
from declweb.translations import translated

Performance = tuple[Page, Context, Mapping[str, object]]

WRITTEN = 'What somebody wrote, <with signs> & "quotes"'
TICKET = "a-ticket"


def form_performances(site: Site, templates: Templates, subject: Subject) -> Iterator[Performance]:
    """Yield everything that a site's forms render."""
    for name, form in site.forms.items():
        paths = addresses_of_form(form, subject)
        for language, path in paths.items():
            yield from _pages(name, form, language, path, templates, site)
        letters = Letters(name, form, templates, paths)
        for language in paths:
            yield from _texts(form, language, letters, site)


def _pages(  # noqa: PLR0913 # what a page is made of
    name: str, form: Form, language: str, path: str, templates: Templates, site: Site
) -> Iterator[Performance]:
    page = templates.of_form(form, language)
    default = site.site.all_languages[0]
    asked = questions(form, language, default)
    for state in ({}, *_states(asked)):
        context = constant_context(path, page.prefix, endpoint=f"form.{name}", language=language)
        drawn = DrawnForm(
            form,
            name,
            f"{page.prefix}{path}",
            language,
            translated(language),
            default_language=default,
            timezone=site.site.timezone,
            asked=asked,
            prefix=page.prefix,
            **state,
        )
        yield page, context, {"form": drawn}


def _states(asked: tuple[Question, ...]) -> Iterator[dict[str, Any]]:
    """Yield what a form is drawn with when it has to be corrected, has said something, and is closed."""
    files = {each.name: [Kept("report.pdf", 1_200_000, TICKET)] for each in asked if each.type == "file"}
    yield {
        "echo": {each.name: [WRITTEN] for each in asked},
        "errors": {each.name: WRITTEN for each in asked},
        "tickets": files,
        "alarm": WRITTEN,
    }
    yield {"notice": WRITTEN, "left": {(each.name, one.value): 0 for each in asked for one in each.options}}
    yield {"closed": WRITTEN}


class _Open(dict[str, object]):
    """An entry to which the site's own Python adds more."""

    def __missing__(self, name: str) -> str:
        return ""


def _texts(form: Form, language: str, letters: Letters, site: Site) -> Iterator[Performance]:
    asked = questions(form, language, site.site.all_languages[0])
    for is_full in (True, False):
        entry = entry_view(
            asked,
            example_values(asked, is_full=is_full),
            receipt=RECEIPT,
            created=CREATED,
            files=example_files(asked, is_full=is_full),
            say=translated(language),
        )
        for wording in letters.wordings():
            yield (*wording.stage(language), {"entry": _Open(entry) if form.before_store else entry})
    if letters.closed is not None:
        yield (*letters.closed.stage(language), {})
