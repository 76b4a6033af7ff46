"""The templates of a site, read and taken apart: which page is made of which, in which language.

Owns what is known of a template before it is rendered. Judges nothing: that is for the rules on templates to do.
"""

from collections import ChainMap, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

from declweb.context import CONSTANT, current
from declweb.data.views import FILTERS as OF_ROWS
from declweb.files import Folder
from declweb.forms.login import LOGIN
from declweb.forms.login import template as login_template
from declweb.forms.page import FORM
from declweb.forms.page import templates as form_templates
from declweb.model import Form, Route
from declweb.model.texts import Translations, fallbacks, understood
from declweb.pages import own
from declweb.pages.file import PageFile
from declweb.problems import Place, Problem
from declweb.rules.base import Subject, made_once, narrowed, within
from declweb.rules.languages import addresses_of, addresses_of_form, find_original, languages
from declweb.rules.pages import page_set
from declweb.rules.template_code import USER, Python
from declweb.rules.template_uses import Version, texts_of_form, uses_of
from declweb.rules.template_words import chooses_words, has_words, words_in
from declweb.sitefile import KeyPath
from declweb.sitefile.decoding import decode
from declweb.templating.closures import Closure, FreeUse, closure, free_uses, names_used, visitor_reasons
from declweb.templating.environment import Environment
from declweb.templating.errors import BrokenTemplate
from declweb.templating.facts import MESSAGES, Facts
from declweb.templating.formats import Formats
from declweb.templating.positions import Spot
from declweb.templating.runtime import forgiving

FILTERS = ("asset",)
"""Filters that are known before the compiler brings them."""

FOR_IMPORTS = ("request", "g", "session", USER, "site", "languages", "pages", "navigation")
"""Names that imported templates see as they are for the page: the first two as in Flask."""

DATA = "data"
"""What templates know of rows and documents, on sites that declare any."""

ENDINGS = (".html", ".htm", ".txt", ".xml", ".svg", ".json", ".md", ".js", ".css", ".webmanifest", ".jinja", ".j2")
"""Files of the templates folder that are read as templates."""

SETTLED = frozenset(f"request.{name}" for name in CONSTANT)
"""What of the request the address itself settles."""

ENDLESS = ("request.method", "request.path", "request.view_args", "navigation")
"""What of it could be anything, where nothing answers; the navigation shows where the path is."""


class TemplateSet:
    """The templates of a site, read and taken apart."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self.folder_name = subject.site.templates.folder.strip("/")
        self._folder = Folder(subject.folder.root / self.folder_name)
        self.texts: dict[str, str] = {}
        self.places: dict[str, KeyPath] = {}
        """Where a text of the site file stands, by the name that it has as a template."""
        self._names: dict[KeyPath, str] = {}
        """The other way round."""
        self.broken: dict[str, BrokenTemplate] = {}
        self.unreadable: dict[str, Problem] = {}
        self._facts: dict[str, Facts] = {}
        self._closures: dict[Version, Closure] = {}
        self.languages = languages(subject)
        self.environment = Environment(self.texts.get, shared=FOR_IMPORTS)
        self.environment.filters.update(Formats(_language, subject.site.site.timezone, _is_visitors).filters())
        self.environment.filters.update(dict.fromkeys(FILTERS, str))
        self.environment.filters.update({name: forgiving(each) for name, each in OF_ROWS.items()})
        self._python = Python.of(subject)
        self._python.add_to(self.environment)
        self._read_files()
        self._read_own()
        self._add_texts()
        self._own_versions: Mapping[str, Mapping[str, str]] = {
            language: {name: other for other in self.texts if (name := find_original(other, language))}
            for language in self.languages.codes[1:]
        }
        """The templates that are written in each language, by those that they stand for."""
        self.versions: Mapping[str, Mapping[str, str]] = {
            language: dict(ChainMap(*(dict(self._own_versions.get(code, {})) for code in understood(language))))
            for language in self.languages.codes[1:]
        }
        """What is drawn in where another template is named, in each language; `de-AT` makes do with what `de` has."""
        if self.languages.are_several:
            self.environment.version_of = partial(_version_of_the_page, self.versions)
        self.uses = tuple(dict.fromkeys(uses_of(self, subject)))
        self.of_views = tuple(self._of_views()) if subject.site.hooks.module else ()
        """The templates that only the site's own Python may render."""

    def _read_files(self) -> None:
        if not self._folder.root.is_dir() or not self._folder.root.is_relative_to(self._subject.folder.root):
            return
        for name in self._folder.names():
            if name.endswith(ENDINGS) and not name.startswith("."):
                file = self._subject.shown(f"{self.folder_name}/{name}")
                try:
                    self._add(name, self._folder.read_text(name))
                except UnicodeDecodeError:
                    problem = decode(file, self._folder.read_bytes(name)).problems[0]
                    self.unreadable[name] = replace(problem, code="unreadable-file")
                except OSError as error:
                    what = f"`{name}` cannot be read: {error.strerror or error}"
                    self.unreadable[name] = Problem("unreadable-file", what, Place(file), help="let everyone read it")

    def _read_own(self) -> None:
        """Read the templates that declweb brings along, for sites that have pages to put into them."""
        brought = dict(own.templates()) if page_set(self._subject).files else {}
        site = self._subject.site
        brought |= form_templates() if site.forms or site.users else {}
        brought |= {LOGIN: login_template()} if site.users else {}
        for name, text in brought.items():
            if name not in self.texts:
                self._add(name, text)

    def _add(self, name: str, text: str) -> None:
        self.texts[name] = text
        try:
            self._facts[name] = self.environment.facts(text, name)
        except BrokenTemplate as error:
            self.broken[name] = error

    def _add_texts(self) -> None:
        for name, route in self._subject.site.routes.items():
            for key, text in (("text", route.text), ("html", route.html)):
                if isinstance(text, Translations):
                    for language, version in text.items():
                        self._add_text(("routes", name, key, language), version)
                elif isinstance(text, str):
                    self._add_text(("routes", name, key), text)
        for name, form in self._subject.site.forms.items():
            for path, said, _ in texts_of_form(name, form):
                if isinstance(said, Translations):
                    for language, version in said.items():
                        self._add_text((*path, language), version)
                else:
                    self._add_text(path, str(said))

    def _add_text(self, key: KeyPath, text: str) -> None:
        place = self._subject.place(key)
        name = f"{place.file}:{place.line}:{place.column}"
        self.places[name], self._names[key] = key, name
        self._add(name, text)

    def of_page(self, page: PageFile) -> Version:
        """Return the template that a written page is put into, in the language it is written in."""
        return self.version(page.template or own.PAGE, page.language, is_only=True)

    # --- languages ---

    def of_route(self, name: str, route: Route, language: str) -> Version:
        """Return what a route renders in a language."""
        is_only = len(addresses_of(route, self._subject)) == 1
        if route.template is not None:
            return self.version(route.template, language, is_only=is_only)
        key = "text" if route.text is not None else "html"
        text = getattr(route, key)
        if isinstance(text, Translations):
            known = next(code for code in (*fallbacks(language, self.languages.default), *text) if code in text)
            return Version(self._names["routes", name, key, known], known)
        return self.version(self._names["routes", name, key], language, is_only=is_only)

    def of_form(self, form: Form, language: str) -> Version:
        """Return the template of a form in a language; declweb's own speaks all of them."""
        is_own = form.template is None
        return self._around_form(form.template or FORM, form.path, language, is_own=is_own)

    def of_login(self, language: str) -> Version:
        """Return the template of the login page in a language."""
        login = self._subject.site.login
        return self._around_form(login.template or LOGIN, login.path, language, is_own=login.template is None)

    def _around_form(self, template: str, path: str, language: str, *, is_own: bool) -> Version:
        is_only = is_own or len(self.languages.editions(path)) == 1
        found = self.version(template, language, is_only=is_only)
        other = self.version(template, language, is_only=True)
        return other if found.language != language and self._has_no_words(other) else found

    def _has_no_words(self, page: Version) -> bool:
        """Tell whether a template says nothing itself, so that it can be read in every language."""
        return not any(self.has_words_in_one_language(part, page.language) for part in self.closure(page).templates)

    def of_message(self, template: str, form: Form, language: str) -> Version:
        """Return the template of a message, in the language that the form was filled in."""
        return self.version(template, language, is_only=len(addresses_of_form(form, self._subject)) == 1)

    def of_text(self, key: KeyPath, text: str | dict[str, str], language: str) -> Version:
        """Return the template that a text of the site file is, by its keys; in the version of a language."""
        if isinstance(text, Translations):
            known = next(code for code in (*fallbacks(language, self.languages.default), *text) if code in text)
            return Version(self._names[*key, known], known)
        return self.version(self._names[key], language)

    def version(self, name: str, language: str, *, is_only: bool = False) -> Version:
        """Return the template that a language has for another, and the language it is written in.

        What is not translated is that of the language which it is a variety of, else the default one's; `is_only` says
        that there is no page in another language.
        """
        if is_only:
            return Version(self.versions.get(language, {}).get(name, name), language)
        for code in fallbacks(language, self.languages.default):
            other = self._own_versions.get(code, {}).get(name)
            if other is not None or self._chooses_words(name, code):
                return Version(other or name, code)
        return Version(name, self.languages.default)

    def _chooses_words(self, name: str, language: str) -> bool:
        is_another = name in self._facts and language != self.languages.default
        return is_another and chooses_words(self._facts[name], self.texts[name])

    def has_words_in_one_language(self, name: str, language: str) -> bool:
        """Tell whether a file has words for people that stay as they are on a page in a language."""
        is_file = name in self._facts and name not in self.places and name not in own.templates()
        names = words_in(str(self._subject.site.site.name))
        return is_file and not self._chooses_words(name, language) and has_words(name, self.texts[name], names)

    # --- what templates draw in ---

    def literal(self, name: str) -> str:
        """Return what a template says itself, with a hole for all that it works out."""
        return self.environment.literal(self.texts[name], name)

    def _of_views(self) -> Iterator[Version]:
        brought = {*own.templates(), *form_templates(), LOGIN}
        drawn = {part for use in self.uses for part in self.closure(use.version).templates}
        for name in self._facts:
            if name not in drawn and name not in brought and name not in self.places:
                yield Version(name, self.languages.default)

    @property
    def versions_in_use(self) -> Iterator[Version]:
        """The templates of all pages, those that only views may render among them."""
        return iter((*(use.version for use in self.uses), *self.of_views))

    def facts_in_use(self, *, with_views: bool = False) -> Iterator[Facts]:
        """Yield the facts of every template that a page is made of, once; with those that only views may render."""
        versions = self.versions_in_use if with_views else (use.version for use in self.uses)
        names = dict.fromkeys(part for version in versions for part in self.closure(version).templates)
        return (self._facts[name] for name in names)

    def files_of(self, page: Version) -> tuple[str, ...]:
        """Return the files, seen from the site folder, of a template and all it draws in."""
        known = self.closure(page).templates
        own_ones = {*own.templates(), *form_templates()}
        return tuple(f"{self.folder_name}/{part}" for part in known if not (part in self.places or part in own_ones))

    def closure(self, page: Version) -> Closure:
        """Return a template with all it draws in, in the language of its page."""
        if page not in self._closures:
            versions = self.versions.get(page.language, {})
            self._closures[page] = closure(page.template, self._facts.get, lambda name: versions.get(name, name))
        return self._closures[page]

    @cached_property
    def names(self) -> Mapping[str, frozenset[str]]:
        """The names that may stand in each template: those of every table whose page it is a part of."""
        known: dict[str, set[str]] = defaultdict(set)
        for use in self.uses:
            for part in self.closure(use.version).templates:
                known[part] |= use.names
        return {name: frozenset(names) for name, names in known.items()}

    def blank(self, page: Version) -> dict[str, None]:
        """Return the names that a template may use though not every table gives them: None where it does not."""
        return dict.fromkeys(sorted(set().union(*(self.names.get(part, ()) for part in self.closure(page).templates))))

    def reasons(self, page: Version) -> tuple[str, ...]:
        """Return why a page depends on the visitor, in the words of `declweb routes`."""
        drawn = self.closure(page)
        found = [f"{self.spoken(why.template, why.spot)} {why.words}" for why in visitor_reasons(drawn, SETTLED)]
        found += [
            f"{self.spoken(each.template, each.reference.spots[0])} draws in a template whose name is worked out"
            for each in drawn.dynamic
        ]
        if self._subject.site.site.url is None:
            found += [
                f"{self.spoken(facts.name, call.spot)} asks for an address with the host, and [site] has no url"
                for facts in drawn.templates.values()
                for call in facts.urls
                if call.is_external or not call.is_complete or any(each.name == "_scheme" for each in call.arguments)
            ]
            found += [
                f"{self.spoken(free.template, free.use.spot)} passes url_for on, and [site] has no url"
                for free in free_uses(drawn)
                if free.use.name == "url_for" and not free.use.called
            ]
        return tuple(dict.fromkeys([*found, *self._reasons_of_code(page)]))

    def _reasons_of_code(self, page: Version) -> Iterator[str]:
        """Yield where a page asks the site's own Python, which may say something else each time."""
        python = self._python
        for facts in self.closure(page).templates.values() if python else ():
            for each in (
                *(f for f in facts.filters if f.word in python.filters),
                *(t for t in facts.tests if t.word in python.tests),
            ):
                yield f"{self.spoken(facts.name, each.spot)} asks Python for `{each.word}`"
        for free in self._asked_of_code(page):
            yield f"{self.spoken(free.template, free.use.spot)} asks Python for `{free.use.name}`"

    def _asked_of_code(self, page: Version) -> Iterator[FreeUse]:
        """Yield the names in a page that the site's own Python gives."""
        python, blank = self._python, self.blank(page)
        for free in free_uses(self.closure(page)) if python else ():
            name = free.use.name
            if name in python.globals or (not free.isolated and name not in blank and python.may_give(name)):
                yield free

    def runs_code(self, page: Version) -> bool:
        """Tell whether a page asks the site's own Python for anything: what it gets shows only then."""
        return any(self._reasons_of_code(page))

    def is_given_by_code(self, page: Version) -> bool:
        """Tell whether a page looks at a name that context processors give."""
        return any(free.use.name not in self._python.globals for free in self._asked_of_code(page))

    def may_be_given(self, name: str) -> bool:
        """Tell whether context processors give templates a name, or may do so."""
        return self._python.may_give(name)

    def is_same_everywhere(self, page: Version) -> bool:
        """Tell whether a page looks neither at the visitor nor at what could be anything in a request."""
        return not self.reasons(page) and not names_used(self.closure(page), (*ENDLESS, MESSAGES, USER))

    def is_constant(self, page: Version) -> bool:
        """Tell whether a page has no name and no filter in it, and so says the same whatever it is given."""
        drawn = self.closure(page)
        return not drawn.dynamic and not any(facts.uses or facts.filters for facts in drawn.templates.values())

    def datasets(self, page: Version) -> frozenset[str]:
        """Return the names of the datasets that a page looks at; all of them where a name is worked out."""
        found: set[str] = set()
        for free in free_uses(self.closure(page)):
            if free.use.name == DATA and DATA not in self.blank(page):
                name = free.use.path[0] if free.use.path else None
                found |= {name} if isinstance(name, str) else set(self._subject.site.data)
        return frozenset(found & set(self._subject.site.data))

    def shows_messages(self, page: Version) -> bool:
        """Tell whether a page shows the visitor's messages."""
        return bool(names_used(self.closure(page), {MESSAGES}))

    def reads_session(self, page: Version) -> bool:
        """Tell whether a page looks at the session."""
        return bool(names_used(self.closure(page), {"session"}))

    def knows_user(self, page: Version) -> bool:
        """Tell whether a page looks at who is signed in; where a table gives the name, that is meant."""
        return USER not in self.blank(page) and bool(names_used(self.closure(page), {USER}))

    def lists_languages(self, page: Version) -> bool:
        """Tell whether a page lists the languages in which it can be read."""
        return bool(names_used(self.closure(page), {"languages"}))

    def spoken(self, name: str, spot: Spot) -> str:
        """Return where something stands, as `declweb routes` says it."""
        return name.rpartition("/")[2].rpartition(":")[0] if name in self.places else f"{name}:{spot.line}"

    def place(self, name: str, spot: Spot, word: str = "") -> Place:
        """Return the place of a word of a template."""
        if name in self.places:
            return narrowed(within(self._subject.place(self.places[name]), self.texts[name], spot), word)
        file = self._subject.shown(f"{self.folder_name}/{name}")
        lines = self.texts[name].splitlines()
        text = lines[spot.line - 1] if spot.line <= len(lines) else ""
        return Place(file, spot.line, spot.column, spot.column + max(len(word), 1), text)


def _version_of_the_page(versions: Mapping[str, Mapping[str, str]], name: Any) -> Any:
    """Return the template that is drawn in where one is named, in the language of the page that is being rendered."""
    context = current.get(None)
    if context is None or not isinstance(name, str):  # Jinja hands on what a template says, whatever it is
        return name
    return versions.get(context.written_in, {}).get(name, name)


def _language() -> str:
    return current.get().written_in


def _is_visitors(value: object) -> bool:
    return isinstance(value, str) and value in current.get().view_args.values()


@made_once
def template_set(subject: Subject) -> TemplateSet:
    """Return the templates of a site."""
    return TemplateSet(subject)
