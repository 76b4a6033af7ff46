"""The site's own Python: what the site file names of it must be there, and take what it will be given.

Owns what each key gives its function. Imports what `[hooks]` names, where the site's Python is looked at at all.
"""

import builtins
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from werkzeug.routing import BaseConverter

from declweb.hook_modules import CannotImport, Functions, Modules, Spot
from declweb.hook_modules.borrowed import borrowed
from declweb.hook_modules.exceptions import help_for_class, is_exception, near_exception
from declweb.hook_modules.resolving import Unresolved, resolve, split, spot_of
from declweb.hook_modules.returned import names_returned
from declweb.hook_modules.signatures import Misfit, check_callable, check_first, check_named, check_positional
from declweb.model import Site
from declweb.model.handlers import BY_METHOD
from declweb.model.hooks import RequestHook
from declweb.model.urls import variables
from declweb.problems import Also, Place, Problem
from declweb.rules.base import Rule, Subject, made_once, narrowed
from declweb.sitefile import KeyPath

Check = Callable[[str, Any], None]
"""Raises Misfit where a function does not take what it will be given."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A piece of Python that the site file names."""

    name: str
    key: KeyPath
    check: Check
    at_key: bool = False
    """It is named by a key, not by a value."""
    given_by: KeyPath | None = None
    """Where it is written what it is given, if that is the author's to say."""

    def place_of_given(self, subject: Subject) -> Place:
        """Return where it is written what it is given; where it is named if nothing is."""
        return subject.place(self.given_by) if self.given_by else self.place(subject)

    def place(self, subject: Subject) -> Place:
        """Return where it is named."""
        place = subject.key_place(self.key) if self.at_key else subject.place(self._written(subject))
        return narrowed(place, self.name)

    def _written(self, subject: Subject) -> KeyPath:
        """Return the keys under which it is written: in a list of functions a name stands for itself."""
        hooks = subject.document.data.get("hooks")
        written = hooks.get(self.key[1]) if isinstance(hooks, dict) and self.key[0] == "hooks" else None
        if isinstance(written, list) and isinstance(self.key[2], str) and self.name in written:
            return (*self.key[:2], written.index(self.name))
        return self.key


@dataclass(frozen=True, slots=True)
class Code:
    """The site's Python, as far as it is right."""

    functions: Functions
    problems: tuple[Problem, ...]
    converters: Mapping[str, type[BaseConverter]] = field(default_factory=lambda: MappingProxyType({}))
    given: frozenset[str] | None = frozenset()
    """The names that context processors give to templates; None where they show only when these are called."""


# --- what is named, and what it will be given -------------------------------------------------------------------------


def _called_with(*given: str) -> Check:
    def check(name: str, found: Any) -> None:
        check_callable(name, found)
        check_positional(name, found, given)

    return check


def _view(name: str, found: Any, *, given: tuple[str, ...]) -> None:
    check_callable(name, found)
    check_named(name, found, given, has="its path has")


def _of_templates(name: str, found: Any) -> None:
    check_callable(name, found, may_be_class=True)
    check_first(name, found, "the value")


def _middleware(name: str, found: Any, *, given: tuple[str, ...]) -> None:
    check_callable(name, found, may_be_class=True)
    check_named(name, found, given, first="app", has="`options` has")


def _command(name: str, found: Any) -> None:
    from click import Command  # noqa: PLC0415 # most sites have no commands

    if not isinstance(found, Command):
        check_callable(name, found)
        check_positional(name, found, ())


def _exception(name: str, found: Any) -> None:
    if not is_exception(found):
        raise Misfit(f"`{name}` is no class of exceptions", "such as `KeyError`, or a class of your own")


def _converter(name: str, found: Any) -> None:
    if not (isinstance(found, type) and issubclass(found, BaseConverter)):
        help_ = "write a class with `BaseConverter` of werkzeug.routing behind its name"
        raise Misfit(f"`{name}` is no converter", help_)
    try:
        groups = re.compile(found.regex).groups
    except (re.error, TypeError) as error:
        raise Misfit(f"the `regex` of `{name}` cannot be used: {error}") from None
    if groups:
        raise Misfit(f"the `regex` of `{name}` has groups, which the matcher needs for itself", "write (?:…) for (…)")
    check_positional(f"{name}.to_python", found.to_python, ("the converter", "the value"))
    check_positional(f"{name}.to_url", found.to_url, ("the converter", "the value"))


def _global(name: str, found: Any) -> None:
    check_callable(name, found, may_be_class=True)


REQUEST_HOOKS: Mapping[str, Check] = {
    "before_request": _called_with(),
    "after_request": _called_with("the response"),
    "teardown_request": _called_with("the error"),
}
"""What the hooks of a request are given."""
BY_NAME: Mapping[str, Check] = {
    "template_filters": _of_templates,
    "template_tests": _of_templates,
    "template_globals": _global,
    "converters": _converter,
    "commands": _command,
}
"""What must be true of functions that are given names."""
FORM_HOOKS = {"validate": "validate_", "before_store": "before_store", "after_store": "after_store"}
"""The keys of forms that name functions, and their fields."""


def wanted(site: Site) -> Iterator[Wanted]:
    """Yield every piece of Python that a site file names."""
    for name, route in site.routes.items():
        given = tuple(variable.name for variable in variables(route.path))
        yield from _by_method(("routes", name), route, partial(_view, given=given))
    for name, endpoint in site.json_.items():
        given = tuple(dict.fromkeys((*(variable.name for variable in variables(endpoint.path)), *endpoint.params)))
        yield from _by_method(("json", name), endpoint, partial(_view, given=given))
    for name, form in site.forms.items():
        for key, attribute in FORM_HOOKS.items():
            if spec := getattr(form, attribute):
                yield Wanted(spec, ("forms", name, key), _called_with("the entry"))
    for index, each in enumerate(site.middleware):
        given_by = ("middleware", index, "options") if each.options else None
        check = partial(_middleware, given=tuple(each.options))
        yield Wanted(each.use, ("middleware", index, "use"), check, given_by=given_by)
    yield from _of_hooks(site)


def _by_method(key: KeyPath, table: Any, check: Check) -> Iterator[Wanted]:
    if table.handler is not None:
        yield Wanted(table.handler, (*key, "handler"), check)
    for word in BY_METHOD.values():
        if spec := getattr(table, word):
            yield Wanted(spec, (*key, word), check)


def _of_hooks(site: Site) -> Iterator[Wanted]:
    hooks = site.hooks
    for word, check in REQUEST_HOOKS.items():
        each: RequestHook
        for index, each in enumerate(getattr(hooks, word)):
            yield Wanted(each.handler, ("hooks", word, index, "handler"), check)
    for spec, handler in hooks.errors.items():
        if not spec[:1].isdecimal():
            yield Wanted(spec, ("hooks", "errors", spec), _exception, at_key=True)
        yield Wanted(handler, ("hooks", "errors", spec), _called_with("the error"))
    for index, spec in enumerate(hooks.context_processors):
        yield Wanted(spec, ("hooks", "context_processors", index), _called_with())
    for word, check in BY_NAME.items():
        for name, spec in getattr(hooks, word).items():
            yield Wanted(spec, ("hooks", word, name), check)


# --- finding it -------------------------------------------------------------------------------------------------------


@made_once
def code(subject: Subject) -> Code:
    """Return the Python that a site names, and all that is wrong with it."""
    search = _Search(subject)
    for each in wanted(subject.site):
        if not (each.key[0] == "middleware" and subject.draft.is_broken(*each.key[:2])):
            search.look(each)
    found, site = search.found, subject.site
    places = {name: _short(subject, spot) for name, each in found.items() if (spot := spot_of(each))}
    functions = Functions(MappingProxyType(found), MappingProxyType(places))
    named = site.hooks.converters.items()
    wrong = {each.name for each in search.misfits if each.check is _converter}
    converters = {name: _Unknown if spec in wrong else found.get(spec, _Unknown) for name, spec in named}
    return Code(functions, tuple(search.problems), MappingProxyType(converters), _given(site, found))


class _Unknown(BaseConverter):
    """Stands for a converter that was not looked at, or is not right."""


def _given(site: Site, found: Mapping[str, Any]) -> frozenset[str] | None:
    names: set[str] = set()
    for spec in site.hooks.context_processors:
        returned = names_returned(found[spec]) if spec in found else None
        if returned is None:
            return None
        names |= returned
    return frozenset(names)


class _Search:
    """Looks for what is named, module by module."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._declared = subject.site.hooks.module
        self._modules: Modules | None = subject.modules
        self._failed: set[str] = set()
        self.found: dict[str, Any] = {}
        self.misfits: list[Wanted] = []
        self.problems: dict[Problem, None] = {}
        for index, name in enumerate(self._declared):
            self._look_at(name, index)

    def _look_at(self, name: str, index: int) -> None:
        """Import a module, or only see to it that it is there."""
        modules = self._modules or Modules(self._subject.document.folder)
        try:
            if self._modules is None:
                modules.check(name)
            else:
                modules.get(name)
        except CannotImport as error:
            self._failed.add(name)
            place = narrowed(self._subject.place(("hooks", "module", index)), name)
            self._say(error.code, error.message, place, error.help, error.spot, "is where it goes wrong")

    def look(self, each: Wanted) -> None:
        """Look for one piece of Python, and at what it takes."""
        subject = self._subject
        if subject.draft.is_broken("hooks", "module"):
            return
        try:
            if each.at_key and (found := self._builtin(each.name)) is not None:
                self.found[each.name] = found
                return
            module, name = self._split(each)
            if module in self._failed or self._modules is None:
                return
            found = resolve(module, name, self._modules)
        except Unresolved as error:
            help_ = help_for_class(each.name, error.help) if each.at_key else error.help
            self._say(error.code, error.message, each.place(subject), help_, error.spot, "is where it is missing")
            return
        try:
            each.check(each.name, found)
        except Misfit as error:
            self.misfits.append(each)
            spot = spot_of(found)
            place = each.place_of_given(subject) if error.is_of_given else each.place(subject)
            self._say("wrong-function", str(error), place, error.help, spot, "is where it is written")
        except Exception as error:  # noqa: BLE001 # an object of the site's own may raise whatever it is asked
            message = f"`{each.name}` cannot be looked at: {type(error).__name__}: {error}"
            self._say("wrong-function", message, each.place(subject), "name a function", None, "")
        else:
            self.found[each.name] = found

    def _split(self, each: Wanted) -> tuple[str, str]:
        """Return the module that is meant, and what of it; raises Unresolved."""
        if each.at_key and ":" not in each.name and len(self._declared) > 1:
            message = f"Python has no exception `{each.name}` of its own"
            help_ = near_exception(each.name) or f'such as "{self._declared[0]}:{each.name}"'
            raise Unresolved("missing-function", message, help_)
        return split(each.name, self._declared)

    def _builtin(self, name: str) -> object | None:
        """Return Python's own exception of this name; one of the only module comes before it."""
        if len(self._declared) == 1 and self._modules is not None and self._declared[0] not in self._failed:
            own = getattr(self._modules.get(self._declared[0]), name, None)
            if isinstance(own, type):
                return None
        found = getattr(builtins, name, None)
        return found if is_exception(found) else None

    def _say(  # noqa: PLR0913 # what a problem is made of
        self, code_: str, message: str, place: Place, help_: str | None, spot: Spot | None, note: str
    ) -> None:
        also = (Also(place_of(self._subject, spot), note),) if spot is not None else ()
        self.problems[Problem(code_, message, place, also=also, help=help_)] = None


def place_of(subject: Subject, spot: Spot) -> Place:
    """Return the place of a line of Python, as problems name files."""
    root = subject.folder.root
    shown = subject.shown(spot.file.relative_to(root).as_posix()) if spot.file.is_relative_to(root) else str(spot.file)
    try:
        lines = spot.file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    if not 1 <= spot.line <= len(lines):
        return Place(shown, spot.line)
    text = lines[spot.line - 1]
    start = len(text) - len(text.lstrip()) + 1
    column = spot.column if spot.column and spot.column <= len(text) + 1 else start
    return Place(shown, spot.line, column, max(len(text.rstrip()) + 1, column + 1), text)


def _short(subject: Subject, spot: Spot) -> str:
    root = subject.folder.root
    file = spot.file.relative_to(root).as_posix() if spot.file.is_relative_to(root) else str(spot.file)
    return f"{file}:{spot.line}"


# --- rules ------------------------------------------------------------------------------------------------------------


def wrong_code(subject: Subject) -> Iterator[Problem]:
    """Python that the site file names is not there, cannot be imported, or does not take what it will be given."""
    yield from code(subject).problems


def borrowed_names(subject: Subject) -> Iterator[Problem]:
    """A module imports from Flask what a view needs of its request."""
    if subject.modules is None:
        return
    code(subject)
    for spot, name in borrowed(subject.modules.files):
        message = f"the `{name}` of flask knows nothing of the requests of this site: each use of it will fail"
        help_ = "change `flask` to `declweb` in this line"
        yield Problem("borrowed-name", message, place_of(subject, spot), help=help_)


def doubled_converters(subject: Subject) -> Iterator[Problem]:
    """A converter is declared twice: in [converters] and in [hooks]."""
    for name in subject.site.hooks.converters:
        if name in subject.site.converters:
            yield Problem(
                "duplicate-name",
                f"the converter `{name}` is also declared in [converters]",
                subject.key_place(("hooks", "converters", name)),
                also=(Also(subject.key_place(("converters", name)), "in [converters]"),),
                help="give one of them another name",
            )


def reserved_globals(subject: Subject) -> Iterator[Problem]:
    """A function is given to templates by a name that every template is given."""
    from declweb.rules.template_code import EVERYWHERE, USER  # noqa: PLC0415 # it looks at what is found here

    for name in subject.site.hooks.template_globals:
        if name in EVERYWHERE or name == USER:
            yield Problem(
                "reserved-name",
                f"`{name}` is given to every template, and cannot be used for something else",
                subject.key_place(("hooks", "template_globals", name)),
                help="use another name",
            )


def cookies_of_unknown_variables(subject: Subject) -> Iterator[Problem]:
    """The value of a cookie has a variable that the address has not."""
    for name, route in subject.site.routes.items():
        known = {variable.name for variable in variables(route.path)}
        for index, cookie in enumerate(route.set_cookies):
            for variable in variables(cookie.value):
                if variable.name not in known:
                    listed = ", ".join(f"`<{each}>`" for each in sorted(known))
                    yield subject.problem(
                        "unknown-variable",
                        f"the cookie `{cookie.name}` holds `<{variable.name}>`, which is no variable of {route.path}",
                        ("routes", name, "set_cookies", index, "value"),
                        word=f"<{variable.name}>",
                        help=f"known are {listed}" if listed else "the path has none",
                    )


RULES: tuple[Rule, ...] = (
    wrong_code,
    borrowed_names,
    doubled_converters,
    reserved_globals,
    cookies_of_unknown_variables,
)
