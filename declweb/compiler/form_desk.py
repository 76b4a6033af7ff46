"""What all pages of one form share, in whatever language and whichever way they are asked for.

Owns when a form is closed, what it takes, and where success leads. Must not know how requests are answered.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlsplit

from declweb.app import Finisher
from declweb.compiler.building import Building
from declweb.compiler.data import Generation
from declweb.compiler.languages import Edition
from declweb.compiler.letters import Letters
from declweb.compiler.sessions import key_bytes
from declweb.compiler.templates import Page, Templates
from declweb.context import Context
from declweb.forms.accept import Acceptor
from declweb.forms.drawing import DrawnForm
from declweb.forms.hooks import FormHooks, Hook
from declweb.forms.parse import FileRule, Intake
from declweb.forms.tickets import Tickets
from declweb.forms.values import Checker
from declweb.http.paths import escaped
from declweb.http.policy import declared, extended, written
from declweb.model import Form, Site
from declweb.model.fields import CHOOSING
from declweb.storage import Store, StoreDown, StoreTooNew
from declweb.templating.errors import TemplateError
from declweb.translations import mark, translated

logger = logging.getLogger("declweb.forms")

CLOSED = mark("This form is closed at the moment.")


class Desk:
    """What all pages of one form share: in each language there is one."""

    def __init__(self, name: str, form: Form, building: Building, templates: Templates, store: Store) -> None:
        site = building.site
        self.name = name
        self.form = form
        self.site = site
        self.place = building.parts.place(("forms", name))
        self.paths = building.parts.form_addresses(form)
        self.languages = building.languages
        self.default = site.site.all_languages[0]
        self.timezone = site.site.timezone
        self.finisher: Finisher = building.finisher
        self.store = store
        self.letters = Letters(name, form, templates, self.paths)
        self.intake = _intake(form, site)
        self.checkers = {
            code: Checker(form, name, code, self.timezone, translated(code), self.default) for code in self.paths
        }
        self.acceptor = Acceptor(
            name,
            form,
            self.checkers,
            self.letters.letterbox(),
            lambda: store,
            self.tickets,
            translated,
            site.limits.files,
            site.limits.entry,
            _hooks(name, form, building),
        )
        self.has_hooks = bool(form.validate_ or form.before_store or form.after_store)
        self.has_prefill = any(each.prefill for each in form.fields.values())
        self.limits = {
            (word, option.value): option.places
            for word, each in form.fields.items()
            for option in each.options
            if each.type in CHOOSING and option.places is not None
        }
        """How many places there are, by field and value."""
        self.has_places = bool(self.limits)
        self.generation = Generation(store, name)
        self._templates = _pages(form, templates, self.paths)
        self._own = _pages(form.model_copy(update={"template": None}), templates, self.paths)
        self._exact = building.exact
        self._keys = key_bytes(site, building.parts.folder.root)
        self._signing = lru_cache(maxsize=2)(Tickets)
        self._editions = _editions(self, building, templates)

    def page(self, language: str) -> Page:
        """Return the template that the form stands in."""
        return self._templates[language]

    def own_page(self, language: str) -> Page:
        """Return declweb's own template, for when the author's fails."""
        return self._own[language]

    def edition(self, language: str) -> Edition | None:
        """Return what there is of the page in other languages."""
        return self._editions.get(language)

    def tickets(self) -> Tickets:
        """Return what signs tickets, made when the first is needed: there may be no key before, or no lasting one."""
        return self._signing(*self._keys())

    def draw(self, language: str, prefix: str, path: str, **shown: Any) -> DrawnForm:
        """Return the form as templates see it."""
        return DrawnForm(
            self.form,
            self.name,
            prefix + escaped(path),
            language,
            translated(language),
            default_language=self.default,
            timezone=self.timezone,
            asked=self.checkers[language].questions,
            prefix=prefix,
            **shown,
        )

    def closed(self, language: str, now: datetime) -> str | None:
        """Return what stands in the form's place, if it is closed on this day."""
        return None if self.form.is_open(now, self.timezone) else self.closed_text(language)

    def closed_text(self, language: str) -> str:
        """Return what stands in the place of a closed form."""
        try:
            text = self.letters.closed.written({}, language) if self.letters.closed is not None else ""
        except TemplateError:
            logger.exception("the text of form %s while it is closed failed", self.name)
            text = ""
        return text or translated(language)(CLOSED)

    def is_full(self) -> bool:
        """Tell whether the form has all the entries that it may have; nobody knows while the store is down."""
        if self.form.max_entries is None:
            return False
        try:
            return self.store.count(self.name) >= self.form.max_entries
        except (StoreDown, StoreTooNew, OSError):
            return False

    def left(self) -> dict[tuple[str, str], int]:
        """Return how many places are left of each choice that has so many."""
        if not self.has_places:
            return {}
        try:
            taken = self.store.places_taken(self.name)
        except (StoreDown, StoreTooNew, OSError):
            return {}
        return {choice: max(places - taken.get(choice, 0), 0) for choice, places in self.limits.items()}

    @cached_property
    def policy(self) -> str | None:
        """The policy of the page where success leads to another site, which browsers else refuse."""
        target = urlsplit(self.form.success.redirect or "")
        if not target.netloc:
            return None
        security = self.site.security
        policy = declared(security.csp, strict=security.preset == "strict")
        if "form-action" not in policy:
            return None
        return written(extended(policy, {"form-action": (f"{target.scheme or 'https'}://{target.netloc}",)}))

    def success_url(self, context: Context, language: str) -> str:
        """Return where visitors go once it is stored: to the page in their language where there is one."""
        target = self.form.success.redirect
        if target is None:
            return context.prefix + escaped(self.paths[language])
        if urlsplit(target).netloc:
            return target
        path, mark_, rest = target.partition("?") if "?" in target else target.partition("#")
        translated_path = self.languages.address(path, language)
        path = translated_path if translated_path in self._exact else path
        return f"{context.prefix}{escaped(path)}{mark_}{rest}"


@dataclass(frozen=True, slots=True, eq=False)
class AtForm:
    """What answers at the address of a form in one language."""

    desk: Desk
    language: str

    @property
    def name(self) -> str:
        """The name that url_for knows it by."""
        return f"form.{self.desk.name}"

    @property
    def place(self) -> str:
        """Where it is declared."""
        return self.desk.place


def _hooks(name: str, form: Form, building: Building) -> FormHooks:
    """Return the functions of a form."""
    functions = building.parts.functions

    def hook(named: str | None) -> Hook | None:
        return Hook(functions[named], f"`{named}` ({functions.place(named)})") if named is not None else None

    return FormHooks(name, hook(form.validate_), hook(form.before_store), hook(form.after_store))


def _intake(form: Form, site: Site) -> Intake:
    """Return what a form takes."""
    limits = site.limits
    files = {
        name: FileRule(
            each.accepted, each.max_size or limits.file, limits.files if each.multiple else 1, each.strips_position
        )
        for name, each in form.fields.items()
        if each.type == "file"
    }
    return Intake(files, limits.form, limits.entry, limits.files)


def _pages(form: Form, templates: Templates, paths: Iterable[str]) -> dict[str, Page]:
    """Return the templates that a form stands in, by language."""
    return {code: templates.of_form(form, code) for code in paths}


def _editions(desk: Desk, building: Building, templates: Templates) -> dict[str, Edition]:
    if not building.languages.are_several:
        return {}
    written_in = {code: desk.page(code).language for code in desk.paths}
    return {code: Edition(building.languages, templates.views.origin, code, written_in) for code in desk.paths}
