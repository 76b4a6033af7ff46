"""A Flask application's URL map and hooks as the tables of a site file.

Owns what of an application can be declared, and the words for what cannot.
"""

import inspect
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2.defaults import DEFAULT_NAMESPACE
from jinja2.filters import FILTERS
from jinja2.tests import TESTS
from pydantic import ValidationError

from declweb.flask_import.modules import lines, own_modules
from declweb.flask_import.places import is_flasks, place
from declweb.flask_import.remainders import remainders
from declweb.model.routes import Route

SECRET_WORDS = ("SECRET", "PASS", "PWD", "SALT", "AUTH", "PRIVATE", "TOKEN", "KEY", "CREDENTIAL", "DSN", "URI", "URL")
"""A setting with one of these in its name is never written."""
VARIABLE_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*>")
VARIABLE = re.compile("<[^>]*>")
URL_FUNCTIONS = {
    "url_value_preprocessors": "views are given all variables of their address",
    "url_default_functions": "give these values to each `url_for`",
}
"""What Flask calls for addresses, and what to do without it."""
FLASKS_GLOBALS = frozenset({"url_for", "get_flashed_messages", "config", "request", "session", "g"})
"""What Flask gives to templates besides."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
"""The methods that a route may have."""


@dataclass
class Imported:
    """The tables of a site file, and what could not be carried over."""

    tables: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def site_of(app: Any, folder: Path, name: str, defaults: Mapping[str, Any]) -> Imported:
    """Return a Flask application as a site; `defaults` are the settings that every application has."""
    return _Import(app, folder.resolve(), defaults).run(name)


class _Import:
    def __init__(self, app: Any, folder: Path, defaults: Mapping[str, Any]) -> None:
        self.app = app
        self.folder = folder
        self.defaults = defaults
        self.modules: list[str] = []
        self.notes: list[str] = []
        self.hooks: dict[str, Any] = {}
        self.routes: dict[str, Any] = {}
        self.static: list[dict[str, str]] = []

    def run(self, name: str) -> Imported:
        tables: dict[str, Any] = {"site": {"name": name.replace("${", "$${")}}
        self._folders(tables)
        self._secret(tables)
        if config := self._config():
            tables["config"] = config
        self._routes()
        self._requests()
        self._errors()
        self._templates()
        self._rest()
        self._import_lines()
        if self.modules:
            tables["hooks"] = {"module": self.modules, **self.hooks}
        if self.static:
            tables["static"] = self.static
        if self.routes:
            tables["routes"] = self.routes
        return Imported(tables, list(dict.fromkeys(self.notes)))

    def _say(self, what: str, function: Any = None) -> None:
        self.notes.append(f"{place(function)}{what}")

    def _name(self, function: Any, what: str) -> str | None:
        """Return how a site file names a function; says it where it cannot be named."""
        home = getattr(function, "callback", None) or function  # a Click command is of the module of its function
        module = getattr(home, "__module__", None) or ""
        found = sys.modules.get(module)
        known = vars(found) if found is not None else {}
        own = getattr(function, "__name__", "")
        names = [own, *known] if known.get(own) is function else list(known)
        name = next((each for each in names if known[each] is function), None)
        if name is None or module == "__main__":
            self._say(f"{what} is no function of a module by a name (a lambda, a partial, one in another function or a"
                      " class-based view): give it a name at the top of its module", function)  # fmt: skip
            return None
        if module not in self.modules:
            self.modules.append(module)
        return f"{module}:{name}"

    def _names(self, functions: Iterable[Any], what: str) -> list[str]:
        return [name for each in functions if (name := self._name(each, what)) is not None]

    # --- folders and settings ---------------------------------------------------------------------------------------

    def _inside(self, path: str | None, what: str) -> str | None:
        if path is None or not Path(path).is_dir():
            return None
        resolved = Path(path).resolve()
        if not resolved.is_relative_to(self.folder) or resolved == self.folder:
            self._say(f"{what} {resolved} is no folder of the site: move it there")
            return None
        return resolved.relative_to(self.folder).as_posix()

    def _folders(self, tables: dict[str, Any]) -> None:
        if self.app.template_folder:
            folder = self._inside(str(Path(self.app.root_path, self.app.template_folder)), "the template folder")
            if folder not in {None, "templates"}:
                tables["templates"] = {"folder": folder}
        folder = self._inside(self.app.static_folder, "the static folder")
        if folder and (folder, self.app.static_url_path) != ("static", "/static"):
            self.static.append({"path": self.app.static_url_path or "/", "folder": folder, "name": "static"})
        for name, blueprint in self.app.blueprints.items():
            if blueprint.template_folder:
                where = Path(blueprint.root_path, blueprint.template_folder)
                self._say(f"blueprint `{name}` has templates in {where}: move them")
            folder = self._inside(blueprint.static_folder, f"the static folder of blueprint `{name}`")
            rule = next((each for each in self.app.url_map.iter_rules() if each.endpoint == f"{name}.static"), None)
            if folder and rule is not None:
                called = f"{name.replace('.', '_')}_static".lower()
                self.static.append({"path": rule.rule.partition("/<")[0], "folder": folder, "name": called})
                self._say(f"`{name}.static` is now called `{called}`: change it in url_for")

    def _secret(self, tables: dict[str, Any]) -> None:
        if self.app.secret_key:
            tables["session"] = {"secret": "${SESSION_SECRET}"}
            self._say("the secret key is not written: set the environment variable SESSION_SECRET")

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = {}
        for key, value in self.app.config.items():
            if key == "SECRET_KEY" or (key in self.defaults and (value == self.defaults[key] or not value)):
                continue
            if any(word in key.upper() for word in SECRET_WORDS):
                self._say(f"the setting {key} may be a secret and is not written: write it as ${{{key}}}")
            elif key in self.defaults:
                self._say(f"the setting {key} of Flask is not carried over")
            elif not re.fullmatch("[a-z][a-z0-9_]*", key.lower()):
                self._say(f"the setting {key} is not written: a name is letters from a to z, digits and `_`")
            elif type(value) in {bool, int, float, str}:
                config[key.lower()] = value.replace("${", "$${") if isinstance(value, str) else value
            else:
                self._say(f"the setting {key} is no plain value")
        return config

    # --- routes -----------------------------------------------------------------------------------------------------

    def _routes(self) -> None:
        if self.app.url_map.host_matching:
            self._say("host matching is not carried over")
        for rule in self.app.url_map.iter_rules():
            if rule.endpoint == "static" or rule.endpoint.endswith(".static"):
                continue
            view = self.app.view_functions.get(rule.endpoint)
            reasons = list(self._reasons(rule, view))
            for why in reasons:
                self._say(f"{rule.rule} is left out: {why}", view)
            handler = None if reasons else self._name(view, f"the view of {rule.rule}")
            if handler is not None:
                self._route(rule, view, handler)

    def _reasons(self, rule: Any, view: Any) -> Iterator[str]:
        """Yield why a rule cannot be a route."""
        found: dict[str, Any] = {
            "it redirects; write it into [redirects]": rule.redirect_to,
            "it has `defaults`; give the function's parameters defaults, and the route a path": rule.defaults,
            "it is for a subdomain; a site has one host": rule.subdomain,
            "it is for a host; a site has one": rule.host,
            "it is for web sockets": rule.websocket,
            "nothing answers there (`build_only`)": rule.build_only,
        }
        yield from (why for why, is_there in found.items() if is_there)
        if view is None:
            if not rule.build_only and not rule.redirect_to:
                yield f"`{rule.endpoint}` has no view{self._same_path(rule)}"
        elif hasattr(view, "view_class"):
            yield f"`{view.view_class.__name__}` is a class-based view; write a function for each of its methods"
        elif inspect.iscoroutinefunction(view):
            yield "its view is asynchronous; write `def`, without `async`"
        elif (first := self._same_address(rule)) is not None:
            yield f"`{first.endpoint}` has the same address, and comes first"
        elif not _takes(view, rule.arguments):
            yield f"its view does not take {' and '.join(f'`{each}`' for each in sorted(rule.arguments))}"

    def _same_address(self, rule: Any) -> Any:
        """Return the rule before this one that answers the same requests, if there is one."""
        form = VARIABLE_NAME.sub(">", rule.rule)
        for each in self.app.url_map.iter_rules():
            if each is rule:
                return None
            is_there = each.endpoint in self.app.view_functions and not each.build_only
            if is_there and VARIABLE_NAME.sub(">", each.rule) == form and each.methods & rule.methods & METHODS:
                return each
        return None

    def _same_path(self, rule: Any) -> str:
        """Return what to write instead of a name that only leads to another rule's path."""
        rules = (each for each in self.app.url_map.iter_rules() if each.rule == rule.rule)
        other = next((each.endpoint for each in rules if each.endpoint in self.app.view_functions), None)
        return f"; write `{other}` in its url_for" if other else ""

    def _route(self, rule: Any, view: Any, handler: str) -> None:
        methods = self._methods(rule, view)
        table: dict[str, Any] = {"path": rule.rule.replace("<default:", "<"), "handler": handler}
        if methods != ["GET"]:
            table["methods"] = methods
        try:
            Route.model_validate(table)
        except ValidationError as error:
            self._say(f"{rule.rule} is left out: {error.errors()[0]['msg']}", view)
            return
        if rule.strict_slashes is False:
            self._say(f"{rule.rule}: its other spelling is redirected, and not answered (`strict_slashes=False`)", view)
        self.routes[self._route_name(rule, view)] = {**table, "path": table["path"].replace("${", "$${")}

    def _methods(self, rule: Any, view: Any) -> list[str]:
        """Return the methods of a rule; says those that no route has."""
        asked = set(rule.methods or {"GET"})
        if rule.endpoint in self._answering_options():
            self._say(f"{rule.rule}: OPTIONS is answered by itself, and not by its view", view)
        for method in sorted(asked - METHODS - {"OPTIONS"}):
            self._say(f"{rule.rule}: the method {method} is left out, for no route has it", view)
        known = asked & METHODS
        return sorted(known - {"HEAD"} if "GET" in known else known)

    def _answering_options(self) -> set[str]:
        """Return the endpoints whose views are asked for OPTIONS."""
        views = self.app.view_functions
        rules = [each for each in self.app.url_map.iter_rules() if "OPTIONS" in (each.methods or ())]
        return {each.endpoint for each in rules if each.endpoint in views and not each.provide_automatic_options}

    def _route_name(self, rule: Any, view: Any) -> str:
        plain = unicodedata.normalize("NFKD", rule.endpoint).encode("ascii", "ignore").decode().lower()
        parts = [re.sub("[^a-z0-9_]", "_", part).strip("_") for part in plain.split(".")]
        base = ".".join(part if part[:1].isalpha() else f"route_{part}".rstrip("_") for part in parts)
        name, number = base, 1
        while name in self.routes:
            number += 1
            name = f"{base}_{number}"
        if name != rule.endpoint:
            self._say(f"{rule.rule} of `{rule.endpoint}` is called `{name}`: look at its url_for", view)
        return name

    # --- hooks ------------------------------------------------------------------------------------------------------

    def _requests(self) -> None:
        for key in ("before_request", "after_request", "teardown_request"):
            functions = getattr(self.app, f"{key}_funcs")
            names = self._names(functions.get(None, ()), f"the `{key}` function")
            scoped = [
                {"handler": name, "paths": self._paths(blueprint)}
                for blueprint, several in functions.items()
                if blueprint is not None and self._paths(blueprint)
                for name in self._names(several, f"the `{key}` function of blueprint `{blueprint}`")
            ]
            if names or scoped:
                self.hooks[key] = [*names, *scoped]
        for each in self.app.teardown_appcontext_funcs:
            name = self._name(each, "the `teardown_appcontext` function")
            if name is not None:
                self.hooks.setdefault("teardown_request", []).insert(0, name)
        for key, advice in URL_FUNCTIONS.items():
            for each in (each for several in getattr(self.app, key).values() for each in several):
                self._say(f"`{key}` are not carried over: {advice}", each)

    def _paths(self, blueprint: str) -> list[str]:
        """Return the paths of a blueprint's routes, as patterns; says which other routes they are of, too."""
        own: set[str] = set()
        others: set[str] = set()
        for rule in self.app.url_map.iter_rules():
            (own if rule.endpoint.startswith(f"{blueprint}.") else others).add(VARIABLE.sub("*", rule.rule))
        anything = [re.compile(re.escape(path).replace(r"\*", ".+")) for path in own]
        for path in sorted(others):
            if any(each.fullmatch(path) for each in anything):
                self._say(f"what blueprint `{blueprint}` does before and after requests is done for {path}, too")
        return sorted(own)

    def _errors(self) -> None:
        errors: dict[str, str] = {}
        for blueprint, by_code in self.app.error_handler_spec.items():
            for code, by_class in by_code.items():
                for error, function in by_class.items():
                    if blueprint is not None:
                        advice = self._only_of(blueprint, "one for all in [hooks.errors]")
                        said = f"the handler of {error.__name__} of blueprint `{blueprint}` is not carried over"
                        self._say(f"{said}: {advice}", function)
                        continue
                    what = self._error(code, error)
                    name = self._name(function, f"the handler of {error.__name__}") if what else None
                    if what and name:
                        errors[what] = name
        if errors:
            self.hooks["errors"] = errors

    def _error(self, code: int | None, error: type[Exception]) -> str | None:
        if code is not None:
            return str(code)
        return error.__name__ if error.__module__ == "builtins" else self._name(error, f"the class {error.__name__}")

    def _templates(self) -> None:
        processors = self.app.template_context_processors
        own = [each for each in processors.get(None, ()) if not is_flasks(each)]
        if names := self._names(own, "the context processor"):
            self.hooks["context_processors"] = names
        for blueprint, several in processors.items():
            for each in (own for own in several if blueprint is not None and not is_flasks(own)):
                advice = self._only_of(blueprint, "one for all in `context_processors`")
                self._say(f"the context processor of blueprint `{blueprint}` is not carried over: {advice}", each)
        environment = self.app.jinja_env
        for key, table, usual in (
            ("filters", environment.filters, FILTERS),
            ("tests", environment.tests, TESTS),
            ("globals", environment.globals, {**DEFAULT_NAMESPACE, **dict.fromkeys(FLASKS_GLOBALS)}),
        ):
            given = {word: each for word, each in table.items() if self._is_own(word, each, usual)}
            self._functions(f"template_{key}", given, f"the template {key.removesuffix('s')}")
        converters = self.app.url_map.converters
        given = {word: each for word, each in converters.items() if not is_flasks(each)}
        self._functions("converters", given, "the converter")

    def _is_own(self, word: str, each: Any, usual: Mapping[str, Any]) -> bool:
        """Tell whether the author gave something to templates; says it of what is no function."""
        if (word in usual and usual[word] is each) or (word in FLASKS_GLOBALS and is_flasks(each)):
            return False
        if callable(each):
            return True
        self._say(
            f"the template global `{word}` is a value: write it into [config], or return it in a context processor"
        )
        return False

    def _only_of(self, blueprint: str, what: str) -> str:
        return f"write {what} that looks at `request.blueprint`, which is `{blueprint}`"

    def _functions(self, key: str, table: Mapping[str, Any], what: str) -> None:
        found: dict[str, str] = {}
        for word, each in table.items():
            if getattr(each, "__module__", None) in {None, "builtins"}:
                own = getattr(each, "__name__", word)
                self._say(f"{what} `{word}` is Python's own `{own}`: write a function that calls it")
            elif (name := self._name(each, f"{what} `{word}`")) is not None:
                found[word] = name
        if found:
            self.hooks[key] = found

    def _rest(self) -> None:
        self._functions("commands", dict(self._commands(self.app.cli, "")), "the command")
        self.notes += remainders(self.app)

    def _commands(self, group: Any, above: str) -> Iterator[tuple[str, Any]]:
        """Yield the commands of a group, those of a blueprint's group by both names; says what becomes of them."""
        for word, each in group.commands.items():
            name = f"{above}{word}"
            if is_flasks(type(each)) and hasattr(each, "commands") and each.callback is None:
                yield from self._commands(each, f"{name}-")
                continue
            called = f", and is now called `{name}`" if above else ""
            what = f"the command `{word}` needs `@click.command()` without Flask{called}"
            self._say(what, getattr(each, "callback", None))
            yield name, each

    def _import_lines(self) -> None:
        own = dict(own_modules(self.folder))
        for module in self.modules:
            if module not in own:
                self._say(f"the module `{module}` is not in the site folder: it stays an installed package")
        for file in own.values():
            self.notes += lines(file)


def _takes(view: Any, variables: Iterable[str]) -> bool:
    """Tell whether a view can be called with the variables of its address."""
    try:
        inspect.signature(view).bind(**dict.fromkeys(variables))
    except (TypeError, ValueError):  # the latter from functions of C that tell nothing
        return False
    return True
