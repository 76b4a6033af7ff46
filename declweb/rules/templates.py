"""Templates: what they name, what they are given, and where their links lead.

Owns the set of a site's templates as text and syntax tree, and the verdict on each. Renders nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, NamedTuple

from declweb.context import CONSTANT, VISIBLE, current
from declweb.files import Folder
from declweb.model import Route, SiteTable
from declweb.model.texts import Translations
from declweb.model.urls import variables
from declweb.pages import own
from declweb.pages.file import PageFile
from declweb.problems import Also, Place, Problem, suggestion
from declweb.routing import CannotBuild
from declweb.routing.building import Named
from declweb.rules.addresses import addresses, named_addresses, public_files, served
from declweb.rules.base import Rule, Subject, made_once, narrowed
from declweb.rules.files import ASSETS
from declweb.rules.languages import addresses_of, find_original, languages
from declweb.rules.pages import page_set, page_tables
from declweb.sitefile import KeyPath
from declweb.templating.analysis import Closure, Facts, FreeUse, UrlFor, closure, free_uses, names_used, visitor_reasons
from declweb.templating.environment import Environment
from declweb.templating.errors import BrokenTemplate
from declweb.templating.formats import Formats
from declweb.templating.links import Link
from declweb.templating.positions import Spot

RESERVED = ("config", "site", "languages", "request", "g", "url_for")
"""Names that every template is given, and that always mean the same."""

GIVEN = (*RESERVED, "pages", "navigation")
"""Names that every template is given."""

FILTERS = ("asset",)
"""Filters that are known before the compiler brings them."""

FOR_IMPORTS = ("request", "g", "site", "languages", "pages", "navigation")
"""Names that imported templates see as they are for the page: the first two as in Flask."""

FIELDS_OF_ERROR = ("code", "name", "title", "description")
"""What an error page knows of its `error`."""

FIELDS_OF_PAGE = (
    "title", "description", "date", "url", "path", "folder", "language", "tags", "order", "extra", "html", "headings",
    "canonical", "previous", "next", "parents", "translations",
)  # fmt: skip
"""What a template knows of a written `page`."""

FIELDS_OF_LISTING = ("pages", "number", "count", "newer", "older", "urls")
"""What a template knows of a `listing` of dated pages."""

NAMES_OF_PAGES = frozenset({"page", "listing", "canonical", "feeds", "home", "icon", "words"})
"""Names that the templates of written pages are given."""

ENDINGS = (".html", ".htm", ".txt", ".xml", ".svg", ".json", ".md", ".js", ".css", ".webmanifest", ".jinja", ".j2")
"""Files of the templates folder that are read as templates."""

OPENS_PAGES = frozenset({"a", "area", "form", "iframe"})
"""Tags whose links a browser opens as pages."""

SETTLED = frozenset(f"request.{name}" for name in CONSTANT)
"""What of the request the address itself settles."""

ENDLESS = ("request.method", "request.path", "request.view_args", "navigation")
"""What of it could be anything, where nothing answers; the navigation shows where the path is."""

_LANGUAGE = r"(?:site|request)\.language"
_SAYS_LANGUAGE = re.compile(
    rf"=\s*[\"']?\s*\{{\{{[-+]?\s*{_LANGUAGE}\s*(?:\|\s*\w+\s*)*[-+]?\}}\}}|{_LANGUAGE}\s*[!=]=\s*{_LANGUAGE}"
)
"""What says which language there is and chooses no words: `lang="{{ site.language }}"`, or whether it is as wanted."""


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


def template_of(page: PageFile) -> str:
    """Return the template that a written page is put into."""
    return page.template or own.PAGE


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
        self.unreadable: dict[str, str] = {}
        self._facts: dict[str, Facts] = {}
        self._closures: dict[Version, Closure] = {}
        self.languages = languages(subject)
        self.environment = Environment(self.texts.get, shared=FOR_IMPORTS)
        self.environment.filters.update(Formats(_language, subject.site.site.timezone, _is_visitors).filters())
        self.environment.filters.update(dict.fromkeys(FILTERS, str))
        self._read_files()
        self._read_own()
        self._add_texts()
        self.versions: Mapping[str, Mapping[str, str]] = {
            language: {name: other for other in self.texts if (name := find_original(other, language))}
            for language in self.languages.codes[1:]
        }
        """What is drawn in where another template is named, in each language."""
        if self.languages.are_several:
            self.environment.version_of = partial(_version_of_the_page, self.versions)
        self.uses = tuple(dict.fromkeys(self._uses()))

    def _read_files(self) -> None:
        if not self._folder.root.is_dir() or not self._folder.root.is_relative_to(self._subject.folder.root):
            return
        for name in self._folder.names():
            if name.endswith(ENDINGS) and not name.startswith("."):
                try:
                    self._add(name, self._folder.read_text(name))
                except UnicodeDecodeError as error:
                    self.unreadable[name] = f"byte {error.start + 1} is not UTF-8"
                except OSError as error:
                    self.unreadable[name] = error.strerror or "it cannot be read"

    def _read_own(self) -> None:
        """Read the templates that declweb brings along, for sites that have pages to put into them."""
        if page_set(self._subject).files:
            for name, text in own.templates().items():
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

    def _add_text(self, key: KeyPath, text: str) -> None:
        place = self._subject.place(key)
        name = f"{place.file}:{place.line}:{place.column}"
        self.places[name], self._names[key] = key, name
        self._add(name, text)

    def _uses(self) -> Iterator[Use]:
        site = self._subject.site
        for name, route in site.routes.items():
            names = frozenset({*route.values, *(variable.name for variable in variables(route.path))})
            for language in addresses_of(route, self._subject) if route.file is None else ():
                template, written_in = self.of_route(name, route, language)
                key = self.places.get(template, ("routes", name, "template"))
                yield Use(template, names, key, written_in)
        for status, template in site.errors.items():
            for language in self.languages.codes:
                version = self.version(template, language)
                yield Use(version.template, frozenset({"error"}), ("errors", status), version.language)
        yield from self._uses_of_pages()

    def _uses_of_pages(self) -> Iterator[Use]:
        """Yield the templates of written pages, each with the first that names it."""
        pages = page_set(self._subject)
        numbers = [number for _, number in page_tables(self._subject)]
        for page in (*pages.all_pages, *(each.index for each in pages.lists.values()), *pages.error_pages):
            number = numbers[page.table]
            if not page.is_document:
                version = self.of_page(page)
                is_own = page.template != pages.folders[page.table].template
                key: KeyPath = () if number is None else ("pages", number, "template")
                names = NAMES_OF_PAGES if page.address else NAMES_OF_PAGES | {"error"}
                yield Use(version.template, names, key, version.language, page if is_own else None)

    def of_page(self, page: PageFile) -> Version:
        """Return the template that a written page is put into, in the language it is written in."""
        return self.version(template_of(page), page.language, is_only=True)

    # --- languages ---

    def of_route(self, name: str, route: Route, language: str) -> Version:
        """Return what a route renders in a language."""
        is_only = len(addresses_of(route, self._subject)) == 1
        if route.template is not None:
            return self.version(route.template, language, is_only=is_only)
        key = "text" if route.text is not None else "html"
        text = getattr(route, key)
        if isinstance(text, Translations):
            known = next(code for code in (language, self.languages.default, *text) if code in text)
            return Version(self._names["routes", name, key, known], known)
        return self._in(self._names["routes", name, key], language, is_only=is_only)

    def version(self, name: str, language: str, *, is_only: bool = False) -> Version:
        """Return the template that a language has for another, and the language it is written in.

        What is not translated is the default language's; `is_only` says that there is no page in another language.
        """
        other = self.versions.get(language, {}).get(name)
        return Version(other, language) if other is not None else self._in(name, language, is_only=is_only)

    def _in(self, name: str, language: str, *, is_only: bool) -> Version:
        is_written = is_only or self._chooses_words(name, language)
        return Version(name, language if is_written else self.languages.default)

    def _chooses_words(self, name: str, language: str) -> bool:
        """Tell whether a template chooses its words by the language."""
        facts = self._facts.get(name)
        if facts is None or language == self.languages.default:
            return False
        looks = (use for use in facts.uses if use.name in {"site", "request"} and use.path[:1] == ("language",))
        return any(not self._says_only(name, use.spot) for use in looks)

    def _says_only(self, name: str, spot: Spot) -> bool:
        """Tell whether a look at the language chooses nothing by it."""
        line = self.texts[name].splitlines()[spot.line - 1]
        return any(found.start() < spot.column <= found.end() for found in _SAYS_LANGUAGE.finditer(line))

    # --- what templates draw in ---

    def facts_in_use(self) -> Iterator[Facts]:
        """Yield the facts of every template that a page is made of, once."""
        names = dict.fromkeys(part for use in self.uses for part in self.closure(use.version).templates)
        return (self._facts[name] for name in names)

    def files_of(self, page: Version) -> tuple[str, ...]:
        """Return the files, seen from the site folder, of a template and all it draws in."""
        known = self.closure(page).templates
        own_ones = own.templates()
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
        return tuple(dict.fromkeys(found))

    def is_same_everywhere(self, page: Version) -> bool:
        """Tell whether a page looks neither at the visitor nor at what could be anything in a request."""
        return not self.reasons(page) and not names_used(self.closure(page), ENDLESS)

    def lists_languages(self, page: Version) -> bool:
        """Tell whether a page lists the languages in which it can be read."""
        return bool(names_used(self.closure(page), {"languages"}))

    def spoken(self, name: str, spot: Spot) -> str:
        """Return where something stands, as `declweb routes` says it."""
        return name.rpartition("/")[2].rpartition(":")[0] if name in self.places else f"{name}:{spot.line}"

    def place(self, name: str, spot: Spot, word: str = "") -> Place:
        """Return the place of a word of a template."""
        if name in self.places:
            return narrowed(_within(self._subject.place(self.places[name]), self.texts[name], spot), word)
        file = self._subject.shown(f"{self.folder_name}/{name}")
        lines = self.texts[name].splitlines()
        text = lines[spot.line - 1] if spot.line <= len(lines) else ""
        return Place(file, spot.line, spot.column, spot.column + max(len(word), 1), text)


def _within(place: Place, text: str, spot: Spot) -> Place:
    """Return the place of a line of a text in the site file; the value as a whole where it has one line only."""
    if place.text is None or place.line is None or place.column is None:
        return place
    quote = place.text[place.column - 1 : place.column + 2]
    if quote not in {'"""', "'''"}:
        return place
    starts_below = place.text[place.column + 2 :].strip() == ""
    line = text.split("\n")[spot.line - 1] if spot.line <= text.count("\n") + 1 else ""
    if spot.line == 1 and not starts_below:
        return place
    return Place(place.file, place.line + spot.line - (not starts_below), spot.column, len(line) + 1, line)


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


# --- files and syntax -------------------------------------------------------------------------------------------------


def broken_templates(subject: Subject) -> Iterator[Problem]:
    """A template cannot be understood."""
    templates = template_set(subject)
    for name, why in templates.unreadable.items():
        file = subject.shown(f"{templates.folder_name}/{name}")
        yield Problem("unreadable-file", f"`{name}` cannot be read: {why}", Place(file), help="save it as UTF-8")
    for name, error in templates.broken.items():
        file = subject.shown(f"{templates.folder_name}/{name}")
        text = templates.texts[name]
        at_key = name in templates.places
        place = (
            templates.place(name, Spot(error.line or 1, 1), error.word)
            if at_key
            else Place.of_line(file, text, error.line or 1, error.word)
        )
        also = (
            (Also(Place.of_line(file, text, error.noticed), "is where it was noticed"),)
            if error.noticed and not at_key
            else ()
        )
        yield Problem("broken-template", error.message, place, also=also, help=error.help)


def missing_templates(subject: Subject) -> Iterator[Problem]:
    """A template is named that is not in the templates folder."""
    templates = template_set(subject)
    known = [name for name in templates.texts if name not in templates.places]
    for use in templates.uses:
        if use.template not in templates.texts and use.template not in templates.unreadable:
            yield Problem(
                "missing-template",
                f"there is no template `{use.template}` in {templates.folder_name}/",
                narrowed(use.place(subject), use.template),
                help=suggestion(use.template, known) or "templates are named from the templates folder",
            )
    reported: set[tuple[str, Spot]] = set()
    for use in templates.uses:
        for drawn in templates.closure(use.version).missing:
            for name, where in zip(drawn.reference.names, drawn.reference.spots, strict=False):
                if name in templates.texts or name in templates.unreadable or (drawn.template, where) in reported:
                    continue
                reported.add((drawn.template, where))
                yield Problem(
                    "missing-template",
                    f"there is no template `{name}` in {templates.folder_name}/",
                    templates.place(drawn.template, where, name),
                    help=suggestion(name, known) or "templates are named from the templates folder",
                )


def template_circles(subject: Subject) -> Iterator[Problem]:
    """Templates draw in each other without an end."""
    templates = template_set(subject)
    reported: set[frozenset[str]] = set()
    for use in templates.uses:
        for cycle in templates.closure(use.version).cycles:
            members = frozenset(step.template for step in cycle.steps)
            if cycle.is_endless and members not in reported:
                reported.add(members)
                first = cycle.steps[0]
                way = " → ".join([*(step.template for step in cycle.steps), first.template])
                yield Problem(
                    "template-circle",
                    f"these templates draw in each other without an end: {way}",
                    templates.place(first.template, first.reference.spots[0]),
                    help="take one of these lines out",
                )


def unknown_filters(subject: Subject) -> Iterator[Problem]:
    """A template uses a filter or a test that does not exist."""
    templates = template_set(subject)
    environment = templates.environment
    for facts in templates.facts_in_use():
        for words, known, what in (
            (facts.filters, environment.filters, "filter"),
            (facts.tests, environment.tests, "test"),
        ):
            for each in words:
                if each.word not in known:
                    yield Problem(
                        "unknown-filter",
                        f"there is no {what} `{each.word}`",
                        templates.place(facts.name, each.spot, each.word),
                        help=suggestion(each.word, known) or f"known are {', '.join(sorted(known))}",
                    )


# --- names ------------------------------------------------------------------------------------------------------------


def reserved_names(subject: Subject) -> Iterator[Problem]:
    """A template gives another meaning to a name that every template is given."""
    templates = template_set(subject)
    for facts in templates.facts_in_use():
        for word in facts.stored:
            if word.word in RESERVED:
                yield Problem(
                    "reserved-name",
                    f"`{word.word}` is given to every template, and cannot be used for something else",
                    templates.place(facts.name, word.spot, word.word),
                    help="use another name",
                )


def unknown_imports(subject: Subject) -> Iterator[Problem]:
    """A template imports a name from another one that does not define it."""
    templates = template_set(subject)
    seen: set[tuple[str, Spot, str]] = set()
    for use in templates.uses:
        drawn = templates.closure(use.version)
        for each in drawn.templates.values():
            for reference in each.references:
                sources = [facts for name in reference.names if (facts := drawn.find(name)) is not None]
                defined = {name for source in sources for name in source.assigned}
                for name in reference.imported if sources else ():
                    where = (each.name, reference.spots[0], name)
                    if name not in defined and where not in seen:
                        seen.add(where)
                        yield Problem(
                            "unknown-name",
                            f"{sources[0].name} defines no `{name}`",
                            templates.place(each.name, reference.spots[0], name),
                            help=suggestion(name, defined) or f"it defines {', '.join(sorted(defined)) or 'nothing'}",
                        )


def unknown_names(subject: Subject) -> Iterator[Problem]:
    """A template uses a name, or a key of config, site, request or error, that does not exist."""
    templates = template_set(subject)
    seen: set[tuple[str, Spot]] = set()
    for use in templates.uses:
        for free in free_uses(templates.closure(use.version)):
            problem = _unknown_name(free, use, templates) or _unknown_key(free, subject, templates)
            if problem is not None and (free.template, free.use.spot) not in seen:
                seen.add((free.template, free.use.spot))
                yield problem


def _unknown_name(free: FreeUse, use: Use, templates: TemplateSet) -> Problem | None:
    name = free.use.name
    allowed = set(FOR_IMPORTS) if free.isolated else {*GIVEN, *templates.names.get(free.template, ())}
    known = {*templates.environment.globals, *GIVEN, *allowed}
    if free.use.guarded or name in known:
        return None
    is_hidden = free.isolated and name in templates.names.get(free.template, ())
    return Problem(
        "unknown-name",
        f"there is no `{name}` here",
        templates.place(free.template, free.use.spot, name),
        help="import the template `with context`"
        if is_hidden
        else suggestion(name, known) or _what_is_known(use, templates),
    )


def _what_is_known(use: Use, templates: TemplateSet) -> str:
    own = sorted(templates.names.get(use.template, ()))
    return f"known here are {', '.join([*own, *GIVEN])}; your own values are config.NAME"


def _unknown_key(free: FreeUse, subject: Subject, templates: TemplateSet) -> Problem | None:
    use = free.use
    roots: Mapping[str, object] = {
        "config": subject.site.config,
        "site": dict.fromkeys(SiteTable.model_fields),
        "request": dict.fromkeys(VISIBLE),
        "error": dict.fromkeys(FIELDS_OF_ERROR) if "error" in templates.names.get(free.template, ()) else None,
    }
    value = roots[use.name] if use.name in roots else _fields_of_pages(use.name, free.template, templates)
    if subject.draft.is_broken(use.name, *use.path[:1]) and use.name in {"config", "site"}:
        return None
    for index, step in enumerate(use.path):
        if not isinstance(value, dict) or (step in _OF_TABLES and use.called and step not in value):
            return None
        if step not in value:
            if use.guarded > index + 1:
                return None
            where = ".".join(map(str, (use.name, *use.path[:index])))
            known = [*map(str, value), *(subject.draft.left_out(use.name) if index == 0 else ())]
            return Problem(
                "unknown-name",
                f"{where} has no `{step}`",
                templates.place(free.template, use.spots[index + 1], str(step)),
                help=suggestion(str(step), known) or _add_it(where, str(step), value),
            )
        value = value[step]
    return None


_OF_PAGES: Mapping[str, Sequence[str]] = {"page": FIELDS_OF_PAGE, "listing": FIELDS_OF_LISTING}


def _fields_of_pages(name: str, template: str, templates: TemplateSet) -> Mapping[str, object] | None:
    """Return the fields of what written pages give their templates; None where another table gives the name too."""
    if name not in _OF_PAGES:
        return None
    gives = [
        use for use in templates.uses if name in use.names and template in templates.closure(use.version).templates
    ]
    is_of_pages = bool(gives) and all(use.names == NAMES_OF_PAGES for use in gives)
    return dict.fromkeys(_OF_PAGES[name]) if is_of_pages else None


_OF_TABLES = frozenset({"items", "keys", "values", "get"})
"""What templates may call on a table."""


def _add_it(where: str, key: str, value: Mapping[str, object]) -> str:
    if where == "config":
        return f"add `{key} = …` below [config]"
    return f"it has {', '.join(map(str, value))}"


# --- addresses --------------------------------------------------------------------------------------------------------


def unknown_endpoints(subject: Subject) -> Iterator[Problem]:
    """A template asks for the address of something that does not exist, or leaves a variable out."""
    for facts in template_set(subject).facts_in_use():
        for call in facts.urls:
            if call.endpoint is not None and not subject.draft.is_broken("routes", call.endpoint):
                yield from _wrong_call(call, call.endpoint, facts.name, subject)


def _wrong_call(call: UrlFor, name: str, template: str, subject: Subject) -> Iterator[Problem]:
    templates, urls = template_set(subject), named_addresses(subject)
    if name not in urls:
        try:
            urls.find(name)
        except CannotBuild:
            known = [endpoint.name for endpoint in urls]
            yield Problem(
                "unknown-endpoint",
                f"nothing is called `{name}`, so url_for cannot give its address",
                templates.place(template, call.endpoint_spot, f'"{name}"'),
                help=suggestion(name, known) or f"names are {', '.join(known)}",
            )
        return
    yield from _unknown_language(call, template, templates)
    given = {argument.name for argument in call.arguments}
    missing = [variable for variable in urls.find(name).variables if variable not in given]
    if missing and call.is_complete:
        yield Problem(
            "unknown-variable",
            f'url_for("{name}") needs a value for `{missing[0]}`',
            templates.place(template, call.spot, "url_for"),
            help=f'write url_for("{name}", {missing[0]}=…)',
        )
    if isinstance(endpoint := urls.find(name), Named):
        yield from _missing_page(call, endpoint, template, templates)
        return
    if route := subject.site.routes.get(name):
        if route.off:
            yield _off(f"the route `{name}`", templates.place(template, call.endpoint_spot, f'"{name}"'))
        return
    yield from _missing_static(call, name, template, subject)


def _unknown_language(call: UrlFor, template: str, templates: TemplateSet) -> Iterator[Problem]:
    codes = templates.languages.codes
    for argument in call.arguments:
        if argument.name == "_language" and argument.is_constant and argument.value not in codes:
            yield Problem(
                "unknown-language",
                f"the site has no language `{argument.value}`",
                templates.place(template, argument.spot, f'"{argument.value}"'),
                help=suggestion(str(argument.value), codes) or f"it has {', '.join(codes)}",
            )


def _missing_page(call: UrlFor, pages: Named, template: str, templates: TemplateSet) -> Iterator[Problem]:
    for argument in call.arguments:
        if argument.name == "path" and isinstance(argument.value, str) and pages.find(argument.value) is None:
            yield Problem(
                "unknown-endpoint",
                f"there is no page `{argument.value}`",
                templates.place(template, argument.spot, f'"{argument.value}"'),
                help=suggestion(argument.value, pages.addresses)
                or "pages are named from their folder, without ending: news/first",
            )


def _missing_static(call: UrlFor, name: str, template: str, subject: Subject) -> Iterator[Problem]:
    templates, files = template_set(subject), public_files(subject)
    mount = next((mount for mount, _ in addresses(subject).mounts if mount.endpoint == name), None)
    if mount is not None and mount.off:
        yield _off(f"the folder `{name}`", templates.place(template, call.endpoint_spot, f'"{name}"'))
        return
    for argument in call.arguments if mount else ():
        if mount and argument.name == "filename" and isinstance(argument.value, str):
            if files.named(name, argument.value) is not None:
                continue
            folder = mount.folder.strip("/")
            yield Problem(
                "missing-file",
                f"there is no file `{argument.value}` in {folder}/",
                templates.place(template, argument.spot, f'"{argument.value}"'),
                help=suggestion(argument.value, files.names(name)) or f"files are named from {folder}/",
            )


def missing_assets(subject: Subject) -> Iterator[Problem]:
    """A template asks for the address of a file that is not there."""
    if subject.draft.is_short_of("static"):
        return
    templates, files = template_set(subject), public_files(subject)
    for facts in templates.facts_in_use():
        for asset in facts.assets:
            if files.asset(asset.word) is None:
                yield Problem(
                    "missing-file",
                    f"no [[static]] folder has a file at {asset.word}"
                    if asset.word.startswith("/")
                    else f"there is no file `{asset.word}` in the folder that is called `{ASSETS}`",
                    templates.place(facts.name, asset.spot, asset.word),
                    help=suggestion(asset.word, files.names())
                    or "write its name there, or its path, such as /downloads/a.pdf",
                )


def broken_links(subject: Subject) -> Iterator[Problem]:
    """A link in a template leads to an address of the site that nothing answers."""
    templates = template_set(subject)
    serves = served(subject)
    if subject.draft.is_short_of("routes", "json", "static"):
        return
    for facts in templates.facts_in_use():
        for link in facts.links:
            path = _own_path(link, subject)
            if path is None:
                continue
            place = templates.place(facts.name, Spot(link.line, link.column), link.value)
            if serves.off(path):
                yield _off(path, place)
            elif not serves(path, navigates=link.tag in OPENS_PAGES):
                yield Problem("broken-link", f"nothing answers {path}", place, help=serves.near(path))


def _own_path(link: Link, subject: Subject) -> str | None:
    """Return the path of this site that a link leads to; None for all others."""
    value = link.value.strip().partition("#")[0].partition("?")[0]
    if not value.startswith("/") or value.startswith("//"):
        return None
    prefix = subject.prefix
    if not prefix:
        return value
    return value.removeprefix(prefix) or "/" if value == prefix or value.startswith(prefix + "/") else None


def _off(what: str, place: Place) -> Problem:
    return Problem(
        "link-to-off", f"{what} is switched off, so this link leads to an error page", place, help="take it out"
    )


RULES: tuple[Rule, ...] = (
    broken_templates,
    missing_templates,
    template_circles,
    unknown_filters,
    reserved_names,
    unknown_imports,
    unknown_names,
    unknown_endpoints,
    missing_assets,
    broken_links,
)
