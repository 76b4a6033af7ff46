"""From a name in the site file to a function: `"hooks:login"`, or `"login"` where there is only one module.

Owns which module a name means. Knows neither what the function is for nor where it is named.
"""

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from declweb.hook_modules.modules import CannotImport, Modules, Spot, looked_up
from declweb.problems import suggestion


class Unresolved(Exception):
    """A name that leads to nothing, in words for the author."""

    def __init__(self, code: str, message: str, help_: str | None = None, spot: Spot | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help_
        self.spot = spot


def split(spec: str, declared: Sequence[str]) -> tuple[str, str]:
    """Return the module that a name means, and what it means in it. Raises Unresolved; imports nothing."""
    module, colon, name = spec.rpartition(":")
    if not declared:
        file = f'"{module}"' if colon else '"hooks"'
        message = f"`{spec}` is Python, and without [hooks] a site has none"
        raise Unresolved("undeclared-module", message, f"write [hooks] with module = {file}")
    if not colon:
        if len(declared) == 1:
            return declared[0], name
        head, _, rest = spec.rpartition(".")
        help_ = f'write "{head}:{rest}"' if head in declared else f'such as "{declared[0]}:{name}"'
        raise Unresolved("undeclared-module", f"[hooks] names several modules, and `{spec}` does not say which", help_)
    if module not in declared:
        help_ = suggestion(module, declared) or f"add it: module = {[*declared, module]}".replace("'", '"')
        raise Unresolved("undeclared-module", f"[hooks] does not name the module `{module}`", help_)
    return module, name


def resolve(module: str, name: str, modules: Modules) -> Any:
    """Return what a name means in a module. Raises Unresolved, and CannotImport."""
    loaded = modules.get(module)
    try:
        found, there = looked_up(loaded, name)
    except Exception as error:  # noqa: BLE001 # a module may work out what it has, and raise
        message = f"`{module}` does not give `{name}`: {type(error).__name__}: {error}"
        raise Unresolved("missing-function", message, None, modules.last_spot(error)) from None
    steps = name.split(".")
    if len(there) == len(steps):
        return found
    missing = steps[len(there)]
    where = ".".join([module, *there])
    known = [each for each in vars(found) if not each.startswith("_")] if hasattr(found, "__dict__") else []
    file = getattr(loaded, "__file__", None)
    spot = Spot(Path(file), 1) if file and modules.is_own(Path(file)) else None
    help_ = suggestion(missing, known) or (f"write `def {missing}():` there" if spot and len(steps) == 1 else None)
    if missing == module and len(steps) > 1:
        help_ = f'write "{module}:{name.partition(".")[2]}"'
    raise Unresolved("missing-function", f"`{where}` has no `{missing}`", help_, spot)


def spot_of(found: object) -> Spot | None:
    """Return where a function or class is written, behind all decorators; None where that is not known."""
    try:
        inner = inspect.unwrap(found)  # type: ignore[arg-type] # whatever it is, it is looked at only
        code = getattr(inner, "__code__", None)
        if code is not None:
            return Spot(Path(code.co_filename), code.co_firstlineno)
        file = inspect.getsourcefile(inner)
        return Spot(Path(file), inspect.getsourcelines(inner)[1]) if file else None
    except Exception:  # noqa: BLE001 # an object of the site's own may raise whatever it is asked
        return None


__all__ = ["CannotImport", "Unresolved", "resolve", "split", "spot_of"]
