"""A Flask application's URL map and hooks as the tables of a site file.

Owns what of an application can be declared, and the words for what cannot. Imports no Flask: it looks at an application
that is there.
"""

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECRET_WORDS = ("SECRET", "PASS", "PWD", "SALT", "AUTH", "PRIVATE", "TOKEN", "KEY", "CREDENTIAL", "DSN", "URI", "URL")
"""A setting with one of these in its name is never written."""


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
        self.notes.append(f"{_place(function)}{what}")

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
            view = self.app.view_functions.get(rule.endpoint)
            if rule.endpoint == "static" or rule.endpoint.endswith(".static"):
                continue
            self._differences(rule, view)
            if view is None or any((rule.redirect_to, rule.defaults, rule.subdomain, rule.host)):
                continue
            handler = self._name(view, f"the view of {rule.rule}")
            if handler is None:
                continue
            name = self._route_name(rule, view)
            methods = sorted(set(rule.methods or {"GET"}) - {"HEAD", "OPTIONS"})
            table: dict[str, Any] = {"path": rule.rule.replace("<default:", "<"), "handler": handler}
            if methods != ["GET"]:
                table["methods"] = methods
            self.routes[name] = table

    def _route_name(self, rule: Any, view: Any) -> str:
        base: str = rule.endpoint.lower().replace("-", "_")
        name, number = base, 1
        while name in self.routes:
            number += 1
            name = f"{base}_{number}"
        if name != rule.endpoint:
            self._say(f"{rule.rule} of `{rule.endpoint}` is called `{name}`: look at its url_for", view)
        return name

    def _differences(self, rule: Any, view: Any) -> None:
        found: dict[str, Any] = {
            "it redirects; write it into [redirects]": rule.redirect_to,
            "it has `defaults`; give the function's parameters defaults, and the route a path": rule.defaults,
            "it is for a subdomain; a site has one host": rule.subdomain,
            "it is for a host; a site has one": rule.host,
        }
        for why, is_there in found.items():
            if is_there:
                self._say(f"{rule.rule} is left out: {why}", view)
        if rule.strict_slashes is False:
            self._say(f"{rule.rule}: its other spelling is redirected, and not answered (`strict_slashes=False`)", view)

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
        for key in ("url_value_preprocessors", "url_default_functions"):
            for each in (each for several in getattr(self.app, key).values() for each in several):
                self._say(f"`{key}` are not carried over", each)

    def _paths(self, blueprint: str) -> list[str]:
        """Return the paths of a blueprint's routes, as patterns."""
        rules = self.app.url_map.iter_rules()
        return sorted(
            {re.sub("<[^>]*>", "*", each.rule) for each in rules if each.endpoint.startswith(f"{blueprint}.")}
        )

    def _errors(self) -> None:
        errors: dict[str, str] = {}
        for blueprint, by_code in self.app.error_handler_spec.items():
            for code, by_class in by_code.items():
                for error, function in by_class.items():
                    if blueprint is not None:
                        self._say(f"the error handler of blueprint `{blueprint}` is not carried over", function)
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
        own = [each for each in processors.get(None, ()) if not _is_flasks(each)]
        if names := self._names(own, "the context processor"):
            self.hooks["context_processors"] = names
        for blueprint, several in processors.items():
            for each in (own for own in several if blueprint is not None and not _is_flasks(own)):
                self._say(f"the context processor of blueprint `{blueprint}` is not carried over", each)
        environment = self.app.jinja_env
        for key, table in (
            ("filters", environment.filters),
            ("tests", environment.tests),
            ("globals", environment.globals),
        ):
            self._functions(f"template_{key}", table, f"the template {key.removesuffix('s')}")
        self._functions("converters", self.app.url_map.converters, "the converter")

    def _functions(self, key: str, table: Mapping[str, Any], what: str) -> None:
        found: dict[str, str] = {}
        for word, each in table.items():
            if not _is_flasks(each) and (name := self._name(each, f"{what} `{word}`")) is not None:
                found[word] = name
        if found:
            self.hooks[key] = found

    def _rest(self) -> None:
        self._functions("commands", self.app.cli.commands, "the command")
        for name in self.app.extensions:
            self._say(f"the extension `{name}` is not carried over")

    def _import_lines(self) -> None:
        for module in self.modules:
            file = getattr(sys.modules[module], "__file__", None)
            if file is None or not Path(file).resolve().is_relative_to(self.folder):
                self._say(f"the module `{module}` is not in the site folder: it stays an installed package")
                continue
            for node in ast.walk(ast.parse(Path(file).read_bytes())):
                is_from = isinstance(node, ast.ImportFrom) and node.module == "flask"
                is_plain = isinstance(node, ast.Import) and any(each.name == "flask" for each in node.names)
                if is_from or is_plain:
                    names = {each.name for each in node.names} & {"Flask", "Blueprint", "views"}  # type: ignore[attr-defined] # an import has names
                    rest = f", and take out {' and '.join(sorted(names))} with their decorators" if names else ""
                    self.notes.append(f"{file}:{node.lineno}: change `flask` to `declweb` in this line{rest}")  # type: ignore[attr-defined] # an import has a line


def _is_flasks(each: Any) -> bool:
    module = getattr(each, "__module__", None) or "builtins"
    return module.partition(".")[0] in {"flask", "jinja2", "werkzeug", "builtins", "markupsafe", "_operator", "urllib"}


def _place(function: Callable[..., Any] | None) -> str:
    """Return where a function is written, as the beginning of a line; nothing where that is not known."""
    inner = inspect.unwrap(function) if function is not None else None
    inner = getattr(inner, "view_class", getattr(inner, "func", inner))
    try:
        return f"{inspect.getsourcefile(inner)}:{inspect.getsourcelines(inner)[1]}: " if inner is not None else ""
    except (TypeError, OSError):
        return ""
