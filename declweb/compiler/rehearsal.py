"""Every template is rendered once with what it will be given, before any visitor asks for it.

Owns what is given where a visitor's choice is open: each word of a list, one example of everything else. Knows nothing
of the running site.
"""

import re
from collections.abc import Iterator, Mapping
from copy import copy
from itertools import islice, product
from typing import Protocol

from werkzeug.routing import BaseConverter

from declweb.compiler.data_rehearsal import Trials
from declweb.compiler.default_errors import STATUSES, Error
from declweb.compiler.pages import Stage, WrittenPages
from declweb.compiler.templates import Page, Templates
from declweb.context import Context, SignedIn, constant_context
from declweb.model import Route, Site
from declweb.model.urls import Variable, parse, variables
from declweb.problems import Problem, suggestion
from declweb.routing.converters import sample
from declweb.routing.languages import Languages
from declweb.rules.base import Subject
from declweb.rules.languages import addresses_of
from declweb.rules.template_set import TemplateSet, template_set
from declweb.templating.errors import TemplateError
from declweb.templating.positions import Spot
from declweb.templating.undefined import Missing, recording
from declweb.translations import translated

MOST = 1000
"""Addresses that one route is rehearsed with."""

CHECKED_ROOTS = ("config.", "site.", "error.", "entry.", "form.", "data.", "item.")
"""Tables whose every key must exist; what is not there elsewhere prints empty."""

BY_LANGUAGE = ("[site.language]", "[request.language]")
"""Keys that stand for the language of the page, and that of its address."""

WRITTEN = 'What somebody wrote, <with signs> & "quotes"'
"""What is shown where a visitor's words are."""

OF_CLASS = {f"{first}xx": tuple(status for status in STATUSES if status // 100 == first) for first in (4, 5)}
"""The statuses with which the page of a whole class is rehearsed."""


def rehearse(site: Site, templates: Templates, written: WrittenPages, subject: Subject) -> list[Problem]:
    """Return everything that goes wrong when the templates are rendered."""
    found: dict[Problem, None] = {}
    templates.data.rehearse(is_empty=True)
    if templates.data.changes:
        _rehearse(site, templates, written, subject, found)
        templates.data.rehearse(is_empty=False)
    _rehearse(site, templates, written, subject, found)
    return list(found)


def _rehearse(
    site: Site, templates: Templates, written: WrittenPages, subject: Subject, found: dict[Problem, None]
) -> None:
    known = template_set(subject)
    told: set[int] = set()
    for page, context, values in _performances(site, templates, written, subject):
        shown = page.page if isinstance(page, Stage) else page
        if isinstance(shown, Page) and shown.runs_code:
            continue  # what the site's own Python gives shows only when it is asked for
        if isinstance(shown, Page) and (shown.shows_messages or shown.knows_user) and id(shown) not in told:
            told.add(id(shown))
            found.update(dict.fromkeys(_problems(shown, _told(context), values, known)))
        found.update(dict.fromkeys(_problems(page, context, values, known)))


def _told(context: Context) -> Context:
    """Return the same context of a visitor for whom there are messages, and who is signed in."""
    other = copy(context)
    other.user = SignedIn("anna", ("staff",))
    other.flashes = [("success", "Thank you!"), ("message", "One more thing.")]
    return other


class Performer(Protocol):
    """A template on its stage."""

    @property
    def name(self) -> str:
        """The template's name."""

    def render(self, context: Context, values: Mapping[str, object]) -> str:
        """Return what the template gives."""


Performance = tuple[Performer, Context, Mapping[str, object]]


def _performances(site: Site, templates: Templates, written: WrittenPages, subject: Subject) -> Iterator[Performance]:
    prefix = subject.prefix
    yield from written.performances(prefix)
    yield from _routes(site, templates, subject)
    if site.forms:
        from declweb.compiler.form_rehearsal import form_performances  # noqa: PLC0415 # most sites need none of it

        yield from form_performances(site, templates, subject)
    if site.users:
        yield from _login_pages(site, templates, prefix)
    yield from _error_pages(written, prefix)
    for language in site.site.all_languages:
        for status, template in site.errors.items():
            for code in OF_CLASS.get(status) or (int(status),):
                page = templates.page(template, language)
                context = constant_context("/no/such/page", prefix, language=language)
                yield page, context, {"error": Error.of(code, page.language)}


def _routes(site: Site, templates: Templates, subject: Subject) -> Iterator[Performance]:
    """Yield the pages of routes, with each row that one may be about."""
    prefix = subject.prefix
    for name, route in site.routes.items():
        if not route.is_rendered:
            continue
        for language, address in addresses_of(route, subject).items():
            page = templates.of_route(name, route, language)
            closed = [each.name for each in variables(route.path) if _words(each, site)]
            for values in _choices(route, site, subject.classes):
                for found, rows in Trials(templates.data, values, closed).pages(route.item, route.items):
                    all_values = {**values, **found}
                    path = "".join(str(all_values[p.name]) if isinstance(p, Variable) else p for p in parse(address))
                    context = constant_context(path, prefix, endpoint=name, view_args=all_values, language=language)
                    yield page, context, {**route.values, **all_values, **rows}


def _login_pages(site: Site, templates: Templates, prefix: str) -> Iterator[Performance]:
    """Yield the pages to sign in and out, as they are at first and with something to say."""
    from declweb.forms.login import SIGN_IN, DrawnLogin  # noqa: PLC0415 # most sites need none of it

    told = {"name": WRITTEN, "errors": {"user": WRITTEN}, "alarm": WRITTEN, "notice": WRITTEN, "next_": "/"}
    for language, path in Languages(tuple(site.site.all_languages)).editions(site.login.path).items():
        say = translated(language)
        for shown in ({}, told, {"is_out": True, "notice": WRITTEN}):
            context = constant_context(path, prefix, endpoint="login", language=language)
            form = DrawnLogin(f"{prefix}{path}", language, say, prefix=prefix, **shown)
            yield templates.of_login(language), context, {"form": form, "title": say(SIGN_IN)}


def _error_pages(written: WrittenPages, prefix: str) -> Iterator[Performance]:
    """Yield the error pages among written pages."""
    for entry in written.error_entries:
        page, name = written.template(entry), entry.page.name
        if page is None:
            continue
        for code in OF_CLASS.get(name) or (int(name),):
            context = constant_context(f"{entry.address}no/such/page", prefix, language=entry.page.edition)
            yield page, context, {**written.values(entry), "error": Error.of(code, entry.page.language)}


def _choices(route: Route, site: Site, classes: Mapping[str, type[BaseConverter]]) -> Iterator[dict[str, object]]:
    """Yield the values of the URL variables to rehearse with: every word of a list, an example of all others."""
    names = [variable.name for variable in variables(route.path)]
    if any(variable.converter in site.hooks.converters for variable in variables(route.path)):
        return  # what the site's own Python makes of a text is its own to say
    open_to: list[list[object]] = [
        [*_words(variable, site)] or [sample(variable, classes)] for variable in variables(route.path)
    ]
    for values in islice(product(*open_to), MOST):
        yield dict(zip(names, values, strict=True))


def _words(variable: Variable, site: Site) -> list[str]:
    """Return the words that a variable may be, where it is one of a few."""
    converter = site.converters.get(variable.converter)
    return list(converter.one_of or ()) if converter is not None else []


def _problems(page: Performer, context: Context, values: Mapping[str, object], known: TemplateSet) -> Iterator[Problem]:
    refused: list[tuple[str, str | None, int, str]] = []
    context.cannot_build = lambda *call: refused.append(call)
    with recording() as missing:
        try:
            page.render(context, values)
        except TemplateError as error:
            yield _failed(error, page, known)
    for each in missing:
        what = _in_words(each.name, context)
        is_checked = each.columns is not None or _is_checked(what, known.texts.get(each.template or "", ""))
        if each.template is not None and "[" not in what and is_checked:
            yield _missing(what, each, each.template, known)
    for message, name, line, code in refused:
        yield Problem(code, message, known.place(name or page.name, Spot(line, 1)))


def _failed(error: TemplateError, page: Performer, known: TemplateSet) -> Problem:
    name = error.template if error.template in known.texts else page.name
    place = known.place(name, Spot(error.line or 1, 1))
    return Problem("failing-template", f"rendering it fails: {error.message}", place)


def _in_words(name: str, context: Context) -> str:
    """Return the name of what is missing, with the language of the page where it is looked up by that."""
    return name.replace(BY_LANGUAGE[0], f".{context.written_in}").replace(BY_LANGUAGE[1], f".{context.language}")


def _is_checked(name: str, text: str) -> bool:
    """Tell whether what is missing must exist: a key of a checked table, or a name of an imported template."""
    root = name.partition(".")[0]
    is_imported = "." in name and re.search(rf"\bimport\b[^%]*\bas\s+{re.escape(root)}\b", text)
    return name.startswith(CHECKED_ROOTS) or bool(is_imported)


def _missing(what: str, missing: Missing, template: str, known: TemplateSet) -> Problem:
    where, _, key = what.rpartition(".")
    line = known.texts[template].splitlines()[missing.line - 1]
    word = next((word for word in BY_LANGUAGE if missing.name.endswith(word)), key)
    start = line.find(missing.name)
    column = start + len(missing.name) - len(word) if start >= 0 else max(line.find(word), 0)
    place = known.place(template, Spot(missing.line, column + 1), word)
    has = missing.columns
    return Problem(
        "unknown-name",
        f"{where} has no `{key}`",
        place,
        help=(suggestion(key, has) or f"it has {', '.join(has)}") if has else None,
    )
