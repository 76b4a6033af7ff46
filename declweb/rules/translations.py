"""What is not translated: the pages, templates and texts that a language does not have, and that fall back.

Owns the list that a site owner works through. Knows nothing of how visitors are told.
"""

import re
from collections.abc import Iterator, Mapping

from declweb.model import Form, Site
from declweb.model.texts import Translations, is_language, translations, understood
from declweb.pages.file import PageFile
from declweb.problems import Also, Place, Problem, suggestion
from declweb.rules.base import Rule, Subject, made_once, narrowed
from declweb.rules.languages import addresses_of, addresses_of_form, find_original, languages, paired
from declweb.rules.pages import page_set
from declweb.rules.template_set import TemplateSet, template_set
from declweb.sitefile import KeyPath

MOST = 12
"""Missing translations that are listed one by one in each language."""

_LETTER = re.compile(r"[^\W\d_]")
_FILLED_IN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
"""What a template text works out."""

_READ_BY_PEOPLE = (".html", ".htm", ".txt", ".md", ".markdown")


def untranslated(subject: Subject) -> Iterator[Problem]:
    """A language does not have everything that the default one has."""
    known = languages(subject)
    if subject.draft.is_broken("site", "languages"):
        return
    for language in known.codes[1:]:
        missing = list(dict.fromkeys(_missing(language, subject)))
        if not missing:
            continue
        count, they = (
            ("1 page or text", "it is") if len(missing) == 1 else (f"{len(missing)} pages or texts", "they are")
        )
        more = Also(Place(subject.document.file), f"lacks {len(missing) - MOST} more") if len(missing) > MOST else None
        yield Problem(
            "untranslated",
            f"{count} cannot be read in `{language}`: {they} shown in `{known.default}` there",
            narrowed(subject.place(("site", "languages")), f'"{language}"'),
            also=(*missing[:MOST], *([more] if more else [])),
            help="translate them one after the other, or take the language out until you do",
        )


def _missing(language: str, subject: Subject) -> Iterator[Also]:
    site, templates, family = subject.site, template_set(subject), set(understood(language))
    yield from _pages(language, subject)
    for name, route in site.routes.items():
        if route.off or not route.is_rendered or language not in addresses_of(route, subject):
            continue
        version = templates.of_route(name, route, language)
        if version.language in family:
            continue
        if route.template is not None:
            yield from _template(route.template, language, templates, subject)
        else:
            key = "text" if route.text is not None else "html"
            if not isinstance(getattr(route, key), Translations):
                yield Also(subject.place(("routes", name, key)), f"has no `{language}`")
    for template in site.errors.values():
        if templates.version(template, language).language not in family:
            yield from _template(template, language, templates, subject)
    for name, form in site.forms.items():
        if not form.off and language in addresses_of_form(form, subject):
            yield from _form(name, form, language, subject)
    yield from _parts(language, subject)
    yield from _texts(language, site, subject)


def _form(name: str, form: Form, language: str, subject: Subject) -> Iterator[Also]:
    """Yield what a form does not say in a language: its template, those of its mails, its words."""
    templates, family = template_set(subject), set(understood(language))
    if form.template is not None and templates.of_form(form, language).language not in family:
        yield from _template(form.template, language, templates, subject)
    for send in form.send:
        if send.template is not None and templates.of_message(send.template, form, language).language not in family:
            yield from _template(send.template, language, templates, subject)
    for key, text in _words(form):
        if isinstance(text, str) and _LETTER.search(_FILLED_IN.sub("", text)):
            yield Also(subject.place(("forms", name, *key)), f"has no `{language}`")


def _words(form: Form) -> Iterator[tuple[KeyPath, str | dict[str, str] | None]]:
    """Yield what visitors read of a form."""
    yield ("success", "message"), form.success.message
    yield ("closed_text",), form.closed_text
    for name, field in form.fields.items():
        key: KeyPath = ("fields", name)
        yield from (((*key, word), getattr(field, word)) for word in ("label", "help", "message"))
        if field.choices_from is not None:
            yield (*key, "choices_from", "label"), field.choices_from.label
        elif isinstance(field.choices, dict):
            yield from (((*key, "choices", option.value), option.label) for option in field.options)


def _parts(language: str, subject: Subject) -> Iterator[Also]:
    """Yield templates with words of their own that pages written in a language draw in as they are."""
    templates, family = template_set(subject), set(understood(language))
    for use in templates.uses:
        if use.language == language != languages(subject).default:
            for name in templates.closure(use.version).templates:
                is_version = any(find_original(name, code) for code in family)
                if not is_version and name != use.template and templates.has_words_in_one_language(name, language):
                    yield from _template(name, language, templates, subject)


def _template(name: str, language: str, templates: TemplateSet, subject: Subject) -> Iterator[Also]:
    if name in templates.texts:
        file = subject.shown(f"{templates.folder_name}/{name}")
        yield Also(Place(file), f"has no {paired(name, language).rpartition('/')[2]}")


def _texts(language: str, site: Site, subject: Subject) -> Iterator[Also]:
    for path, text in translations(site):
        if text.keys().isdisjoint(understood(language)):
            yield Also(subject.place(path), f"has no `{language}`")


def _pages(language: str, subject: Subject) -> Iterator[Also]:
    default = languages(subject).default
    for versions in page_set(subject).translations.values():
        page = versions.get(default)
        is_there = not versions.keys().isdisjoint(understood(language))
        if page is None or page.language != default or page.file in _in_no_language(subject):
            continue
        if not is_there:
            yield Also(Place(page.shown), f"has no {_file_in(page, language)}")


def _file_in(page: PageFile, language: str) -> str:
    return paired(page.file, language).rpartition("/")[2]


def versions_in_no_language(subject: Subject) -> Iterator[Problem]:
    """A file is called like the version of another one in a language that the site does not have."""
    codes = languages(subject).codes
    if subject.draft.is_broken("site", "languages"):
        return
    for file, (original, code) in sorted(_in_no_language(subject).items()):
        yield Problem(
            "unread-file",
            f"this is called like {original.rpartition('/')[2]} in `{code}`, which is no language of the site",
            Place(subject.shown(file)),
            help=suggestion(code, codes) or f'add "{code}" to `languages` in [site], or give it another name',
        )


@made_once
def _in_no_language(subject: Subject) -> Mapping[str, tuple[str, str]]:
    """Return the files that are called like versions of others in a language that is none here, with both."""
    known, templates = languages(subject), template_set(subject)
    folder = templates.folder_name
    files = {f"{folder}/{name}" for name in templates.texts if name not in templates.places}
    files |= {page.file for page in page_set(subject).files}
    used = {f"{folder}/{facts.name}" for facts in templates.facts_in_use()}
    found = {}
    for file in files - used if known.are_several else ():
        code = file.rpartition("/")[2].rpartition(".")[0].rpartition(".")[2]
        is_version = is_language(code) and code not in known.codes and file.endswith(_READ_BY_PEOPLE)
        original = find_original(file, code) if is_version else None
        if original in files:
            found[file] = (str(original), code)
    return found


RULES: tuple[Rule, ...] = (untranslated, versions_in_no_language)
